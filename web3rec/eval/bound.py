"""Law B1 for an attack whose ways in are known: how many positions can it ever take?

B1 as it stands counts items supported *only* through compromised friends. In a real friend graph
honest friends trust the compromised one too, so part of every Sybil's trust arrives through them,
and they pay for that part. The sharper form used here holds in both cases: an item that only
Sybils hold has a share vector that is a mixture of its holders' Phi_u / tau(u), each position
costs the sponsors such a mixture, and no sponsor ever pays more than its hard budget. So the most
positions are

    max sum_u y_u   where   sum_u y_u Phi_ub / tau(u) <= max(1, kappa K T_rb) for every sponsor b

a packing problem. We read the bound from its prices: whatever pi >= 0 a position of one sponsor
is said to cost, the positions taken are worth at most pi . budgets and at least
min_u pi . Phi_u / tau(u) each, and their quotient is a bound. So it holds even where the prices
are not the best ones. With one compromised friend that nobody else vouches for it is B1 itself,
max(1, kappa K T_rb), and with several such friends their sum.
"""

from collections.abc import Collection
from typing import Final

import numpy as np
import numpy.typing as npt

from web3rec.params import Params
from web3rec.pipeline import View
from web3rec.rank.admission import Mode
from web3rec.rank.budget import hard_budget
from web3rec.types import PeerId, Weights

ROUNDING: Final = 1e-12
"""A price or coefficient below this is none."""


def positions_bound(view: View, sybils: Collection[PeerId], limit: int, params: Params) -> float:
    """Most positions of a list of `limit` that items held by these Sybils alone can take.

    Returns:
        In [0, limit]; 0 if none of them may speak, `limit` if one may where no budgets are.

    Cost: O(sybils * sponsors) a Sybil that pays in its own way; few do.
    """
    users = view.snapshot.users.numbers(sorted(sybils))
    if view.mode is not Mode.CLOSED:
        return float(limit) if (view.admission.weights[users] > 0).any() else 0.0
    reached = users[view.trust.tau[users] > 0]
    if not reached.size:
        return 0.0
    if not view.sponsors:
        return float(limit)
    budgets = hard_budget(view.budgets, limit, params.budget)
    return min(float(limit), packing_bound(view.sponsor_share[reached], budgets))


def packing_bound(costs: npt.NDArray[np.float64], budgets: Weights) -> float:
    """How much can be bought: max sum y where y >= 0 and y @ costs <= budgets; or a little more.

    Args:
        costs: float64[goods, payers], >= 0, each row with something above 0.
        budgets: float64[payers], > 0.

    Cost: a small linear programme for each good that joins; few do, as most cost alike.
    """
    prices = 1 / budgets
    chosen = [int(np.argmin(costs @ prices))]
    bound = np.inf
    while len(chosen) <= 2 * len(budgets) + 2:
        prices = _prices(costs[chosen], budgets)
        value = costs @ prices
        cheapest = int(np.argmin(value))
        if value[cheapest] > ROUNDING:
            bound = min(bound, float(budgets @ prices / value[cheapest]))
        if value[cheapest] >= 1 - 1e-9 or cheapest in chosen:
            break
        chosen.append(cheapest)
    # Whatever the programme did: no good costs every payer less than the least any good costs it.
    least = costs.min(axis=0)
    alone = np.divide(budgets, least, out=np.full(len(budgets), np.inf), where=least > 0)
    return float(min(bound, alone.min()))


def _prices(costs: npt.NDArray[np.float64], budgets: Weights) -> Weights:
    """The payers' shadow prices at the optimum: the simplex method on a dense tableau.

    The start (nothing bought) is always possible. Steepest entry; a stop for degenerate circles.
    """
    goods, payers = costs.shape
    table = np.hstack((costs.T, np.eye(payers), budgets[:, None]))
    gain = np.zeros(table.shape[1])
    gain[:goods] = -1.0
    for _ in range(50 * (goods + payers)):
        enters = int(np.argmin(gain[:-1]))
        column = table[:, enters]
        if gain[enters] >= -ROUNDING:
            break
        steps = np.full(payers, np.inf)
        np.divide(table[:, -1], column, out=steps, where=column > ROUNDING)
        leaves = int(np.argmin(steps))
        if not np.isfinite(steps[leaves]):
            break
        table[leaves] /= table[leaves, enters]
        others = np.arange(payers) != leaves
        table[others] -= np.outer(table[others, enters], table[leaves])
        gain -= gain[enters] * table[leaves]
    prices: Weights = np.maximum(gain[goods:-1], 0.0)
    return prices
