"""Synthetic graphs for benches: one of the size of HetRec Last.fm, and the large one called `g`.

Same arguments, same graph. `hetrec_like` is records, so that benches can time everything from
them on; `g` is laid out as arrays at once, because two million records take longer to make than
anything a bench would measure on them.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from trust import Digraph, TrustParams
from web3rec.graph import Act, Csr, Endorsement, Snapshot, Vocab
from web3rec.params import Params
from web3rec.rank.admission import Mode
from web3rec.records.model import DAY, Kind
from web3rec.types import Indices, ItemKey, PeerId
from web3rec.view import View, view_of

NOW: Final = 20_000 * DAY
GROUP: Final = 60
"""How many people make a circle of friends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large a record graph is."""

    people: int = 1_900
    items: int = 17_600
    acts_each: int = 49
    friends_each: int = 13


def peer(number: int) -> PeerId:
    return PeerId(number.to_bytes(32, "big"))


def item(number: int) -> ItemKey:
    return ItemKey(number.to_bytes(16, "big"))


def hetrec_like(size: Size | None = None, seed: int = 8) -> tuple[list[Act], list[Endorsement]]:
    """Records of the size of HetRec Last.fm: as many acts each, items of Zipf popularity.

    Friends are in groups, as people have them, but for three who may be anywhere. About .5 s.
    """
    size = size or Size()
    rng = np.random.default_rng([seed, size.people])
    popularity = 1 / np.arange(1, size.items + 1) ** 0.9
    popularity /= popularity.sum()
    acts, edges = [], []
    for person in range(size.people):
        kinds = rng.integers(1, 7, size.acts_each)
        chosen = rng.choice(size.items, size.acts_each, replace=False, p=popularity)
        for n, number in enumerate(chosen):
            acts.append(Act(peer(person), n, item(int(number)), Kind.LISTEN, int(kinds[n]), NOW))
        near = person // GROUP * GROUP + rng.integers(0, GROUP, size.friends_each - 3)
        far = rng.integers(0, size.people, 3)
        friends = {int(f) for f in np.r_[near, far] if f != person and f < size.people}
        edges += [Endorsement(peer(person), n, peer(f), 8) for n, f in enumerate(sorted(friends))]
    return acts, edges


def g(users: int = 100_000, items: int = 50_000, edges: int = 2_000_000, seed: int = 8) -> Snapshot:
    """The large graph: power laws on both sides, and a clustered trust graph.

    A user's acts fall as rank ** -0.5 (the most active has about 3,000, the median 14), an item's
    holders as rank ** -0.8 (the most popular has about 45,000; ranks are shuffled over numbers).
    Weights are those of acts of buckets 1 to 8. Trust: about 10 edges a user, 8 of them within its
    group of 60, the others anywhere. The ego is user 0; `as_ego` chooses another.

    Takes about 4 s; no Python object per edge.
    """
    rng = np.random.default_rng([seed, users, items, edges])
    keys = _pairs(users, items, edges, rng)
    rows, cols = (keys // items).astype(np.int32), (keys % items).astype(np.int32)
    said = np.log1p(4.0 ** rng.integers(0, 8, edges))
    total = np.bincount(rows, weights=said, minlength=users)
    matrix = Csr.from_sorted(users, items, rows, cols, said / total[rows])
    return Snapshot(
        users=Vocab.of(peer(n) for n in range(users)),
        items=Vocab.of(item(n) for n in range(items)),
        ego=0,
        rows=matrix,
        cols=matrix.transpose(),
        trust=_circles(users, rng),
        recency=np.zeros(items),
    )


def as_ego(graph: Snapshot, ego: int, timed: bool = False) -> Snapshot:
    """The graph as this user's device has it; `timed`: its acts happened one after another."""
    recency = np.zeros(len(graph.items))
    if timed:
        own = graph.rows.row(ego)[0]
        recency[own] = np.random.default_rng([ego]).permutation(own.size)
    return replace(graph, ego=ego, recency=recency)


def view(graph: Snapshot, params: Params | None = None, mode: Mode = Mode.CLOSED) -> View:
    """What the graph's ego makes of it: trust, admission, sponsors; nobody is blocked."""
    nobody: Indices = np.zeros(0, np.int32)
    return view_of(graph, nobody, mode, params or Params(), TrustParams())


def egos(graph: Snapshot, n: int, least: int = 20, seed: int = 8) -> list[int]:
    """Users with at least `least` items, drawn at random."""
    active = np.flatnonzero(np.diff(graph.rows.starts) >= least)
    drawn: list[int] = np.random.default_rng([seed, n]).choice(active, n, replace=False).tolist()
    return drawn


def _pairs(users: int, items: int, edges: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """`edges` different (user, item) pairs as user * items + item, rising."""
    activity = _power_law(users, 0.5, rng)
    popularity = _power_law(items, 0.8, rng)
    keys: npt.NDArray[np.int64] = np.arange(users) * items  # everyone has something
    keys += np.searchsorted(popularity, rng.random(users))
    while keys.size < edges:
        more = (edges - keys.size) * 5 // 4 + 16
        user = np.searchsorted(activity, rng.random(more))
        drawn = user * items + np.searchsorted(popularity, rng.random(more))
        drawn = np.setdiff1d(drawn, keys)
        keys = np.r_[keys, rng.permutation(drawn)[: edges - keys.size]]
    keys.sort()
    return keys


def _power_law(n: int, exponent: float, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """Upper ends of n intervals of [0, 1), the k-th largest of length ~ k ** -exponent."""
    share = rng.permutation(np.arange(1, n + 1) ** -exponent)
    ends: npt.NDArray[np.float64] = np.cumsum(share / share.sum())
    ends[-1] = 1.0
    return ends


def _circles(users: int, rng: np.random.Generator) -> Digraph:
    near = np.arange(users)[:, None] // GROUP * GROUP + rng.integers(0, GROUP, (users, 9))
    far = rng.integers(0, users, (users, 2))
    target = np.minimum(np.c_[near, far], users - 1)
    source = np.broadcast_to(np.arange(users)[:, None], target.shape)
    key = np.unique((source * users + target)[source != target])
    return Digraph.from_edges(users, key // users, key % users, np.ones(key.size))
