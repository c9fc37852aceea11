"""The one sparse type: valid from birth, and each operation what the dense matrix says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from web3rec.graph import Csr
from web3rec.types import Weights

N_ROWS, N_COLS = 5, 6
cells = st.dictionaries(
    st.tuples(st.integers(0, N_ROWS - 1), st.integers(0, N_COLS - 1)),
    st.floats(1e-3, 1e3),
    max_size=16,
)


def csr_of(entries: dict[tuple[int, int], float]) -> Csr:
    ordered = sorted(entries.items())
    rows = np.array([row for (row, _), _ in ordered], np.int32)
    cols = np.array([col for (_, col), _ in ordered], np.int32)
    return Csr.from_sorted(N_ROWS, N_COLS, rows, cols, np.array([w for _, w in ordered]))


def dense(matrix: Csr) -> Weights:
    full: Weights = np.zeros((matrix.n_rows, matrix.n_cols))
    for number in range(matrix.n_rows):
        cols, weights = matrix.row(number)
        full[number, cols] = weights
    return full


def test_two_rows_by_hand() -> None:
    """Row 0: column 1 weighs 2, column 3 weighs 5. Row 1 is empty. Row 2: column 1 weighs 7."""
    matrix = Csr.from_sorted(
        3, 4, np.array([0, 0, 2], np.int32), np.array([1, 3, 1], np.int32), np.array([2.0, 5, 7])
    )
    assert matrix.starts.tolist() == [0, 2, 2, 3]
    assert (matrix.n_rows, matrix.n_cols, matrix.nnz) == (3, 4, 3)
    found = matrix.gather(np.array([2, 1, 0, 2], np.int32))
    assert found.owner.tolist() == [0, 2, 2, 3]
    assert found.cols.tolist() == [1, 1, 3, 1]
    assert found.weights.tolist() == [7, 2, 5, 7]
    turned = matrix.transpose()
    assert (turned.n_rows, turned.n_cols) == (4, 3)
    assert turned.row(1)[0].tolist() == [0, 2]
    assert turned.row(1)[1].tolist() == [2, 7]


@given(cells, st.lists(st.integers(0, N_ROWS - 1), max_size=8))
def test_a_gather_is_the_dense_rows(
    entries: dict[tuple[int, int], float], asked: list[int]
) -> None:
    matrix = csr_of(entries)
    found = matrix.gather(np.array(asked, np.int32))
    laid_out = np.zeros((len(asked), N_COLS))
    laid_out[found.owner, found.cols] = found.weights
    np.testing.assert_array_equal(laid_out, dense(matrix)[asked])
    assert found.owner.size == np.count_nonzero(laid_out)


@given(cells)
def test_a_transpose_is_the_dense_transpose_and_twice_is_itself(
    entries: dict[tuple[int, int], float],
) -> None:
    matrix = csr_of(entries)
    turned = matrix.transpose()
    np.testing.assert_array_equal(dense(turned), dense(matrix).T)
    back = turned.transpose()
    for ours, theirs in zip(
        (matrix.starts, matrix.cols, matrix.weights),
        (back.starts, back.cols, back.weights),
        strict=True,
    ):
        np.testing.assert_array_equal(ours, theirs)


def test_its_arrays_are_read_only() -> None:
    matrix = csr_of({(0, 1): 1.0})
    for array in (matrix.starts, matrix.cols, matrix.weights):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


STARTS, COLS, WEIGHTS = [0, 2, 3], [0, 2, 1], [1.0, 2.0, 3.0]


@pytest.mark.parametrize(
    ("starts", "cols", "weights", "match"),
    [
        ([], COLS, WEIGHTS, "begin at 0"),
        ([1, 2, 3], COLS, WEIGHTS, "begin at 0"),
        ([0, 3, 2], COLS, WEIGHTS, "never decrease"),
        ([0, 2, 2], COLS, WEIGHTS, "want 2 cols"),
        (STARTS, COLS, WEIGHTS[:2], "want 3 cols"),
        (STARTS, [0, 3, 1], WEIGHTS, r"lie in \[0, 3\)"),
        (STARTS, [-1, 2, 1], WEIGHTS, r"lie in \[0, 3\)"),
        (STARTS, [2, 0, 1], WEIGHTS, "rise strictly"),
        (STARTS, [2, 2, 1], WEIGHTS, "rise strictly"),
        ([0, 0, 3], [0, 2, 1], WEIGHTS, "rise strictly"),
        (STARTS, COLS, [1.0, 0.0, 3.0], "finite and > 0"),
        (STARTS, COLS, [1.0, -1.0, 3.0], "finite and > 0"),
        (STARTS, COLS, [1.0, np.nan, 3.0], "finite and > 0"),
        (STARTS, COLS, [1.0, np.inf, 3.0], "finite and > 0"),
    ],
)
def test_what_is_no_matrix_is_refused(
    starts: list[int], cols: list[int], weights: list[float], match: str
) -> None:
    with pytest.raises(ValueError, match=match):
        Csr(np.array(starts, np.int64), np.array(cols, np.int32), np.array(weights, np.float32), 3)


def test_weights_are_kept_in_single_precision_and_handed_out_in_double() -> None:
    matrix = csr_of({(0, 1): 0.1})
    assert matrix.weights.dtype == np.float32
    assert matrix.row(0)[1].tolist() == [float(np.float32(0.1))]
    assert matrix.gather(np.array([0])).weights.dtype == np.float64
    with pytest.raises(ValueError, match="float32 weights"):
        Csr(np.array([0, 1]), np.zeros(1, np.int32), np.ones(1), 1)  # type: ignore[arg-type]


@pytest.mark.parametrize("empty", [0, 1, 2])
def test_rows_may_be_empty_anywhere(empty: int) -> None:
    counts = [2, 2, 2]
    counts[empty] = 0
    starts = np.array([0, *np.cumsum(counts)], np.int64)
    matrix = Csr(starts, np.array([0, 1, 0, 1], np.int32), np.ones(4, np.float32), 2)
    assert matrix.row(empty)[0].size == 0


@pytest.mark.parametrize(
    ("rows", "cols", "match"),
    [([1, 0], [0, 1], "not decrease"), ([0, 2], [0, 1], "lie in"), ([0], [0, 1], "each")],
)
def test_entries_out_of_order_are_refused(rows: list[int], cols: list[int], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        Csr.from_sorted(2, 2, np.array(rows, np.int32), np.array(cols, np.int32), np.ones(2))
