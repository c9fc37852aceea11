"""The window as arrays: who did what with which item, and who trusts whom.

A pure function of the *set* of records it is given: order, duplicates and history cannot show.
That is what makes `forget` exact here: leave a record out, and the snapshot is bit for bit the
one of a device that never had it. Thin for now: it is rebuilt whole on every change (about a
second for a million acts); the growable window of a later change keeps this function as its oracle.

    records ─► Act, Endorsement ─► snapshot ─► rows  user -> item, row-normalised
                                               cols  item -> user, the same numbers
                                               trust user -> user
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from trust import Digraph
from web3rec.graph.csr import Csr
from web3rec.graph.packing import Packed
from web3rec.graph.vocab import Vocab
from web3rec.params import WindowParams
from web3rec.records.model import DAY, MAX_WEIGHT, Kind
from web3rec.types import ItemKey, Millis, PeerId, Weights

KIND_VALUE: Final[dict[Kind, float]] = {
    Kind.LISTEN: 1.0,
    Kind.LIKE: 2.0,
    Kind.SHARE: 3.0,
    Kind.COLLECT: 4.0,
}
"""How much one act of a kind says; ordinal (deeper never weighs less), steps are a guess."""

OLDEST: Final = 60.0
"""Half-lives after which an act does not fade further. It weighs 1e-18 then, which is nothing; but
products of such weights stay far from the smallest float, so that shares of them remain shares."""


class Act(NamedTuple):
    """One live interaction, as the graph sees it."""

    author: PeerId
    n: int
    key: ItemKey
    kind: Kind
    weight: int
    """1..8: a bucket of about 4 ** (weight - 1) repetitions."""
    t: int
    """unix seconds"""


class Endorsement(NamedTuple):
    """One live trust edge; of several for one pair the highest n counts."""

    author: PeerId
    n: int
    peer: PeerId
    weight: int
    """1..8, in eighths."""


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """One immutable look at the window; readers share it, writers make the next one."""

    users: Vocab
    items: Vocab
    ego: int
    """The ego's number among users; always there, even without any record."""
    rows: Csr
    """a(u, i), shape (users, items); rows that have entries sum to 1, up to single precision."""
    cols: Csr
    """The same numbers by item, shape (items, users)."""
    trust: Digraph
    """Trust edges between users, as stated (not normalised)."""
    recency: Weights
    """float64[items]: rank decay exponent of the ego's own items: how many of its other items it
    touched later; 0 for items it never touched and where times are equal."""


def snapshot(
    acts: Collection[Act],
    endorsements: Collection[Endorsement],
    ego: PeerId,
    touched: Mapping[ItemKey, Millis],
    params: WindowParams,
) -> Snapshot:
    """Build the snapshot.

    Args:
        acts: live interactions of all authors, the ego's included.
        endorsements: live trust edges; an edge to oneself is left out.
        ego: the device's user.
        touched: when the ego last touched each of its items, on its own clock.
        params: half-life and the per-author bound.

    Cost: O(r log r) for r records.
    """
    acts = _newest_per_author(acts, params.per_author)
    users = Vocab.of(
        [ego, *(a.author for a in acts)]
        + [peer for e in endorsements for peer in (e.author, e.peer)]
    )
    items = Vocab.of(act.key for act in acts)
    rows = _rows(acts, users, items, params.half_life_days)
    return Snapshot(
        users=users,
        items=items,
        ego=int(users.numbers([ego])[0]),
        rows=rows,
        cols=rows.transpose(),
        trust=_digraph(endorsements, users),
        recency=_recency(touched, items),
    )


def _newest_per_author(acts: Collection[Act], bound: int) -> list[Act]:
    """Each author's `bound` acts of highest n, each act once, in an order of the set alone.

    The order is total: two acts under one n (an author who contradicts itself) are told apart by
    what they say, never by which came first or how this process hashes.
    """
    kept, author, seen = [], None, 0
    for act in sorted(set(acts), key=lambda a: (a.author, -a.n, *a[2:])):
        if act.author != author:
            author, seen = act.author, 0
        if seen < bound:
            kept.append(act)
            seen += 1
    return kept


def _rows(acts: list[Act], users: Vocab, items: Vocab, half_life_days: float) -> Csr:
    """a(u, i): saturated, decayed sums of what u did with i, each user's summing to 1.

    log1p of the pair's sum, each act decayed towards the pair's newest, then the pair decayed
    towards the user's newest: a factor common to a row cancels, so no landmark time is needed.
    """
    if not acts:
        none = np.zeros(0, np.int32)
        return Csr.from_sorted(len(users), len(items), none, none, np.zeros(0))
    user = users.numbers(a.author for a in acts)
    item = items.numbers(a.key for a in acts)
    repeats = 4.0 ** (np.array([min(a.weight, MAX_WEIGHT) for a in acts]) - 1)
    value = np.array([KIND_VALUE[a.kind] for a in acts]) * repeats
    time = np.array([a.t for a in acts], np.int64)

    pair = user.astype(np.int64) * len(items) + item
    order = np.lexsort((np.array([a.n for a in acts]), pair))  # n last: a canonical sum order
    pair, value, time = pair[order], value[order], time[order]
    first = np.flatnonzero(np.r_[True, pair[1:] != pair[:-1]])
    newest = np.maximum.reduceat(time, first)
    age = np.repeat(newest, np.diff(np.r_[first, len(pair)])) - time
    rate = 1 / (half_life_days * DAY)
    summed = np.add.reduceat(value * np.exp2(-age * rate), first)
    row, col = (pair[first] // len(items)).astype(np.int32), (pair[first] % len(items))

    latest = np.full(len(users), np.iinfo(np.int64).min)
    np.maximum.at(latest, row, newest)
    weight = np.log1p(summed) * np.exp2(-np.minimum((latest[row] - newest) * rate, OLDEST))
    total = np.bincount(row, weights=weight, minlength=len(users))
    return Csr.from_sorted(len(users), len(items), row, col.astype(np.int32), weight / total[row])


def _digraph(endorsements: Collection[Endorsement], users: Vocab) -> Digraph:
    newest: dict[tuple[PeerId, PeerId], Endorsement] = {}
    for edge in sorted(set(endorsements), key=lambda e: (e.n, e.weight)):
        if edge.author != edge.peer:
            newest[edge.author, edge.peer] = edge
    edges = list(newest.values())
    return Digraph.from_edges(
        len(users),
        users.numbers(e.author for e in edges),
        users.numbers(e.peer for e in edges),
        np.array([e.weight / MAX_WEIGHT for e in edges], np.float64),
    )


def _recency(touched: Mapping[ItemKey, Millis], items: Vocab) -> Weights:
    number = items.found(Packed.of(touched))
    times = np.fromiter(touched.values(), np.int64, len(touched))[number >= 0]
    numbers = number[number >= 0]
    newer: Weights = np.zeros(len(items))
    newer[numbers] = len(times) - np.searchsorted(np.sort(times), times, side="right")
    return newer
