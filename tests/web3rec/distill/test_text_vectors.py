"""Vectors of texts."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from web3rec.distill.profiles import words
from web3rec.distill.text_vectors import TextParams, axes_of, text_of, text_vectors
from web3rec.errors import DataError, ParamError
from web3rec.rerank.bundle.items import read, written
from web3rec.store import key_of
from web3rec.types import Item, ItemId

pytest.importorskip("scipy", reason="needs SciPy of the extra distill")

SONGS = {
    ItemId("a"): "dark jazz",
    ItemId("b"): "dark jazz night",
    ItemId("c"): "bright pop",
    ItemId("d"): "bright pop night",
}
TEXTS = st.dictionaries(
    st.sampled_from("abcdefgh").map(ItemId),
    st.lists(st.sampled_from(["dark", "jazz", "pop", "night", "one"]), max_size=5).map(" ".join),
    min_size=1,
)


def test_a_worked_case() -> None:
    """Two words say dark jazz, two say bright pop, and each pair shares `night` once: along the
    best axis there are two groups, and without `night` their cosine is 0.
    """
    found = text_vectors(SONGS, TextParams(width=3)).vectors
    gram = {(x, y): float(found[x] @ found[y]) for x in SONGS for y in SONGS}
    assert gram[ItemId("a"), ItemId("c")] == pytest.approx(0, abs=1e-6)
    assert gram[ItemId("a"), ItemId("b")] == pytest.approx(math.sqrt(2 / 3), abs=1e-6)
    assert gram[ItemId("b"), ItemId("d")] == pytest.approx(1 / 3, abs=1e-6)


@given(TEXTS)
@settings(max_examples=60)
def test_at_full_width_cosines_are_those_of_the_words(texts: dict[ItemId, str]) -> None:
    """The oracle: dense rows of (1 + log times) log(n / items), no axes at all."""
    bags = {item: Counter(words(text)) for item, text in texts.items()}
    held = Counter(word for bag in bags.values() for word in bag)
    every = [word for word, times in held.items() if 2 <= times < len(bags)]
    rows = {
        item: np.array(
            [(1 + math.log(bag[w])) * math.log(len(bags) / held[w]) if bag[w] else 0 for w in every]
        )
        for item, bag in bags.items()
    }
    known = {item: row / np.linalg.norm(row) for item, row in rows.items() if row.any()}
    if not known:
        with pytest.raises(DataError, match="in common"):
            text_vectors(texts)
        return
    found = text_vectors(texts, TextParams(width=16))
    assert set(found.vectors) == set(known)
    for one, left in known.items():
        for other, right in known.items():
            assert found.vectors[one] @ found.vectors[other] == pytest.approx(
                left @ right, abs=1e-5
            )


@given(TEXTS, st.randoms())
@settings(max_examples=30)
def test_the_order_of_texts_changes_nothing(texts: dict[ItemId, str], mixer: object) -> None:
    texts |= {ItemId("x"): "dark one", ItemId("y"): "dark", ItemId("z"): "pop"}
    mixed = list(texts.items())
    mixer.shuffle(mixed)  # type: ignore[attr-defined]
    one, other = text_vectors(texts), text_vectors(dict(mixed))
    assert one.basis == other.basis
    for item, row in one.vectors.items():
        assert_array_equal(row, other.vectors[item])


def test_a_text_that_comes_later_gets_the_vector_it_would_have_had() -> None:
    found = text_vectors(SONGS, TextParams(width=3))
    for item, text in SONGS.items():
        again = found.of(text)
        assert again is not None
        assert_allclose(again, found.vectors[item], atol=1e-6)
    assert found.of("nothing of it") is None
    assert found.of("") is None


def test_other_texts_have_another_basis() -> None:
    more = SONGS | {ItemId("e"): "dark pop"}
    assert text_vectors(SONGS).basis != text_vectors(more).basis
    assert len(text_vectors(SONGS).basis) == 32


def test_eight_bits_keep_who_is_near_whom() -> None:
    """Forty paragraphs of random words as items.i8: cosines move by less than .02."""
    rng = np.random.default_rng(0)
    texts = {
        ItemId(str(n)): " ".join(f"w{word}" for word in rng.integers(60, size=20))
        for n in range(40)
    }
    found = text_vectors(texts, TextParams(width=16))
    keys = {item: key_of(item) for item in texts}
    table = read(written(found.basis, {keys[i]: row for i, row in found.vectors.items()}))
    rows, known = table.of([keys[item] for item in texts])
    assert known.all()
    assert table.basis == found.basis
    exact = np.stack([found.vectors[item] for item in texts])
    assert_allclose(rows @ rows.T, exact @ exact.T, atol=0.02)


@pytest.mark.parametrize("shape", [(40, 25), (12, 30)])
def test_axes_are_those_of_a_dense_decomposition(shape: tuple[int, int]) -> None:
    """The oracle is NumPy's on the whole table, up to the direction of each axis."""
    rng = np.random.default_rng(1)
    table = rng.random(shape) * (rng.random(shape) < 0.4)
    row, column = np.nonzero(table)
    starts = np.searchsorted(row, np.arange(shape[0] + 1))
    found = axes_of(table[row, column], column, starts, shape, 5)
    _, _, right = np.linalg.svd(table)
    assert_allclose(np.abs(np.sum(found * right[:5], axis=1)), 1, atol=1e-8)
    largest = np.abs(found).argmax(axis=1)
    assert (found[np.arange(5), largest] > 0).all()


def test_where_there_are_fewer_axes_the_rest_is_nothing() -> None:
    """Two rows that are alike have one axis."""
    found = axes_of([1.0, 1.0], [0, 0], [0, 1, 2], (2, 3), 4)
    assert_allclose(found, [[1, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0]], atol=1e-12)


def test_an_item_says_its_title_creator_and_tags() -> None:
    assert text_of(Item("x", "Dark", "Who", ("jazz", "slow night"))) == "Dark Who jazz slow night"
    assert text_of(Item("x")) == ""


def test_numbers_out_of_range_are_refused() -> None:
    for name, value in (("width", 0), ("width", 1025), ("least", 0)):
        with pytest.raises(ParamError, match=name):
            TextParams(**{name: value})
