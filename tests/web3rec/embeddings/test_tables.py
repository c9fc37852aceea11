"""Vectors as bundles hold them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from web3rec.embeddings.tables import EXTRA, Table, laid_out
from web3rec.errors import DataError
from web3rec.types import ItemKey


def keys(count: int) -> list[ItemKey]:
    return [ItemKey(bytes([7, n]) + bytes(14)) for n in range(count)]


def test_a_row_by_hand() -> None:
    """Lengths 5, 0 and 1/5: logarithms lie ln 5 either side of their mean."""
    rows, stretch = laid_out(np.array([[3, 4], [0, 0], [0.12, -0.16]], np.float32))
    assert stretch == pytest.approx(np.log(5))
    want = [[0.75, 1, 1, 1], [0, 0, 0, 0], [0.03, -0.04, 1, -1]]
    assert rows == pytest.approx(np.array(want), abs=1e-6)


@given(st.integers(0, 2**32), st.integers(1, 9), st.integers(2, 6))
def test_a_table_says_within_half_a_step_what_it_was_given(
    seed: int, count: int, width: int
) -> None:
    rng = np.random.default_rng(seed)
    vectors = (rng.normal(size=(count, width)) * np.exp(rng.normal(size=(count, 1)))).astype("f4")
    table = Table.of(keys(count), vectors)
    found, known = table.vectors.of(keys(count))
    assert known.all()
    assert table.width == width + EXTRA
    assert np.abs(found - laid_out(vectors)[0]).max() <= 0.5 / 127 + 1e-6
    loud = np.log(np.linalg.norm(vectors, axis=1))
    assert found[:, -1] * table.stretch == pytest.approx(
        loud - loud.mean(), abs=table.stretch / 127 + 1e-6
    )


def test_items_of_no_length_are_left_out() -> None:
    table = Table.of(keys(3), np.array([[1, 1], [0, 0], [2, 0]], np.float32))
    assert table.vectors.of(keys(3))[1].tolist() == [True, False, True]


def test_what_is_no_table_is_said() -> None:
    with pytest.raises(DataError, match="a vector for each of 2"):
        Table.of(keys(2), np.ones((1, 2), np.float32))
    with pytest.raises(DataError, match="no item has a vector"):
        Table.of(keys(1), np.zeros((1, 2), np.float32))
