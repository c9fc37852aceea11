"""What would asking cost? Known before the first request is made, and of the rest after a stop.

Tokens are counted by whoever can; else guessed at BYTES_A_TOKEN bytes each, which is too many for
English and about right for names. The guess is for deciding, not for accounting.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from web3rec.distill.prompts import Prompt
from web3rec.errors import ParamError

BYTES_A_TOKEN: Final = 3.5
MESSAGE_TOKENS: Final = 8
"""A message's own, in most chat templates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """In any currency."""

    prompt: float = 0.0
    """A million tokens read; >= 0."""
    answer: float = 0.0
    """A million tokens written; >= 0."""

    def __post_init__(self) -> None:
        for name in ("prompt", "answer"):
            if not 0 <= getattr(self, name) < float("inf"):
                raise ParamError(name, getattr(self, name), ">= 0")


@dataclass(frozen=True, slots=True)
class Estimate:
    """What is left to be asked."""

    requests: int
    cached: int
    """Judgements that are there already"""
    prompt_tokens: int
    answer_tokens: int
    """At most"""

    def cost(self, prices: Prices) -> float:
        """In the currency of the prices; retries are not in it."""
        return (self.prompt_tokens * prices.prompt + self.answer_tokens * prices.answer) / 1_000_000


def guessed_tokens(text: str) -> int:
    """Tokens of a text, roughly."""
    return math.ceil(len(text.encode(errors="surrogatepass")) / BYTES_A_TOKEN)


def estimate(
    missing: Iterable[Prompt], cached: int, tokens: Callable[[str], int] = guessed_tokens
) -> Estimate:
    """Add up the prompts that still have to be asked. Cost: O(their text)."""
    requests = read = written = 0
    for prompt in missing:
        requests += 1
        read += tokens(prompt.text) + MESSAGE_TOKENS * len(prompt.body["messages"])
        written += prompt.answer_tokens
    return Estimate(requests, cached, read, written)
