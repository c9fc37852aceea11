"""Mass over a matrix: both directions are the dense product, whatever is empty."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web3rec.rank import dense
from web3rec.graph import Csr
from web3rec.rank import steps
from web3rec.rank.steps import pulled, pulled_at, pushed, step
from web3rec.types import Weights


@st.composite
def matrices(draw: st.DrawFn) -> tuple[Csr, Csr]:
    """A matrix and its transpose; rows and columns may be empty, first and last ones too."""
    n_rows, n_cols = draw(st.integers(1, 9)), draw(st.integers(1, 9))
    cells = draw(st.sets(st.tuples(st.integers(0, n_rows - 1), st.integers(0, n_cols - 1))))
    row, col = (np.array([cell[k] for cell in sorted(cells)], np.int32).reshape(-1) for k in (0, 1))
    weights = draw(st.lists(st.floats(0.125, 8), min_size=len(cells), max_size=len(cells)))
    matrix = Csr.from_sorted(n_rows, n_cols, row, col, np.array(weights, np.float64))
    return matrix, matrix.transpose()


def masses(n: int) -> st.SearchStrategy[Weights]:
    one = st.one_of(st.just(0.0), st.floats(0, 1))
    return st.lists(one, min_size=n, max_size=n).map(lambda xs: np.array(xs, np.float64))


def test_a_step_by_hand() -> None:
    """Row 0 holds (0: 1, 2: 2), row 1 nothing, row 2 (2: 4); mass 1, 5, 1/2."""
    ends, cols = np.array([0, 0, 2], np.int32), np.array([0, 2, 2], np.int32)
    matrix = Csr.from_sorted(3, 4, ends, cols, np.array([1.0, 2.0, 4.0]))
    mass = np.array([1.0, 5.0, 0.5])
    for found in (
        step(matrix, matrix.transpose(), mass),
        pulled(matrix.transpose(), mass),
        pushed(matrix, np.array([0, 1, 2], np.int32), mass),
    ):
        assert found.tolist() == [1, 0, 4, 0]


@given(matrices(), st.booleans(), st.integers(1, 5), st.data())
def test_pushing_and_pulling_are_the_dense_product(
    both: tuple[Csr, Csr], held: bool, block: int, data: st.DataObject
) -> None:
    rows, cols = both
    mass = data.draw(masses(rows.n_rows))
    a = dense.full(rows)
    expected = mass @ (a > 0 if held else a)
    at = np.flatnonzero(mass).astype(np.int32)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(steps, "BLOCK", block)  # so that small matrices have many blocks
        np.testing.assert_allclose(pulled(cols, mass, held=held), expected, atol=1e-12)
        np.testing.assert_allclose(step(rows, cols, mass, held=held), expected, atol=1e-12)
    np.testing.assert_allclose(pushed(rows, at, mass[at], held=held), expected, atol=1e-12)


@given(matrices(), st.booleans(), st.data())
def test_some_columns_are_pulled_as_all_are(
    both: tuple[Csr, Csr], held: bool, data: st.DataObject
) -> None:
    rows, cols = both
    mass = data.draw(masses(rows.n_rows))
    some = data.draw(st.lists(st.integers(0, cols.n_rows - 1), unique=True))
    items: npt.NDArray[np.int32] = np.array(some, np.int32)
    every = pulled(cols, mass, held=held)
    np.testing.assert_allclose(pulled_at(cols, items, mass, held=held), every[items], atol=1e-12)


def test_what_no_mass_lies_on_is_exactly_nothing() -> None:
    """In both directions: `> 0` is asked of the result."""
    n = 200
    row, col = np.repeat(np.arange(n, dtype=np.int32), 2), np.zeros(2 * n, np.int32)
    col[1::2] = np.arange(1, n + 1)
    rows = Csr.from_sorted(n, n + 1, row, col, np.full(2 * n, 0.1))
    mass = np.zeros(n)
    mass[7] = 1e-300
    assert np.flatnonzero(step(rows, rows.transpose(), mass)).tolist() == [0, 8]
    assert np.flatnonzero(pulled(rows.transpose(), mass)).tolist() == [0, 8]
