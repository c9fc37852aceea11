"""A small town with tastes and friendships, big enough to be besieged."""

import numpy as np

from web3rec.adapters import Act, Dataset, TrustEdge
from web3rec.types import Event, Item, ItemId

KINDS = (Event.LISTEN, Event.LIKE, Event.COLLECT)


def town(people: int = 24, items: int = 60, friends: int = 3, seed: int = 0) -> Dataset:
    """Two crowds of different tastes in a ring of mutual friendships; no times."""
    rng = np.random.default_rng(seed)
    names = tuple(f"p{n}" for n in range(people))
    goods = tuple(Item(ItemId(f"i:{n}")) for n in range(items))
    acts = []
    for n, name in enumerate(names):
        near = np.where(np.arange(items) % 2 == n % 2, 4.0, 1.0) / (1 + np.arange(items))
        for place in rng.choice(items, size=8, replace=False, p=near / near.sum()):
            kind = KINDS[int(rng.integers(len(KINDS)))]
            acts.append(Act(name, ItemId(goods[place].id), kind, int(rng.integers(1, 9))))
    pairs = {(n, (n + k) % people) for n in range(people) for k in range(1, friends)}
    both = sorted(pairs | {(b, a) for a, b in pairs})
    trust = tuple(TrustEdge(names[a], names[b]) for a, b in both)
    return Dataset("town", names, goods, tuple(acts), trust)
