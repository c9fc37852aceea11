"""What people type: texts, moments, and peers by key or by the name they were given."""

import re
from datetime import datetime
from typing import Final

import click

from web3rec.clock import system_clock
from web3rec.errors import DataError
from web3rec.records import parse_peer
from web3rec.records.model import MAX_SKEW
from web3rec.store import Log
from web3rec.types import Millis, PeerId

_UNITS: Final = {"m": 60_000, "h": 3_600_000, "d": 86_400_000}
"""Milliseconds of a minute, an hour, a day."""


def text(value: str) -> str:
    """A click type: text that can be hashed and stored, not the remains of other bytes."""
    try:
        value.encode()
    except UnicodeEncodeError:
        shown = value.encode(errors="backslashreplace").decode()
        raise click.BadParameter(f"wanted UTF-8 text, got {shown:.60}") from None
    return value


def moment(value: str) -> Millis:
    """A click type: a moment not in the future; see `parse_moment`."""
    now = system_clock()
    at = parse_moment(value, now)
    if at is None:
        raise click.BadParameter(
            "wanted 2026-01-31, 2026-01-31T18:30+01:00, unix milliseconds, or 30m, 12h, 7d for so "
            f"long ago; got {value!r:.60}"
        )
    if at > now + MAX_SKEW * 1000:
        raise click.BadParameter(f"{value!r:.60} lies in the future")
    if at < 0:
        raise click.BadParameter(f"{value!r:.60} lies before 1970")
    return at


def parse_moment(text: str, now: Millis) -> Millis | None:
    """The moment a person typed; None if it is none.

    ISO 8601 (without an offset: local time), unix milliseconds, or so long ago in minutes, hours
    or days.

    >>> parse_moment("2h", Millis(7_200_000)), parse_moment("1970-01-01T00:00:01Z", Millis(0))
    (0, 1000)
    """
    if re.fullmatch("[0-9]{11,16}", text):
        return Millis(int(text))
    if ago := re.fullmatch("([0-9]{1,6})([mhd])", text):
        return Millis(now - int(ago[1]) * _UNITS[ago[2]])
    try:
        return Millis(round(datetime.fromisoformat(text).timestamp() * 1000))
    except (ValueError, OverflowError, OSError):
        return None


def peer_called(text: str, log: Log) -> PeerId:
    """The peer of that key, or the one the ego calls so.

    Raises:
        DataError: neither a key nor a name in use, or a name of several peers.
    """
    called = [peer for peer, name in log.names().items() if name == text]
    if len(called) == 1:
        return called[0]
    if called:
        raise DataError(f"{len(called)} peers are called {text!r}; give the did:key:z6Mk… instead")
    try:
        return parse_peer(text)
    except DataError as error:
        raise DataError(f"{error}, or a name you gave (`web3rec peers` lists them)") from None
