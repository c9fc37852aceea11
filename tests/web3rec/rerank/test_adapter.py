"""The personal part: what was forgotten was never learnt, bit for bit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from tests.web3rec.rerank.tables import table
from tests.web3rec.worlds import item
from web3rec.errors import DataError, ParamError
from web3rec.rerank.adapter import CLIP, LONGEST, Adapted, Adapter, AdapterParams, Matrix, Shown
from web3rec.rerank.features import NAMES
from web3rec.rerank.linear import learnt
from web3rec.rerank.model import ranked

PARAMS = AdapterParams(ridge=1.0)
WORDS = NAMES.index("words_max")


@st.composite
def shown(draw: st.DrawFn) -> list[tuple[str, Shown]]:
    """A few lists of a few items; some names twice, most items in several lists."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    found = []
    for name in draw(st.lists(st.sampled_from("abcd"), max_size=6)):
        keys = [item(n) for n in draw(st.lists(st.integers(0, 6), max_size=6, unique=True))]
        rows = rng.normal(0, 3, (len(keys), len(NAMES)))
        found.append((name, Shown.of(keys, rows, rng.uniform(-1, 1, len(keys)).tolist())))
    return found


def rows(*values: float) -> Matrix:
    found = np.zeros((len(values), len(NAMES)))
    found[:, WORDS] = values
    return found


def test_one_list_by_hand() -> None:
    """Features 1, 2 and 6, replies 1, 1 and -1 in one column; ridge 1.

    From their means 3 and 1/3: -2, -1, 3 and 2/3, 2/3, -4/3. Products sum to -6, squares to 14.
    """
    one = Shown.of([item(1), item(2), item(3)], rows(1, 2, 6), [1, 1, -1])
    weights = Adapter().learnt("a", one).weights(PARAMS)
    assert weights[WORDS] == pytest.approx(-6 / 15, abs=1e-3)
    assert np.count_nonzero(weights) == 1


@given(shown(), st.data())
def test_items_that_were_forgotten_were_never_learnt(
    lists: list[tuple[str, Shown]], data: st.DataObject
) -> None:
    """In whatever order: equal, not close."""
    gone = [item(n) for n in data.draw(st.lists(st.integers(0, 6), unique=True))]
    adapter = Adapter.of(lists)
    for key in gone:
        adapter = adapter.forgotten(key)
    innocent = []
    for name, each in lists:
        kept = each
        for key in reversed(gone):
            kept = kept.without(key)
        innocent.append((name, kept))
    assert_array_equal(adapter.sums, Adapter.of(innocent).sums)
    assert_array_equal(adapter.weights(PARAMS), Adapter.of(innocent).weights(PARAMS))
    assert not any(key in each.keys for each in adapter.lists.values() for key in gone)


@given(shown())
def test_the_order_in_which_lists_were_learnt_does_not_matter(
    lists: list[tuple[str, Shown]],
) -> None:
    last = list(dict(lists).items())
    assert_array_equal(Adapter.of(lists).sums, Adapter.of(reversed(last)).sums)


@given(shown(), st.floats(0.1, 100))
def test_the_weights_are_those_of_ridge_regression(
    lists: list[tuple[str, Shown]], ridge: float
) -> None:
    """Oracle: least squares on the differences to each list's mean, sqrt(ridge) I below them."""
    last = [each for each in dict(lists).values() if each.keys]
    x = [each.rows - each.rows.mean(axis=0) for each in last]
    y = [each.replies - each.replies.mean() for each in last]
    expected = np.linalg.lstsq(
        np.concatenate([*x, np.sqrt(ridge) * np.eye(len(NAMES))]),
        np.concatenate([*y, np.zeros(len(NAMES))]),
    )[0]
    found = Adapter.of(lists).weights(AdapterParams(ridge=ridge))
    assert_allclose(found, expected, atol=1e-3)


def test_without_replies_the_shared_order_stands_and_with_some_it_leans() -> None:
    shared = learnt([])
    features = table({"graph": [1.0, 0.9], "words_max": [0.0, 1.0]})
    assert ranked(Adapted(shared, Adapter()), features).order.tolist() == [0, 1]
    liked = Adapter().learnt("a", Shown.of([item(1), item(2)], rows(1, 0), [1, -1]))
    assert ranked(Adapted(shared, liked, PARAMS), features).order.tolist() == [1, 0]
    forgot = liked.forgotten(item(1))
    assert ranked(Adapted(shared, forgot, PARAMS), features).order.tolist() == [0, 1]


def test_a_list_that_was_all_rejected_teaches_nothing() -> None:
    """There is no telling what in it was worse than the rest."""
    bored = Adapter().learnt("a", Shown.of([item(1), item(2)], rows(1, 5), [-1, -1]))
    assert not bored.weights(PARAMS).any()


def test_one_item_counts_no_more_than_its_clipped_row() -> None:
    loud = Shown.of([item(1), item(2), item(3)], rows(1e30, np.inf, -np.inf), [1, 0, 0])
    assert_array_equal(loud.rows, rows(CLIP, CLIP, -CLIP))


def test_what_cannot_be_learnt_from_is_refused() -> None:
    one, many = [item(1)], [item(n) for n in range(LONGEST + 1)]
    for keys, features, replies in (
        (one, np.zeros((1, 2)), [1.0]),
        (one, rows(1, 2), [1.0]),
        (one, rows(1), [1.0, 1.0]),
        (one, rows(np.nan), [1.0]),
        (one * 2, rows(1, 1), [1.0, 1.0]),
        (many, rows(*[1.0] * len(many)), [1.0] * len(many)),
    ):
        with pytest.raises(DataError):
            Shown.of(keys, features, replies)
    with pytest.raises(ParamError, match="reply"):
        Shown.of(one, rows(1), [1.5])
    with pytest.raises(ParamError, match="ridge"):
        AdapterParams(ridge=0)
    with pytest.raises(ParamError, match="weight"):
        AdapterParams(weight=-1)
