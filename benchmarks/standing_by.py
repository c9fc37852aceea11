"""What an app with a node in it costs while its user does nothing: processor and bytes an hour.

    python -m benchmarks.standing_by [SECONDS]

A device on loopback with five peers, which run in a process of their own. Bytes are those that
TCP carried on the device's connections, both ways, without the headers of IP and TCP; processor
time is that of all threads of the device's process, the start left out. Linux only. An hour is
extrapolated from SECONDS (60): the pings and comparisons that make it up come twice a minute or
more, but a rare one may be missed.
"""

import json
import os
import socket
import stat
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Final

from benchmarks.row import Reading
from p2p import Node, NodeOptions
from p2p.demo.stage import Loop
from web3rec import Event, Options, OwnAct, Params, Recommender
from web3rec.clock import system_clock

PEERS: Final = 5
SECONDS: Final = 60.0
SETTLE_SECONDS: Final = 15.0
EVERY_SECONDS: Final = 3.0
"""Between two likes of somebody, in the lively hour: 1,200 of them."""
MISSED: Final = 500
"""Records that came while the device was away."""
PATIENCE_SECONDS: Final = 120.0
_LOOPBACK: Final = ("/ip4/127.0.0.1/tcp/0",)
_ACKED, _RECEIVED, _INFO_BYTES = 120, 128, 136
"""Where struct tcp_info of Linux has the bytes sent and acknowledged, and those received."""


@dataclass(frozen=True, slots=True)
class Cost:
    """One stretch of time."""

    case: str
    seconds: float
    cpu_seconds: float
    sent: int
    """Bytes"""
    received: int
    records: int
    """That came meanwhile"""

    @property
    def cpu_hour(self) -> float:
        """Processor seconds an hour."""
        return 3600 * self.cpu_seconds / self.seconds

    @property
    def kilobytes_hour(self) -> float:
        """Both ways."""
        return 3.6 * (self.sent + self.received) / self.seconds


class Meter:
    """Bytes of all TCP connections this process ever had, as far as it looked in time."""

    def __init__(self) -> None:
        self._seen: dict[int, tuple[int, int]] = {}

    def look(self) -> tuple[int, int]:
        """(sent, received) so far; of a connection that ended, what the last look saw."""
        for name in os.listdir("/proc/self/fd"):  # noqa: PTH208 - names are all we want
            try:
                file = os.stat(int(name))  # noqa: PTH116 - a descriptor, not a path
                if not stat.S_ISSOCK(file.st_mode):
                    continue
                with socket.socket(fileno=os.dup(int(name))) as one:
                    info = one.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
            except OSError:
                continue  # not TCP, or gone
            if len(info) >= _INFO_BYTES:
                acked, received = struct.unpack_from("=QQ", info, _ACKED)
                self._seen[file.st_ino] = (acked, received)
        return sum(a for a, _ in self._seen.values()), sum(r for _, r in self._seen.values())


def measured(
    case: str, meter: Meter, rec: Recommender, seconds: float, tick: Callable[[], bool]
) -> Cost:
    """Look on for so long, or until `tick`, asked every half second, says it is over."""
    sent, received = meter.look()
    held, cpu, began = len(rec.log.known()), time.process_time(), time.monotonic()
    while time.monotonic() - began < seconds and not tick():
        time.sleep(0.5)
        meter.look()
    spent, worked = time.monotonic() - began, time.process_time() - cpu
    now_sent, now_received = meter.look()
    return Cost(
        case,
        round(spent, 1),
        round(worked, 3),
        now_sent - sent,
        now_received - received,
        len(rec.log.known()) - held,
    )


def _never() -> bool:
    return False


class Crowd:
    """The five others, in their process."""

    def __init__(self, said: IO[str], heard: IO[str]) -> None:
        self._said, self._heard = said, heard
        told = json.loads(self._heard.readline())
        self.addresses: list[str] = told["addresses"]
        self.people: list[str] = told["people"]

    def act(self, likes: int) -> None:
        """Let them like so many things; returns when it is on their disks."""
        self._said.write(f"{likes}\n")
        self._said.flush()
        self._heard.readline()


