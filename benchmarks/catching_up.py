"""An empty node meets one that holds 20,000 records: how long until it holds them too.

    python -m benchmarks.catching_up

Two processes, two real nodes over libp2p on loopback, two real logs; every signature is checked.
The clock runs from the dial to the last record on disk.
"""

import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np

from benchmarks.envelopes import AUTHORS, RECORDS, signed
from benchmarks.row import Reading
from p2p import Node, NodeOptions
from web3rec import Options, Recommender

SECONDS: Final = 15.0
"""The target."""
PATIENCE_SECONDS: Final = 120.0
_AT_ONCE: Final = 1_000


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """How the empty node fared."""

    seconds: float
    """From the dial to the last record"""
    records: int
    cpu_seconds: float
    """Its processor time meanwhile, all threads"""


def catch_up(directory: Path, address: str, count: int) -> CaughtUp:
    """The empty node's process."""
    with (
        Recommender.open(directory, Options(share_delay_hours=0)) as rec,
        Node(rec, NodeOptions(sync_gap=0)) as node,
    ):
        rec.log.level = 1
        began, spent = time.monotonic(), time.process_time()
        node.dial(address)
        while node.status().records_stored < count:
            if time.monotonic() - began > PATIENCE_SECONDS:
                break
            time.sleep(0.02)
        took, spent = time.monotonic() - began, time.process_time() - spent
        return CaughtUp(took, len(rec.log.known()), spent)


def measure(count: int = RECORDS, authors: int = AUTHORS) -> tuple[CaughtUp, float]:
    """Both processes; what the empty one says, and the other's processor seconds."""
    with (
        TemporaryDirectory() as home,
        Recommender.open(Path(home) / "full", Options(share_delay_hours=0)) as rec,
    ):
        rec.log.level = 1
        records = list(signed(np.random.default_rng(3), count, authors))
        for at in range(0, count, _AT_ONCE):
            rec.log.ingest(records[at : at + _AT_ONCE])
        with Node(rec, NodeOptions(sync_gap=0)) as node:
            address = node.status().addresses[0]
            spent = time.process_time()
            done = subprocess.run(
                [
                    *(sys.executable, "-m", "benchmarks.catching_up"),
                    *("empty", str(Path(home) / "empty"), address, str(count)),
                ],
                check=True, stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
            spent = time.process_time() - spent
    found = CaughtUp(**json.loads(done.stdout.splitlines()[-1]))
    if found.records < count:
        raise RuntimeError(f"{found.records} of {count} records after {found.seconds:.0f} s")
    return found, spent


def readings() -> list[Reading]:
    """One meeting."""
    found, full = measure()
    case = f"an empty node fetches {found.records:,} records"
    return [
        Reading(case=case, what="by the clock", value=found.seconds, unit="s", at_most=SECONDS),
        Reading(case=case, what="CPU of the empty node", value=found.cpu_seconds, unit="s"),
        Reading(case=case, what="CPU of the full node", value=full, unit="s"),
    ]


def main() -> None:
    if sys.argv[1:2] == ["empty"]:
        directory, address, count = sys.argv[2:]
        print(json.dumps(asdict(catch_up(Path(directory), address, int(count)))))
    else:
        print(json.dumps([asdict(one) for one in readings()], indent=1))


if __name__ == "__main__":
    main()
