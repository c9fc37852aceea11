"""Sets of sync elements: random ones, and those that lie awkwardly close together."""

import numpy as np
from hypothesis import strategies as st

from tests.p2p.ends import Element

DAY = 20_000

_awkward = st.builds(
    lambda head, middle, tail: bytes([head]) + bytes([middle]) * 14 + bytes([tail]),
    st.sampled_from([0, 1, 255]),
    st.sampled_from([0, 7, 255]),
    st.integers(0, 255),
)
elements = st.one_of(_awkward, st.binary(min_size=16, max_size=16)).map(
    lambda id_: ((0, DAY, DAY + 1, 2**32 - 1)[id_[-1] % 4], id_)
)
"""(day, id), many of which share all but their last byte; an id has one day, as records have."""


def some(count: int, rng: np.random.Generator, *, days: int = 30) -> set[Element]:
    """As many elements as said, all over these days."""
    ids = rng.bytes(16 * count)
    chosen = rng.integers(DAY, DAY + days, count).tolist()
    return {(day, ids[16 * i : 16 * i + 16]) for i, day in enumerate(chosen)}


@st.composite
def pairs(draw: st.DrawFn, most: int = 400) -> tuple[set[Element], set[Element]]:
    """Two sets with much in common: a seeded crowd, and awkward ones on each side."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    common = some(draw(st.integers(0, most)), rng)
    one = some(draw(st.integers(0, most // 4)), rng, days=draw(st.sampled_from([1, 30])))
    other = some(draw(st.integers(0, most // 4)), rng)
    close = draw(st.lists(st.tuples(elements, st.integers(1, 3)), max_size=40))
    return (
        common | one | {element for element, side in close if side & 1},
        common | other | {element for element, side in close if side & 2},
    )
