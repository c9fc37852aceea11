"""What is asked of every method: an arena to learn from, and what was hidden from whom."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from web3rec.adapters import Dataset, Split
from web3rec.errors import DataError, ParamError
from web3rec.eval.arena import NOON, Arena
from web3rec.eval.methods import Ranker
from web3rec.eval.splits import compress_times, hold_out
from web3rec.types import ItemId, Millis, Weights

NOW: Final = Millis(NOON * 1_000)
"""The moment at which all lists are asked for."""


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """One data set, ready to be ranked."""

    name: str
    arena: Arena
    people: tuple[str, ...]
    """Who is asked about, in the order of the data set"""
    hidden: tuple[frozenset[int], ...]
    """For each of them the items to be found: numbers in the arena's items, and beyond them for
    items that nobody has in training (which no method can find; they count all the same)"""
    notes: tuple[str, ...] = ()

    @property
    def n_items(self) -> int:
        """How many items training has."""
        return len(self.arena.graph.items)

    @property
    def listeners(self) -> Weights:
        """float64[items]: how many people have each in training."""
        return np.diff(self.arena.graph.cols.starts).astype(np.float64)

    def friends_of(self, person: str) -> int:
        """How many people this one trusts."""
        number = self.arena.graph.users.number(self.arena.people[person])
        return 0 if number is None else len(self.arena.graph.trust.friends(number))

    def among(self, kept: Callable[[str], bool]) -> "Task":
        """The same task for those people only.

        Raises:
            DataError: nobody is left.
        """
        pairs = [pair for pair in zip(self.people, self.hidden, strict=True) if kept(pair[0])]
        if not pairs:
            raise DataError("nobody is left to be asked about: ask for less", where=self.name)
        people, hidden = zip(*pairs, strict=True)
        return replace(self, people=people, hidden=hidden)

    def sample(self, people: int, rng: np.random.Generator) -> "Task":
        """So many of its people, drawn without replacement; all if there are no more."""
        if people < 1:
            raise ParamError("people", people, "at least 1")
        drawn = rng.permutation(len(self.people))[:people]
        chosen = {self.people[n] for n in drawn.tolist()}
        return self.among(chosen.__contains__)

    def lists(
        self, ranker: Ranker, limit: int, told: Callable[[int, int], None]
    ) -> list[list[int]]:
        """Everybody's list by this ranker; `told` of (done, all) as it goes."""
        found = []
        for n, person in enumerate(self.people, 1):
            found.append(ranker.ranked(person, limit).tolist())
            told(n, len(self.people))
        return found


def task_of_split(split: Split, part: str = "test") -> Task:
    """A published split as it is: methods see train alone, whichever part is asked about.

    This is how the published figures were measured: with `test`, items of `valid` are neither
    learned from nor left out of the lists.

    Raises:
        DataError: there is no such part.
    """
    hidden = split.test if part == "test" else split.valid
    if not hidden:
        raise DataError(f"there is no {part} file in it", where=split.train.name)
    return _task(split.train, split.train, hidden, ())


def task_of(dataset: Dataset, seed: int, share: float = 0.2) -> Task:
    """Hide a share of everybody's items: the latest where times are known, else drawn by the seed.

    Records live 30 days and a data set may span decades, so what stays is laid into one month,
    its order kept (`compress_times`).
    """
    stay, hidden = hold_out(dataset, dataset.people, share=share, rng=np.random.default_rng(seed))
    notes = (f"{share:.0%} of everybody's items hidden",)
    if any(act.at is not None for act in stay):
        stay = compress_times(stay, NOW)
        notes = (f"{share:.0%} of everybody's items hidden, the latest; times made one month",)
    return _task(dataset, replace(dataset, acts=stay), hidden, notes)


def _task(
    whole: Dataset,
    train: Dataset,
    hidden: Mapping[str, frozenset[ItemId]],
    notes: Sequence[str],
) -> Task:
    arena = Arena.of(train)
    known = {key: n for n, key in enumerate(arena.graph.items.terms)}
    number: dict[ItemId, int] = {}
    beyond = len(known)
    for item, key in arena.items.items():
        if key in known:
            number[item] = known[key]
        else:
            number[item] = beyond
            beyond += 1
    in_graph = set(arena.graph.users.terms)
    asked = [p for p in whole.people if p in hidden and arena.people[p] in in_graph]
    if lost := len(hidden) - len(asked):
        notes = [*notes, f"{lost} people left out: nothing is known of them but what is hidden"]
    if not asked:
        raise DataError("nobody has anything hidden: too few items each", where=whole.name)
    return Task(
        whole.name,
        arena,
        tuple(asked),
        tuple(frozenset(number[item] for item in hidden[p]) for p in asked),
        tuple(notes),
    )
