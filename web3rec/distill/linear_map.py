"""A teacher that reads: texts mapped into the space of what people like, by one matrix.

    e_i = W z_i      e_u = mean of e_i over the history      score = cos(e_u, e_i)

z is a vector of an item's text (`web3rec.distill.encoder`, `web3rec.distill.text_vectors`). What
people with like histories chose is largely a linear image of what is written about it, so a matrix
is enough, and items that nobody has yet get a place as well.
Source: Sheng et al., "Language representations can be what recommenders need: findings and
potentials" (AlphaRec), ICLR 2025, section 3. We depart from it in how W is found: theirs descends
on InfoNCE over pairs of people and items; ours is the closed form

    W = argmin  sum over items  c_i |W (z_i - mean z) - v_i|^2  +  ridge |W|^2

with v_i the item's vector in the truncated SVD of who has what (rows and columns divided by the
root of their sums) and c_i the root of how many have it, so that the same data give the same W.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
import numpy.typing as npt

from web3rec.adapters import Dataset
from web3rec.distill.teacher import Question
from web3rec.distill.text_vectors import Vector, axes_of
from web3rec.errors import DataError, ParamError
from web3rec.types import ItemId, Weights

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class MapParams:
    """How the matrix is found."""

    width: int = 64
    """Numbers of v; 1 to 1,024."""
    ridge: float = 0.1
    """Pull towards 0, as a share of the mean square of a number of z; >= 0."""

    def __post_init__(self) -> None:
        if type(self.width) is not int or not 1 <= self.width <= 1024:
            raise ParamError("width", self.width, "a whole number from 1 to 1,024")
        if not 0 <= self.ridge < float("inf"):
            raise ParamError("ridge", self.ridge, ">= 0")


@dataclass(frozen=True, slots=True, eq=False)
class Mapped:
    """The teacher: no opinion on items without a vector, nor where the history has none."""

    id: str
    vectors: Mapping[ItemId, Vector] = field(repr=False)
    """Item -> e, float32[any]; not all zeros"""

    @classmethod
    def plain(cls, name: str, vectors: Mapping[ItemId, Vector]) -> Self:
        """The texts as they are, W being the identity."""
        kept = {item: row for item, row in vectors.items() if row.any()}
        return cls(f"texts:{name}:{_digest(kept, ())}", kept)

    @classmethod
    def fitted(
        cls,
        name: str,
        vectors: Mapping[ItemId, Vector],
        dataset: Dataset,
        targets: Mapping[str, Collection[ItemId]],
        params: MapParams | None = None,
    ) -> Self:
        """Find W on everybody's acts without the targets.

        No fold sees any target, so one matrix will do for all people (0026 fits ensembles by fold,
        for they know people; a matrix of some thousand numbers does not).

        Args:
            name: of where the vectors come from.
            vectors: item -> z, float32[d], all of one width.
            dataset: everybody's acts; those of the targets are not looked at.
            targets: person -> the items that a student is to find.
            params: see there.

        Raises:
            DataError: no vectors, of several widths, or of no item that anybody has.

        Cost: O(acts * width + items * d^2).
        """
        params = params or MapParams()
        if len({row.shape for row in vectors.values()}) != 1:
            raise DataError("wanted text vectors of one width, for at least one item")
        pairs = sorted(
            {
                (act.user, act.item)
                for act in dataset.acts
                if not act.kind.is_local and act.item not in targets.get(act.user, ())
            }
        )
        liked = collaborative(pairs, params.width)
        both = sorted(item for item in vectors if item in liked)
        if not both:
            raise DataError("no item that anybody has is described: check the ids")
        holders = np.array([liked[item][1] for item in both])
        z = np.stack([vectors[item] for item in both]).astype(np.float64)
        v = np.stack([liked[item][0] for item in both])
        centre, matrix = ridge_map(z, v, np.sqrt(holders), params.ridge)
        every = sorted(vectors)
        mapped = (np.stack([vectors[item] for item in every]) - centre) @ matrix
        kept = {
            item: row.astype(np.float32)
            for item, row in zip(every, mapped, strict=True)
            if row.any()
        }
        return cls(f"mapped:{name}:{_digest(kept, (params.width, params.ridge))}", kept)

    @property
    def directions(self) -> dict[ItemId, Vector]:
        """The vectors brought to length 1, as a bundle may carry them. Cost: O(items * width)."""
        return {
            item: (row / np.linalg.norm(row.astype(np.float64))).astype(np.float32)
            for item, row in self.vectors.items()
        }

    def score(self, question: Question) -> Weights:
        """See `Teacher.score`; in [-1, 1]. Cost: O(history + candidates)."""
        score = np.full(len(question.candidates), np.nan)
        known = [self.vectors[i.id] for i in question.history.items if i.id in self.vectors]
        if not known:
            return score
        taste = np.mean(np.stack(known).astype(np.float64), axis=0)
        length = float(np.linalg.norm(taste))
        for n, item in enumerate(question.candidates):
            row = self.vectors.get(item.id)
            if row is not None and length > 0:
                own = row.astype(np.float64)
                score[n] = own @ taste / (length * np.linalg.norm(own))
        return score


def collaborative(
    pairs: Sequence[tuple[str, ItemId]], width: int
) -> dict[ItemId, tuple[Weights, int]]:
    """Vectors of items by who has them, and how many do.

    Args:
        pairs: who has what, none twice.
        width: numbers of a vector.

    Returns:
        Item -> (float64[width], holders): the entries' roots-of-sums table X = U S V', the rows of
        V times the root of S.

    Raises:
        DataError: nobody has anything, or SciPy is not installed.
    """
    if not pairs:
        raise DataError("nobody has anything: there is nothing to map texts to")
    people = {person: n for n, person in enumerate(dict.fromkeys(person for person, _ in pairs))}
    items = {item: n for n, item in enumerate(sorted({item for _, item in pairs}))}
    ordered = sorted((people[person], items[item]) for person, item in pairs)
    row, column = np.array(ordered, np.int64).T
    active, held = np.bincount(row), np.bincount(column)
    weights = 1 / np.sqrt(active[row] * held[column].astype(np.float64))
    starts = np.concatenate([[0], np.cumsum(active)])
    axes = axes_of(weights, column, starts, (len(people), len(items)), width)
    strength = np.zeros(width)
    for n, axis in enumerate(axes):
        strength[n] = np.linalg.norm(np.bincount(row, weights * axis[column], len(people)))
    scaled = axes * np.sqrt(strength)[:, None]
    return {item: (scaled[:, n], int(held[n])) for item, n in items.items()}


def ridge_map(z: Matrix, v: Matrix, weights: Weights, ridge: float) -> tuple[Weights, Matrix]:
    """The centre of z, and W transposed.

    Args:
        z: float64[n, d], of texts.
        v: float64[n, e], of who has what.
        weights: float64[n], > 0: how much each item counts.
        ridge: as a share of the mean square of a number of z, by weight.

    Returns:
        float64[d], float64[d, e]: (z - centre) @ W' is near v.
    """
    share = weights / weights.sum()
    centre: Weights = share @ z
    moved = z - centre
    common = (moved * share[:, None]).T @ moved
    common[np.diag_indices_from(common)] += max(ridge * np.trace(common) / len(common), 1e-12)
    matrix: Matrix = np.linalg.solve(common, (moved * share[:, None]).T @ v)
    return centre, matrix


def _digest(vectors: Mapping[ItemId, Vector], numbers: Sequence[float]) -> str:
    told = hashlib.sha256(repr(tuple(numbers)).encode())
    for item in sorted(vectors):
        told.update(item.encode(errors="surrogatepass") + b"\0")
        told.update(np.round(vectors[item], 5).astype("<f4").tobytes())
    return told.hexdigest()[:16]
