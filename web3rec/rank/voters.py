"""Whose past may say how to rank for the ego, how loudly, and in which order they are asked.

Only the fully admitted vote (trust at least tau0), so Sybils below it never do. Those who pass, by
way of a friend who was captured, share that friend's part of the vote however many they are:

    vote(u) = sum_b T_rb  share_ub k_u / sum_v share_vb k_v        share_ub = Phi_ub / tau(u)

Law V1: the votes of any set S whose trust arrives through the friends A alone sum to at most the
sum of T_rb over A. k_u says how alike the histories of u and the ego are in length: what serves a
newcomer is not what serves somebody with hundreds of acts.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from web3rec.graph import Snapshot
from web3rec.rank.admission import Admission
from web3rec.rank.vouching import Vouching
from web3rec.types import Indices, Weights

SHORTER: Final = 1.5
LONGER: Final = 3.0
"""Doublings of length at which likeness falls to .6. Longer histories are shown cut to the ego's
length, so that they are less strange than their length says."""
STRANGEST: Final = 0.05
"""Least likeness: where nobody is like the ego, the others are better than nobody."""
CHUNK: Final = 4096
"""Users whose sponsor shares are laid out at a time."""


def eligible(snapshot: Snapshot, admission: Admission, least_items: int) -> Indices:
    """int32: the fully admitted, other than the ego, who hold enough to be replayed; rising."""
    able = (admission.weights >= 1) & (np.diff(snapshot.rows.starts) >= least_items)
    able[snapshot.ego] = False
    return np.flatnonzero(able).astype(np.int32)


def likeness(n_theirs: npt.NDArray[np.int64], n_own: int) -> Weights:
    """float64 in [STRANGEST, 1]: how near their numbers of items are to the ego's."""
    doublings = np.log2((n_theirs + 1.0) / (n_own + 1.0))
    width = np.where(doublings < 0, SHORTER, LONGER)
    near: Weights = np.maximum(STRANGEST, np.exp(-0.5 * (doublings / width) ** 2))
    return near


def votes(likenesses: Weights, users: Indices, vouching: Vouching, budgets: Weights) -> Weights:
    """The vote of each of these users if they are all who vote.

    Args:
        likenesses: float64[len(users)], k_u > 0.
        users: int32, each once.
        vouching: through whom their trust arrives.
        budgets: float64[sponsors], T_rb; empty where nobody vouches, then all are one party.

    Returns:
        float64[len(users)], >= 0, sum at most 1: the part of friends through whom nobody here is
        trusted goes to nobody.

    Cost: O(users * sponsors).
    """
    if not len(users):
        return np.zeros(0)
    if not budgets.size:
        alike: Weights = likenesses / likenesses.sum()
        return alike
    total = np.zeros(budgets.size)
    for at in range(0, len(users), CHUNK):
        total += likenesses[at : at + CHUNK] @ vouching.shares(users[at : at + CHUNK])
    rate = np.divide(budgets, total, out=np.zeros(budgets.size), where=total > 0)
    vote: Weights = np.zeros(len(users))
    for at in range(0, len(users), CHUNK):
        shares = vouching.shares(users[at : at + CHUNK])
        vote[at : at + CHUNK] = likenesses[at : at + CHUNK] * (shares @ rate)
    return vote


def queue(vote: Weights, most: int) -> Indices:
    """int32[<= most]: places in `vote`, drawn in proportion to it, so that every beginning of the
    queue is spread over all of it as evenly as can be.

    Systematic sampling at the van der Corput points 1/2, 1/4, 3/4, 1/8, ...: no chance in it.
    """
    heaped = np.cumsum(vote)
    if not heaped.size or not heaped[-1] > 0:
        return np.zeros(0, np.int32)
    at = np.searchsorted(heaped, van_der_corput(4 * most) * heaped[-1], side="right")
    found, first = np.unique(np.minimum(at, heaped.size - 1), return_index=True)
    return found[np.argsort(first)][:most].astype(np.int32)


def van_der_corput(count: int) -> Weights:
    """float64[count] in (0, 1): 1/2, 1/4, 3/4, 1/8, 5/8, ...: the bits of 1, 2, 3, ... mirrored."""
    number, points, place = np.arange(1, count + 1), np.zeros(count), 0.5
    while number.any():
        points += place * (number & 1)
        number, place = number >> 1, place / 2
    return points
