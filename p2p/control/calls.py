"""What a client asks for and how an answer reads; no socket. Both clients are made of it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Generic, TypeVar
from urllib.parse import quote

from p2p.control import shapes
from p2p.control.errors import ControlError
from p2p.control.options import SOCKET_FILE

T = TypeVar("T")

READ_SECONDS: Final = 60.0
"""For an answer: a list after a change takes tenths of a second, on a slow phone more."""
EVENT_SECONDS: Final = 45.0
"""Between two events: three heartbeats."""


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One request; T is what its answer's JSON is."""

    method: str
    path: str
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Something changed: "state", "peers", "records" or "recommendations_changed"."""

    kind: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Address:
    """Where a node's control API is."""

    socket: str
    """Path of a Unix socket; "" for TCP"""
    base: str
    headers: dict[str, str]

    def __str__(self) -> str:
        return self.socket or self.base

    def check(self) -> None:
        """Raise ControlError "unreachable" where there is no socket: no need to knock."""
        if self.socket and not Path(self.socket).exists():
            raise unreachable(self, FileNotFoundError())


def address(path: str | Path | None, url: str, token: str) -> Address:
    """Of a socket, a store's directory, or a loopback URL with its token.

    Raises ControlError "wrong_call".
    """
    if (path is None) == (not url):
        raise ControlError("wrong_call", "give either the path of a socket (or store), or url=")
    if path is None:
        return Address("", url.rstrip("/"), {"Authorization": f"Bearer {token}"} if token else {})
    if token:
        raise ControlError("wrong_call", "a Unix socket takes no token: it knows its user")
    where = Path(path).expanduser()
    socket = where / SOCKET_FILE if where.is_dir() else where
    return Address(str(socket), "http://localhost", {})


def unreachable(where: Address, error: Exception) -> ControlError:
    """Nobody answered."""
    return ControlError(
        "unreachable", f"no node answers at {where} ({type(error).__name__}): is it running?"
    )


def raise_problem(status: int, body: bytes) -> None:
    """Raise ControlError if the answer is a refusal."""
    if status < 400:
        return
    try:
        told = json.loads(body)
        code, detail = str(told["code"]), f"{told['title']}: {told['detail']}"
    except (ValueError, KeyError, TypeError):
        code, detail = "unknown", f"the node answered with status {status}"
    raise ControlError(code, detail, status)


def value(status: int, body: bytes) -> Any:
    """An answer's JSON. Raises ControlError."""
    raise_problem(status, body)
    try:
        return json.loads(body)
    except ValueError:
        raise ControlError("unknown", "the answer is not JSON: is this a web3rec node?") from None


class Blocks:
    """Bytes of an event stream to events."""

    def __init__(self) -> None:
        """None was read yet."""
        self.over = False
        """Whether the node said that no more will come."""
        self._rest = b""

    def feed(self, data: bytes) -> list[Event]:
        """The events these bytes end. Raises ControlError "dropped"."""
        *blocks, self._rest = (self._rest + data).split(b"\n\n")
        return [event for block in blocks if (event := self._event(block.decode()))]

    def _event(self, block: str) -> Event | None:
        lines = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
        kind = lines.get("event", "")
        if kind == "dropped":
            raise ControlError("dropped", "events were read too slowly: listen again")
        self.over = self.over or kind == "closing"
        return None if kind in ("", "closing") else Event(kind, json.loads(lines["data"]))


# -- the calls -----------------------------------------------------------------------------------


def recommendations(
    limit: int, words: Sequence[str], exclude: Sequence[str]
) -> Call[shapes.Listing]:
    """GET /v1/recommendations."""
    query = {"limit": limit, "words": list(words), "exclude": list(exclude)}
    return Call("GET", "/v1/recommendations", query)


def explanation(item: str, batch: str) -> Call[shapes.Explanation]:
    """GET /v1/explanations."""
    return Call("GET", "/v1/explanations", {"item": item} | ({"batch": batch} if batch else {}))


def trust(peer: str, weight: float, name: str) -> Call[shapes.Trusted]:
    """PUT /v1/trust/{peer}."""
    return Call("PUT", _of("trust", peer), body={"weight": weight, "name": name})


def distrust(peer: str) -> Call[shapes.Receipt]:
    """DELETE /v1/trust/{peer}."""
    return Call("DELETE", _of("trust", peer))


def block(peer: str, *, blocked: bool) -> Call[shapes.Blocking]:
    """PUT or DELETE /v1/blocks/{peer}."""
    return Call("PUT" if blocked else "DELETE", _of("blocks", peer))


def record(acts: Sequence[Mapping[str, Any]]) -> Call[shapes.Recorded]:
    """POST /v1/acts."""
    return Call("POST", "/v1/acts", body={"acts": list(acts)})


def act(
    event: str, item: str, at: int | None, weight: int, batch: str, title: str
) -> dict[str, Any]:
    """One act of `record`."""
    found: dict[str, Any] = {"event": event, "item": item, "weight": weight}
    given = {"at": at, "batch": batch or None, "title": title or None}
    return found | {key: one for key, one in given.items() if one is not None}


def forget(
    item: str | None,
    since: int | None,
    peer: str | None,
    *,
    everything: bool,
    rehearse: bool,
    audit: bool = False,
) -> Call[shapes.Receipt]:
    """POST /v1/forget."""
    wishes = {"item": item, "since": since, "peer": peer, "all": everything or None}
    given = {key: one for key, one in wishes.items() if one is not None}
    return Call("POST", "/v1/forget", body=given | {"rehearse": rehearse, "audit": audit})


def one_of(item: str, tag: str) -> dict[str, str]:
    """Those that are given; the node wants exactly one."""
    return {key: one for key, one in (("item", item), ("tag", tag)) if one}


def sending(body: Mapping[str, Any] | bytes | None) -> dict[str, Any]:
    """How httpx is to send it: JSON, or our JSON lines as they are."""
    if isinstance(body, bytes):
        return {"content": body, "headers": {"Content-Type": "application/jsonl"}}
    return {"json": body}


def _of(what: str, peer: str) -> str:
    return f"/v1/{what}/{quote(peer, safe='')}"
