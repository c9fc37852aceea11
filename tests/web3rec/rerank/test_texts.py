"""Items as words: alike by what they share, by BM25's weights."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web3rec.worlds import item
from web3rec.graph import Vocab
from web3rec.params import SourceParams
from web3rec.rank.sources import WordIndex
from web3rec.rerank.texts import NEWEST, Texts
from web3rec.types import Indices, Item

WORDS = st.lists(st.sampled_from(["rain", "dogs", "blue", "train", "night"]), max_size=4)


def numbers(*items: int) -> Indices:
    return np.array(items, np.int32)


def texts(*titles: str) -> Texts:
    keys = [item(n) for n in range(len(titles))]
    found = Texts.of(
        {key: Item("x", title=title) for key, title in zip(keys, titles, strict=True)},
        Vocab.of(keys),
    )
    assert found is not None
    return found


def test_the_same_title_is_wholly_alike_and_no_common_word_not_at_all() -> None:
    mean, most = texts("rain dogs", "Rain Dogs!", "blue", "").likeness(
        numbers(0), np.ones(1), numbers(1, 2, 3)
    )
    np.testing.assert_allclose(mean, [1, 0, 0], atol=1e-6)
    np.testing.assert_allclose(most, mean)


def test_the_mean_goes_by_recency_and_the_most_does_not() -> None:
    """Own: "rain" at weight 3, "blue" at weight 1. The candidate is like the second alone."""
    mean, most = texts("rain", "blue", "blue").likeness(
        numbers(0, 1), np.array([3.0, 1.0]), numbers(2)
    )
    assert mean[0] == pytest.approx(1 / 4)
    assert most[0] == pytest.approx(1)


def test_only_the_newest_own_items_are_looked_at() -> None:
    titles = ["rain", *["blue"] * NEWEST, "rain"]
    recent = 0.9 ** np.arange(NEWEST, -1, -1.0)
    _, most = texts(*titles).likeness(numbers(*range(NEWEST + 1)), recent, numbers(NEWEST + 1))
    assert most[0] == 0


def test_a_catalogue_that_names_nothing_here_gives_no_texts() -> None:
    assert Texts.of({}, Vocab.of([item(1)])) is None
    assert Texts.of({item(2): Item("x", title="rain")}, Vocab.of([item(1)])) is None


def test_items_that_the_catalogue_lacks_are_like_nothing() -> None:
    found = Texts.of({item(5): Item("x", title="rain")}, Vocab.of([item(n) for n in range(8)]))
    assert found is not None
    mean, _ = found.likeness(numbers(5), np.ones(1), numbers(0, 5))
    np.testing.assert_allclose(mean, [0, 1], atol=1e-6)


@given(st.lists(WORDS, min_size=2, max_size=6))
def test_likeness_is_the_cosine_of_what_words_add_to_a_search(titles: list[list[str]]) -> None:
    keys = [item(n) for n in range(len(titles))]
    catalogue = {key: Item("x", title=" ".join(t)) for key, t in zip(keys, titles, strict=True)}
    found = Texts.of(catalogue, Vocab.of(keys))
    assert found is not None
    impact = WordIndex.of(catalogue, SourceParams()).impact
    dense = np.zeros((impact.n_rows, impact.n_cols))
    for term in range(impact.n_rows):
        dense[term, impact.row(term)[0]] = impact.row(term)[1]
    candidates = np.arange(1, len(titles), dtype=np.int32)
    mean, _ = found.likeness(numbers(0), np.ones(1), candidates)
    for at, candidate in enumerate(candidates.tolist()):
        a, b = dense[:, 0], dense[:, candidate]
        length = float(np.linalg.norm(a) * np.linalg.norm(b))
        assert mean[at] == pytest.approx(float(a @ b) / length if length else 0.0, abs=1e-5)
