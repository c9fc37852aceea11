"""What a node is told from outside: a TOML file, the environment, flags; later ones win.

    [node]
    listen = ["/ip4/0.0.0.0/tcp/4001"]                       # port 0: the system chooses
    bootstrap = ["/ip4/192.0.2.7/tcp/4001/p2p/12D3KooW…"]    # whom to connect to
    topic = "web3rec/1"
    flush_interval = 2.0                                     # seconds
    catchup_interval = 60.0                                  # seconds

Every field of NodeOptions may be set; anything else is an error. WEB3REC_LISTEN,
WEB3REC_BOOTSTRAP (both: separated by spaces) and WEB3REC_TOPIC come from the environment.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

from p2p.errors import NodeError
from p2p.options import NodeOptions

LISTS: Final = ("listen", "bootstrap")
FROM_ENVIRONMENT: Final = ("listen", "bootstrap", "topic")
_KINDS: Final = {field.name: type(field.default) for field in fields(NodeOptions)}


def node_options(
    file: Path | None, environ: Mapping[str, str], flags: Mapping[str, object]
) -> NodeOptions:
    """Join the three; flags that are None or empty say nothing.

    Raises NodeError in one line that names the file, the key and what is allowed.
    """
    chosen: dict[str, Any] = {} if file is None else _read(file)
    for name in FROM_ENVIRONMENT:
        text = environ.get(f"WEB3REC_{name.upper()}", "")
        if text:
            chosen[name] = tuple(text.split()) if name in LISTS else text
    chosen |= {name: value for name, value in flags.items() if value not in (None, ())}
    return NodeOptions(**chosen)


def _read(file: Path) -> dict[str, Any]:
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise NodeError(f"cannot read {file}: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise NodeError(f"{file} is not UTF-8 text (byte {error.start})") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise NodeError(f"{file} is not TOML: {error}") from None
    for name in document:
        if name != "node":
            raise NodeError(f"{file}: unknown key {name!r}; allowed: [node]")
    table = document.get("node", {})
    if not isinstance(table, dict):
        raise NodeError(f"{file}: node must be a table, [node]")
    return {name: _checked(file, name, value) for name, value in table.items()}


def _checked(file: Path, name: str, value: object) -> object:
    if name not in _KINDS:
        raise NodeError(f"{file}: unknown key {name!r} in [node]; allowed: {', '.join(_KINDS)}")
    if name in LISTS:
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise NodeError(f"{file}: {name} must be a list of multiaddresses, got {value!r}")
        return tuple(value)
    wanted = _KINDS[name]
    if isinstance(value, bool) or not isinstance(
        value, (int, wanted) if wanted is float else wanted
    ):
        kind = {str: "text", int: "a whole number", float: "a number"}[wanted]
        raise NodeError(f"{file}: {name} must be {kind}, got {value!r}")
    return value
