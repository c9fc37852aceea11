"""Ids to numbers: one order for one set."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from web3rec.graph import Vocab

ids = st.lists(st.binary(max_size=3), max_size=12)


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
