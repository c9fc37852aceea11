"""Vectors of what is written about items: words, weighed by rarity, cut down to some 64 numbers.

    texts ─► words by items, (1 + log times) log(n / items with it), rows of length 1
          ─► the best axes of that table (truncated SVD) ─► rows of length 1, float32

No torch: SciPy is enough. The axes are kept, so that an item published later gets a vector in the
same space (`TextVectors.of`). Which way an axis points is arbitrary to an SVD, and two runs that
differ in it give vectors that look right and are not: here each axis points to where its largest
entry is positive, and `basis` is the hash of all of them, for `items.i8`.
Source: Deerwester et al., "Indexing by latent semantic analysis", JASIS 41(6), 1990.
"""

import hashlib
import json
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from web3rec.distill.profiles import words
from web3rec.errors import DataError, ParamError
from web3rec.types import Item, ItemId, Weights

Vector = npt.NDArray[np.float32]
Axes = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextParams:
    """How texts become vectors."""

    width: int = 64
    """Numbers of a vector; 1 to 1,024."""
    least: int = 2
    """Items that must have a word for it to count; >= 1. A word that one item has tells it from
    all others and likens it to none."""

    def __post_init__(self) -> None:
        if type(self.width) is not int or not 1 <= self.width <= 1024:
            raise ParamError("width", self.width, "a whole number from 1 to 1,024")
        if type(self.least) is not int or self.least < 1:
            raise ParamError("least", self.least, "a whole number >= 1")


@dataclass(frozen=True, slots=True, eq=False)
class TextVectors:
    """Items as vectors of what is written about them."""

    vectors: Mapping[ItemId, Vector]
    """float32[width], of length 1; items without a word that counts are left out"""
    rarity: Mapping[str, float] = field(repr=False)
    """Each word that counts -> log(n / items that have it), > 0"""
    axes: Axes = field(repr=False)
    """float64[width, words], in the order of `rarity`; rows of zeros where there are fewer axes"""

    @property
    def basis(self) -> bytes:
        """32 bytes: what numbers of these vectors mean; the same only for the same words and axes.

        Axes are rounded to six digits, which is more than eight-bit vectors can tell.
        """
        told = hashlib.sha256(b"web3rec-text-basis-v1\0")
        told.update(json.dumps(list(self.rarity.items())).encode())
        told.update((np.round(self.axes, 6) + 0.0).astype("<f8").tobytes())
        return told.digest()

    def of(self, text: str) -> Vector | None:
        """The vector of another text, float32[width]; None if no word of it counts."""
        place = {word: n for n, word in enumerate(self.rarity)}
        row = _row(Counter(words(text)), self.rarity)
        if not row:
            return None
        columns = [place[word] for word in row]
        return _unit(self.axes[:, columns] @ np.array(list(row.values())))


def text_of(item: Item) -> str:
    """All that an item says of itself: title, creator and tags."""
    return " ".join((item.title, item.creator, *item.tags)).strip()


def text_vectors(texts: Mapping[ItemId, str], params: TextParams | None = None) -> TextVectors:
    """Vectors of these texts.

    Args:
        texts: item -> a stranger's text; `profiles.LONGEST` characters of each are read.
        params: see there.

    Returns:
        The same for the same texts, in whatever order they come.

    Raises:
        DataError: no word is shared by `least` of them, or SciPy is not installed.

    Cost: O(words * width), some seconds for 10,000 paragraphs.
    """
    params = params or TextParams()
    counts = {item: Counter(words(texts[item])) for item in sorted(texts)}
    held = Counter(word for own in counts.values() for word in own)
    rarity = {
        word: math.log(len(counts) / times)
        for word, times in sorted(held.items())
        if params.least <= times < len(counts)
    }
    rows = {item: row for item, own in counts.items() if (row := _row(own, rarity))}
    if not rows:
        raise DataError(
            f"no word is in {params.least} texts and not in all of {len(texts)}: "
            "give texts that have something in common"
        )
    axes = _axes(rows, rarity, params.width)
    place = {word: n for n, word in enumerate(rarity)}
    vectors = {}
    for item, row in rows.items():
        columns = [place[word] for word in row]
        vector = _unit(axes[:, columns] @ np.array(list(row.values())))
        if vector is not None:
            vectors[item] = vector
    return TextVectors(vectors, rarity, axes)


def _row(own: Mapping[str, int], rarity: Mapping[str, float]) -> dict[str, float]:
    """Word -> weight, of length 1; empty if no word counts."""
    row = {w: (1 + math.log(own[w])) * rarity[w] for w in sorted(own) if w in rarity}
    length = math.sqrt(math.fsum(weight**2 for weight in row.values()))
    return {word: weight / length for word, weight in row.items()} if length else {}


def _unit(row: Weights) -> Vector | None:
    """None for a text that lies off all axes."""
    length = float(np.linalg.norm(row))
    return (row / length).astype(np.float32) if length > 1e-9 else None


def _axes(
    rows: Mapping[ItemId, Mapping[str, float]], rarity: Mapping[str, float], width: int
) -> Axes:
    place = {word: n for n, word in enumerate(rarity)}
    weights = [weight for row in rows.values() for weight in row.values()]
    columns = [place[word] for row in rows.values() for word in row]
    starts = np.cumsum([0, *(len(row) for row in rows.values())])
    return axes_of(weights, columns, starts.tolist(), (len(rows), len(place)), width)


def axes_of(weights: Any, columns: Any, starts: Any, shape: tuple[int, int], width: int) -> Axes:
    """The best axes of a sparse table: its right singular vectors, the strongest first.

    Args:
        weights: float64[entries], row after row.
        columns: int[entries].
        starts: int[rows + 1]: where each row begins.
        shape: (rows, columns).
        width: how many.

    Returns:
        float64[width, columns]; each points to where its largest entry is positive. Rows of zeros
        where the table has fewer.

    Raises:
        DataError: SciPy is not installed.
    """
    try:
        from scipy.sparse import csr_matrix  # noqa: PLC0415 - optional, and slow to load
        from scipy.sparse.linalg import svds  # noqa: PLC0415
    except ImportError:
        raise DataError("vectors of texts need SciPy: install web3rec[distill]") from None
    table = csr_matrix((np.array(weights, np.float64), columns, starts), shape=shape)
    found = np.zeros((width, shape[1]))
    most = min(width, *shape)
    if most == min(shape):
        _, strength, right = np.linalg.svd(table.toarray(), full_matrices=False)
    else:
        start = np.random.default_rng(0).standard_normal(min(shape))
        _, strength, right = svds(table, k=most, v0=start, solver="arpack")
    order = np.argsort(-strength, kind="stable")[:most]
    kept = order[strength[order] > 1e-9 * max(float(strength.max(initial=0.0)), 1e-30)]
    found[: len(kept)] = right[kept]
    signs = np.sign(found[np.arange(width), np.abs(found).argmax(axis=1)])
    found *= np.where(signs == 0, 1.0, signs)[:, None]
    return found
