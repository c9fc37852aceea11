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
    strength: Weights = np.zeros(len(snapshot.users))
    own: Indices = np.full(len(snapshot.users), -1, np.int32)
    for item in snapshot.rows.row(snapshot.ego)[0].tolist():
        users, held = snapshot.cols.row(item)
        voice = weights.take(users) * held
        voice[users == snapshot.ego] = 0
        if start[item] <= 0 or (heard := voice.sum()) <= 0:
            continue
        flow = voice * (start[item] / heard)
        before = strength.take(users)
        more = (flow >= before) & (flow > 0)  # of equals, the later item
        strength[users] = np.maximum(flow, before)
        own[users[more]] = item
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
    carried = heard.strength[users] * held
    if not carried.size or carried.max() <= 0:
        return None
    user = int(users[int(np.argmax(carried))])
    return Path(
        own=ItemKey(snapshot.items.terms[int(heard.own[user])]),
        user=PeerId(snapshot.users.terms[user]),
        via=vouched_by(snapshot, user, vouching, sponsors),
    )


def vouched_by(
    snapshot: Snapshot, user: int, vouching: Vouching, sponsors: Sequence[PeerId | None]
) -> PeerId | None:
    """The `via` of a `Path` through this user."""
    if user in snapshot.trust.friends(snapshot.ego):
        return PeerId(snapshot.users.terms[user])
    if vouching.n_sponsors and vouching.phi[user].max() > 0:
        return sponsors[int(np.argmax(vouching.phi[user]))]
    return None


def contributions(
    score: float, parts: Weights, sponsors: Sequence[PeerId | None], source: str
) -> tuple[Contribution, ...]:
    """Who the score came through, most first; amounts sum to the score."""
    found = [
        Contribution(sponsor, "friend", float(part))
        for sponsor, part in zip(sponsors, parts, strict=True)
        if part > 0 and sponsor is not None
    ]
    pooled = [part for sponsor, part in zip(sponsors, parts, strict=True) if sponsor is None]
    if (rest := float(sum(pooled))) > 0:
        found.append(Contribution(None, "pool", rest))
    if not found:
        role = "self" if source == "catalogue" else "everyone"
        return (Contribution(None, role, score),)
    return tuple(sorted(found, key=lambda c: (-c.amount, c.sponsor or b"")))
