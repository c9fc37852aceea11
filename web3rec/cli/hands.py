"""What commands write with: this process's own hand, or that of a running node.

    acting(session) ─► nobody holds the directory: open it, write here
                    └► a node holds it: read here, let the node write (group `web3rec.remote`)

Either way a command prints the same, and what it wrote is durable when it ends.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from web3rec.cli.opening import reading, writing
from web3rec.cli.session import Session
from web3rec.types import Event, Item, Millis, PeerId

if TYPE_CHECKING:
    from web3rec.recommender import Recommender
    from web3rec.store import Log, Receipt, Withholding

GROUP: Final = "web3rec.remote"
"""The entry-point group: a `Reach`, which finds whoever holds a directory."""


class Remote(Protocol):
    """A process that holds the directory and writes for us. Raises Web3recErrors."""

    def record(
        self, event: Event, item: str, at: Millis | None, weight: int, title: str | None
    ) -> None:
        """One act, and what its item is called, if that is said."""
        ...

    def trust(self, peer: PeerId, weight: float, name: str) -> None:
        """Trust in [0, 1]; 0 takes it back."""
        ...

    def block(self, peer: PeerId, *, blocked: bool) -> None:
        """Hear a peer no more, or again."""
        ...

    def share(self, level: int) -> None:
        """The privacy level."""
        ...

    def forget(
        self,
        item: str | None,
        since: Millis | None,
        peer: PeerId | None,
        *,
        rehearse: bool,
        audit: bool = False,
    ) -> "Receipt":
        """One of the three; without any, everything."""
        ...

    def withhold(self, item: str | None, tag: str | None, *, retract: bool) -> "Withholding":
        """Never share what is done with an item, or with a tag."""
        ...

    def unwithhold(self, item: str | None, tag: str | None) -> bool:
        """Share it again; False if it was not withheld."""
        ...

    def be_private(self, *, private: bool) -> None:
        """Begin or end a private session."""
        ...


class Hand(Remote, Protocol):
    """A remote, and the log to look things up in."""

    @property
    def log(self) -> "Log":
        """For questions only."""
        ...


class Reach(Protocol):
    """Finds who holds a directory, if that is one of its kind."""

    def __call__(self, session: Session) -> AbstractContextManager[Remote] | None: ...


@contextmanager
def acting(session: Session) -> Iterator[Hand]:
    """Something to write with. Raises what `Recommender.open` does.

    AlreadyOpen only if whoever holds the directory cannot be asked to write.
    """
    with ExitStack() as stack:
        # Looked at before the key is: whoever lets a node write need not know its passphrase.
        remote = _remote(session, stack) if _is_held(session.directory) else None
        if remote is not None:
            yield Theirs(remote, lambda: stack.enter_context(reading(session)).log)
        else:
            yield Ours(stack.enter_context(writing(session)))


def _is_held(directory: Path) -> bool:
    """Whether somebody writes there."""
    from filelock import FileLock, Timeout  # noqa: PLC0415 - asyncio

    from web3rec.store.database import LOCK  # noqa: PLC0415 - SQLite

    if not (directory / LOCK).exists():
        return False
    try:
        with FileLock(directory / LOCK, timeout=0):
            return False
    except Timeout:
        return True
    except OSError:
        return False  # whoever opens it next says why


def _remote(session: Session, stack: ExitStack) -> Remote | None:
    for entry in entry_points(group=GROUP):
        reach: Reach = entry.load()
        found = reach(session)
        if found is not None:
            return stack.enter_context(found)
    return None


class Ours:
    """This process holds the directory."""

    def __init__(self, rec: "Recommender") -> None:
        """Around an open recommender."""
        self._rec = rec

    @property
    def log(self) -> "Log":
        return self._rec.log

    def record(
        self, event: Event, item: str, at: Millis | None, weight: int, title: str | None
    ) -> None:
        from web3rec.store import key_of  # noqa: PLC0415 - SQLite

        with self._rec.log.together():
            if title is not None:
                known = self._rec.log.items().get(key_of(item), Item(item))
                self._rec.add_items([replace(known, title=title)])
            self._rec.record(event, item, at=at, weight=weight)

    def trust(self, peer: PeerId, weight: float, name: str) -> None:
        self._rec.trust(peer, weight, name=name)

    def block(self, peer: PeerId, *, blocked: bool) -> None:
        self._rec.block(peer, blocked=blocked)

    def share(self, level: int) -> None:
        self._rec.share(level)

    def forget(
        self,
        item: str | None,
        since: Millis | None,
        peer: PeerId | None,
        *,
        rehearse: bool,
        audit: bool = False,
    ) -> "Receipt":
        from web3rec.store import key_of  # noqa: PLC0415 - SQLite

        log = self._rec.log
        everything = item is None and since is None and peer is None
        if not rehearse and everything:
            return self._rec.forget_all(audit=audit)
        if not rehearse:
            return self._rec.forget(item=item, since=since, peer=peer, audit=audit)
        if item is not None:
            return log.forget_item(key_of(item), rehearse=True)
        if since is not None:
            return log.forget_since(since, rehearse=True)
        if peer is not None:
            return log.forget_peer(peer, heard=True, rehearse=True)
        return log.forget_all(rehearse=True)

    def withhold(self, item: str | None, tag: str | None, *, retract: bool) -> "Withholding":
        return self._rec.withhold(item=item, tag=tag, retract=retract)

    def unwithhold(self, item: str | None, tag: str | None) -> bool:
        return self._rec.unwithhold(item=item, tag=tag)

    def be_private(self, *, private: bool) -> None:
        self._rec.private_session = private


class Theirs:
    """A running node holds it; what is asked is read here."""

    def __init__(self, remote: Remote, read: Callable[[], "Log"]) -> None:
        """`read` opens the log when it is first needed: that may ask for the key's passphrase."""
        self._read = read
        self._log: Log | None = None
        self.record, self.trust, self.block = remote.record, remote.trust, remote.block
        self.share, self.forget = remote.share, remote.forget
        self.withhold, self.unwithhold = remote.withhold, remote.unwithhold
        self.be_private = remote.be_private

    @property
    def log(self) -> "Log":
        if self._log is None:
            self._log = self._read()
        return self._log