@contextmanager
def crowd() -> Iterator[Crowd]:
    """Start them; they end with their standard input."""
    call = [sys.executable, "-m", "benchmarks.standing_by", "--peers"]
    with subprocess.Popen(call, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            yield Crowd(child.stdin, child.stdout)
        finally:
            child.stdin.close()
            child.wait(30)


def peers() -> None:
    """Be the five: tell who and where, then like as many things as each line of input says."""
    with TemporaryDirectory() as home, ExitStack() as open_, Loop() as loop:
        recs, addresses = [], list[str]()
        for n in range(PEERS):
            options = Options(share_delay_hours=0, params=Params())
            rec = open_.enter_context(Recommender.open(Path(home) / str(n), options))
            rec.share(2)
            node = Node(rec, NodeOptions(listen=_LOOPBACK, bootstrap=addresses[-2:]))
            loop.carry(node)
            addresses += node.status().addresses
            recs.append(rec)
        people = [rec.me.hex() for rec in recs]
        print(json.dumps({"addresses": addresses, "people": people}), flush=True)
        numbers = count()
        for line in sys.stdin:
            for n in range(int(line)):
                act = OwnAct(Event.LIKE, f"trk:{next(numbers)}", system_clock())
                recs[n % PEERS].record_many([act])
            print("done", flush=True)


def costs(seconds: float = SECONDS) -> list[Cost]:
    """Alone, in quiet company, in lively company, and back after a while."""
    meter, found = Meter(), []
    options = Options(share_delay_hours=0, params=Params())
    with (
        TemporaryDirectory() as home,
        Recommender.open(Path(home) / "device", options) as rec,
        crowd() as others,
    ):
        for person in others.people:
            rec.trust(person)
        found.append(measured("offline", meter, rec, seconds, _never))
        with Node(rec, NodeOptions(listen=_LOOPBACK, bootstrap=others.addresses)) as node:
            others.act(PEERS)
            time.sleep(SETTLE_SECONDS)
            found.append(measured("five peers, all quiet", meter, rec, seconds, _never))
            last = time.monotonic()

            def lively() -> bool:
                nonlocal last
                if time.monotonic() - last >= EVERY_SECONDS:
                    last += EVERY_SECONDS
                    others.act(1)
                return False

            found.append(measured("five peers, a like every 3 s", meter, rec, seconds, lively))
            node.pause()
            others.act(MISSED)
            wanted = len(rec.log.known()) + MISSED
            case = f"back: {MISSED} records missed"

            def back() -> bool:
                if node.status().state == "paused":
                    node.resume()
                return len(rec.log.known()) >= wanted

            found.append(measured(case, meter, rec, PATIENCE_SECONDS, back))
    return found


def readings() -> list[Reading]:
    """An hour of each, and what coming back costs once."""
    *hours, back = costs()
    found = []
    for one in hours:
        found += [
            Reading(case=one.case, what="of a core", value=one.cpu_hour / 36, unit="%"),
            Reading(case=one.case, what="bytes", value=one.kilobytes_hour, unit="kB/h"),
        ]
    return [
        *found,
        Reading(case=back.case, what="until all are here", value=back.seconds, unit="s"),
        Reading(case=back.case, what="processor", value=back.cpu_seconds, unit="s"),
        Reading(case=back.case, what="bytes", value=(back.sent + back.received) / 1e3, unit="kB"),
    ]


def main() -> None:
    """Print one JSON object a case."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    for one in costs(seconds):
        hour = {"cpu_seconds_hour": round(one.cpu_hour, 1), "kB_hour": round(one.kilobytes_hour, 1)}
        print(json.dumps(asdict(one) | hour), flush=True)
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    peers() if "--peers" in sys.argv else main()
