"""What `web3rec record`, `trust`, `forget` and their like write with while a node runs."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

from p2p.cli.reaching import answers, client, socket_of
from web3rec.cli.session import Session
from web3rec.types import Event, Millis, PeerId

if TYPE_CHECKING:
    from p2p.control.client import Client
    from web3rec.store import Receipt, Withholding


def reach(session: Session) -> "AbstractContextManager[RunningNode] | None":
    """The node that runs on this directory; None if nobody answers at its socket.

    Raises NodeError: the node's settings are wrong.
    """
    path = socket_of(session)
    return _talking(session) if path is not None and answers(path) else None


@contextmanager
def _talking(session: Session) -> "Iterator[RunningNode]":
    with client(session) as node:
        yield RunningNode(node)


class RunningNode:
    """Writes through the control socket. Raises ControlError: refused, or it does not answer."""

    def __init__(self, node: "Client") -> None:
        """Around an open client."""
        self._node = node

    def record(
        self, event: Event, item: str, at: Millis | None, weight: int, title: str | None
    ) -> None:
        self._node.record(event.value, item, at=at, weight=weight, title=title or "")

    def trust(self, peer: PeerId, weight: float, name: str) -> None:
        from web3rec.records import did_key  # noqa: PLC0415 - cryptography

        if weight:
            self._node.trust(did_key(peer), weight, name=name)
        else:
            self._node.distrust(did_key(peer))

    def block(self, peer: PeerId, *, blocked: bool) -> None:
        from web3rec.records import did_key  # noqa: PLC0415 - cryptography

        self._node.block(did_key(peer), blocked=blocked)

    def share(self, level: int) -> None:
        self._node.set_level(level)

    def forget(
        self,
        item: str | None,
        since: Millis | None,
        peer: PeerId | None,
        *,
        rehearse: bool,
        audit: bool = False,
    ) -> "Receipt":
        from web3rec.records import did_key  # noqa: PLC0415 - cryptography
        from web3rec.store import Receipt  # noqa: PLC0415 - SQLite

        everything = item is None and since is None and peer is None
        told = self._node.forget(
            item=item,
            since=since,
            peer=None if peer is None else did_key(peer),
            everything=everything,
            rehearse=rehearse,
            audit=audit,
        )
        return Receipt.of({name: one for name, one in told.items() if name != "dry_run"})

    def withhold(self, item: str | None, tag: str | None, *, retract: bool) -> "Withholding":
        from web3rec.store import Withholding  # noqa: PLC0415 - SQLite

        done = self._node.withhold(item=item or "", tag=tag or "", retract=retract)
        return Withholding(done["stopped"], done["left"], done["retractions"])

    def unwithhold(self, item: str | None, tag: str | None) -> bool:
        return self._node.unwithhold(item=item or "", tag=tag or "")["was"]

    def be_private(self, *, private: bool) -> None:
        self._node.private_session(private)
