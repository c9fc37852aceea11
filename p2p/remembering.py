"""What a node knows of its peers goes to disk beside the records, and comes back from there."""

import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

import trio

from p2p.acquaintances import Acquaintances
from p2p.stats import Wishes
from web3rec.clock import Clock
from web3rec.errors import Web3recError

if TYPE_CHECKING:
    from web3rec.store import Log

logger = logging.getLogger(__name__)

T = TypeVar("T")

SAVE_SECONDS: Final = 60.0
"""How often it is written down; what a kill takes is at most so much of it."""
LAST_SECONDS: Final = 1.0
"""How long writing it down may take when the node leaves."""


class Caller(Protocol):
    """Does something with the log off the loop; `p2p.threaded_ledger` has one."""

    def __call__(self, work: Callable[[], T], /) -> Awaitable[T]: ...


class Remembering:
    """Loads and saves one run's acquaintances."""

    def __init__(
        self,
        log: "Log",
        call: Caller,
        peers: Acquaintances,
        clock: Clock,
        wishes: Wishes | None = None,
    ) -> None:
        """Bans among the wishes that nobody has heeded by the end are heeded here."""
        self._wishes = wishes or Wishes()
        self._log, self._call, self._peers, self._clock = log, call, peers, clock
        self._epoch = 0

    async def load(self) -> None:
        """Take back what was saved. Raises what the log raises."""
        then = await self._call(partial(self._log.neighbours.load, self._clock()))
        self._epoch = then.epoch
        self._peers.restore(then.standings, then.places, trio.current_time(), away=then.away)

    async def save(self) -> bool:
        """Write it down; False if everything was forgotten meanwhile, and this is to be, too."""
        standings, places = self._peers.rows(trio.current_time())
        neighbours = self._log.neighbours
        work = partial(neighbours.save, standings, places, self._clock(), self._epoch)
        try:
            return await self._call(work)
        except Web3recError as error:
            # A full disk is told where records are kept; what peers did is not worth a fault.
            logger.warning("what is known of peers was not saved: %s", type(error).__name__)
            return True

    async def keep_saving(self) -> None:
        """Save again and again; returns when everything was forgotten."""
        try:
            while True:
                await trio.sleep(SAVE_SECONDS)
                if not await self.save():
                    return
        finally:
            self._peers.heed(self._wishes.bans, trio.current_time())
            with trio.CancelScope(deadline=trio.current_time() + LAST_SECONDS, shield=True):
                await self.save()
