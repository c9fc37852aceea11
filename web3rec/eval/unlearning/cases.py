"""What is to be forgotten: so many users or interactions, drawn or injected to push items.

Whoever poisons wants targets shown. As users: new people who have the targets and, so as to be
near to many, a few of the most popular items (bandwagon). As interactions: targets in the hands of
people who are there already. Both are then forgotten, and nobody else is touched.
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from web3rec.errors import DataError, ParamError
from web3rec.eval.unlearning.held import Held, Numbers

Kind = Literal["users", "interactions"]
Way = Literal["random", "poisoned"]
KINDS: Final[tuple[Kind, ...]] = ("users", "interactions")
WAYS: Final[tuple[Way, ...]] = ("random", "poisoned")
TARGETS: Final = 5
"""Items that are pushed, at least."""
TURNED: Final = 0.1
"""Share of the people who get one and the same target at most; there are more targets then."""
POPULAR: Final = 30
"""Imposters have some of so many most popular items."""
FILLER: Final = 10
"""How many of them each has. A short past counts for more where rows are normalised."""
MIDDLE: Final = (0.5, 0.75)
"""Targets are drawn from between these shares of the items, from those that fewest have on: what
nobody has is hardly pushed anywhere by a few."""


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One wish to forget."""

    kind: Kind
    way: Way
    share: float
    """Of users or of interactions, in (0, 1)"""
    before: Held
    """What was learnt from"""
    forgotten: Held
    """Some of it"""
    targets: tuple[int, ...] = ()
    """Items that were pushed, rising; none unless poisoned"""

    @property
    def after(self) -> Held:
        """What remains."""
        return self.before.less(self.forgotten)

    @property
    def users(self) -> int:
        """How many users something is forgotten of."""
        return int(np.unique(self.forgotten.users).size)


def case(held: Held, kind: Kind, way: Way, share: float, rng: np.random.Generator) -> Case:
    """Make a wish.

    Args:
        held: what people have, honestly.
        kind: whether whole users or scattered interactions are forgotten.
        way: whether they are drawn from what there is, or injected first.
        share: of the users who have anything, or of the interactions; in (0, 1), rounded, at
            least one.
        rng: draws.

    Raises:
        ParamError: the share is not in (0, 1).
        DataError: nobody would be left.
    """
    if not 0 < share < 1:
        raise ParamError("share", share, "in (0, 1)")
    able = np.flatnonzero(held.lengths())
    count = max(1, round(share * (able.size if kind == "users" else len(held))))
    if count >= (able.size if kind == "users" else len(held)):
        raise DataError("nobody would be left: forget less")
    if way == "poisoned":
        return _poisoned(held, kind, share, count, rng)
    if kind == "users":
        drawn = np.zeros(held.n_users, bool)
        drawn[rng.choice(able, count, replace=False)] = True
        gone = held.by(drawn)
    else:
        gone = held.only(rng.choice(held.codes, count, replace=False))
    return Case(kind, way, share, held, gone)


def _poisoned(held: Held, kind: Kind, share: float, count: int, rng: np.random.Generator) -> Case:
    if kind == "users":
        targets = _targets(held, TARGETS, rng)
        users, items = _imposters(held, targets, count, rng)
        wide = held.wider(held.n_users + count)
        injected = Held.of(held.n_users + users, items, wide.n_users, held.n_items)
    else:
        each = max(1, int(TURNED * np.count_nonzero(held.lengths())))
        targets = _targets(held, max(TARGETS, -(-count // each)), rng)
        wide, injected = held, _turned(held, targets, count, rng)
    pushed = tuple(np.sort(targets).tolist())
    return Case(kind, "poisoned", share, wide.plus(injected), injected, pushed)


def _targets(held: Held, count: int, rng: np.random.Generator) -> Numbers:
    """int64[<= count]: items that some have."""
    listeners = held.listeners()
    known = np.flatnonzero(listeners)
    rising = known[np.argsort(listeners[known], kind="stable")]
    first, last = (round(share * known.size) for share in MIDDLE)
    able = rising[first : max(last, first + count)]
    return rng.choice(able, min(count, able.size), replace=False)


def _imposters(
    held: Held, targets: Numbers, count: int, rng: np.random.Generator
) -> tuple[Numbers, Numbers]:
    """Users from 0 and their items: all targets, and some of the most popular."""
    often = np.argsort(-held.listeners(), kind="stable")
    popular = often[~np.isin(often, targets)][:POPULAR]
    filler = min(FILLER, popular.size)
    own = [
        np.concatenate([targets, rng.choice(popular, filler, replace=False)]) for _ in range(count)
    ]
    return np.repeat(np.arange(count), len(targets) + filler), np.concatenate(own)


def _turned(held: Held, targets: Numbers, count: int, rng: np.random.Generator) -> Held:
    """Pairs of people who are there with targets they do not have, drawn."""
    able = np.flatnonzero(held.lengths())
    codes = (able[:, None] * held.n_items + targets[None, :]).ravel()
    free = codes[~held.has(codes)]
    return held.only(rng.choice(free, min(count, free.size), replace=False))
