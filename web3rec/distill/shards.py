"""Shards: people dealt apart, so that whoever leaves touches the work of one shard and no other.

    held   whom everything is chosen on and reported on
    0 ... N-1   who learn; each shard has its own graph, lessons, calibration and head

Where somebody stands follows from a hash of the name and the seed alone, so it stays where others
leave or join. The head that ships is the mean of the shards' heads, each counting by its lessons.
Source: Bourtoule et al., "Machine Unlearning" (SISA), IEEE S&P 2021; there the models of all shards
vote, here heads are linear, so the mean of the models is the model of the mean score.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from web3rec.errors import ParamError
from web3rec.rerank.linear import Linear

DOMAIN: Final = b"web3rec-shard-v1\0"
MOST: Final = 64
HELD: Final = -1
"""The shard of those who do not learn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardsPart:
    """[shards]: how many the people who learn are dealt into."""

    count: int = 1
    """1: none, everybody is in one graph; 2 to 64."""

    def __post_init__(self) -> None:
        if type(self.count) is not int or not 1 <= self.count <= MOST:
            raise ParamError("shards.count", self.count, f"a whole number from 1 to {MOST}")

    def said(self) -> dict[str, object]:
        """For the ingredients of a stage; nothing where there are none."""
        return {"shards": self.count} if self.count > 1 else {}

    def alone(self, student: str, vectors: str, teachers: Sequence[str]) -> None:
        """Raise ParamError where something that everybody has a part in would join the shards."""
        wanted = "{} with shards: everybody has a part in another, so all shards would be touched"
        if student != "linear":
            raise ParamError("student.kind", student, wanted.format("linear"))
        if vectors != "none":
            raise ParamError("vectors.kind", vectors, wanted.format("none"))
        if teachers:
            raise ParamError("teachers", list(teachers), wanted.format("none"))


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody was dealt."""

    shard: int
    """0 to count - 1, or HELD"""
    share: float
    """Where in [0, 1) the hash of who is held lies: below `valid` they validate, else they test"""
    turn: int
    """Who is drawn first where not all are: rising; below 2^64"""


def place(person: str, seed: int, held: float, count: int) -> Place:
    """Deal one person.

    Args:
        person: the data set's name.
        seed: of the recipe.
        held: share of people who do not learn; in (0, 1).
        count: shards of those who do; >= 1.

    Cost: a hash.
    """
    said = DOMAIN + str(seed).encode() + b"\0" + person.encode(errors="surrogatepass")
    digest = hashlib.sha256(said).digest()
    share, which, turn = (int.from_bytes(digest[n : n + 8], "big") for n in (0, 8, 16))
    at = share / 2**64
    return Place(HELD if at < held else which % count, at, turn)


def mean(heads: Sequence[Linear], counts: Sequence[float]) -> Linear:
    """The head whose score is the mean of these heads' scores, but for a number a list.

    Args:
        heads: at least one; each reads the same columns, scaled in its own way.
        counts: how much each counts; >= 0, not all 0.

    Cost: O(heads * columns).
    """
    share = np.asarray(counts, np.float64) / np.sum(counts)
    raw = sum(part * head.weights / head.scale for part, head in zip(share, heads, strict=True))
    scale = np.asarray(sum(p * head.scale for p, head in zip(share, heads, strict=True)))
    middle = np.asarray(sum(p * head.mean for p, head in zip(share, heads, strict=True)))
    return Linear(raw * scale, middle, scale)
