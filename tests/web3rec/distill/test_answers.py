"""What an endpoint said, as numbers: worked cases, and any bytes at all."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from tests.web3rec.distill.questions import items
from web3rec.distill.answers import values
from web3rec.distill.prompts import LETTERS, Mode, Prompt, prompt
from web3rec.types import Weights

LETTER = prompt(Mode.LETTER, "m", [], items("a", "b", "c"))
YES_NO = prompt(Mode.YES_NO, "m", [], items("a"))
ORDER = prompt(Mode.ORDER, "m", [], items("a", "b", "c"))


def tokens(**likely: object) -> bytes:
    top = [{"token": token, "logprob": value} for token, value in likely.items()]
    return json.dumps({"choices": [{"logprobs": {"content": [{"top_logprobs": top}]}}]}).encode()


def content(text: Any) -> bytes:
    return json.dumps({"choices": [{"message": {"content": text}}]}).encode()


def said(asked: Prompt, body: bytes) -> Weights:
    found = values(asked, body)
    assert found is not None
    return found


def softmax(*likely: float) -> Weights:
    found = np.array(likely)
    shares: Weights = found - np.logaddexp.reduce(found) + np.log(found.size)
    return shares


def test_letters_are_shares_among_the_letters() -> None:
    """.6, .3 and .1 of everything; the rest of the tokens does not matter."""
    body = tokens(A=np.log(0.3), B=np.log(0.15), C=np.log(0.05), The=np.log(0.5))
    assert_allclose(said(LETTER, body), np.log(3 * np.array([0.6, 0.3, 0.1])))


def test_spellings_of_a_letter_add_up() -> None:
    body = tokens(**{"A": np.log(0.1), " A": np.log(0.2), "ĠB": np.log(0.3), "\nC": np.log(0.3)})
    assert_allclose(said(LETTER, body), [0, 0, 0], atol=1e-12)


def test_a_letter_not_reported_is_as_likely_as_the_least_that_is() -> None:
    body = tokens(A=-0.1, B=-3.0, Hm=-5.0)
    assert_allclose(said(LETTER, body), softmax(-0.1, -3, -5))


def test_letters_of_nobody_and_lower_case_do_not_count() -> None:
    assert values(LETTER, tokens(A=-1, D=-1, b=-1, AB=-1)) is None


def test_impossible_letters_are_merely_unlikely() -> None:
    found = values(LETTER, tokens(A=-1.0, B=-9999.0, C=float("-inf")))
    assert found is not None
    assert np.isfinite(found).all()
    assert found[1] == found[2] < found[0]


def test_yes_is_weighed_against_no() -> None:
    body = tokens(Yes=np.log(0.4), yes=np.log(0.2), No=np.log(0.2))
    assert_allclose(said(YES_NO, body), [np.log(3)])
    assert_allclose(said(YES_NO, tokens(No=-1.0, Maybe=-4.0)), [-3])
    assert values(YES_NO, tokens(Maybe=-0.1)) is None


def test_an_order_is_worth_its_places() -> None:
    assert_allclose(said(ORDER, content('{"order": ["C", "A", "B"]}')), [0, -1 / 3, 1 / 3])


@pytest.mark.parametrize(
    "text",
    [
        '{"order": ["A", "B"]}',
        '{"order": ["A", "B", "B"]}',
        '{"order": ["A", "B", "D"]}',
        '{"order": ["A", "B", 3]}',
        '{"order": "ABC"}',
        '{"order": null}',
        "A, B, C",
        "[]",
        None,
        7,
    ],
)
def test_what_is_no_permutation_is_no_answer(text: object) -> None:
    assert values(ORDER, content(text)) is None


_leaf = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
_leaf |= st.sampled_from([*LETTERS[:4], "Yes", "no", '{"order": ["A", "B", "C"]}'])
_any = st.recursive(
    _leaf,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["choices", "logprobs", "content", "top_logprobs", "token", "logprob", "message"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)
_near = st.lists(st.fixed_dictionaries({"token": _leaf, "logprob": _leaf}), max_size=6).map(
    lambda top: {"choices": [{"logprobs": {"content": [{"top_logprobs": top}]}}]}
)


@given(st.binary() | (_any | _near).map(lambda found: json.dumps(found).encode()))
def test_any_bytes_are_values_or_none(body: bytes) -> None:
    for asked in (LETTER, YES_NO, ORDER):
        found = values(asked, body)
        assert found is None or (found.shape == (asked.size,) and np.isfinite(found).all())


def test_depth_and_size_do_no_harm() -> None:
    for body in (b"[" * 100_000, b'{"choices":' * 50_000, b"9" * 100_000, b'"\\ud800"'):
        assert values(LETTER, body) is None
    assert values(LETTER, tokens(A=-(10**400), B=-1)) is not None
