"""Each distinct envelope is examined once for all devices of a run; each still judges for itself.

What a signature is worth depends on bytes alone, so two hundred devices need not check the same
one two hundred times: that is .1 ms each. What depends on a device (its clock, what it holds,
whom it will hear) is asked each time, in the order of `web3rec.records.rules.judge`. A test says
that both ways come to the same; `--real` runs the other one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from web3rec.records.codec import Refused, examine
from web3rec.records.envelope import record_id, unwrap
from web3rec.records.flaw import Flaw
from web3rec.records.model import MAX_ENVELOPE, Record
from web3rec.records.rules import Judgement, Welcome, judge, timeliness
from web3rec.types import Millis, RecordId, Verdict

MAX_EXAMINED: Final = 65_536
"""Envelopes remembered; then all are forgotten, which costs time and changes nothing."""


@dataclass(frozen=True, slots=True)
class _Examined:
    id: RecordId | None
    record: Record | None
    """None if the bytes are no legal record."""
    found: Judgement
    """By somebody who holds nothing, hears everybody, and whose clock suits the record."""


class Notary:
    """Judges for the devices of one run."""

    def __init__(self, *, real: bool = False) -> None:
        """`real`: remember nothing, judge each time in full."""
        self.examined = 0
        """Envelopes looked at in full."""
        self._real = real
        self._seen: dict[bytes, _Examined] = {}

    def judge(
        self, data: bytes, now: Millis, known: Callable[[RecordId], bool], welcome: Welcome
    ) -> Judgement:
        """As `rules.judge`, same arguments, same outcome."""
        if self._real:
            self.examined += 1
            return judge(data, now, known, welcome)
        seen = self._seen.get(data) or self._examine(data)
        if seen.id is not None and known(seen.id):
            return _flawed(Flaw.KNOWN)
        if seen.record is None:
            return seen.found
        untimely = timeliness(seen.record, now)
        if untimely is not None:
            return _flawed(untimely)
        if seen.found.flaw is not Flaw.WEAK_KEY and not welcome(seen.record.author):
            return _flawed(Flaw.BUSY)
        return seen.found

    def genuine(self, data: bytes) -> bool:
        """Whether an envelope is a legal record that its author signed, whatever the time."""
        return (self._seen.get(data) or self._examine(data)).found.verdict is Verdict.ACCEPT

    def _examine(self, data: bytes) -> _Examined:
        self.examined += 1
        parts = unwrap(data) if len(data) <= MAX_ENVELOPE else None
        body = examine(parts[0]) if parts is not None else None
        record = None if isinstance(body, Refused) else body
        then = Millis(record.t * 1_000 if record is not None else 0)
        seen = _Examined(
            record_id(parts[0]) if parts is not None else None,
            record,
            judge(data, then, lambda _id: False),
        )
        if len(self._seen) >= MAX_EXAMINED:
            self._seen.clear()
        self._seen[data] = seen
        return seen


def _flawed(flaw: Flaw) -> Judgement:
    return Judgement(flaw.verdict, None, flaw, "")
