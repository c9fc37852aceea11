"""Small data for tests of forgetting."""

import numpy as np

from web3rec.eval.unlearning.held import Held


def town(users: int = 40, items: int = 25, chance: float = 0.3, seed: int = 0) -> Held:
    """People of two tastes: each has most of one half of the items, and a little of the other."""
    rng = np.random.default_rng(seed)
    taste = (np.arange(users) % 2)[:, None] == (np.arange(items) * 2 // items)[None, :]
    rows, cols = np.nonzero(rng.random((users, items)) < np.where(taste, 2 * chance, chance / 3))
    return Held.of(rows, cols, users, items)


def parted(held: Held, share: float, seed: int = 0) -> tuple[Held, Held]:
    """What is learnt from, and a part that is held back."""
    rng = np.random.default_rng(seed)
    aside = held.only(rng.choice(held.codes, round(share * len(held)), replace=False))
    return held.less(aside), aside
