"""What a node costs that has nothing to do: resident memory, and processor while idle.

    python -m benchmarks.daemon [SECONDS]

Starts `web3rec node run` with its control API on loopback, waits until it says READY as a service
does, lets it settle, then reads /proc. Each run is a process of its own; Linux only.
"""

import json
import os
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.row import Reading

RUNS: Final = 2
SETTLE_SECONDS: Final = 10.0
IDLE_SECONDS: Final = 60.0
SHORT_SECONDS: Final = 30.0
RESIDENT_MIB: Final = 120.0
"""The target for a daemon's resident memory."""
IDLE_PERCENT: Final = 1.0
"""The target for its processor time while idle, of one core."""


@dataclass(frozen=True, slots=True)
class Idle:
    """One node that did nothing for a while."""

    start_seconds: float
    """From exec to READY"""
    start_cpu_seconds: float
    resident_mib: float
    own_mib: float
    """Private pages: what ending it would give back"""
    threads: int
    cpu_percent: float
    """Of one core, over the idle time"""
    wakeups_per_second: float
    """Voluntary context switches of all threads"""
    idle_seconds: float
    end_seconds: float
    """From SIGTERM to the end"""


def measure(idle_seconds: float = IDLE_SECONDS, *words: str) -> Idle:
    """Run a node and read what it costs; `words` are added to `node run`."""
    with TemporaryDirectory() as home:
        told = Path(home) / "notify"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(str(told))
            manager.settimeout(120)
            store = str(Path(home) / "store")
            call = [sys.executable, "-m", "web3rec", "--dir", store]
            subprocess.run([*call, "init", "--level", "1"], check=True, capture_output=True)
            began = time.monotonic()
            with subprocess.Popen(
                [*call, "node", "run", "--quiet", *words],
                env=os.environ | {"NOTIFY_SOCKET": str(told)},
                stderr=subprocess.DEVNULL,
            ) as node:
                try:
                    while b"READY=1" not in manager.recv(4096):
                        pass
                    started = time.monotonic() - began
                    start_cpu = _cpu(node.pid)
                    time.sleep(SETTLE_SECONDS)
                    cpu, switches, at = _cpu(node.pid), _switches(node.pid), time.monotonic()
                    time.sleep(idle_seconds)
                    spent = time.monotonic() - at
                    cpu, switches = _cpu(node.pid) - cpu, _switches(node.pid) - switches
                    resident, own = _memory(node.pid)
                    threads = len(list(Path(f"/proc/{node.pid}/task").iterdir()))
                    ending = time.monotonic()
                finally:
                    node.terminate()
                    node.wait(30)
                ended = time.monotonic() - ending
    return Idle(
        start_seconds=round(started, 2),
        start_cpu_seconds=round(start_cpu, 2),
        resident_mib=round(resident, 1),
        own_mib=round(own, 1),
        threads=threads,
        cpu_percent=round(100 * cpu / spent, 3),
        wakeups_per_second=round(switches / spent, 1),
        idle_seconds=round(spent, 1),
        end_seconds=round(ended, 2),
    )


def readings() -> list[Reading]:
    """One node that does nothing for half a minute."""
    found = measure(SHORT_SECONDS)
    case = "a node with nothing to do"
    resident, idle = found.resident_mib, found.cpu_percent
    return [
        Reading(case=case, what="resident", value=resident, unit="MiB", at_most=RESIDENT_MIB),
        Reading(case=case, what="of it private", value=found.own_mib, unit="MiB"),
        Reading(case=case, what="of a core", value=idle, unit="%", at_most=IDLE_PERCENT),
        Reading(case=case, what="SIGTERM to its end", value=found.end_seconds, unit="s", at_most=5),
    ]


def _cpu(pid: int) -> float:
    """Seconds of processor so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _switches(pid: int) -> int:
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(FileNotFoundError):
            for line in (task / "status").read_text().splitlines():
                if line.startswith("voluntary_ctxt_switches"):
                    total += int(line.split()[1])
    return total


def _memory(pid: int) -> tuple[float, float]:
    """(resident, private) MiB."""
    found: dict[str, int] = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, _, rest = line.partition(":")
        found[name] = int(rest.split()[0])
    return found["Rss"] / 1024, (found["Private_Clean"] + found["Private_Dirty"]) / 1024


def main() -> None:
    """Print one JSON object a run, then whether the targets were met."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else IDLE_SECONDS
    runs = [measure(seconds) for _ in range(RUNS)]
    for one in runs:
        print(json.dumps(asdict(one)))
    resident, cpu = max(r.resident_mib for r in runs), max(r.cpu_percent for r in runs)
    print(
        f"resident {resident} MiB (target {RESIDENT_MIB:g}), "
        f"idle {cpu} % of a core (target {IDLE_PERCENT:g}); load {os.getloadavg()[0]:.1f}"
    )


if __name__ == "__main__":
    main()
