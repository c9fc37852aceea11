"""A stranger's bytes -> a judgement; the only door through which records come in.

Pure: the clock is an argument, what is held already is a question. Cheap checks come first, so
that a flood costs little: size, frame, known, decode, clock, key, welcome, signature (half of all
the time).
"""

from collections.abc import Callable
from dataclasses import dataclass

from web3rec.records.codec import Refused, examine
from web3rec.records.envelope import DOMAIN, record_id, unwrap
from web3rec.records.flaw import Flaw
from web3rec.records.keys import is_weak, verify
from web3rec.records.model import MAX_ENVELOPE, MAX_LIFETIME, MAX_SKEW, Record, Signed
from web3rec.types import Millis, PeerId, RecordId, Verdict

Welcome = Callable[[PeerId], bool]
"""Whether the signature of a record of this author is worth a look now."""


def everybody(_author: PeerId) -> bool:
    """Welcomes every author."""
    return True


@dataclass(frozen=True, slots=True)
class Judgement:
    """What to do with an envelope. ACCEPT comes with `signed`, all else with a flaw.

    `detail` adds numbers to the flaw; it holds no key and no item and may be logged.
    """

    verdict: Verdict
    signed: Signed | None
    flaw: Flaw | None
    detail: str


def judge(  # noqa: PLR0911 - a ladder of checks, cheap first
    data: bytes,
    now: Millis,
    known: Callable[[RecordId], bool],
    welcome: Welcome = everybody,
) -> Judgement:
    """Judge an envelope from a stranger. Never raises, whatever the bytes.

    Args:
        data: the envelope as received.
        now: unix milliseconds.
        known: whether a record of this id is held, dead or alive; asked before the costly checks.
        welcome: asked last before the signature; else BUSY. It should only look: anybody can put
            any name on a record, so charge an author for what is accepted, not for what is asked.

    Cost: about 200 µs for what is accepted; 2 µs for what is known.
    """
    if len(data) > MAX_ENVELOPE:
        return _flawed(Flaw.OVERSIZE, f"{len(data)} bytes, want at most {MAX_ENVELOPE}")
    parts = unwrap(data)
    if parts is None:
        return _flawed(Flaw.MALFORMED, "not an envelope")
    body, signature = parts
    id_ = record_id(body)
    if known(id_):
        return _flawed(Flaw.KNOWN)
    record = examine(body)
    if isinstance(record, Refused):
        return _flawed(record.flaw, record.detail)
    untimely = timeliness(record, now)
    if untimely:
        return _flawed(untimely, f"t {record.t}, x {record.x}, now {now // 1000}")
    if is_weak(record.author):
        return _flawed(Flaw.WEAK_KEY)
    if not welcome(record.author):
        return _flawed(Flaw.BUSY)
    if not verify(record.author, signature, DOMAIN + body):
        return _flawed(Flaw.SIGNATURE)
    return Judgement(Verdict.ACCEPT, Signed(id_, record, data), None, "")


def timeliness(record: Record, now: Millis) -> Flaw | None:
    """FUTURE, STALE or EXPIRED if a legal record does not count at `now` (unix ms), else None.

    STALE implies EXPIRED, no record living longer than MAX_LIFETIME; it is told apart because it
    is what a clock that stands wrong by months shows.
    """
    if record.t * 1000 > now + MAX_SKEW * 1000:
        return Flaw.FUTURE
    if record.t * 1000 < now - MAX_LIFETIME * 1000:
        return Flaw.STALE
    return Flaw.EXPIRED if record.x * 1000 <= now else None


def _flawed(flaw: Flaw, detail: str = "") -> Judgement:
    return Judgement(flaw.verdict, None, flaw, detail)
