"""Was it there? Membership inference on what was forgotten, against what was never seen.

The attacker knows a past and asks the model about one item of it, or about one that was held back
and never learnt from. From the scores of all items outside the past, and of the one asked about,

    z = (score - mean) / deviation         of this past
    loss = -ln softmax(z) of the item      low for what was learnt (loss-based attack)
    rank = share of the others above it    low for what was learnt (ranking-based attack)

AUC is the chance that a forgotten pair looks more like a member than one never seen; .5 would be a
coin. It is compared to the same attack on a model trained without, which is seldom .5: what people
had is liked, seen or not.

MI-BF and MI-NG compare probabilities p = 1 / (1 + e^-z): the mean over forgotten pairs before,
divided by that after; and the mean over pairs that nobody has, divided by that over forgotten ones
after. Both are higher the more is forgotten. As we understand Chen, Xia & Huang, "Pre-training for
recommendation unlearning" (UnlearnRec), SIGIR 2025, whose p is of their model's own; the
standardised score is ours, for models whose scores are no logits.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from web3rec.errors import DataError
from web3rec.eval.unlearning.held import Held, Numbers, Sparse

Dense = npt.NDArray[np.float64]
Scores = Callable[[Sparse], Dense]
"""Pasts, rows by items of ones, to float64[rows, items]; an item of a past as if it were not."""
ASKED: Final = 3_000
"""Forgotten pairs asked about at most, and as many of the other kinds; drawn."""
ROWS: Final = 500
"""Pasts at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Probe:
    """What an attacker asks about."""

    pasts: Held
    """What the attacker knows of people; rows without a question are not looked at"""
    forgotten: Numbers
    """int64[f]: pairs that were learnt from and forgotten, as codes of `pasts`"""
    unseen: Numbers
    """int64[u]: pairs never learnt from, that might as well have been"""
    random: Numbers
    """int64[r]: pairs of the same people with items drawn from all they do not have"""

    @staticmethod
    def of(
        pasts: Held, forgotten: Held, hidden: Held, rng: np.random.Generator, most: int = ASKED
    ) -> "Probe":
        """Draw the questions.

        Args:
            pasts: of everybody; those of whoever was forgotten as they were.
            forgotten: the pairs.
            hidden: pairs held back from training, liked all the same. Where the people have none,
                the unseen are drawn from all they do not have.
            rng: draws.
            most: of each kind.

        Raises:
            DataError: nothing is forgotten.
        """
        if not len(forgotten):
            raise DataError("nothing is forgotten: there is nothing to ask about")
        asked = rng.permutation(forgotten.codes)[:most]
        people = np.zeros(pasts.n_users, bool)
        people[asked // pasts.n_items] = True
        known = pasts.plus(forgotten).plus(hidden)
        users = rng.choice(asked // pasts.n_items, most)
        codes = np.unique(users * pasts.n_items + rng.integers(0, pasts.n_items, most))
        random = codes[~known.has(codes)]
        liked = hidden.less(pasts).less(forgotten).by(people).codes
        unseen = rng.permutation(liked)[:most] if liked.size else random
        return Probe(pasts, np.sort(asked), np.sort(unseen), random)


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What the model's answers look like; float64, one for each pair of a kind."""

    loss: Dense
    rank: Dense
    """In [0, 1]"""
    chance: Dense
    """In (0, 1)"""


def looked_at(probe: Probe, codes: Numbers, scores: Scores) -> Seen:
    """Ask the model about pairs. Cost: O(people asked about * items), and the scores."""
    n_items = probe.pasts.n_items
    people, row = np.unique(codes // n_items, return_inverse=True)
    past = probe.pasts.matrix()[people]
    loss, rank, chance = (np.zeros(len(codes)) for _ in range(3))
    for first in range(0, len(people), ROWS):
        some = past[first : first + ROWS]
        here = np.flatnonzero((row >= first) & (row < first + ROWS))
        told = scores(some)
        at = row[here] - first, codes[here] % n_items
        score, owned = told[at], some.tocoo()
        told[owned.row, owned.col] = np.nan
        loss[here], rank[here], chance[here] = _read(told, at[0], score, np.isnan(told[at]))
    return Seen(loss, rank, chance)


def _read(
    told: Dense, row: Numbers, score: Dense, inside: npt.NDArray[np.bool_]
) -> tuple[Dense, Dense, Dense]:
    """Loss, rank and chance of scores among those outside each past; `told` is nan inside it."""
    owned = np.isnan(told)
    count = np.maximum((~owned).sum(axis=1), 1)
    mean = np.nansum(told, axis=1) / count
    told -= mean[:, None]
    spread = np.sqrt(np.nansum(told**2, axis=1) / count)
    spread = np.where(spread > 0, spread, 1.0)
    told /= spread[:, None]
    z = (score - mean[row]) / spread[row]
    told[owned] = -np.inf
    told.sort(axis=1)
    heap = np.exp(told).sum(axis=1)[row] + np.where(inside, np.exp(z), 0.0)
    above = np.zeros(len(z))
    order = np.argsort(row, kind="stable")
    each, starts = np.unique(row[order], return_index=True)
    for one, at in zip(each, np.split(order, starts[1:]), strict=True):
        low = np.searchsorted(told[one], z[at], side="left")
        high = np.searchsorted(told[one], z[at], side="right")
        itself = np.where(inside[at], 0, 1)
        more = told.shape[1] - high + (high - low - itself) / 2
        above[at] = more / np.maximum(count[one] - itself, 1)
    return np.log(heap) - z, above, 1 / (1 + np.exp(-z))


def auc(members: Dense, others: Dense) -> float:
    """Chance that a member lies above another, ties counting half; nan if there are none of either.

    Cost: O(n log n).
    """
    if not members.size or not others.size:
        return float("nan")
    places = rankdata(np.concatenate([members, others]))[: members.size]
    least = members.size * (members.size + 1) / 2
    return float((places.sum() - least) / (members.size * others.size))


@dataclass(frozen=True, slots=True)
class Leak:
    """What attacks make of one model."""

    auc_loss: float
    """Of the loss-based attack, in [0, 1]"""
    auc_rank: float
    """Of the ranking-based one"""
    chance: float
    """Mean p over forgotten pairs"""
    random: float
    """Mean p over pairs that nobody has"""

    @property
    def mi_ng(self) -> float:
        """MI-NG; 1 where forgotten pairs look like any."""
        return self.random / self.chance

    def mi_bf(self, before: "Leak") -> float:
        """MI-BF against the model before anything was forgotten."""
        return before.chance / self.chance

    def gap(self, wanted: "Leak") -> float:
        """The larger difference of AUC to the model that was trained without."""
        return max(abs(self.auc_loss - wanted.auc_loss), abs(self.auc_rank - wanted.auc_rank))


def leak(probe: Probe, scores: Scores) -> Leak:
    """Attack one model."""
    split = len(probe.forgotten), len(probe.forgotten) + len(probe.unseen)
    codes = np.concatenate([probe.forgotten, probe.unseen, probe.random])
    seen = looked_at(probe, codes, scores)
    was, never = slice(0, split[0]), slice(*split)
    return Leak(
        auc(-seen.loss[was], -seen.loss[never]),
        auc(-seen.rank[was], -seen.rank[never]),
        float(seen.chance[was].mean()),
        float(seen.chance[split[1] :].mean()) if split[1] < len(codes) else float("nan"),
    )
