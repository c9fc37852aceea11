"""The graph of what a log holds now, kept in step with it author by author.

Whatever happened to the log, the graph is bit for bit the one built whole from it: the log says
whose statements changed, and what those say now takes the place of what they said before. Where
the log cannot say so, everything is read again.
"""

from collections.abc import Callable, Collection, Mapping

from web3rec.graph import (
    Acts,
    Endorsements,
    Said,
    Snapshot,
    Vocab,
    changed,
    nothing,
)
from web3rec.params import WindowParams
from web3rec.records.model import MAX_WEIGHT
from web3rec.rerank.pacing import Times
from web3rec.store import Log
from web3rec.store.telling import Told
from web3rec.types import ItemKey, Millis, PeerId

Statements = tuple[list[PeerId], Acts, Endorsements]


class LiveGraph:
    """One log's graph. Not thread-safe: whoever holds it locks."""

    def __init__(
        self,
        log: Log,
        me: PeerId,
        seeds: Collection[PeerId],
        params: WindowParams,
        *,
        timed: bool = False,
    ) -> None:
        """Nothing is read yet.

        Args:
            log: whose graph this is.
            me: the ego.
            seeds: whom the ego trusts as long as it says nothing of trust itself.
            params: half-lives and the per-author bound.
            timed: whether to keep when people did what; see `times`.
        """
        self.times = Times() if timed else None
        """When everybody last touched what they hold, as of the graph told last"""
        self._log, self._me, self._seeds, self._params = log, me, tuple(seeds), params
        self._graph: Snapshot | None = None
        self._stale: frozenset[PeerId] = frozenset()  # asked about, not in the graph yet
        self._blocked: frozenset[PeerId] = frozenset()
        self._lapsed = 0

    def news(
        self, blocked: frozenset[PeerId], touched: Mapping[ItemKey, Millis]
    ) -> Callable[[], Snapshot]:
        """Read what changed since the graph was made; the call returned makes the next one.

        Args:
            blocked: whom the ego does not want to hear, as of now; without the ego.
            touched: when the ego last touched each of its items.

        Ask while the log is `steady`; the call that is returned reads nothing, so it may wait until
        the log is free again. Cost: about 2 µs for each statement of whoever said something, and
        `web3rec.graph.changed`; for all statements, if the log cannot say who that is.
        """
        named, lapsed = self._log.changed_authors(), self._log.lapsed()
        if named is None or lapsed or self._lapsed:
            # What is past its time, but still held, can come and go without anybody writing.
            self.drop()
        graph = self._graph
        if graph is None or named is None:
            graph, wanted = nothing(self._me), None
        else:
            # The ego's acts of tomorrow count as of today, so its row changes with the clock.
            self._stale |= named | (blocked ^ self._blocked) | {self._me}
            wanted = self._stale
        self._blocked, self._lapsed = blocked, lapsed
        told = [self._statements(some) for some in self._log.told(wanted, unheard=blocked)]

        def made() -> Snapshot:
            after, times = graph, self.times
            while told:  # let go of, one after the other
                authors, acts, edges = told.pop()
                times = None if times is None else times.after(authors, acts)
                after = changed(
                    after, Said.by(Vocab.of(authors), acts, edges, self._params), touched
                )
            self._graph, self._stale, self.times = after, frozenset(), times
            return after

        return made

    def drop(self) -> None:
        """Keep nothing: the next graph is built from what is in the log then."""
        self._graph, self._stale = None, frozenset()
        self.times = None if self.times is None else Times()

    def _statements(self, told: Told) -> Statements:
        edges = told.endorsements
        if self._me in told.authors and self._me not in edges[0]:
            count = len(self._seeds)
            stated = [self._me, 0, None, MAX_WEIGHT, 0]
            more = [[one] * count for one in stated]
            who = self._log.who_is_who()
            more[2] = [who.of(seed) for seed in self._seeds]
            edges = [[*old, *new] for old, new in zip(edges, more, strict=True)]
        return told.authors, Acts.told(*told.acts), Endorsements.told(*edges)
