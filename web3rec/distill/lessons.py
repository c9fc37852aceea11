"""What a student learns from: lists of people whose targets were hidden from their own past.

    arena, targets ─► each person's past without them ─► the graph's best candidates
                   ─► Features, hits ─► Lesson, which a teacher can be asked about as well

Everybody else's acts are there in full, and the person is not heard in its own list, as on a
device (`rerank.history` does the same with what one device sees). So nothing in a lesson knows its
targets. Item vectors and teachers have to be fitted without them, too: that is up to whoever fits.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trust import TrustParams
from web3rec.distill.teacher import Described, History, Question
from web3rec.errors import DataError, ParamError
from web3rec.eval.arena import Arena
from web3rec.params import Params
from web3rec.rank.admission import Mode
from web3rec.rank.candidates import best
from web3rec.rank.replay import Past
from web3rec.rerank.features import Features, Seen, features
from web3rec.rerank.following import Paces
from web3rec.rerank.history import told
from web3rec.rerank.linear import Example
from web3rec.rerank.texts import Texts
from web3rec.store import key_of
from web3rec.types import Item, ItemId, PeerId, Weights


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """One list, what the person went on to do, and how to ask a teacher about it."""

    question: Question
    """Who, what it had (oldest first), and the candidates, in the order of `features`' rows"""
    features: Features
    """With `content`, so that models of vectors can be taught"""
    hits: npt.NDArray[np.bool_]
    """bool[n]: the candidates that are targets; may be none"""
    targets: int
    """How many targets there were, among the candidates or not; >= 1"""

    @property
    def person(self) -> str:
        """Whose list it is, by the data set's name."""
        return self.question.history.person

    def example(self, vote: float = 1.0) -> Example:
        """For `rerank.linear`. Raises DataError if no target is among the candidates."""
        return Example(self.features, self.hits, vote)


@dataclass(frozen=True, slots=True, eq=False)
class School:
    """A graph of people and items, and what items are called."""

    seen: Seen
    """As the first of its people would see it, everyone admitted; `seen.keys` as in bundles"""
    people: Mapping[str, PeerId]
    ids: Sequence[ItemId]
    """The data set's id of each item of the graph"""
    texts: Mapping[ItemId, str]
    """What can be read about items; may be empty"""

    @staticmethod
    def of(arena: Arena, items: Iterable[Item] = ()) -> "School":
        """Everyone in an experiment's graph, admitted, with times where they are known.

        Args:
            arena: the graph; its acts may hold the targets.
            items: what items are called; words are compared where titles are known, and teachers
                read the title.

        Raises:
            DataError: nobody did anything.

        Cost: O(nnz log nnz).
        """
        graph = arena.graph
        ids = list(arena.items)
        names = [ids[int.from_bytes(key, "big")] for key in graph.items.terms]
        acted = np.flatnonzero(np.diff(graph.rows.starts))
        if not acted.size:
            raise DataError("nobody did anything: there is nothing to learn from")
        known = {item.id: item for item in items if item.title}
        catalogue = {arena.items[ItemId(n)]: item for n, item in known.items() if n in arena.items}
        first = next(n for n, key in arena.people.items() if key == graph.users.terms[acted[0]])
        view = arena.view(first, Mode.OPEN, trust=TrustParams(max_sponsors=1))
        seen = Seen.of(
            view,
            Paces.of(graph, arena.times),
            Texts.of(catalogue, graph.items) if catalogue else None,
            [key_of(name) for name in names],
        )
        texts = {ItemId(name): item.title for name, item in known.items()}
        return School(seen, arena.people, names, texts)

    def lesson(
        self,
        person: str,
        targets: Collection[ItemId],
        params: Params,
        candidates: int = 200,
    ) -> Lesson | None:
        """The person's list as it would have been without the targets.

        Args:
            person: by the data set's name.
            targets: items to be found; those nobody has count, but cannot be.
            params: how sources are asked.
            candidates: how many of the graph's best.

        Returns:
            None if nothing is left to know the person by, or nothing is proposed.

        Raises:
            DataError: nobody of that name, or no targets.
            ParamError: no candidates.

        Cost: some 10 ms.
        """
        if candidates < 1:
            raise ParamError("candidates", candidates, "at least 1")
        wanted = frozenset(targets)
        asker = self._past(person, wanted)
        if not asker.shown.size:
            return None
        said = told(self.seen, asker, params)
        allowed = np.ones(len(said.blended), bool)
        allowed[asker.shown] = False
        items = best(said.blended, allowed, candidates)
        if not items.size:
            return None
        newest = np.lexsort((asker.shown, -asker.row, asker.newer))
        question = Question(
            History(person, tuple(map(self._described, asker.shown[newest[::-1]].tolist()))),
            tuple(map(self._described, items.tolist())),
        )
        table = features(self.seen, asker, said, items, params.sources)
        right = np.array([item.id in wanted for item in question.candidates], bool)
        return Lesson(question, table, right, len(wanted))

    def lessons(
        self,
        targets: Mapping[str, Collection[ItemId]],
        params: Params,
        candidates: int = 200,
        tell: Callable[[int, int], None] | None = None,
    ) -> list[Lesson]:
        """Everybody's lesson, in the order of `targets`; `tell` of (done, all) as it goes."""
        found = []
        for done, (person, own) in enumerate(targets.items(), 1):
            if (lesson := self.lesson(person, own, params, candidates)) is not None:
                found.append(lesson)
            if tell is not None:
                tell(done, len(targets))
        return found

    def _described(self, item: int) -> Described:
        name = self.ids[item]
        return Described(name, self.texts.get(name, ""))

    def _past(self, person: str, targets: frozenset[ItemId]) -> Past:
        graph = self.seen.window.snapshot
        key = self.people.get(person)
        user = None if key is None else graph.users.number(key)
        if user is None:
            raise DataError(f"{person!r} has no acts here: ask about people of the data set")
        if not targets:
            raise DataError(f"no targets for {person!r}: give the items to be found")
        items, weights = graph.rows.row(user)
        hidden = np.array([self.ids[item] in targets for item in items.tolist()], bool)
        shown, row = items[~hidden], weights[~hidden]
        row = row / row.sum() if shown.size else row.astype(np.float64)
        return Past(user, shown, row, self._newer(user, ~hidden), items[hidden])

    def _newer(self, user: int, shown: npt.NDArray[np.bool_]) -> Weights:
        """How many newer acts there are to each item shown; 0 where no times are known."""
        if self.seen.paces is None:
            return np.zeros(np.count_nonzero(shown))
        pace = self.seen.paces.rows.row(user)[1][shown]
        return (len(pace) - np.searchsorted(np.sort(pace), pace, side="right")).astype(np.float64)
