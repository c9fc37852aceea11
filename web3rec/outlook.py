"""All that a list is made of, kept for as long as the log stays as it is.

Log ─► LiveGraph ─► Heard ─► View ─► Present (swapped when the log changes)
"""

import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from web3rec.checking import peer_of
from web3rec.errors import ParamError, ReadOnly
from web3rec.graph import Snapshot
from web3rec.heard import Heard
from web3rec.live import LiveGraph
from web3rec.options import Options
from web3rec.rank.admission import Mode
from web3rec.rank.earned import Paid, merit
from web3rec.rank.sources import WordIndex
from web3rec.rerank.pacing import Times
from web3rec.store import Log
from web3rec.types import Item, ItemKey, Millis, PeerId
from web3rec.view import View, seen_as, view_of


@dataclass(frozen=True, slots=True, eq=False)
class Present:
    """All that a list is made of, as it was at one moment."""

    stamp: tuple[int, int]
    view: View
    closed: frozenset[ItemKey]
    """What the ego has, and what it does not want"""
    touched: Mapping[ItemKey, Millis]
    """When the ego last touched what it has"""
    catalogue: Mapping[ItemKey, Item]
    merits: Mapping[PeerId, float]
    """What friends earned by the ego's replies"""
    times: Times | None
    """When everybody last touched what they hold; None where no model is used"""


class Outlook:
    """The present view of a log. Thread-safe."""

    def __init__(self, log: Log, me: PeerId, options: Options) -> None:
        """Nothing is read yet."""
        self._log, self._options = log, options
        self._lock = threading.RLock()
        seeds = [peer_of(seed) for seed in options.seeds]
        self._graph = LiveGraph(log, me, seeds, options.params.window, timed=options.rerank.on)
        self._heard = Heard(options.trust)
        self._present: dict[Mode, Present] = {}
        self._index: tuple[Mapping[ItemKey, Item], WordIndex] | None = None

    def now(self, mode: Mode | None = None) -> Present:
        """The present, renewed if the log changed. Raises ParamError (mode), Closed."""
        mode = self._options.mode if mode is None else mode
        if not isinstance(mode, Mode):
            raise ParamError("mode", mode, "a Mode, such as Mode.CLOSED")
        log, params = self._log, self._options.params
        with suppress(ReadOnly):  # a full disk: what is past its time is left out all the same
            log.expire()
        with self._lock:
            with log.steady():  # one moment; what is read here is computed with below
                stamp = (log.generation, log.lapsed())
                same = [kept for kept in self._present.values() if kept.stamp == stamp]
                if not same:
                    touched = log.touched()
                    closed = frozenset(touched) | log.unwanted()
                    blocked = log.silenced()
                    merits = merit(map(Paid._make, log.payments()), params.earned)
                    catalogue, renewed = log.items(), self._graph.news(blocked, touched)
            if not same:
                view = self._view(renewed(), blocked, mode, merits)
                self._present = {
                    mode: Present(
                        stamp, view, closed, touched, catalogue, merits, self._graph.times
                    )
                }
            elif mode not in self._present:
                view = seen_as(same[0].view, mode, params, same[0].merits)
                self._present[mode] = replace(same[0], view=view)
            return self._present[mode]

    @property
    def generation(self) -> int:
        """Of the log as it is; a present's own is the first of its stamp."""
        return self._log.generation

    def index_of(self, catalogue: Mapping[ItemKey, Item]) -> WordIndex:
        """The words of the catalogue, indexed once while it stays the same."""
        with self._lock:
            if self._index is None or self._index[0] != catalogue:
                self._index = catalogue, WordIndex.of(catalogue, self._options.params.sources)
            return self._index[1]

    def drop(self, *, graph: bool = True) -> int:
        """Keep no view: the next list is made from what is in the log then; how many there were.

        Args:
            graph: drop the graph and the trust in it, too. Else the next view's graph is this one
                with what its authors say then in the place of what they said, which is the same to
                the bit; where only acts of the ego's went that is some hundred times faster.
        """
        with self._lock:
            if graph:
                self._graph.drop()
                self._heard.drop()
            dropped = len(self._present)
            self._index = None
            self._present.clear()
        return dropped

    def _view(
        self,
        graph: Snapshot,
        blocked: frozenset[PeerId],
        mode: Mode,
        merits: Mapping[PeerId, float],
    ) -> View:
        silenced = graph.users.numbers(sorted(blocked))
        heard = self._heard.of(graph, silenced)
        params, trust = self._options.params, self._options.trust
        return view_of(graph, silenced, mode, params, trust, heard, merits)
