"""Where walks end up: blocks of them followed until the rest is known, with a proof of how well.

Let N be any guess at the expected visits of walks that begin as S says. What it fails to explain is
its residual, R = S + M N - N, M one step. Exact visits are N + (R + M R + M M R + …), and a walk of
mass m stops with mass m in all. So, whatever N is and wherever it came from, the stop-mass that N
implies is off by at most |R|_1. All that is certified here rests on that line.

Following the walks loses only a factor 1 - alpha a step. But what is still walking takes on a
lasting shape x long before it is gone: M x = r x + d with d small. Were d = 0, the rest would be a
geometric series, x / (1 - r) visits. Adding those leaves the residual d / (1 - r).

Measured and left out: GMRES(5 … 40) needs as many steps as this where trust is one-sided (26 on a
random graph, 40 on a power law) and half as many (37 for 76) where most of it is mutual; Chebyshev
half there too, and three to ten times as many on the others.
"""

from typing import Final, NamedTuple

import numpy as np

from trust.digraph import Weights
from trust.steps import Block, Steps

WIDTH: Final = 8
"""Columns that walk together; of float32 they are the 32 bytes that NumPy gathers best."""
_ENOUGH_FOR_SINGLE: Final = 30_000
"""Edges from which single precision pays for the exact step that it needs in between."""
_EXACT_FIRST: Final = 1
_SINGLE: Final = np.dtype(np.float32)


class Settled(NamedTuple):
    """What is known of a block of walks.

    Attributes:
        visits: float64[n, width], by lane.
        missing: float64[width], bound on |R|_1 of each column.
        rounds: steps that were followed.
    """

    visits: Weights
    missing: Weights
    rounds: int


