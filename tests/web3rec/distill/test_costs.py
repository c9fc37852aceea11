"""What asking would cost."""

import pytest

from tests.web3rec.distill.questions import items
from web3rec.distill.costs import Prices, estimate, guessed_tokens
from web3rec.distill.prompts import Mode, prompt
from web3rec.errors import ParamError


def test_tokens_add_up_and_cost_their_price() -> None:
    """Two prompts of two messages, 100 tokens of text each: 2 * (100 + 2 * 8) read."""
    asked = [
        prompt(Mode.LETTER, "m", [], items("a", "b")),
        prompt(Mode.YES_NO, "m", [], items("a")),
    ]
    found = estimate(asked, 5, lambda _text: 100)
    assert (found.requests, found.cached, found.prompt_tokens, found.answer_tokens) == (
        2,
        5,
        232,
        2,
    )
    assert found.cost(Prices(prompt=0.5, answer=1.5)) == pytest.approx((232 * 0.5 + 3) / 1e6)
    assert found.cost(Prices()) == 0


def test_an_order_may_write_more_than_a_letter() -> None:
    order = prompt(Mode.ORDER, "m", [], items(*"abcdefgh"))
    assert order.answer_tokens > 8 * 5  # "A", is some five tokens at worst


def test_guesses_grow_with_the_text() -> None:
    assert guessed_tokens("") == 0
    assert guessed_tokens("abcdefg") == 2
    assert guessed_tokens("\ud800") == 1


def test_a_price_below_nothing_is_refused() -> None:
    with pytest.raises(ParamError, match="answer"):
        Prices(answer=-1)
