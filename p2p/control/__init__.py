"""The control API: a running node, asked and told by its own user's programs.

    ControlServer(rec, device, ControlOptions())   in the daemon
    Client(path), AsyncClient(path)                in anything else

Loads neither trio nor libp2p before a server is asked for (httpcore loads trio where it is there).
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from p2p.control.async_client import AsyncClient
    from p2p.control.client import Client
    from p2p.control.errors import ControlError
    from p2p.control.options import ControlOptions
    from p2p.control.server import ControlServer

__all__ = ["AsyncClient", "Client", "ControlError", "ControlOptions", "ControlServer"]

_HOME = {
    "AsyncClient": "p2p.control.async_client",
    "Client": "p2p.control.client",
    "ControlError": "p2p.control.errors",
    "ControlOptions": "p2p.control.options",
    "ControlServer": "p2p.control.server",
}


def __getattr__(name: str) -> Any:
    """Load a public name's module when it is first asked for."""
    if name not in _HOME:
        raise AttributeError(f"module 'p2p.control' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
