"""Sponsor budgets: the rank-level guarantee, applied after every ranker and model.

share_ib = s_ib / sum_b s_ib is the part of an item that sponsor b stands behind, p_ib the part it
pays for if the item is taken. The list is filled position by position. Rooms grow with each
position k and shrink by what is paid; O_A = T_A / (1 - T_A) are the odds of A among sponsors:

    sum_i p_ib               <= max(1, kappa K T_rb)              hard: never relaxed
    sum_i p_ib               <= kappa k T_rb + slack              of every prefix
    sum_i p_ib ** 3          <= alone k O_b + alone_slack         of one that stands alone
    sum_i (p_ib + p_ic) ** 8 <= pair k O_bc + pair_slack          of any two together

The powers charge a position in full to who alone stands behind it and next to nothing where it is
corroborated: a third of an item costs 1/27. What a sponsor has no room for is not counted
(`rank.corroboration`): the item then ranks by the rest, if that is at least `quorum` of it. Taken
is the item with the most score counted. Where none fits, it is the best that the hard budgets
allow (an overrun, reported), and where none is left, the list ends.

Law B1: items supported only by friends A fill at most sum_{b in A} max(1, kappa K T_rb) positions.
Law B2: of any first k positions sponsor b pays at most kappa k T_rb + slack, and overruns.
Law B3: items supported by b alone fill at most alone k O_b + alone_slack of any first k positions,
items supported by b and c alone at most pair k O_bc + pair_slack, and overruns.
Law B4: so b alone buys no more attention than if those were spread as high up as B3 allows.
None depends on the ranker, nor on how many identities, items or edges an attacker has.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from web3rec.params import BudgetParams
from web3rec.rank.corroboration import Shares, counted, eighth, parts
from web3rec.types import Indices, Weights

TOLERANCE: Final = 1e-9
"""Rounding allowance in positions: shares are quotients of floats."""
GLANCE: Final = 16
"""Candidates looked at in one stroke; the first of them usually fits."""


@dataclass(frozen=True, slots=True, eq=False)
class Filled:
    """The positions of the candidates that were taken, in list order."""

    taken: Indices
    """int32[<= limit]: positions in the candidate order given"""
    overruns: int
    """Positions where only the hard budgets were kept, as no candidate fitted the others"""
    used: Weights
    """float64[sponsors]: what each sponsor paid in all"""
    paid: Shares
    """float64[taken, sponsors]: what each paid of each position"""
    least: float
    """The lowest counted score taken. A candidate that was not offered and scores no more than this
    would have changed nothing (unless there were overruns); infinite where nothing was taken"""


def hard_budget(
    trust_share: Weights, limit: int, params: BudgetParams, merit: Weights | None = None
) -> Weights:
    """m_b max(1, kappa K T_rb) for each sponsor, in positions: B1 for one compromised friend."""
    budget: Weights = np.maximum(1.0, params.kappa * limit * trust_share)
    return budget if merit is None else budget * merit


def odds(trust_share: npt.NDArray[np.float64], total: float) -> npt.NDArray[np.float64]:
    """T / (total - T); infinite where there is nobody else."""
    others = total - trust_share
    found: npt.NDArray[np.float64] = np.divide(
        trust_share, others, out=np.full_like(trust_share, np.inf), where=others > TOLERANCE
    )
    return found


def shares_of(by_sponsor: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """share_ib; rows sum to 1, or to 0 where no sponsor stands behind the item."""
    total = by_sponsor.sum(axis=1, keepdims=True)
    shares: npt.NDArray[np.float64] = np.divide(
        by_sponsor, total, out=np.zeros_like(by_sponsor), where=total > 0
    )
    return shares


def fill(
    scores: Weights,
    shares: Shares,
    trust_share: Weights,
    limit: int,
    params: BudgetParams,
    merit: Weights | None = None,
) -> Filled:
    """Choose the list.

    Args:
        scores: float64[c], > 0, falling: the ranked order, and how much one item is worth more
            than the next.
        shares: float64[c, sponsors], each row summing to 1 or 0.
        trust_share: float64[sponsors], T_rb; a pooled sponsor's is the sum of its friends'.
        limit: K, positions wanted.
        params: see there.
        merit: float64[sponsors] m_b, by which each sponsor's rooms are multiplied (a pair's by the
            lesser); 1 by default. See `rank.earned`.

    Returns:
        At most `limit` positions. Fewer means that the hard budget stopped it: it is never
        relaxed, and the caller continues with items nobody sponsors.

    Cost: O(limit * sponsors ** 2), and O(c * sponsors) for each position that none of the first
        candidates fits.
    """
    merit = np.ones(len(trust_share)) if merit is None else merit
    rooms = _Rooms.of(trust_share, limit, params, merit)
    desk = _Desk.of(scores, shares, params.quorum)
    left = np.arange(len(shares), dtype=np.int32)
    taken: list[int] = []
    paid: list[Weights] = []
    overruns, least = 0, np.inf
    while len(taken) < limit and left.size:
        rooms.grow()
        found = desk.best(left, rooms)
        if found is None:
            found = desk.best_within_hard(left, rooms)
            if found is None:
                break
            overruns += 1
        taken.append(int(left[found.at]))
        paid.append(found.part)
        rooms.charge(found.part)
        least = min(least, found.value)
        left = np.concatenate((left[: found.at], left[found.at + 1 :]))
    part = np.array(paid).reshape(len(paid), len(trust_share))
    return Filled(np.array(taken, np.int32), overruns, part.sum(axis=0), part, least)


@dataclass(slots=True, eq=False)
class _Rooms:
    """What each sponsor, and each two, may still pay; changes with every position."""

    hard: Weights
    prefix: Weights
    prefix_step: Weights
    alone: Weights
    alone_step: Weights
    pair: npt.NDArray[np.float64]
    """[sponsors, sponsors]; infinite on the diagonal"""
    pair_step: npt.NDArray[np.float64]

    @staticmethod
    def of(trust_share: Weights, limit: int, params: BudgetParams, merit: Weights) -> "_Rooms":
        total = float(trust_share.sum())
        both = trust_share[:, None] + trust_share[None, :]
        lesser = np.minimum(merit[:, None], merit[None, :])
        pair = params.pair_slack * lesser
        np.fill_diagonal(pair, np.inf)
        return _Rooms(
            hard_budget(trust_share, limit, params, merit),
            params.slack * merit,
            params.kappa * trust_share * merit,
            params.alone_slack * merit,
            _rate(params.alone, odds(trust_share, total), merit),
            pair,
            _rate(params.pair, odds(both, total), lesser),
        )

    def grow(self) -> None:
        """One position more."""
        self.prefix += self.prefix_step
        self.alone += self.alone_step
        self.pair += self.pair_step

    def charge(self, part: Weights) -> None:
        self.hard -= part
        self.prefix -= part
        self.alone -= part * part * part
        self.pair -= eighth(part[:, None] + part)

    def caps(self) -> Weights:
        """float64[sponsors]: the largest part of the next position that each may pay."""
        caps: Weights = np.minimum(np.minimum(self.hard, self.prefix), np.cbrt(self.alone))
        return np.minimum(np.maximum(caps, 0.0, out=caps), 1.0, out=caps)

    def seat(self, part: Weights) -> bool:
        """Has every pair room for what it would pay?"""
        return bool((eighth(part[:, None] + part) <= self.pair + TOLERANCE).all())


def _rate(
    price: float, expected: npt.NDArray[np.float64], merit: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """The product, where nothing of the infinite is nothing."""
    rate = price * merit
    grown: npt.NDArray[np.float64] = np.multiply(
        rate, expected, out=np.zeros_like(expected), where=rate > 0
    )
    return grown


@dataclass(frozen=True, slots=True)
class _Found:
    at: int
    """Position among those left"""
    value: float
    part: Weights


@dataclass(frozen=True, slots=True, eq=False)
class _Desk:
    """The candidates, with what is asked of them at every position worked out once."""

    scores: Weights
    shares: Shares
    quorum: float
    dearest: Indices
    """intp[c, 2]: the two largest shares, the pair that each item costs most"""
    crowds: Weights
    """float64[c]: what that pair pays if all of the item counts"""

    @staticmethod
    def of(scores: Weights, shares: Shares, quorum: float) -> "_Desk":
        count, n_sponsors = shares.shape
        if n_sponsors < 2:
            return _Desk(scores, shares, quorum, np.zeros((count, 2), np.int32), np.zeros(count))
        dearest = np.argpartition(shares, n_sponsors - 2, axis=1)[:, -2:]
        crowds = eighth(np.take_along_axis(shares, dearest, axis=1).sum(axis=1))
        return _Desk(scores, shares, quorum, dearest.astype(np.int32), crowds)

    def best(self, left: Indices, rooms: _Rooms) -> _Found | None:
        """The one with the most score counted, of those that all rooms allow."""
        if not self.shares.shape[1]:
            return _Found(0, float(self.scores[left[0]]), np.zeros(0))
        caps = rooms.caps()
        most = 1.0 - self.quorum * (1.0 - caps) + TOLERANCE  # X <= (1 - share_b) / (1 - q_b)
        tightest = float(rooms.pair.min()) + TOLERANCE
        best: _Found | None = None
        for start in range(0, left.size, GLANCE):
            some = left[start : start + GLANCE]
            if best is not None and self.scores[some[0]] <= best.value:
                break
            able = np.flatnonzero((self.shares[some] <= most).all(axis=1))
            if not able.size:
                continue
            first = some[able[0]]
            share, score = self.shares[first], float(self.scores[first])
            if self.crowds[first] <= tightest and (share <= caps).all():
                # All of it counts, and nothing below can be worth more.
                return _Found(start + int(able[0]), score, share) if _tops(score, best) else best
            best = self._best_of(some[able], start + able, caps, rooms, best)
        return best

    def best_within_hard(self, left: Indices, rooms: _Rooms) -> _Found | None:
        """The same where nothing but the hard budgets is asked for."""
        caps = np.minimum(np.maximum(rooms.hard, 0.0), 1.0)
        return self._best_of(left, np.arange(left.size), caps, None, None)

    def _best_of(
        self,
        some: Indices,
        places: npt.NDArray[np.intp],
        caps: Weights,
        rooms: _Rooms | None,
        best: _Found | None,
    ) -> _Found | None:
        shares = self.shares[some]
        x = counted(shares, caps)
        value = np.where(x >= self.quorum - TOLERANCE, self.scores[some] * x, 0.0)
        if rooms is not None and shares.shape[1] > 1:
            one, other = self.dearest[some].T
            value[(x == 1.0) & (self.crowds[some] > rooms.pair[one, other] + TOLERANCE)] = 0.0
        while _tops(float(value.max()), best):
            at = int(np.argmax(value))
            part = parts(shares[at : at + 1], caps, x[at : at + 1])[0]
            if rooms is None or rooms.seat(part):
                return _Found(int(places[at]), float(value[at]), part)
            value[at] = 0.0
        return best


def _tops(value: float, best: _Found | None) -> bool:
    return value > (0.0 if best is None else best.value)
