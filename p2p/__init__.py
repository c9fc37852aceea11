"""Signed records between devices: a gossiping node over libp2p, and what it is made of.

    from p2p import Node, NodeOptions
    node = Node(rec, NodeOptions(bootstrap=["/ip4/.../tcp/4001/p2p/12D3Koo..."]))
    node.start()

Importing this package loads neither libp2p nor trio (a test checks): names come on first use.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from p2p.control import AsyncClient, Client, ControlError
    from p2p.node import Node
    from p2p.options import NodeOptions, NodeStatus

__all__ = ["AsyncClient", "Client", "ControlError", "Node", "NodeOptions", "NodeStatus"]

_HOME = {
    "AsyncClient": "p2p.control.async_client",
    "Client": "p2p.control.client",
    "ControlError": "p2p.control.errors",
    "Node": "p2p.node",
    "NodeOptions": "p2p.options",
    "NodeStatus": "p2p.options",
}


def __getattr__(name: str) -> Any:
    """Load a public name's module when it is first asked for."""
    if name not in _HOME:
        raise AttributeError(f"module 'p2p' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
