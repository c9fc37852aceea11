"""Turning one fit's vectors onto another's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from web3rec.distill.embeddings.alignment import rotation
from web3rec.errors import DataError


def test_a_quarter_turn_by_hand() -> None:
    found = rotation(np.array([[1, 0], [0, 2]], "f4"), np.array([[0, 1], [-2, 0]], "f4"))
    assert found == pytest.approx(np.array([[0, 1], [-1, 0]]), abs=1e-6)


@given(st.integers(0, 2**32), st.integers(1, 5))
def test_a_turn_is_undone_and_no_length_changes(seed: int, width: int) -> None:
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(12, width)).astype(np.float32)
    turned = (rows @ np.linalg.qr(rng.normal(size=(width, width)))[0]).astype(np.float32)
    found = rotation(turned, rows)
    assert turned @ found == pytest.approx(rows, abs=1e-4)
    assert found @ found.T == pytest.approx(np.eye(width), abs=1e-5)


@given(st.integers(0, 2**32))
def test_no_drawn_turn_comes_nearer(seed: int) -> None:
    rng = np.random.default_rng(seed)
    one, two = rng.normal(size=(2, 8, 3)).astype(np.float32)
    best = np.linalg.norm(one @ rotation(one, two) - two)
    other = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    assert best <= np.linalg.norm(one @ other - two) + 1e-5


def test_tables_that_cannot_be_turned_are_refused() -> None:
    one = np.ones((2, 2), np.float32)
    with pytest.raises(DataError, match="one shape"):
        rotation(one, one[:1])
    with pytest.raises(DataError, match="finite"):
        rotation(one, one * np.nan)
