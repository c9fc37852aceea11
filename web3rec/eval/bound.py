"""Law B1 for an attack whose ways in are known: how many positions can it ever take?

B1 as it stands counts items supported *only* through compromised friends. In a real friend graph
honest friends trust the compromised one too, so part of every Sybil's trust arrives through
them, and they pay for that part. The sharper form used here holds in both cases: an item that
only Sybils hold has a share vector that is a mixture of its holders', so sponsor b pays at least
min over Sybils of Phi_ub / tau(u) for each position it takes, and never more than its hard
budget in all. Hence, for every sponsor b,

    positions <= max(1, kappa K T_rb) / min_u (Phi_ub / tau(u))

and the smallest of these is the bound. With one compromised friend that nobody else vouches for
it is max(1, kappa K T_rb), B1 itself.
"""

from collections.abc import Collection

import numpy as np

from web3rec.params import Params
from web3rec.pipeline import View
from web3rec.rank.budget import hard_budget
from web3rec.types import PeerId


def positions_bound(view: View, sybils: Collection[PeerId], limit: int, params: Params) -> float:
    """Most positions of a list of `limit` that items held by these Sybils alone can take.

    Returns:
        In [0, limit]; 0 if trust reaches none of them.

    Cost: O(sybils * sponsors).
    """
    users = view.snapshot.users.numbers(sorted(sybils))
    reached = users[view.trust.tau[users] > 0]
    if not reached.size:
        return 0.0
    if not view.sponsors:
        return float(limit)
    least = view.sponsor_share[reached].min(axis=0)
    hard = hard_budget(view.budgets, limit, params.budget)
    allowed = np.divide(hard, least, out=np.full(len(hard), np.inf), where=least > 0)
    return float(min(limit, allowed.min()))
