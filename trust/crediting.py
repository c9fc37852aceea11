"""By whose word? Where the walk stops, split by the last of the ego's friends that it passed.

`Attribution.phi` splits by the friend through whom the walk left the ego. But in a real graph
friends trust each other: if b serves an attacker, a part of what b lets in arrives through every
honest friend who trusts b, and that part is put down to them. Here the walk is put down to the
friend it passed last, so everybody beyond b is b's word alone, whoever vouches for b.

A walk that passed a friend begins anew there, so nothing has to be walked again. Let S_b be column
b of phi divided by its mass: where walks stop that begin at b. Let L_c be where those stop that
begin at c and have not come to another friend, or to c again. Walks from b come to c some n_bc
times, and a walk can stop at a friend only as one that began there:

    S_b(u) = sum_c n_bc L_c(u)      S_b(c) = n_bc L_c(c)

With F the part of S at the friends themselves, F_bc = S_b(c), the L_c are solved for: row c of
inverse(F) S is L_c / L_c(c). And as tau(c) in all stops at c, tau(c) times that is what is owed to
c's word. The chance of stopping cancels, so dead ends are no special case.

Friends who share a column cannot be told apart: that column keeps its walks as
they left the ego, less those that passed a friend with a column of its own.

Law C1. If every path from friend c to u passes another friend, c is credited with nothing of u.
Law C2. A row sums to the same as that of phi. Law C3. Of a friend itself, it is credited all.
"""

from typing import Final

import numpy as np

from trust.digraph import Weights
from trust.meritrank import Attribution

FAINTEST: Final = 1e-6
"""Credit below this part of a row is rounding, or the tolerance to which phi is known."""


def by_last_friend(found: Attribution) -> Weights:
    """What part of tau is owed to which friend's word.

    Args:
        found: from `attribution`.

    Returns:
        float64[n, n_columns], >= 0, rows summing like those of `found.phi`; read-only. Parts below
        `FAINTEST` of a row are nought, and the rest of the row makes up for them.

    Source: own; the relation is that of a Markov chain watched on a subset of its states (Kemeny &
    Snell, "Finite Markov Chains", 1960, ch. VI).

    Cost: O(n n_columns^2), one product of matrices.
    """
    credited = found.phi @ _mixing(found)
    total = found.phi.sum(axis=1)
    credited[credited < FAINTEST * total[:, None]] = 0.0
    kept = credited.sum(axis=1)
    credited *= np.divide(total, kept, out=np.zeros_like(total), where=kept > 0)[:, None]
    credited.flags.writeable = False
    return credited


def _mixing(found: Attribution) -> Weights:
    """float64[n_columns, n_columns]: what turns rows of phi into rows of credit."""
    alone = np.flatnonzero(found.sponsors >= 0)
    shared = np.flatnonzero(found.sponsors < 0)
    mixing: Weights = np.zeros((found.shares.size, found.shares.size))
    mixing[shared, shared] = 1.0
    if not alone.size:
        return mixing
    friends = found.sponsors[alone]
    mass = found.shares[alone]
    # Row c: what the walks through each friend leave at c. Columns of equal mass: well conditioned.
    passed = found.phi[np.ix_(friends, alone)] / mass
    begun = np.linalg.inv(passed) / mass[:, None]
    mixing[np.ix_(alone, alone)] = begun * found.tau[friends]
    mixing[np.ix_(alone, shared)] = -begun @ found.phi[np.ix_(friends, shared)]
    return mixing
