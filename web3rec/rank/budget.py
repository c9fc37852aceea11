"""Sponsor budgets: the rank-level guarantee, applied after every ranker and model.

share_ib = s_ib / sum_b s_ib. The list is filled position by position in the ranked order; an
item may take position k of K only if every sponsor b can still pay its share:

    used_b + share_ib <= min( max(1, kappa K T_rb),  kappa k T_rb + slack )

Law B1: items supported only through compromised friends A fill at most
sum_{b in A} max(1, kappa K T_rb) positions. Law B2: at every k filled without overrun,
used_b <= kappa k T_rb + slack. Neither depends on the ranker, nor on how many identities, items
or edges the attacker has.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from web3rec.params import BudgetParams
from web3rec.types import Indices, Weights

TOLERANCE: Final = 1e-9
"""Rounding allowance in positions: shares are quotients of floats."""


@dataclass(frozen=True, slots=True, eq=False)
class Filled:
    """The positions of the candidates that were taken, in list order."""

    taken: Indices
    """int32[<= limit]: positions in the candidate order given"""
    overruns: int
    """Positions where no candidate fitted the prefix budget and the least overrun was taken"""
    used: Weights
    """float64[sponsors]: what each sponsor paid in all"""


def hard_budget(trust_share: Weights, limit: int, params: BudgetParams) -> Weights:
    """max(1, kappa K T_rb) for each sponsor, in positions: bound B1 for one compromised friend."""
    budget: Weights = np.maximum(1.0, params.kappa * limit * trust_share)
    return budget


def shares_of(by_sponsor: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """share_ib; rows sum to 1, or to 0 where no sponsor stands behind the item."""
    total = by_sponsor.sum(axis=1, keepdims=True)
    shares: npt.NDArray[np.float64] = np.divide(
        by_sponsor, total, out=np.zeros_like(by_sponsor), where=total > 0
    )
    return shares


def fill(
    shares: npt.NDArray[np.float64], trust_share: Weights, limit: int, params: BudgetParams
) -> Filled:
    """Choose the list.

    Args:
        shares: float64[c, sponsors], rows in ranked order, each summing to 1 or 0.
        trust_share: float64[sponsors], T_rb; a pooled sponsor's is the sum of its friends'.
        limit: K, positions wanted.
        params: kappa and slack.

    Returns:
        At most `limit` positions. Fewer means that the hard budget stopped it: it is never
        relaxed, and the caller continues with items nobody sponsors.

    Cost: O(limit * c * sponsors).
    """
    hard = hard_budget(trust_share, limit, params)
    used: Weights = np.zeros(len(trust_share))
    left = np.arange(len(shares))
    taken: list[int] = []
    overruns = 0
    while len(taken) < limit and left.size:
        after = used + shares[left]
        # The hard budget only fills up: what does not fit it now never will.
        legal = (after <= hard + TOLERANCE).all(axis=1)
        left, after = left[legal], after[legal]
        if not left.size:
            break
        prefix = np.minimum(hard, params.kappa * (len(taken) + 1) * trust_share + params.slack)
        over = (after - prefix).max(axis=1, initial=0.0)
        fits = np.flatnonzero(over <= TOLERANCE)
        if fits.size:
            choice = int(fits[0])
        else:
            # Of overruns that rounding cannot tell apart, the better ranked: never noise decides.
            choice = int(np.flatnonzero(over <= over.min() + TOLERANCE)[0])
            overruns += 1
        used = after[choice]
        taken.append(int(left[choice]))
        left = np.delete(left, choice)
    return Filled(np.array(taken, np.int32), overruns, used)
