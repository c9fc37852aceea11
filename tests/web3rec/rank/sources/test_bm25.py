"""BM25 by hand, and against its formula written out."""

from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web3rec.worlds import item
from web3rec.graph import Vocab
from web3rec.params import SourceParams
from web3rec.rank.sources.bm25 import WordIndex
from web3rec.rank.sources.tokens import phrase_of, words_of
from web3rec.types import Item

PARAMS = SourceParams()
SHELF = {
    item(1): Item("a:1", "Blue Train", "John Coltrane", ("jazz", "hard bop")),
    item(2): Item("a:2", "Train in Vain", "The Clash", ("punk",)),
    item(3): Item("a:3", tags=("jazz", "piano jazz")),
    item(4): Item("a:4"),
}
pieces = st.lists(st.sampled_from(["jazz", "Piano", "hard bop", "été", "歌曲"]), max_size=4)
shelves = st.lists(pieces, max_size=6).map(
    lambda many: {item(n): Item(f"b:{n}", tags=tuple(tags)) for n, tags in enumerate(many)}
)


def test_one_word_by_hand() -> None:
    """Terms, wholes included: 6 + 3, 5 + 3... item 1 has blue train john coltrane jazz hard bop and
    =blue train =john coltrane =jazz =hard bop: 11; item 2: 3 + 2 + 1 + 3 = 9; item 3: 3 + 2 = 5.
    "punk" is in item 2 twice over, as a word and as a whole tag, each in 1 of 4 items, once.
    """
    index = WordIndex.of(SHELF, PARAMS)
    idf, stretch = log(1 + 3.5 / 1.5), 0.25 + 0.75 * 9 / (25 / 4)
    one = idf * 2.2 / (1 + 1.2 * stretch)
    assert index.scores("PUNK!") == pytest.approx([0, 2 * one, 0, 0])


def test_a_whole_tag_is_more_than_its_words() -> None:
    index = WordIndex.of(SHELF, PARAMS)
    jazz = index.scores("jazz")
    assert jazz[2] > jazz[0] > jazz[1] == jazz[3] == 0
    assert index.scores("piano jazz")[2] > index.scores("jazz piano")[2] > 0
    assert index.scores("hard")[0] < index.scores("hard bop")[0]


def test_matches_are_shares_of_the_best_and_follow_another_vocabulary() -> None:
    index = WordIndex.of(SHELF, PARAMS)
    found = index.matches(["jazz", "nothing such", "train"])
    assert found.max(axis=1).tolist() == [1, 0, 1]
    graph = Vocab.of([item(0), item(1), item(3), item(9)])
    moved = index.among(found, graph)
    np.testing.assert_array_equal(moved[:, [1, 2]], found[:, [0, 2]])
    assert not moved[:, [0, 3]].any()


@given(shelves, st.sampled_from(["jazz", "hard bop", "ÉTÉ", "歌曲 piano", "none"]))
def test_scores_are_those_of_the_formula(shelf: dict, wish: str) -> None:  # type: ignore[type-arg]
    terms = {
        key: [w for t in one.tags for w in words_of(t)] + [f"={phrase_of(t)}" for t in one.tags]
        for key, one in shelf.items()
    }
    mean = sum(map(len, terms.values())) / max(1, len(terms))
    expected = []
    for key in sorted(terms):
        total = 0.0
        for term in {*words_of(wish), f"={phrase_of(wish)}"}:
            n, f = sum(term in other for other in terms.values()), terms[key].count(term)
            idf = log(1 + (len(terms) - n + 0.5) / (n + 0.5))
            length = 1 - PARAMS.b + PARAMS.b * len(terms[key]) / (mean or 1)
            total += idf * f * (PARAMS.k1 + 1) / (f + PARAMS.k1 * length) if f else 0
        expected.append(total)
    np.testing.assert_allclose(WordIndex.of(shelf, PARAMS).scores(wish), expected, rtol=1e-6)


def test_an_empty_catalogue_matches_nothing() -> None:
    index = WordIndex.of({}, PARAMS)
    assert index.matches(["jazz"]).shape == (1, 0)
