"""A teacher that knows items by vectors: several fits, averaged, none of which saw the answers.

Fits differ by their first vectors, and their mean is better than any of them. Whoever asks is the
sum of what it is said to have, so the teacher can be asked about people it never saw. Cross-fitted
as `distill.ensemble` is: what is said of a person comes from fits without the targets of anybody in
the person's fold, everybody else's acts in full.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from typing import Self

import numpy as np

from web3rec.adapters import Dataset
from web3rec.distill.embeddings.item_vectors import ItemVectors
from web3rec.distill.teacher import Question
from web3rec.embeddings.fitting import FittingParams
from web3rec.errors import ParamError
from web3rec.types import ItemId, Weights


@dataclass(frozen=True, slots=True)
class Propagated:
    """The teacher; made by `Propagated.fitted`."""

    id: str
    folds: tuple[tuple[ItemVectors, ...], ...] = field(repr=False)
    """Of each fold its fits"""
    fold_of: Mapping[str, int] = field(repr=False)
    hidden: Mapping[str, frozenset[ItemId]] = field(repr=False)

    @classmethod
    def fitted(
        cls,
        dataset: Dataset,
        targets: Mapping[str, Collection[ItemId]],
        params: FittingParams,
        seed: int,
        *,
        folds: int = 2,
        models: int = 3,
    ) -> Self:
        """Fit `models` times for each fold.

        Args:
            dataset: everybody's acts, the targets included.
            targets: person -> the items that a student is to find.
            params: how.
            seed: deals people into folds and draws first vectors; >= 0.
            folds: >= 1, at most as many as there are people with targets; with 1, nobody's targets
                are in any fit.
            models: >= 1.

        Raises:
            ParamError: `folds` or `models` out of range, or targets of a stranger.
            DataError: a fold leaves nothing to learn from.

        Cost: folds * models fits.
        """
        asked = sorted(targets)
        if unknown := set(asked) - set(dataset.people):
            raise ParamError("targets", min(unknown), "people of the data set")
        if not 1 <= folds <= max(len(asked), 1):
            raise ParamError("folds", folds, f"from 1 to {len(asked)}, the people with targets")
        if models < 1:
            raise ParamError("models", models, "at least 1")
        dealt = np.random.default_rng(seed).permutation(len(asked))
        fold_of = {asked[n]: place % folds for place, n in enumerate(dealt.tolist())}
        hidden = {person: frozenset(targets[person]) for person in asked}
        fits = tuple(
            tuple(
                ItemVectors.of(
                    dataset,
                    params,
                    np.random.default_rng([seed, fold, model]),
                    hidden={p: own for p, own in hidden.items() if fold_of[p] == fold},
                )
                for model in range(models)
            )
            for fold in range(folds)
        )
        told = hashlib.sha256()
        for act in dataset.acts:
            told.update(repr((act.user, act.item, act.kind.value)).encode())
        told.update(repr([(p, sorted(hidden[p]), fold_of[p]) for p in asked]).encode())
        told.update(repr((asdict(params), seed, models)).encode())
        return cls(f"propagated:{models}:{told.hexdigest()[:16]}", fits, fold_of, hidden)

    def score(self, question: Question) -> Weights:
        """See `Teacher.score`. No opinion on items that nobody else has, nor on anything where
        nothing of the history is known.

        Raises:
            ParamError: the history names targets of the person: whoever asks shows the teacher
                what it must not see.
        """
        person = question.history.person
        history = [item.id for item in question.history.items]
        if self.hidden.get(person, frozenset()) & set(history):
            raise ParamError("history", "an item held back", "what is left without the targets")
        items = [item.id for item in question.candidates]
        total, heard = np.zeros(len(items)), np.zeros(len(items))
        for fit in self.folds[self.fold_of.get(person, 0)]:
            towards = fit.towards(history)
            if towards is None:
                continue
            known = np.array([item in fit.place for item in items], bool)
            where = [fit.place[item] for item in items if item in fit.place]
            found = fit.vectors[where] @ towards
            spread = found.std() if found.size else 0.0
            if spread > 0:
                total[known] += (found - found.mean()) / spread
                heard += known
        said: Weights = np.divide(total, heard, out=np.full(len(items), np.nan), where=heard > 0)
        return said
