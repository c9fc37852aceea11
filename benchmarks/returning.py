"""A node is killed without notice and started again: what it missed, and for how long.

    python -m benchmarks.returning

`web3rec node run` in a process of its own beside a node of ours, default options except that
records leave at once. It is killed (SIGKILL) while sixty records are on their way to it, hears
nothing of sixty more, and is started again on the same directory.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from queue import Empty, Queue
from tempfile import TemporaryDirectory
from typing import Any, Final

from benchmarks.row import Reading
from p2p import Node, NodeOptions
from web3rec import Event, Options, Recommender
from web3rec.store import OwnAct
from web3rec.types import Millis

FIRST: Final = 60
"""Records it has before it is killed; they make sure that it runs."""
EACH: Final = 60
"""Records just before it is killed, and as many while it is gone. In all below 200, the most that
is kept of one author."""
PATIENCE_SECONDS: Final = 120.0

Status = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Returned:
    """Seconds from the second start."""

    listens: float
    connected: float
    whole: float
    """It holds everything that was said, ever"""
    missing: int
    """Records it still lacks when it is given up; 0 if it is whole"""


class Device:
    """A `web3rec node run --json` and the lines it says."""

    def __init__(self, command: list[str]) -> None:
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.began = time.monotonic()
        self._lines: Queue[tuple[float, Status]] = Queue()
        self._last: tuple[float, Status] = (0.0, {})
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put((time.monotonic() - self.began, json.loads(line)))

    def until(self, wanted: Callable[[Status], bool]) -> tuple[float, Status]:
        """When the first line came that is as wanted, and it; or the last line there was."""
        while not (self._last[1] and wanted(self._last[1])):
            left = PATIENCE_SECONDS - (time.monotonic() - self.began)
            try:
                self._last = self._lines.get(timeout=max(0.0, left))
            except Empty:
                return time.monotonic() - self.began, self._last[1]
        return self._last


@contextmanager
def running(directory: Path, address: str) -> Iterator[Device]:
    call = [sys.executable, "-m", "web3rec", "--dir", str(directory)]
    device = Device([*call, "node", "run", "--json", "--bootstrap", address])
    try:
        yield device
    finally:
        device.process.kill()
        device.process.wait()


def measure() -> Returned:
    """Both lives of one device."""
    with (
        TemporaryDirectory() as home,
        Recommender.open(Path(home) / "ours", Options(share_delay_hours=0)) as rec,
        Node(rec, NodeOptions()) as node,
    ):
        rec.log.level = 1
        other = Path(home) / "other"
        call = [sys.executable, "-m", "web3rec", "--dir", str(other)]
        subprocess.run(
            [*call, "init", "--level", "1"], check=True, capture_output=True, env=os.environ
        )
        address = node.status().addresses[0]
        _say(rec, 0, FIRST)
        with running(other, address) as device:
            _, seen = device.until(lambda line: line["shared"] >= FIRST)
            if seen.get("shared", 0) < FIRST:
                raise RuntimeError("the node never had the first records")
            _say(rec, FIRST, EACH)
            _until(lambda: node.status().records_sent > FIRST)
        _say(rec, FIRST + EACH, EACH)
        wanted = FIRST + 2 * EACH
        _until(lambda: len(rec.log.known()) == wanted)
        with running(other, address) as device:
            listens, _ = device.until(lambda line: bool(line["addresses"]))
            connected, _ = device.until(lambda line: bool(line["peers"]))
            whole, last = device.until(lambda line: line["shared"] >= wanted)
            missing = wanted - int(last.get("shared", 0))
    return Returned(listens, connected, whole, missing)


def _say(rec: Recommender, first: int, count: int) -> None:
    now = Millis(int(time.time() * 1000))
    rec.record_many(OwnAct(Event.LIKE, f"trk:{first + n}", now, 1, "") for n in range(count))


def _until(so: Callable[[], bool]) -> None:
    """Look again and again; ten seconds at most."""
    ends = time.monotonic() + 10
    while not so() and time.monotonic() < ends:
        time.sleep(0.01)


def readings() -> list[Reading]:
    """One death."""
    found = measure()
    case = "a node killed and started again"
    return [
        Reading(case=case, what="records missed", value=found.missing, unit="", at_most=0),
        Reading(case=case, what="start to listening", value=found.listens, unit="s"),
        Reading(case=case, what="start to connected", value=found.connected, unit="s"),
        Reading(case=case, what="start to whole", value=found.whole, unit="s"),
    ]


if __name__ == "__main__":
    print(json.dumps([asdict(one) for one in readings()], indent=1))
