"""What it costs two devices to find out who lacks what: bytes, round trips, processor.

    python -m benchmarks.reconciling

Fifty thousand elements over 60 days on each side, half of the differences on either; both ends in
one process, no sockets, no records: frames are handed from one session to the other until both
know, and what they weigh and took is counted. Hashing under the session's key is in the time.
"""

import json
from dataclasses import asdict, dataclass
from typing import Final

import numpy as np

from benchmarks.row import Reading
from benchmarks.stopwatch import median_ms
from p2p.holdings import ID_BYTES, SALT_BYTES, Holdings
from p2p.sync import Session, Step, Terms

ELEMENTS: Final = 50_000
DAYS: Final = 60
TODAY: Final = 20_000
FRAMING: Final = 4
"""Bytes that say how long a frame is."""
PROTOTYPE: Final = {
    0: (0.3, 1, 0.5),
    10: (9.0, 1, 4.0),
    100: (59.0, 2, 10.0),
    1_000: (450.0, 8, 62.0),
}
"""Differences -> kB, round trips and CPU ms of the design's prototype, measured elsewhere."""
TARGET: Final = {100: (60.0, 3, 15.0)}


@dataclass(frozen=True, slots=True)
class Compared:
    """One session, up to where both ends know what the other lacks."""

    kilobytes: float
    round_trips: int
    found: int
    """Elements that the two ends would now send each other"""


def two_sides(differences: int, rng: np.random.Generator) -> tuple[Holdings, Holdings]:
    """What two devices hold that differ in so many elements."""
    n = ELEMENTS + differences
    ids = rng.bytes(n * ID_BYTES)
    days = rng.integers(TODAY, TODAY + DAYS, n).tolist()
    rows = [(day, ids[ID_BYTES * i : ID_BYTES * (i + 1)]) for i, day in enumerate(days)]
    common, new = rows[differences:], rows[:differences]
    return Holdings.of({*common, *new[::2]}), Holdings.of({*common, *new[1::2]})


def compare(one: Holdings, other: Holdings) -> Compared:
    """Both ends' sessions, frame by frame; what they owe is counted instead of sent."""
    terms = Terms()
    opener = Session(one, terms, b"o" * SALT_BYTES, opener=True)
    server = Session(other, terms, b"s" * SALT_BYTES, opener=False)
    speaker, listener = opener, server
    said = [opener.hello()]
    size = turns = found = 0
    while said:
        size += sum(len(frame) + FRAMING for frame in said)
        turns += not speaker.last  # the last turn of each moves records only
        step: object = None
        for frame in said:
            step = listener.take(frame)
        speaker, listener = listener, speaker
        said = []
        if step is Step.SPEAK:
            said = list(speaker.turn())
            if speaker.last:
                found += sum(len(ids) for ids in speaker.due())
                said += speaker.farewell()
    if not (opener.over and server.over):
        raise RuntimeError("the session did not come to its end")
    return Compared(size / 1000, -(-turns // 2), found)


def readings() -> list[Reading]:
    """The table of docs/benchmarks.md."""
    rng = np.random.default_rng(1)
    found = []
    for differences, prototype in PROTOTYPE.items():
        sides = two_sides(differences, rng)
        once = compare(*sides)
        if once.found != differences:
            raise RuntimeError(f"{differences} differences, {once.found} found")
        spent = median_ms(lambda sides=sides: compare(*sides))  # type: ignore[misc]
        values = (once.kilobytes, once.round_trips, spent)
        targets = TARGET.get(differences, (None, None, None))
        for what, value, target, beside in zip(
            ("bytes", "round trips", "CPU of both ends"), values, targets, prototype, strict=True
        ):
            unit = {"bytes": "kB", "round trips": ""}.get(what, "ms")
            case = f"reconcile {ELEMENTS:,}, {differences:,} differences"
            found.append(
                Reading(case=case, what=what, value=value, unit=unit, at_most=target, beside=beside)
            )
    return found


if __name__ == "__main__":
    print(json.dumps([asdict(one) for one in readings()], indent=1))
