"""A store that the service can hold, without a store: opened, joined and closed as told."""

import threading
from dataclasses import dataclass, field

from mobile.service.holding import Hold, Holding
from web3rec.errors import AlreadyOpen

PATIENCE = 30.0
"""Seconds for what takes none; only a hang gets near it."""


class FakePresence:
    """One hold of the store."""

    def __init__(self, shelf: "FakeStore") -> None:
        self._shelf = shelf

    def join(self) -> None:
        self._shelf.joining.wait(PATIENCE)
        if self._shelf.no_network is not None:
            raise self._shelf.no_network

    def traffic(self) -> int:
        return self._shelf.bytes

    def close(self) -> None:
        self._shelf.joining.set()  # closing a node ends its start
        self._shelf.closing.wait(PATIENCE)
        self._shelf.held -= 1


@dataclass
class FakeStore:
    """A store with a lock, and the news of the holding that holds it."""

    locked: bool = False
    """The app has it"""
    broken: Exception | None = None
    no_network: Exception | None = None
    bytes: int = 0
    held: int = 0
    opened: int = 0
    joining: threading.Event = field(default_factory=threading.Event)
    closing: threading.Event = field(default_factory=threading.Event)
    news: threading.Condition = field(default_factory=threading.Condition)
    tries: int = 0

    def __post_init__(self) -> None:
        self.joining.set()
        self.closing.set()

    def open(self) -> FakePresence:
        self.tries += 1
        if self.locked:
            raise AlreadyOpen("the app has it")
        if self.broken is not None:
            raise self.broken
        self.held += 1
        self.opened += 1
        assert self.held == 1
        return FakePresence(self)

    def changed(self) -> None:
        with self.news:
            self.news.notify_all()

    def wait(self, holding: Holding, state: Hold, tries: int = 0) -> None:
        """Until the hold is in this state (and so many attempts were made)."""
        with self.news:
            assert self.news.wait_for(
                lambda: holding.state is state and self.tries >= tries, PATIENCE
            )
