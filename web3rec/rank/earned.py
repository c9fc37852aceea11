"""Earned trust: a sponsor whose positions the ego accepts may pay for more, one whose positions it
rejects for less, multiplicatively; so what spam can ever take is bounded, not only per list.

Each friend b has a merit m_b, 1 at first. Position by position, in the order of the ego's
replies, p_b being the part of the position that b paid for:

    accepted    m_b <- min(most, m_b * (1 + gain) ** p_b)
    rejected    m_b <- m_b * (1 - loss) ** p_b

In the next list all of b's rooms are multiplied by m_b: its hard budget is then
m_b max(1, kappa K T_rb). A friend whose merit falls below `muted` pays for nothing any more, until
the ego states its trust anew.

Credit cannot be faked from outside: only positions of lists that were shown count, so everything
credited was received before the ego acted; the credit of a position is shared among all who paid
for it, in the parts in which they paid; and an act of one's own that answers no list credits
nobody, however many Sybils had offered the item. The bound on lifetime spam is `lifetime_bound`,
its proof stands in docs/earned-trust.md.

Related: Resnick & Sami, "The Influence Limiter", RecSys 2007; Yu et al., "DSybil", IEEE S&P 2009.
We depart from both in that budgets bound positions of one list, so a new sponsor starts with its
share of trust and not with nothing.
"""

from collections.abc import Collection, Iterable, Mapping
from math import log, log1p
from typing import NamedTuple

import numpy as np

from web3rec.params import EarnedParams
from web3rec.types import PeerId, Weights


class Paid(NamedTuple):
    """One friend's part in one position that the ego judged."""

    payer: PeerId
    accepted: bool
    part: float
    """In [0, 1], in positions."""


def merit(replies: Iterable[Paid], params: EarnedParams) -> dict[PeerId, float]:
    """m_b of every friend that any reply names, in (0, most]; everybody else's is 1.

    Args:
        replies: in the order in which the ego gave them.
        params: see there.

    Cost: O(replies).
    """
    found: dict[PeerId, float] = {}
    for payer, accepted, part in replies:
        known = found.get(payer, 1.0)
        if accepted:
            found[payer] = min(params.most, known * (1 + params.gain) ** part)
        else:
            found[payer] = known * (1 - params.loss) ** part
    return found


def of_sponsors(
    found: Mapping[PeerId, float], sponsors: Collection[PeerId | None], params: EarnedParams
) -> Weights:
    """float64[sponsors]: m_b of each column; 0 for the muted, 1 for pools (nobody is known by name
    there, so a pool neither earns nor loses).
    """
    known = (1.0 if who is None else found.get(who, 1.0) for who in sponsors)
    return np.array([m if m >= params.muted else 0.0 for m in known], np.float64)


def lifetime_bound(hard: float, earned: float, params: EarnedParams) -> float:
    """Most rejected positions that one sponsor can ever have paid for, in any number of lists.

    Args:
        hard: max(1, kappa K T_rb), its hard budget in a list at merit 1, in positions.
        earned: positions it paid for that the ego accepted, in all; >= 0.
        params: see there.

    Returns:
        (ln(1 / muted) + earned ln(1 + gain)) / ln(1 / (1 - loss)) + most * hard, if the ego
        judges every list before it sees the next. The last term is the list in which the sponsor
        falls silent, and it is due once more for each further list shown without a reply.
    """
    slack = log(1 / params.muted) + earned * log1p(params.gain)
    return slack / -log1p(-params.loss) + params.most * hard
