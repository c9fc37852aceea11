"""What one received record costs: to judge it, and to keep it.

    python -m benchmarks.receiving

Real signatures of 300 authors, a real log on disk, records in frames as sync brings them. CPU
time of one thread, SQLite's included; waiting for the disk is not.
"""

import json
import statistics
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np

from benchmarks.envelopes import signed
from benchmarks.row import Reading
from p2p.sync_wire import MAX_BATCH
from web3rec import Options, Recommender
from web3rec.records import Signed

COUNT: Final = 6_000
RUNS: Final = 3
PER_SECOND: Final = 4_000.0
"""The target: verified and kept, on one core."""


@dataclass(frozen=True, slots=True)
class Received:
    """CPU microseconds of one record."""

    judge_us: float
    ingest_us: float


def receive(envelopes: Sequence[bytes], directory: Path) -> Received:
    """Judge and keep all of them in a new log, frame by frame."""
    judging = keeping = 0.0
    with Recommender.open(directory, Options()) as rec:
        for at in range(0, len(envelopes), MAX_BATCH):
            began = time.process_time()
            found = [rec.log.judge(one) for one in envelopes[at : at + MAX_BATCH]]
            judged = time.process_time()
            fit: list[Signed] = [one.signed for one in found if one.signed is not None]
            rec.log.ingest(fit)
            keeping += time.process_time() - judged
            judging += judged - began
        held = len(rec.log.known())
    if held != len(envelopes):
        raise RuntimeError(f"{len(envelopes)} records came, {held} are known")
    return Received(judging / len(envelopes) * 1e6, keeping / len(envelopes) * 1e6)


def readings() -> list[Reading]:
    """Medians of some runs, each with a log of its own."""
    envelopes = [one.envelope for one in signed(np.random.default_rng(2), COUNT)]
    with TemporaryDirectory() as home:
        runs = [receive(envelopes, Path(home) / str(n)) for n in range(RUNS)]
    judge = statistics.median(run.judge_us for run in runs)
    ingest = statistics.median(run.ingest_us for run in runs)
    case = "records received"
    return [
        Reading(
            case=case,
            what="verified and kept, one core",
            value=1e6 / (judge + ingest),
            unit="records/s",
            at_least=PER_SECOND,
        ),
        Reading(case=case, what="to judge one", value=judge, unit="µs"),
        Reading(case=case, what=f"to keep one, {MAX_BATCH} at once", value=ingest, unit="µs"),
    ]


if __name__ == "__main__":
    print(json.dumps([asdict(one) for one in readings()], indent=1))
