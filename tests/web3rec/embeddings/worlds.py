"""Small graphs of who has what."""

import numpy as np
from hypothesis import strategies as st

from web3rec.graph import Csr


def graph(pairs: list[tuple[int, int]], users: int, items: int) -> Csr:
    """Users by items; every weight is 1."""
    ordered = np.array(sorted(set(pairs)), np.int32).reshape(-1, 2)
    ones = np.ones(len(ordered), np.float32)
    return Csr.from_sorted(users, items, ordered[:, 0], ordered[:, 1], ones)


def two_crowds(users: int, items: int, each: int, seed: int) -> Csr:
    """Even people have even items, odd people odd ones, drawn; one in eight strays."""
    rng = np.random.default_rng(seed)
    pairs = []
    for user in range(users):
        near = np.where(np.arange(items) % 2 == user % 2, 7.0, 1.0)
        chosen = rng.choice(items, size=each, replace=False, p=near / near.sum())
        pairs += [(user, int(item)) for item in chosen]
    return graph(pairs, users, items)


@st.composite
def graphs(draw: st.DrawFn, users: int = 6, items: int = 7) -> Csr:
    """Somebody has something."""
    pair = st.tuples(st.integers(0, users - 1), st.integers(0, items - 1))
    return graph(draw(st.lists(pair, min_size=1, max_size=20)), users, items)
