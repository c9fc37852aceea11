"""A teacher that is the crowd: collaborative methods together, none of which saw the answers.

A student learns to put somebody's targets (items held back from the person's own acts) above other
candidates. A teacher that was fitted on those targets would only repeat them. So people are dealt
into folds, and what is said of a person comes from methods fitted without the targets of anybody in
the person's fold; everybody else's acts are there in full.

Each method's scores are brought to mean 0 and deviation 1 within the list, then averaged by weight.
Sources of the methods: `web3rec.eval.methods`; of cross-fitting: Breiman, "Stacked regressions",
Machine Learning 24, 1996.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final, Self

import numpy as np

from web3rec.adapters import Dataset
from web3rec.distill.teacher import Question
from web3rec.errors import DataError, ParamError
from web3rec.eval.arena import Arena
from web3rec.eval.methods import Settings, method
from web3rec.eval.methods.method import Scored, own_items, user_number
from web3rec.types import ItemId, Weights

METHODS: Final[Mapping[str, float]] = MappingProxyType({"ease": 1.0, "cosine": 1.0, "rp3beta": 1.0})
"""Method -> weight. Equal: a guess; choose them on validation."""


@dataclass(frozen=True, slots=True)
class _Fold:
    arena: Arena
    fitted: Mapping[str, Scored]


@dataclass(frozen=True, slots=True)
class Ensemble:
    """The teacher; made by `Ensemble.fitted`."""

    id: str
    weights: Mapping[str, float]
    folds: tuple[_Fold, ...] = field(repr=False)
    fold_of: Mapping[str, int] = field(repr=False)

    @classmethod
    def fitted(
        cls,
        dataset: Dataset,
        targets: Mapping[str, Collection[ItemId]],
        rng: np.random.Generator,
        *,
        folds: int = 5,
        weights: Mapping[str, float] = METHODS,
        seed: int = 0,
    ) -> Self:
        """Fit the methods once for each fold.

        Args:
            dataset: everybody's acts, the targets included.
            targets: person -> the items that a student is to find; people without any may be
                missing, and are asked about all the same.
            rng: deals people into folds.
            folds: >= 2, at most as many as there are people with targets.
            weights: method of `web3rec.eval.methods` that scores all items -> weight > 0.
            seed: of methods that draw.

        Raises:
            ParamError: `folds` or `weights` out of range, or targets of a stranger.
            DataError: a fold leaves nothing to learn from, or is too large for a method.

        Cost: `folds` times that of the methods, and their memory.
        """
        asked = sorted(targets)
        if unknown := set(asked) - set(dataset.people):
            raise ParamError("targets", min(unknown), "people of the data set")
        if not 2 <= folds <= max(len(asked), 1):
            raise ParamError("folds", folds, f"from 2 to {len(asked)}, the people with targets")
        if not weights or not all(0 < weight < float("inf") for weight in weights.values()):
            raise ParamError("weights", dict(weights), "at least one method, each weight > 0")
        dealt = rng.permutation(len(asked))
        fold_of = {asked[n]: place % folds for place, n in enumerate(dealt.tolist())}
        fitted = tuple(
            _fold(dataset, targets, {p for p in asked if fold_of[p] == n}, weights, seed)
            for n in range(folds)
        )
        return cls(_name(dataset, targets, fold_of, weights, seed), weights, fitted, fold_of)

    def score(self, question: Question) -> Weights:
        """See `Teacher.score`. No opinion on items that nobody else has, or of which no method
        tells one from another.

        Raises:
            DataError: the person is not in the data set.
            ParamError: the history names items that the person was not known to have without the
                targets: whoever asks shows the teacher what it must not see.
        """
        fold = self.folds[self.fold_of.get(question.history.person, 0)]
        arena = fold.arena
        user = user_number(arena, question.history.person)
        own = set(own_items(arena, user).tolist())
        shown = {self._number(arena, item.id) for item in question.history.items}
        if not shown <= own:
            raise ParamError("history", "an item held back", "what is left without the targets")
        numbers = [self._number(arena, item.id) for item in question.candidates]
        known = np.array([number >= 0 for number in numbers], bool)
        score = np.full(len(numbers), np.nan)
        where = np.array(numbers, np.int64)[known]
        total, heard = np.zeros(where.size), 0.0
        for name, weight in self.weights.items():
            found = fold.fitted[name].scores(user)[where]
            spread = found.std() if found.size else 0.0
            if spread > 0:
                total += weight * (found - found.mean()) / spread
                heard += weight
        if heard:
            score[known] = total / heard
        return score

    @staticmethod
    def _number(arena: Arena, item: ItemId) -> int:
        key = arena.items.get(item)
        number = None if key is None else arena.graph.items.number(key)
        return -1 if number is None else number


def _fold(
    dataset: Dataset,
    targets: Mapping[str, Collection[ItemId]],
    members: Collection[str],
    weights: Mapping[str, float],
    seed: int,
) -> _Fold:
    hidden = {person: frozenset(targets[person]) for person in members}
    nothing: frozenset[ItemId] = frozenset()
    stay = tuple(act for act in dataset.acts if act.item not in hidden.get(act.user, nothing))
    if not stay:
        raise DataError("nothing is left to learn from: hide less", where=dataset.name)
    arena = Arena.of(replace(dataset, acts=stay))
    fitted = {}
    for name in weights:
        ranker = method(name)(arena, Settings(seed=seed))
        if not isinstance(ranker, Scored):
            raise ParamError("weights", name, "methods that score all items, such as ease")
        fitted[name] = ranker
    return _Fold(arena, fitted)


def _name(
    dataset: Dataset,
    targets: Mapping[str, Collection[ItemId]],
    fold_of: Mapping[str, int],
    weights: Mapping[str, float],
    seed: int,
) -> str:
    """An id that another fit on other acts, targets or folds does not share."""
    told = hashlib.sha256()
    for act in dataset.acts:
        told.update(repr((act.user, act.item, act.kind.value, act.weight, act.at)).encode())
    told.update(repr([(p, sorted(targets[p]), fold_of[p]) for p in sorted(targets)]).encode())
    told.update(repr((sorted(weights.items()), seed)).encode())
    return f"ensemble:{'+'.join(sorted(weights))}:{told.hexdigest()[:16]}"
