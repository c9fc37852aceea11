"""The store and the node, held by the service for a round, on threads of their own.

    free ──begin──► opening ──► held ──end──► closing ──► free

Opening loads NumPy and libp2p, which takes seconds and 80 MiB: not before the first round.
"""

import logging
import threading
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from web3rec.errors import AlreadyOpen, DataError, Web3recError

if TYPE_CHECKING:
    from p2p import Node
    from web3rec import Recommender

logger = logging.getLogger(__name__)


class Presence(Protocol):
    """An open store and its node."""

    def join(self) -> None:
        """Go on the network; takes seconds. Raises Web3recError, also if it is closed meanwhile."""
        ...

    def traffic(self) -> int:
        """Bytes exchanged so far."""
        ...

    def close(self) -> None:
        """Leave the network, then close the store; within six seconds. From any thread."""
        ...


class Hold(StrEnum):
    """Where the store is."""

    FREE = "free"
    OPENING = "opening"
    HELD = "held"
    CLOSING = "closing"


class Holding:
    """At most one presence at a time. All calls return at once."""

    def __init__(self, open_store: Callable[[], Presence], changed: Callable[[], None]) -> None:
        """Nothing is opened yet.

        Args:
            open_store: opens the store; raises AlreadyOpen while the app has it.
            changed: called whenever `state` changed, from any thread.
        """
        self._open, self._changed = open_store, changed
        self._lock = threading.Lock()
        self._state = Hold.FREE
        self._enough = threading.Event()
        self._presence: Presence | None = None
        self._bytes = 0
        self.failure: Exception | None = None
        """Why the last hold ended by itself; None: it did not, or was only too early"""

    @property
    def state(self) -> Hold:
        """Where the store is now."""
        return self._state

    def begin(self) -> None:
        """Take the store and go on the network; nothing unless the store is free."""
        with self._lock:
            if self._state is not Hold.FREE:
                return
            self._state, self.failure, self._enough = Hold.OPENING, None, threading.Event()
            enough = self._enough
        threading.Thread(
            target=self._hold, args=(enough,), name="service-hold", daemon=True
        ).start()

    def end(self) -> None:
        """Let go; `state` says when that is done. Again does nothing."""
        self._enough.set()

    def traffic(self) -> int:
        """Bytes exchanged since the service started."""
        presence = self._presence
        return self._bytes + (0 if presence is None else presence.traffic())

    def _hold(self, enough: threading.Event) -> None:
        """A hold, from its thread's beginning to its end."""
        try:
            presence = self._open()
        except AlreadyOpen:
            self._be(Hold.FREE)  # the app has not let go yet: the next look tries again
            return
        except Exception as error:  # noqa: BLE001 - the outermost frame of a thread
            self.failure = error
            self._be(Hold.FREE)
            return
        self._presence = presence
        joining = threading.Thread(
            target=self._join, args=(presence, enough), name="service-join", daemon=True
        )
        joining.start()
        enough.wait()
        self._be(Hold.CLOSING)
        try:
            presence.close()
        except Exception as error:  # noqa: BLE001 - the outermost frame of a thread
            self.failure = error
        self._bytes, self._presence = self._bytes + presence.traffic(), None
        self._be(Hold.FREE)

    def _join(self, presence: Presence, enough: threading.Event) -> None:
        try:
            presence.join()
        except Exception as error:  # noqa: BLE001 - the outermost frame of a thread
            if not enough.is_set():
                self.failure = error
                enough.set()
            return
        with self._lock:
            joined = self._state is Hold.OPENING
            if joined:
                self._state = Hold.HELD
        if joined:
            self._changed()

    def _be(self, state: Hold) -> None:
        with self._lock:
            self._state = state
        self._changed()


def presence(store: Path) -> Presence:
    """The real one. Never makes a store: without one there is nothing to sync.

    Raises AlreadyOpen, DataError (there is no store) and what `Recommender.open` raises.
    """
    from p2p import Node  # noqa: PLC0415 - the service stands by without NumPy
    from web3rec import Recommender  # noqa: PLC0415
    from web3rec.store.database import FILE  # noqa: PLC0415

    if not (store / FILE).is_file():
        raise DataError(f"there is no store in {store}: open the app once")
    rec = Recommender.open(store)
    return _Present(rec, Node(rec))


class _Present:
    """A recommender and its node."""

    def __init__(self, rec: "Recommender", node: "Node") -> None:
        self._rec, self._node = rec, node

    def join(self) -> None:
        self._node.start()

    def traffic(self) -> int:
        from mobile.presenting.network import exchanged  # noqa: PLC0415

        return exchanged(self._node.status())

    def close(self) -> None:
        try:
            self._node.close()
        finally:
            self._rec.close()


def is_final(failure: Exception | None) -> bool:
    """Whether trying again cannot help: a locked key, a damaged store, none at all.

    A node that found no network may find one later.
    """
    from p2p.errors import NodeError  # noqa: PLC0415

    return isinstance(failure, Web3recError) and not isinstance(failure, NodeError)
