"""What an app hands in, checked: every wrong argument is a typed error that says what to do."""

from collections.abc import Iterable
from numbers import Real
from typing import Final

from web3rec.adapters.jsonl import MAX_NAME
from web3rec.errors import DataError, ParamError
from web3rec.records import parse_peer
from web3rec.records.model import PEER_BYTES
from web3rec.store import key_of
from web3rec.types import ItemId, ItemKey, Millis, PeerId

MAX_LIMIT: Final = 1000
"""Positions of a list at most."""
MAX_WORDS: Final = 16
MAX_WORD: Final = 100
"""Words of one request, and characters of each, at most."""


def peer_of(peer: str | PeerId) -> PeerId:
    """The raw key of a peer given in any spelling. Raises DataError."""
    if isinstance(peer, str):
        return parse_peer(peer)
    if not isinstance(peer, bytes) or len(peer) != PEER_BYTES:
        got = f"{len(peer)} bytes" if isinstance(peer, bytes) else repr(peer)[:60]
        raise DataError(f"a peer is text (did:key:z6Mk…) or a raw key of 32 bytes, got {got}")
    return peer


def keys_of(items: Iterable[ItemId | str], name: str) -> frozenset[ItemKey]:
    """The keys of several items. Raises DataError; one text alone is taken for a mistake."""
    if isinstance(items, str):
        raise DataError(f"{name} wants several item ids, such as [{items!r:.60}]")
    return frozenset(key_of(item) for item in items)


def words_of(words: Iterable[str]) -> tuple[str, ...]:
    """What the ego asks for. Raises ParamError, DataError; one text alone is a mistake."""
    if isinstance(words, str):
        raise DataError(f"words wants several texts, such as [{words!r:.60}]")
    asked = tuple(words)
    for word in asked:
        if not isinstance(word, str) or len(word) > MAX_WORD:
            raise ParamError("words", word, f"texts of at most {MAX_WORD} characters")
    if len(asked) > MAX_WORDS:
        raise ParamError("words", len(asked), f"at most {MAX_WORDS} texts")
    return asked


def share(weight: float) -> float:
    """A trust weight. Raises ParamError."""
    if isinstance(weight, bool) or not isinstance(weight, Real) or not 0 <= weight <= 1:
        raise ParamError("weight", weight, "a number in [0, 1] (0 takes trust back)")
    return float(weight)


def name_of(name: str) -> str:
    """What to call a peer, without white space around it. Raises ParamError."""
    if not isinstance(name, str) or len(name.strip()) > MAX_NAME:
        raise ParamError("name", name, f"a text of at most {MAX_NAME} characters")
    if any("\ud800" <= c <= "\udfff" for c in name):
        raise ParamError("name", name, "Unicode text, without halves of surrogate pairs")
    return name.strip()


def length(limit: int) -> int:
    """How long a list shall be. Raises ParamError."""
    if type(limit) is not int or not 1 <= limit <= MAX_LIMIT:
        raise ParamError("limit", limit, f"a whole number from 1 to {MAX_LIMIT}")
    return limit


def moment(since: Millis) -> Millis:
    """A moment. Raises ParamError."""
    if type(since) is not int or since < 0:
        raise ParamError("since", since, "whole unix milliseconds")
    return since
