"""Statements as columns: what a graph is made of, without an object for each.

An `Act` and an `Endorsement` say what one statement is; millions of them are columns of numbers,
with the ids kept once in a vocabulary.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from web3rec.graph.packing import Packed
from web3rec.graph.vocab import Vocab
from web3rec.records.model import Kind
from web3rec.types import Indices, ItemKey, PeerId

Integers = npt.NDArray[np.integer]

KIND_VALUE: Final[dict[Kind, float]] = {
    Kind.LISTEN: 1.0,
    Kind.LIKE: 2.0,
    Kind.SHARE: 3.0,
    Kind.COLLECT: 4.0,
}
"""How much one act of a kind says; ordinal (deeper never weighs less), steps are a guess."""

KINDS: Final[tuple[Kind, ...]] = tuple(sorted(KIND_VALUE))
"""The kinds by their code: a column of kinds holds places in this tuple."""
_CODE: Final[dict[str, int]] = {kind.value: code for code, kind in enumerate(KINDS)}


class Act(NamedTuple):
    """One live interaction, as the graph sees it."""

    author: PeerId
    n: int
    key: ItemKey
    kind: Kind
    weight: int
    """1..8: a bucket of about 4 ** (weight - 1) repetitions."""
    t: int
    """unix seconds"""


class Endorsement(NamedTuple):
    """One live trust edge; of several for one pair the highest n counts."""

    author: PeerId
    n: int
    peer: PeerId
    weight: int
    """1..8, in eighths."""
    t: int = 0
    """unix seconds"""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Acts:
    """Interactions as columns, in any order; nobody checks them again."""

    authors: Vocab
    items: Vocab
    author: Integers
    """[e], a number among authors"""
    item: Integers
    """[e], a number among items"""
    n: Integers
    """[e], the author's sequence"""
    kind: Integers
    """[e], a place in KINDS"""
    weight: Integers
    """[e], 1..8"""
    t: Integers
    """[e], unix seconds"""

    @staticmethod
    def of(acts: Collection[Act]) -> "Acts":
        """From one object an act. Cost: about 1 µs an act."""
        return Acts.told(*_columns(acts, len(Act._fields)))

    @staticmethod
    def told(
        authors: Sequence[bytes],
        n: Sequence[int],
        keys: Sequence[bytes],
        kinds: Sequence[str],
        weights: Sequence[int],
        times: Sequence[int],
    ) -> "Acts":
        """From columns of Python values, as a database hands them out. Cost: .5 µs an act."""
        code = np.fromiter(map(_CODE.__getitem__, kinds), np.uint8, len(kinds))
        return Acts.packed(
            Packed.of(authors),
            Packed.of(keys),
            n=_numbers(n),
            kind=code,
            weight=_numbers(weights),
            t=_numbers(times),
        )

    @staticmethod
    def packed(
        authors: Packed, keys: Packed, *, n: Integers, kind: Integers, weight: Integers, t: Integers
    ) -> "Acts":
        """From arrays, ids packed; gives each id its number. Cost: .2 µs an act."""
        people, author = Vocab.numbering(authors)
        items, item = Vocab.numbering(keys)
        return Acts(
            authors=people,
            items=items,
            author=author,
            item=item,
            n=n,
            kind=kind,
            weight=weight,
            t=t,
        )

    def __len__(self) -> int:
        return self.author.size


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Endorsements:
    """Trust edges as columns, in any order."""

    people: Vocab
    """Who endorses, and who is endorsed"""
    author: Indices
    """int32[e]"""
    peer: Indices
    """int32[e]"""
    n: Integers
    weight: Integers
    """[e], 1..8, in eighths"""
    t: Integers
    """[e], unix seconds"""

    @staticmethod
    def of(endorsements: Iterable[Endorsement]) -> "Endorsements":
        """From one object an edge; edges to oneself are left out."""
        return Endorsements.told(*_columns(list(endorsements), len(Endorsement._fields)))

    @staticmethod
    def told(
        authors: Sequence[bytes],
        n: Sequence[int],
        peers: Sequence[bytes],
        weights: Sequence[int],
        times: Sequence[int],
    ) -> "Endorsements":
        """From columns of Python values, as a database hands them out; none to oneself is kept."""
        people, number = Vocab.numbering(Packed.of([*authors, *peers]))
        author, peer = number[: len(authors)], number[len(authors) :]
        others = author != peer
        return Endorsements(
            people=people,
            author=author[others],
            peer=peer[others],
            n=_numbers(n)[others],
            weight=_numbers(weights)[others],
            t=_numbers(times)[others],
        )

    def __len__(self) -> int:
        return self.author.size


def _columns(rows: Collection[tuple[Any, ...]], width: int) -> list[Sequence[Any]]:
    return list(zip(*rows, strict=True)) if rows else [()] * width


def _numbers(values: Sequence[int]) -> npt.NDArray[np.int64]:
    return np.fromiter(values, np.int64, len(values))
