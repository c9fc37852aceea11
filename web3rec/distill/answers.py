"""What an endpoint answered, as numbers; total on any bytes: values or None, never an exception.

    letter   log of the share of each letter among the letters, plus log n: 0 is indifference
    yes-no   log of yes over no
    order    (n + 1) / 2 - place, over n: from just below .5 for the first to just above -.5

A letter that is not among the likeliest tokens reported is taken to be as likely as the least of
those, which is the most it can be. All three are only comparable within a teacher.
"""

import json
import math
from typing import Any, Final

import numpy as np

from web3rec.distill.prompts import LETTERS, Mode, Prompt
from web3rec.types import Weights

_YES: Final = frozenset({"yes", "y"})
_NO: Final = frozenset({"no", "n"})
LEAST: Final = -50.0
"""Natural log of a probability below which none is told from another."""


def values(prompt: Prompt, body: bytes) -> Weights | None:
    """What a response says of the prompt's candidates.

    Args:
        prompt: what was asked.
        body: the response's bytes, whatever they are.

    Returns:
        float64[prompt.size], finite; None if it is no answer to the prompt.
    """
    message = _choice(body)
    if message is None:
        return None
    if prompt.mode is Mode.ORDER:
        return _order(_path(message, "message", "content"), prompt.size)
    tokens = _tokens(message)
    if prompt.mode is Mode.YES_NO:
        return _yes_no(tokens)
    return letters(tokens, prompt.size)


def letters(tokens: list[tuple[str, float]], size: int) -> Weights | None:
    """What probabilities of tokens say of a list.

    Args:
        tokens: (token without blanks, log probability <= 0, finite); one letter may come several
            times, as different tokens.
        size: candidates in the list, 2 to 20.

    Returns:
        float64[size]; None if fewer than two letters are among the tokens.
    """
    share = dict.fromkeys(LETTERS[:size], -math.inf)
    for token, likely in tokens:
        if token in share:
            share[token] = float(np.logaddexp(share[token], likely))
    if sum(math.isfinite(likely) for likely in share.values()) < 2:
        return None  # one letter orders nothing
    least = min(likely for _, likely in tokens)
    found = np.array([likely if math.isfinite(likely) else least for likely in share.values()])
    result: Weights = found - np.logaddexp.reduce(found) + math.log(size)
    return result


def _yes_no(tokens: list[tuple[str, float]]) -> Weights | None:
    yes = [likely for token, likely in tokens if token.casefold() in _YES]
    no = [likely for token, likely in tokens if token.casefold() in _NO]
    if not yes and not no:
        return None
    least = min(likely for _, likely in tokens)
    found: Weights = np.array(
        [np.logaddexp.reduce(yes or [least]) - np.logaddexp.reduce(no or [least])]
    )
    return found


def _order(content: object, size: int) -> Weights | None:
    found = _parsed(content) if isinstance(content, str) else None
    order = found.get("order") if isinstance(found, dict) else None
    if not isinstance(order, list) or not all(isinstance(each, str) for each in order):
        return None
    if sorted(order) != list(LETTERS[:size]):
        return None  # not a permutation: a model that forgets one may have misread them all
    worth = np.empty(size)
    worth[[LETTERS.index(letter) for letter in order]] = (size + 1) / 2 - np.arange(1, size + 1)
    result: Weights = worth / size
    return result


def _choice(body: bytes) -> dict[str, Any] | None:
    reply = _parsed(body)
    choices = reply.get("choices") if isinstance(reply, dict) else None
    first = choices[0] if isinstance(choices, list) and choices else None
    return first if isinstance(first, dict) else None


def _tokens(choice: dict[str, Any]) -> list[tuple[str, float]]:
    """(token without blanks, log probability) of the first place, as far as they are such."""
    content = _path(choice, "logprobs", "content")
    first = content[0] if isinstance(content, list) and content else None
    listed = _path(first, "top_logprobs")
    found = []
    for each in listed if isinstance(listed, list) else []:
        token, likely = _path(each, "token"), _path(each, "logprob")
        if isinstance(token, str) and isinstance(likely, int | float) and likely <= 0:
            # Some servers give -inf or -9999 for what they will not tell apart.
            found.append((bare(token), max(float(max(likely, LEAST)), LEAST)))
    return found


def bare(token: str) -> str:
    """A token without blanks, and without what vocabularies write for them."""
    return token.strip(" \t\n\r▁Ġ")


def _path(found: object, *keys: str) -> Any:
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return found


def _parsed(text: str | bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):  # UnicodeDecodeError is a ValueError
        return None
