"""What is said at the service's door: JSON objects, one a line, asked and answered in order.

    {"ask": "yield"}   the app is in front. Answered when the store is free; from the question on,
                       and as long as the connection lasts, the service keeps its hands off it
    {"ask": "take"}    the app lets go of the store
    {"ask": "status"}  what the service is doing
    {"ask": "stop"}    end

Bytes that are not one of these get {"ok": false}, and nothing else happens. Pure.
"""

import json
from collections.abc import Mapping
from typing import Final

ASKS: Final = frozenset({"yield", "take", "status", "stop"})
LONGEST: Final = 1_024
"""Bytes of a line; who sends a longer one is hung up on"""


def line(said: Mapping[str, object]) -> bytes:
    """An object as a line."""
    return json.dumps(said, separators=(",", ":")).encode("ascii") + b"\n"


def lines(data: bytes) -> tuple[list[bytes], bytes]:
    """The whole lines of what came in so far, and the rest."""
    *whole, rest = data.split(b"\n")
    return whole, rest


def ask_of(data: bytes) -> str:
    """What a line asks; "" if that is nothing we know. Never raises."""
    ask = answer_of(data).get("ask")
    return ask if isinstance(ask, str) and ask in ASKS else ""


def answer_of(data: bytes) -> dict[str, object]:
    """What a line says; {} if it is no object. Never raises."""
    try:
        said = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}
