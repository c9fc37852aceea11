"""Small feature tables, drawn or by hand."""

import numpy as np
from hypothesis import strategies as st

from web3rec.rerank.features import NAMES, Features
from web3rec.rerank.linear import Example


def table(rows: dict[str, list[float]]) -> Features:
    """Candidates in the graph's order; columns that are not named are 0."""
    n = len(next(iter(rows.values())))
    values = np.zeros((n, len(NAMES)), np.float32)
    for name, column in rows.items():
        values[:, NAMES.index(name)] = column
    return Features(values, np.arange(n, dtype=np.int64))


def drawn(rng: np.random.Generator, n: int) -> Features:
    values = rng.normal(size=(n, len(NAMES))).astype(np.float32)
    return Features(values, rng.permutation(n).astype(np.int64))


@st.composite
def tables(draw: st.DrawFn, least: int = 0, most: int = 8) -> Features:
    return drawn(np.random.default_rng(draw(st.integers(0, 2**32))), draw(st.integers(least, most)))


@st.composite
def lists(draw: st.DrawFn, least: int = 1, most: int = 6) -> list[Example]:
    """Lists with a hit each, votes unequal."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    found = []
    for _ in range(draw(st.integers(least, most))):
        n = int(rng.integers(2, 9))
        hits = rng.random(n) < 0.3
        hits[rng.integers(n)] = True
        found.append(Example(drawn(rng, n), hits, float(rng.uniform(0.2, 3))))
    return found