class Settler:
    """Follows blocks of walks on one graph. One thread at a time."""

    def __init__(self, steps: Steps, n_columns: int, *, single: bool | None = None) -> None:
        """Get ready for blocks of at most WIDTH of n_columns columns.

        Args:
            steps: the graph.
            n_columns: how many there will be in all; >= 1.
            single: whether most steps are in float32; None: if the graph is large enough.
        """
        self.steps = steps
        if single is None:
            single = steps.slots.sources.size > _ENOUGH_FOR_SINGLE
        self._few = steps.slots.sources.size // 32
        self.width = min(WIDTH, 1 << (n_columns - 1).bit_length())
        # In float64 half as many columns are 32 bytes.
        self._exact = steps.pace(min(self.width, WIDTH // 2) if single else self.width)
        self._fast = steps.pace(self.width, _SINGLE) if single else self._exact

    def settle(self, residual: Weights, aim: float, max_rounds: int) -> Settled:
        """Find the visits that explain a residual, until no column misses more than aim.

        Args:
            residual: float64[n, width], by lane; of either sign. A walk from its beginning is the
                residual of no visits at all.
            aim: L1; > 0.
            max_rounds: steps after which the rest stays missing.

        Each pass in single precision leaves what rounding did to it; one exact step finds that,
        and it is the next pass's residual. Two passes reach 1e-9.
        """
        visits, left, rounds = self._set_out(residual, aim, max_rounds)
        missing = np.abs(left).sum(axis=0)
        while missing.max() > aim and rounds < max_rounds:
            found, unexplained, took = self._followed(left, aim, max_rounds - rounds)
            visits += found
            rounds += took
            before, missing = missing, unexplained + self._roundings(missing, took)
            if missing.max() > aim and rounds < max_rounds:
                left = residual + self.step(visits)
                left -= visits
                rounds += 1
                missing = np.abs(left).sum(axis=0)
                if missing.max() > before.max() / 2:
                    break  # as exact as numbers get
        return Settled(visits, missing, rounds)

    def step(self, visits: Weights) -> Weights:
        """M N, in double precision, by lane."""
        moved = np.empty_like(visits)
        for begin in range(0, self.width, self._exact.width):
            part = slice(begin, begin + self._exact.width)
            moved[:, part] = self._exact.ahead(np.ascontiguousarray(visits[:, part]))
        return moved

    def finished(self, start: Weights, settled: Settled) -> Settled:
        """The same, with what we know of exact visits put in: none is negative, all walks stop.

        Leaving out a negative visit v changes R by v less its step; scaling all visits by f leaves
        (1 - f) S + f R. So columns of `start` that are a walk (sum 1) stay certified: where R was
        at most m, it is at most 2 m / (1 - m) now.
        """
        visits, missing, rounds = settled
        negative = np.minimum(visits, 0)
        missing = missing - (2 - self.steps.alpha) * negative.sum(axis=0)
        visits = visits - negative
        mass = self.steps.stops @ visits
        walks = mass > 0  # columns of zeros are none
        factors = np.divide(start.sum(axis=0), mass, out=np.ones_like(mass), where=walks)
        visits *= factors
        return Settled(visits, np.abs(1 - factors) + factors * missing, rounds)

    def _set_out(self, start: Weights, aim: float, max_rounds: int) -> tuple[Weights, Weights, int]:
        """(visits, where the walks are now, steps): exact, while only few nodes have been reached.

        Walks from one friend are at ten nodes after a step, and at a hundred after two. Following
        those alone is nearly free; and single precision, whose error is that of its largest
        numbers, had better not begin where all is at one node.
        """
        visits, left, rounds = np.zeros_like(start), start, 0
        active = np.flatnonzero(start.any(axis=1))
        values = start[active]
        while (
            rounds < max_rounds
            and np.abs(values).sum(axis=0).max() > aim
            and self.steps.reach(active) <= self._few
        ):
            visits[active] += values
            active, values = self.steps.push(active, values)
            rounds += 1
        if rounds:
            left = np.zeros_like(start)
            left[active] = values
        for _ in range(
            min(_EXACT_FIRST if self._exact is not self._fast else 0, max_rounds - rounds)
        ):
            visits += left
            left = self.step(left)
            rounds += 1
        return visits, left, rounds

    def _followed(self, start: Weights, aim: float, max_rounds: int) -> tuple[Block, Weights, int]:
        """(visits, |R|_1 of each column but for rounding, steps), in the fast precision."""
        walking: Block = start.astype(self._fast.dtype)
        visits = np.zeros_like(walking)
        mass = np.abs(start).sum(axis=0)
        floor = 30 * self._eps * float(mass.max())  # beyond, it would follow its own roundings
        most, check, last = 1 - self.steps.alpha, 2, (0, 0.0)
        for rounds in range(1, max_rounds + 1):
            moved = self._fast.ahead(walking)
            if rounds in (check, max_rounds):
                ratio, gaps = _shape(walking, moved, most)
                gap = float(gaps.max())
                enough = max(aim - float(self._roundings(mass, rounds).max()), floor)
                if gap <= enough or rounds == max_rounds:
                    break
                check, last = _next_check(rounds, gap, last, enough), (rounds, gap)
            visits += walking
            walking = moved
        visits += walking / (1 - ratio).astype(walking.dtype)
        return visits, gaps, rounds

    def _roundings(self, masses: Weights, rounds: int) -> Weights:
        """Bound on what rounding added to |R|_1 in following these masses.

        A number is rounded once for each slot that is added to it, and for the chance, the product
        and the overflow; a visit once a round. Each rounding walks on until it stops.
        """
        roundings = self.steps.depth + 3 + 2 * rounds
        bound: Weights = roundings * self._eps * masses / self.steps.alpha
        return bound

    @property
    def _eps(self) -> float:
        return float(np.finfo(self._fast.dtype).eps)


def _shape(walking: Block, moved: Block, most: float) -> tuple[Weights, Weights]:
    """(r in [0, most] that says moved = r walking, |moved - r walking|_1 / (1 - r)), by column.

    Of two guesses the better: the ratio of masses sees the lasting shape through any noise that has
    no mass; least squares is right where there is no mass at all.
    """
    ones = np.ones(len(walking), walking.dtype)
    exact = 1 + len(walking) * float(np.finfo(walking.dtype).eps)  # a sum in single precision
    best, least = np.zeros(walking.shape[1]), np.full(walking.shape[1], np.inf)
    for over, under in (
        (ones @ moved, ones @ walking),
        (ones @ (walking * moved), ones @ (walking * walking)),
    ):
        ratio = np.divide(over, under, out=np.zeros_like(over), where=under != 0).clip(0, most)
        off = ratio * walking
        off -= moved
        gaps = exact * (ones @ np.abs(off, out=off)).astype(np.float64) / (1 - ratio)
        best, least = np.where(gaps < least, ratio, best), np.minimum(gaps, least)
    return best, least


def _next_check(rounds: int, gap: float, last: tuple[int, float], aim: float) -> int:
    """When to look again: looking costs half a step, so not before it can be done."""
    before, gap_before = last
    if not 0 < gap < gap_before:
        return rounds + 1
    rate = np.log(gap_before / gap) / (rounds - before)
    return rounds + int(np.clip(np.log(gap / aim) / rate, 1, 6))
