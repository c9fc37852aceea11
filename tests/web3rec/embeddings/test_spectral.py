"""Item vectors in closed form."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as runs
from hypothesis import strategies as st

from tests.web3rec.embeddings.worlds import graph, two_crowds
from web3rec.embeddings.spectral import SpectralParams, spectral
from web3rec.errors import DataError, ParamError

PLAIN = SpectralParams(width=1, people=0, items=0, ridge=0, tilt=0)


def test_the_main_axis_by_hand() -> None:
    """Two people have i0 and i1, a third i2: the axis that most is on is (1, 1, 0) / sqrt 2."""
    held = graph([(0, 0), (0, 1), (1, 0), (1, 1), (2, 2)], 3, 3)
    found = spectral(held, PLAIN)[:, 0]
    assert np.abs(found) == pytest.approx([np.sqrt(0.5), np.sqrt(0.5), 0], abs=1e-6)


@runs(max_examples=20)
@given(st.integers(0, 2**32), st.floats(0, 1), st.floats(0, 1), st.floats(0, 5))
def test_inner_products_are_those_of_a_full_decomposition(
    seed: int, people: float, items: float, ridge: float
) -> None:
    held = two_crowds(14, 9, 4, seed)
    params = SpectralParams(width=8, people=people, items=items, ridge=ridge, tilt=0.3)
    ones = np.zeros((14, 9))
    ones[held.row_of(), held.cols] = 1
    by_item = np.maximum(1, ones.sum(0))
    scaled = ones.sum(1)[:, None] ** -people * ones * by_item**-items
    _, values, right = np.linalg.svd(scaled, full_matrices=False)
    power = values**2
    kept = (power / np.maximum(power + ridge * power.mean(), 1e-12))[:8]
    want = (right[:8].T * kept) @ right[:8] * np.outer(by_item, by_item) ** 0.3
    known = ones.sum(0) > 0
    found = spectral(held, params)
    if power[7] > 1e-9:  # an axis of nothing is any axis
        assert found @ found.T == pytest.approx(want * np.outer(known, known), abs=1e-3)


def test_one_graph_makes_the_same_vectors_to_the_bit() -> None:
    held = two_crowds(20, 12, 4, 0)
    one, two = (spectral(held, SpectralParams(width=5)).tobytes() for _ in range(2))
    assert one == two


def test_a_small_graph_has_fewer_axes_and_the_rest_is_nothing() -> None:
    found = spectral(two_crowds(6, 5, 3, 0), SpectralParams(width=20))
    assert found.shape == (5, 20)
    assert not found[:, 4:].any()


def test_items_that_nobody_has_have_no_vector() -> None:
    found = spectral(graph([(0, 0), (0, 2), (1, 0), (1, 2), (2, 2)], 3, 4), SpectralParams(width=2))
    assert np.abs(found).max(axis=1).astype(bool).tolist() == [True, False, True, False]


def test_what_has_no_axes_is_said() -> None:
    with pytest.raises(DataError, match="two people"):
        spectral(graph([(0, 0), (0, 1)], 1, 2), PLAIN)
    for name, value in (("width", 0), ("people", 2.0), ("items", -1.0), ("ridge", -1.0)):
        wrong: dict[str, float] = {name: value}
        with pytest.raises(ParamError, match=name):
            SpectralParams(**wrong)  # type: ignore[arg-type]
