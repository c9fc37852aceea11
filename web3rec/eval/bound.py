"""Law B1 for an attack whose ways in are known: how many positions can it ever take?

B1 as it stands counts items supported *only* through compromised friends. In a real friend graph
honest friends may vouch for a compromised one too; then they stand behind a part of every Sybil,
and may pay for that part. The sharper form used here holds in both cases. An item that only
Sybils hold has a share vector that is a mixture of its holders' (column of sponsor_share: sigma_u),
a sponsor pays for no more of a position than its share over the quorum, all of them together
for the whole position, and none ever more than its hard budget. So the most positions are

    max N = sum_u y_u   where   sum_b P_b = N,   P_b <= max(1, kappa K T_rb),
                                P_b <= sum_u y_u sigma_ub / quorum

a packing problem. We read the bound from its prices: for any prices lambda_b in [0, 1],

    N min_u (1 - sum_b (1 - lambda_b) sigma_ub / quorum) <= sum_b lambda_b max(1, kappa K T_rb)

so it holds even where the prices are not the best ones. With one compromised friend that nobody
else vouches for it is B1 itself, max(1, kappa K T_rb), and with several such friends their sum.
"""

from collections.abc import Collection
from typing import Final

import numpy as np
import numpy.typing as npt

from web3rec.params import Params
from web3rec.rank.admission import Mode
from web3rec.types import PeerId, Weights
from web3rec.view import View

ROUNDING: Final = 1e-12
"""A price or coefficient below this is none."""


def positions_bound(view: View, sybils: Collection[PeerId], limit: int, params: Params) -> float:
    """Most positions of a list of `limit` that items held by these Sybils alone can take.

    Returns:
        In [0, limit]; 0 if none of them may speak, `limit` if one may where no budgets are.

    Cost: O(sybils * sponsors) a Sybil that pays in its own way; few do.
    """
    users = view.snapshot.users.numbers(sorted(sybils))
    reached = users[view.admission.weights[users] > 0]
    if not reached.size:
        return 0.0
    if view.mode is not Mode.CLOSED or not view.sponsors:
        return float(limit)
    budgets = view.hard(limit, params)
    shares = view.sponsor_share[reached]
    return min(float(limit), packing_bound(shares, budgets, params.budget.quorum))


def packing_bound(costs: npt.NDArray[np.float64], budgets: Weights, quorum: float = 1.0) -> float:
    """How many goods can be bought: the optimum of the packing problem, or a little more.

    Args:
        costs: float64[goods, payers], >= 0, rows summing to 1: what one of each good costs whom.
        budgets: float64[payers], > 0.
        quorum: in (0, 1]; a payer may be charged up to 1 / quorum times its cost, as long as a
            good costs 1 in all. 1: it is charged its cost.

    Returns:
        max sum_b P_b where P_b <= budgets_b, P_b <= sum_u y_u costs_ub / quorum, sum_u y_u = sum P.

    Cost: a small linear programme for each good that joins; few do, as most cost alike.
    """
    best = np.inf
    chosen = [int(np.argmax(costs @ budgets))]
    while len(chosen) <= 2 * len(budgets) + 2:
        prices = _prices(costs[chosen] / quorum, budgets)
        # min(h, N m / Q) <= price h + (1 - price) N m / Q: so N goods are worth this much each.
        value = 1 - (costs @ (1 - prices)) / quorum
        cheapest = int(np.argmin(value))
        if value[cheapest] > ROUNDING:
            best = min(best, float(budgets @ prices / value[cheapest]))
        if cheapest in chosen:
            break
        chosen.append(cheapest)
    return float(min(best, budgets.sum()))


def _prices(most: npt.NDArray[np.float64], budgets: Weights) -> Weights:
    """The payers' prices in [0, 1] at the optimum: the simplex method on a dense tableau.

    max sum y where P <= budgets, P <= y @ most, sum y <= sum P. The start (nothing bought) is
    always possible, so no first phase is needed. Rules of entry and exit are Bland's: no circles.
    """
    goods, payers = most.shape
    eye = np.eye(payers)
    none = np.zeros((payers, goods))
    left = np.vstack(
        (
            np.hstack((none, eye)),
            np.hstack((-most.T, eye)),
            np.hstack((np.ones((1, goods)), -np.ones((1, payers)))),
        )
    )
    rows = len(left)
    table = np.hstack((left, np.eye(rows), np.zeros((rows, 1))))
    table[:payers, -1] = budgets
    gain = np.zeros(table.shape[1])
    gain[:goods] = -1.0
    basis = np.arange(left.shape[1], left.shape[1] + rows)
    for _ in range(50 * rows):
        wanted = np.flatnonzero(gain[:-1] < -ROUNDING)
        if not wanted.size:
            break
        enters = int(wanted[0])
        column = table[:, enters]
        steps = np.full(rows, np.inf)
        np.divide(table[:, -1], column, out=steps, where=column > ROUNDING)
        nearest = steps.min()
        if not np.isfinite(nearest):
            break
        tied = np.flatnonzero(steps <= nearest + ROUNDING)
        leaves = int(tied[np.argmin(basis[tied])])
        basis[leaves] = enters
        table[leaves] /= table[leaves, enters]
        others = np.arange(rows) != leaves
        table[others] -= np.outer(table[others, enters], table[leaves])
        gain -= gain[enters] * table[leaves]
    duals = gain[left.shape[1] : -1]
    worth = max(float(duals[-1]), ROUNDING)
    prices: Weights = np.clip(duals[:payers] / worth, 0.0, 1.0)
    return prices
