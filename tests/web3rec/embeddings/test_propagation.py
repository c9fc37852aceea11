"""Item vectors after a walk to people and back."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web3rec.embeddings.worlds import graph, graphs
from web3rec.embeddings.propagation import Propagation, PropagationParams, unit, unit_slope
from web3rec.errors import ParamError
from web3rec.graph import Csr

PLAIN = PropagationParams(near=0.5, far=0.0, own=0.25)


def test_a_walk_of_two_people_by_hand() -> None:
    """p0 has i0 and i1, p1 has i1; e0 = (3, 0), e1 = (0, 2)."""
    walks = Propagation.of(graph([(0, 0), (0, 1), (1, 1)], 2, 2), PLAIN)
    found = walks.walked(np.array([[3, 0], [0, 2]], np.float32))
    half = np.sqrt(0.5)
    assert found.users == pytest.approx(np.array([[half, half], [0, 1]]))
    back = np.array([[half, half], [half * half, half * (half + 1)]])
    assert found.vectors == pytest.approx(0.25 * np.array([[3, 0], [0, 2]]) + 0.75 * back)


def test_below_0_whoever_has_more_counts_for_more() -> None:
    """i0 is p0's and p1's; p1 has three more things, and points elsewhere."""
    held = graph([(0, 0), (1, 0), (1, 1), (1, 2), (1, 3)], 2, 4)
    free = np.array([[1, 0], [0, 1], [0, 1], [0, 1]], np.float32)
    lean = {
        far: Propagation.of(held, PropagationParams(near=0.5, far=far, own=0))
        .walked(free)
        .vectors[0]
        for far in (-0.5, 0.0, 0.5)
    }
    share = {far: v[1] / v.sum() for far, v in lean.items()}
    assert share[-0.5] > share[0.0] > share[0.5]


@given(graphs(), st.integers(0, 2**32), st.floats(0, 1), st.floats(-1, 1), st.floats(0, 1))
def test_the_walk_is_what_plain_sums_say(
    held: Csr, seed: int, near: float, far: float, own: float
) -> None:
    params = PropagationParams(near=near, far=far, own=own)
    free = np.random.default_rng(seed).normal(size=(held.n_cols, 3)).astype(np.float32)
    ones = np.zeros((held.n_rows, held.n_cols))
    ones[held.row_of(), held.cols] = 1
    by_user, by_item = np.maximum(1, ones.sum(1)), np.maximum(1, ones.sum(0))
    want = own * free.astype(np.float64)
    users = np.zeros((held.n_rows, 3))
    for u, i in zip(*np.nonzero(ones), strict=True):
        users[u] += by_user[u] ** -near * by_item[i] ** -far * free[i] / np.linalg.norm(free[i])
    for u, i in zip(*np.nonzero(ones), strict=True):
        length = np.linalg.norm(users[u]) or 1.0
        want[i] += (1 - own) * by_item[i] ** -near * by_user[u] ** -far * users[u] / length
    found = Propagation.of(held, params).walked(free).vectors
    assert found == pytest.approx(want, rel=1e-3, abs=1e-4)


@given(graphs(), st.integers(0, 2**32))
def test_the_slope_is_what_small_steps_say(held: Csr, seed: int) -> None:
    """In float64: the change of a weighted sum of v along a direction."""
    rng = np.random.default_rng(seed)
    walks = Propagation.of(held, PropagationParams())
    drawn: list[Any] = [rng.normal(size=(held.n_cols, 4)) for _ in range(3)]
    free, way, wanted = drawn
    ahead, behind = (
        float((walks.walked(free + step * way).vectors * wanted).sum()) for step in (1e-5, -1e-5)
    )
    slope = walks.slope(walks.walked(free), wanted)
    assert float((slope * way).sum()) == pytest.approx((ahead - behind) / 2e-5, rel=1e-3, abs=1e-3)


def test_a_row_of_zeros_has_no_direction_and_takes_no_harm() -> None:
    nothing = np.zeros((1, 3), np.float32)
    assert unit(nothing).tolist() == [[0, 0, 0]]
    assert np.isfinite(unit_slope(nothing, np.ones((1, 3), np.float32))).all()


@pytest.mark.parametrize(("name", "value"), [("near", 1.1), ("far", -1.1), ("own", -0.1)])
def test_numbers_out_of_range_are_named(name: str, value: float) -> None:
    with pytest.raises(ParamError, match=name):
        PropagationParams(**{name: value})
