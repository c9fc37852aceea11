"""Why an item stands in the list: contributions that sum to its score, and the strongest path.

The path is read off the last back-step: ego -> own item j -> user u (vouched for by sponsor b)
-> item i. Everything named here is a live record of the snapshot, so a forgotten act cannot be
named again.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from web3rec.graph import Snapshot
from web3rec.rank.vouching import Vouching
from web3rec.types import Indices, ItemKey, PeerId, Weights


@dataclass(frozen=True, slots=True)
class Contribution:
    """The part of a score that arrived through one sponsor."""

    sponsor: PeerId | None
    """A friend of the ego; None for pooled friends, for the ego itself, or for everyone"""
    role: str
    """"friend", "pool" (the smaller of very many friends), "self" (the ego's own catalogue) or
    "everyone" (open mode: nobody vouches)"""
    amount: float
    """In the score's unit; the amounts of one item sum to its score"""


@dataclass(frozen=True, slots=True)
class Path:
    """The strongest single line of reasoning behind an item."""

    own: ItemKey
    """What the ego did"""
    user: PeerId
    """Who shares it"""
    via: PeerId | None
    """The friend who vouches most for that user; the user itself, if it is a friend; None if that
    is the pool of smaller friends, or nobody (open mode)"""


@dataclass(frozen=True, slots=True, eq=False)
class Echo:
    """For every user: how strongly the ego's own items speak for it, and which one most."""

    strength: Weights
    """float64[users]: the largest y_j w(u) a(u,j) / Z_j over own items j"""
    own: Indices
    """int32[users]: that j, -1 where there is none"""


def echo(snapshot: Snapshot, start: Weights, weights: Weights) -> Echo:
    """Read the first back-step. Cost: O(listeners of the ego's items)."""
    mine = snapshot.rows.row(snapshot.ego)[0]
    mine = mine[start[mine] > 0]
    strength: Weights = np.zeros(len(snapshot.users))
    own: Indices = np.full(len(snapshot.users), -1, np.int32)
    if not mine.size:
        return Echo(strength, own)
    edges = snapshot.cols.gather(mine)
    lengths = np.bincount(edges.owner)  # none is 0: the ego at least holds each
    flow = weights.take(edges.cols)
    flow *= edges.weights
    flow[edges.cols == snapshot.ego] = 0
    heard = np.add.reduceat(flow, np.cumsum(lengths) - lengths)
    rate = np.divide(start[mine], heard, out=np.zeros(len(mine)), where=heard > 0)
    flow *= np.repeat(rate, lengths)
    np.maximum.at(strength, edges.cols, flow)
    most = np.flatnonzero((flow > 0) & (flow == strength.take(edges.cols)))
    own[edges.cols[most]] = mine[edges.owner[most]]  # of equals, the last is written last
    return Echo(strength, own)


def strongest_path(
    snapshot: Snapshot,
    heard: Echo,
    item: int,
    vouching: Vouching,
    sponsors: Sequence[PeerId | None],
) -> Path | None:
    """The line ego -> j -> u -> item that carried most; None in a cold start or an own item.

    Cost: O(listeners of the item).
    """
    users, held = snapshot.cols.row(item)
    carried = heard.strength.take(users)
    carried *= held
    if not carried.size or carried[at := int(carried.argmax())] <= 0:
        return None
    user = int(users[at])
    return Path(
        own=ItemKey(snapshot.items.terms[int(heard.own[user])]),
        user=PeerId(snapshot.users.terms[user]),
        via=vouched_by(snapshot, user, vouching, sponsors),
    )


def vouched_by(
    snapshot: Snapshot, user: int, vouching: Vouching, sponsors: Sequence[PeerId | None]
) -> PeerId | None:
    """The `via` of a `Path` through this user."""
    friends = snapshot.trust.friends(snapshot.ego)
    at = int(friends.searchsorted(user))
    if at < friends.size and friends[at] == user:
        return PeerId(snapshot.users.terms[user])
    if vouching.n_sponsors and (part := vouching.phi[user])[most := int(part.argmax())] > 0:
        return sponsors[most]
    return None


def contributions(
    score: float, parts: Weights, sponsors: Sequence[PeerId | None], source: str
) -> tuple[Contribution, ...]:
    """Who the score came through, most first; amounts sum to the score."""
    paid = list(zip(sponsors, parts.tolist(), strict=True))
    found = [Contribution(one, "friend", part) for one, part in paid if part > 0 and one]
    if (rest := sum(part for one, part in paid if one is None)) > 0:
        found.append(Contribution(None, "pool", rest))
    if not found:
        role = "self" if source == "catalogue" else "everyone"
        return (Contribution(None, role, score),)
    return tuple(sorted(found, key=lambda c: (-c.amount, c.sponsor or b"")))
