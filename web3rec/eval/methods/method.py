"""What a method is: it learns from an arena, and then ranks for one person after another.

    Method: (arena, settings) -> Ranker         Ranker.ranked(ego, limit) -> item numbers

All methods get the same graph and leave out the same items, so that what differs is the method.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from trust import TrustParams
from web3rec.errors import DataError, ParamError
from web3rec.eval.arena import Arena
from web3rec.graph import Csr
from web3rec.params import Params
from web3rec.rank.candidates import best
from web3rec.types import Indices, Weights


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What is the same for all methods of one run."""

    seed: int = 0
    """Of every method that draws; >= 0. Lists do not depend on who is asked first."""
    params: Params = field(default_factory=Params)
    """The engine's, for the methods that are it."""
    trust: TrustParams = field(default_factory=TrustParams)

    def __post_init__(self) -> None:
        if self.seed < 0:
            raise ParamError("seed", self.seed, "a whole number >= 0")

    def rng(self, *numbers: int) -> np.random.Generator:
        """A generator for this seed and these numbers (such as the ego's) alone."""
        return np.random.default_rng([self.seed, *numbers])


class Ranker(Protocol):
    """A method that has learned."""

    def ranked(self, ego: str, limit: int) -> Indices:
        """The list for one person.

        Args:
            ego: the data set's name for the person.
            limit: places, >= 1.

        Returns:
            int32[<= limit]: numbers in `arena.graph.items`, best first, none twice; the person's
            own items are left out.

        Raises:
            DataError: the person has neither acts nor friends in the arena.
        """
        ...


Method = Callable[[Arena, Settings], Ranker]


@dataclass(frozen=True, slots=True)
class Scored:
    """A ranker that is a function from the ego's number to a score for every item."""

    arena: Arena
    scores: Callable[[int], Weights]
    """user number -> float64[items]; only positive scores are ranked."""

    def ranked(self, ego: str, limit: int) -> Indices:
        user = user_number(self.arena, ego)
        allowed = np.ones(len(self.arena.graph.items), bool)
        allowed[own_items(self.arena, user)] = False
        return best(self.scores(user), allowed, limit)


def user_number(arena: Arena, ego: str) -> int:
    """The person's number in `arena.graph.users`. Raises DataError if it is not in the graph."""
    key = arena.people.get(ego)
    number = None if key is None else arena.graph.users.number(key)
    if number is None:
        raise DataError(f"{ego!r} has neither acts nor friends here: choose another person")
    return number


def own_items(arena: Arena, user: int) -> Indices:
    """The numbers of the items the person has."""
    return arena.graph.rows.row(user)[0]


def degrees(matrix: Csr) -> Weights:
    """float64[rows]: entries of each row."""
    return np.diff(matrix.starts).astype(np.float64)
