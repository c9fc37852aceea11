"""Ids to numbers: one order for one set."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from web3rec.graph import Packed, Vocab

letters = st.sampled_from([b"", b"\0", b"\0\0", b"a", b"b", b"\xff", b"same", bytes(8), bytes(15)])
"""Pieces of which ids alike in their first words, or in all but their length, are made."""
ids = st.lists(
    st.one_of(
        st.binary(max_size=3),
        st.lists(letters, max_size=4).map(b"".join),
        st.integers(0, 300).map(lambda n: n.to_bytes(32, "big")),
        st.binary(min_size=16, max_size=16),
    ),
    max_size=12,
)


def test_three_ids_by_hand() -> None:
    vocab = Vocab.of([b"b", b"a", b"b", b"ab"])
    assert vocab.terms == (b"a", b"ab", b"b")
    assert len(vocab) == 3
    assert (vocab.number(b"ab"), vocab.number(b"c")) == (1, None)
    assert b"ab" in vocab
    assert b"c" not in vocab
    assert "ab" not in vocab


@given(ids, st.data())
def test_the_order_of_arrival_cannot_show(terms: list[bytes], data: st.DataObject) -> None:
    told = data.draw(st.permutations(terms + terms[:3]))
    assert Vocab.of(told) == Vocab.of(terms)
    assert Vocab.of(told).terms == Vocab.of(terms).terms


@given(ids, ids)
def test_numbers_and_terms_are_inverse_and_strangers_are_left_out(
    terms: list[bytes], others: list[bytes]
) -> None:
    vocab = Vocab.of(terms)
    asked = terms + others
    numbers = vocab.numbers(asked)
    assert numbers.dtype == np.int32
    assert [vocab.terms[n] for n in numbers] == [term for term in asked if term in set(terms)]
    assert all(vocab.number(term) == n for n, term in enumerate(vocab.terms))


@given(ids)
def test_packed_ids_come_out_as_they_went_in_and_sort_as_bytes_do(terms: list[bytes]) -> None:
    packed = Packed.of(terms)
    assert list(packed) == terms
    assert [packed[n] for n in range(len(terms))] == terms
    vocab, number = Vocab.numbering(packed)
    assert vocab.terms == sorted(set(terms))
    assert [vocab.terms[n] for n in number] == terms
    assert vocab == Vocab.of(terms)


@given(ids, ids)
def test_a_place_is_how_many_are_below(terms: list[bytes], others: list[bytes]) -> None:
    vocab = Vocab.of(terms)
    places = vocab.places(Packed.of(others)).tolist()
    assert places == [sum(term < other for term in vocab.terms) for other in others]
    found = vocab.found(Packed.of(others)).tolist()
    assert found == [vocab.terms.index(o) if o in terms else -1 for o in others]


@given(ids, ids, st.data())
def test_a_merge_is_the_union_and_says_where_each_went(
    terms: list[bytes], others: list[bytes], data: st.DataObject
) -> None:
    vocab, more = Vocab.of(terms), Vocab.of(others)
    kept = np.array(data.draw(st.lists(st.booleans(), min_size=len(vocab), max_size=len(vocab))))
    merged, number = vocab.merged(kept.astype(bool), more)
    stays = {term for term, keep in zip(vocab.terms, kept, strict=True) if keep} | set(others)
    assert merged == Vocab.of(stays)
    assert merged.terms == sorted(stays)
    for term, new in zip(vocab.terms, number.tolist(), strict=True):
        assert new == (merged.number(term) if term in stays else -1)


def test_ids_of_one_length_are_packed_from_memory() -> None:
    told = [bytes([n]) * 20 for n in (3, 1, 2)]
    rows = np.frombuffer(b"".join(told), np.uint8).reshape(3, 20)
    assert list(Packed.of_rows(rows)) == told


def test_an_id_may_have_255_bytes_and_no_more() -> None:
    assert Vocab.of([bytes(255)]).terms == (bytes(255),)
    with pytest.raises(ValueError, match="at most 255 bytes, got 256"):
        Vocab.of([bytes(256)])
    with pytest.raises(ValueError, match="at most 255 bytes, got 256"):
        Packed.of_rows(np.zeros((1, 256), np.uint8))


def test_terms_are_a_sequence() -> None:
    terms = Vocab.of([b"c", b"a", b"b"]).terms
    assert terms[1:] == (b"b", b"c")
    assert (terms[-1], len(terms), list(terms)) == (b"c", 3, [b"a", b"b", b"c"])
    assert terms != 3
    assert {terms: 1}[Vocab.of([b"a", b"b", b"c"]).terms] == 1
    assert repr(terms) == "Terms([b'a', b'b', b'c'])"
    assert Vocab.of([b"a"]) != 3
