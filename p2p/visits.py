"""Whom to visit (catch up with) next: in turn, one at a time, when gossip leaves time for it.

A visit to somebody who gossips at the same time brings what gossip brings anyway. So only the
first visit, on connecting, happens at once; later ones wait until gossip is quiet, but not for
ever, since a steady stream may lose records as well as a short one.
"""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Final

import trio

from p2p.transport import PeerName

LOOK_SECONDS: Final = 0.5
"""How often we look whether somebody's turn has come."""
SOON: Final = 1.0
"""Seconds until the next visit to a neighbour that had something new; doubled by each that had
nothing, up to the interval."""
BUSY_INTERVALS: Final = 4
"""While gossip is never quiet, one visit in so many intervals."""
RETURN_SECONDS: Final = 30.0
"""Who was away for less is no newcomer."""
PATIENCE_SECONDS: Final = 5.0
"""A visit that takes longer no longer keeps the next one waiting."""

NEVER: Final = float("-inf")


@dataclass(frozen=True, slots=True)
class Turn:
    """A visit to be made now."""

    peer: PeerName
    thorough: bool
    """True if it is wished for or overdue: not to be cut short because gossip is busy."""


Visit = Callable[[Turn], Awaitable[bool]]
"""Makes a visit; True if it brought anything new."""


@dataclass(slots=True)
class _Neighbour:
    due: float = NEVER
    pause: float = SOON
    new: bool = True
    wished: bool = False
    here: bool = False
    seen: float = NEVER


class Visits:
    """The order of visits; knows names and times, makes none itself."""

    def __init__(self, interval: float) -> None:
        """`interval`: seconds between two visits to one neighbour in the long run; > 0."""
        self._interval = interval
        self._neighbours: dict[PeerName, _Neighbour] = {}
        self._present: frozenset[PeerName] = frozenset()
        self._last = NEVER
        self.news = trio.Event()
        """Set when somebody may be visited at once; replaced by who waited for it."""

    def seen(self, peers: Collection[PeerName], now: float) -> None:
        """These are connected now; who is new among them is due at once.

        Who comes back within RETURN_SECONDS is no newcomer but due when gossip is quiet: a
        connection that breaks under load shall not add to it. Who stays away is forgotten.
        """
        for peer in peers:
            neighbour = self._neighbours.get(peer)
            if neighbour is None:
                neighbour = self._neighbours[peer] = _Neighbour()
                self.news.set()
            elif peer not in self._present:
                neighbour.due = NEVER
            neighbour.seen = now
        self._present = frozenset(peers)
        self._neighbours = {
            peer: n for peer, n in self._neighbours.items() if n.seen > now - RETURN_SECONDS
        }

    def wish(self) -> None:
        """Everybody is to be visited now."""
        for neighbour in self._neighbours.values():
            neighbour.wished = True
        self.news.set()

    def next(self, now: float, *, quiet: bool) -> Turn | None:
        """Whose turn it is, if anybody's; `ended` must follow. Cost: O(neighbours).

        Newcomers and the wished-for at once; the others when their time has come and gossip is
        quiet, or one of them, before all newcomers, when none of them had its turn for
        BUSY_INTERVALS: names are free, so there may always be newcomers.
        """
        overdue = now >= self._last + BUSY_INTERVALS * self._interval
        waiting = [
            (n.new or not overdue, not (n.new or n.wished), n.due, peer)
            for peer, n in self._neighbours.items()
            if peer in self._present
            and not n.here
            and (n.new or n.wished or (n.due <= now and (quiet or overdue)))
        ]
        if not waiting:
            return None
        peer = min(waiting)[3]
        neighbour = self._neighbours[peer]
        thorough = neighbour.wished or (overdue and not neighbour.new)
        if not neighbour.new or self._last == NEVER:
            self._last = now
        neighbour.new, neighbour.wished, neighbour.here = False, False, True
        return Turn(peer, thorough)

    def ended(self, peer: PeerName, now: float, *, brought: bool) -> None:
        """A visit is over; `brought`: there was something new, so there may soon be more."""
        neighbour = self._neighbours.get(peer)
        if neighbour is None:
            return
        pause = min(SOON if brought else neighbour.pause, self._interval)
        neighbour.due = now + pause
        neighbour.pause = min(2 * pause, self._interval)
        neighbour.here = False


async def go_round(visits: Visits, visit: Visit, quiet: Callable[[], bool]) -> None:
    """Make the visits, one after the other, until cancelled.

    Only beside one that takes longer than PATIENCE_SECONDS the next begins. What escapes a visit
    ends this.
    """

    async def made(turn: Turn, over: trio.Event) -> None:
        brought = await visit(turn)
        visits.ended(turn.peer, trio.current_time(), brought=brought)
        over.set()

    async with trio.open_nursery() as nursery:
        while True:
            turn = visits.next(trio.current_time(), quiet=quiet())
            if turn is None:
                with trio.move_on_after(LOOK_SECONDS):
                    await visits.news.wait()
                visits.news = trio.Event()
                continue
            over = trio.Event()
            nursery.start_soon(made, turn, over)
            with trio.move_on_after(PATIENCE_SECONDS):
                await over.wait()
