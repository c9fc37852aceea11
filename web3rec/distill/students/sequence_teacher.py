"""A teacher that knows what comes next: several models of sequences, none of which saw the answers.

As in `distill.ensemble`, people are dealt into folds, and what is said of a person comes from
models trained without the targets of anybody in the person's fold. Models of one fold differ in
their seed only; what they say together is the mean of their logits, which is steadier than any.
Measured against one model and against the linear head: docs/decisions/0030.
"""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np

from web3rec.adapters import Dataset
from web3rec.distill.students.histories import Moments, histories
from web3rec.distill.students.sequence import SequenceModel, SequenceParams
from web3rec.distill.students.sequence_torch import SequenceTraining, trained_sequence
from web3rec.distill.teacher import Question
from web3rec.errors import ParamError
from web3rec.types import ItemId, Weights


@dataclass(frozen=True, slots=True)
class SequenceTeacher:
    """The teacher; made by `SequenceTeacher.fitted`."""

    id: str
    folds: tuple[tuple[SequenceModel, ...], ...] = field(repr=False)
    fold_of: Mapping[str, int] = field(repr=False)
    hidden: Mapping[str, frozenset[ItemId]] = field(repr=False)
    """What its models have not seen of those in the fold, for the check of what it is asked"""

    @classmethod
    def fitted(
        cls,
        dataset: Dataset,
        targets: Mapping[str, Collection[ItemId]],
        rng: np.random.Generator,
        *,
        folds: int = 2,
        models: int = 3,
        params: SequenceParams | None = None,
        training: SequenceTraining | None = None,
        tell: Callable[[int, int], None] | None = None,
    ) -> Self:
        """Train `models` models for each fold.

        Args:
            dataset: everybody's acts, the targets included.
            targets: person -> the items that a student is to find; people without any may be
                missing, and are asked about all the same.
            rng: deals people into folds, and seeds the models.
            folds: 1: all targets are hidden at once, and everybody is asked of the same models;
                more cost more and hide less. At most as many as there are people with targets.
            models: >= 1.
            params: their size.
            training: how they learn.
            tell: of (models done, all).

        Raises:
            ParamError: `folds` or `models` out of range, or targets of a stranger.
            DataError: a fold leaves nothing to learn from; or torch is not installed.

        Cost: folds * models trainings.
        """
        asked = sorted(targets)
        if unknown := set(asked) - set(dataset.people):
            raise ParamError("targets", min(unknown), "people of the data set")
        if not 1 <= folds <= max(len(asked), 1):
            raise ParamError("folds", folds, f"from 1 to {len(asked)}, the people with targets")
        if models < 1:
            raise ParamError("models", models, "at least 1")
        params, training = params or SequenceParams(), training or SequenceTraining()
        dealt = rng.permutation(len(asked))
        fold_of = {asked[n]: place % folds for place, n in enumerate(dealt.tolist())}
        seeds = rng.integers(2**31, size=models).tolist()
        fitted = []
        for fold in range(folds):
            away = {person: targets[person] for person in asked if fold_of[person] == fold}
            known = histories(dataset, away)
            group = []
            for seed in seeds:
                group.append(trained_sequence(known, params, training, seed))
                if tell is not None:
                    tell(fold * models + len(group), folds * models)
            fitted.append(tuple(group))
        hidden = {person: frozenset(targets[person]) for person in asked}
        told = (dataset, hidden, fold_of, seeds, params, training)
        return cls(_name(*told), tuple(fitted), fold_of, hidden)

    @property
    def size(self) -> int:
        """Weights of the models that answer about one person, their catalogues' included."""
        return sum(model.size for model in self.folds[0])

    def score(self, question: Question) -> Weights:
        """See `Teacher.score`: logits of what comes next. No opinion on items that nobody had when
        it was trained, nor on anything where nothing of the history is known.

        Raises:
            ParamError: the history names items that were held back.
        """
        person = question.history.person
        own = [item.id for item in question.history.items]
        if self.hidden.get(person, frozenset()) & set(own):
            raise ParamError("history", "an item held back", "what is left without the targets")
        asked = [item.id for item in question.candidates]
        models = self.folds[self.fold_of.get(person, 0)]
        return mean_logits(models, own, asked)


def mean_logits(
    models: Sequence[SequenceModel], history: Sequence[ItemId], items: Sequence[ItemId]
) -> Weights:
    """What models say together; float64[len(items)], nan where one of them says nothing."""
    found: Weights = np.mean([model.scores(history, items) for model in models], axis=0)
    return found


def _name(
    dataset: Dataset,
    hidden: Mapping[str, frozenset[ItemId]],
    fold_of: Mapping[str, int],
    seeds: Sequence[int],
    params: SequenceParams,
    training: SequenceTraining,
) -> str:
    """An id that models of other acts, targets, folds or numbers do not share."""
    told = hashlib.sha256()
    everything: dict[str, Moments] = histories(dataset)
    told.update(repr(sorted(everything.items())).encode())
    told.update(repr([(p, sorted(hidden[p]), fold_of[p]) for p in sorted(hidden)]).encode())
    told.update(repr((list(seeds), params, training)).encode())
    return f"sequences:{len(seeds)}:{told.hexdigest()[:16]}"
