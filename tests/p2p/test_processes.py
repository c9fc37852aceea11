"""Nodes in processes of their own that are killed, frozen and flooded: they miss nothing (Y1, F2).

Only processes started here are ended, by their id.
"""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from p2p.control import Client
from tests.p2p.carriers import TOPIC
from tests.p2p.processes import PATIENCE, Running, node
from tests.web3rec.store.logs import record
from web3rec import Options, Recommender
from web3rec.records import SigningKey
from web3rec.records.model import DAY

pytestmark = [pytest.mark.slow, pytest.mark.network]

EACH = 200
"""Records of one author, as many as are kept of anybody."""
WORDS = ("--listen", "/ip4/127.0.0.1/tcp/0", "--sync-interval", "2")


def home(path: Path, authors: int = 0) -> Path:
    """A device's directory at level 2, holding what some strangers said."""
    with Recommender.open(path, Options(share_delay_hours=0)) as rec:
        rec.share(2)
        midnight = int(time.time()) // DAY * DAY
        for n in range(authors):
            key = SigningKey.from_seed(bytes([n + 1, 77]) * 16)
            rec.log.ingest(
                [record(key, i + 1, item=f"trk:{n}:{i}", t=midnight) for i in range(EACH)]
            )
    return path


def held(path: Path) -> tuple[int, str]:
    """How much a device shares, and a digest of it; reads beside a running node."""
    with Recommender.open(path, Options(read_only=True)) as rec:
        count, digest = rec.log.digest()
        return count, str(digest)


def wait(until: Callable[[], bool], seconds: float = PATIENCE, pause: float = 0.1) -> None:
    """Look again and again until it is so; fails after that many seconds."""
    deadline, nap = time.monotonic() + seconds, threading.Event()
    while not until():
        assert time.monotonic() < deadline, "it never came to be"
        nap.wait(pause)


def alike(*paths: Path, count: int) -> bool:
    found = {held(path) for path in paths}
    return len(found) == 1 and found.pop()[0] == count


def says(path: Path, *items: str) -> None:
    """The user of a running node likes something."""
    with Client(path) as client:
        for item in items:
            client.record("like", item)


@pytest.fixture
def nodes() -> Iterator[Callable[..., Running]]:
    """Starts nodes; ends them after the test."""
    with ExitStack() as stack:

        def started(path: Path, *words: str) -> Running:
            return stack.enter_context(node(path, *WORDS, *words))

        yield started


def test_Y1_F2_killed_in_the_middle_of_receiving_it_misses_nothing(
    tmp_path: Path, nodes: Callable[..., Running]
) -> None:
    """Twice as much as one session holds; SIGKILL when some of it has come, and once more."""
    total = 50 * EACH
    full, victim = home(tmp_path / "full", authors=50), home(tmp_path / "victim")
    bootstrap = ("--bootstrap", nodes(full).address())
    at_death = []
    for _ in range(2):
        before = held(victim)[0]
        running = nodes(victim, *bootstrap)
        wait(lambda least=before: held(victim)[0] > least, pause=0.02)  # type: ignore[misc]
        running.stop(signal.SIGKILL)
        at_death.append(held(victim)[0])
    assert 0 < at_death[0] < at_death[1] < total
    nodes(victim, *bootstrap)
    wait(lambda: alike(full, victim, count=total))


def test_Y1_frozen_and_thawed_it_catches_up(tmp_path: Path, nodes: Callable[..., Running]) -> None:
    """What two others say while it is stopped reaches it; what they do goes on without it."""
    hub, other, frozen = (home(tmp_path / name) for name in ("hub", "other", "frozen"))
    bootstrap = ("--bootstrap", nodes(hub).address())
    nodes(other, *bootstrap)
    stopped = nodes(frozen, *bootstrap)
    says(hub, "trk:before")
    wait(lambda: alike(hub, other, frozen, count=1))
    stopped.process.send_signal(signal.SIGSTOP)
    says(hub, *(f"trk:hub {n}" for n in range(20)))
    says(other, *(f"trk:other {n}" for n in range(20)))
    wait(lambda: alike(hub, other, count=41))
    assert held(frozen)[0] == 1
    stopped.process.send_signal(signal.SIGCONT)
    wait(lambda: alike(hub, other, frozen, count=41))


@contextmanager
def flooded(kind: str, address: str, seconds: float) -> Iterator[None]:
    """A stranger in a process of its own who sends as much of it as it can."""
    words = [sys.executable, "-m", "tests.p2p.floods", kind, address, str(seconds)]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.kill()


def test_Y1_five_nodes_converge_while_a_stranger_floods_one(
    tmp_path: Path, nodes: Callable[..., Running]
) -> None:
    """A ring and a chord; the flooded one is the only way between some of them at first."""
    names = ("a", "b", "c", "d", "e")
    paths = [home(tmp_path / name, authors=2 * (name == "a")) for name in names]
    topic = ("--topic", TOPIC)
    first = nodes(paths[0], *topic)
    addresses = [first.address()]
    for at, path in enumerate(paths[1:], 1):
        running = nodes(path, *topic, "--bootstrap", addresses[at - 1])
        addresses.append(running.address())
    with flooded("messages", addresses[2], 2 * PATIENCE), Client(paths[2]) as client:
        wait(lambda: client.status()["refused"] > 0)  # banned, and back in vain
        for at, path in enumerate(paths):
            says(path, *(f"trk:{at}:{n}" for n in range(10)))
        wait(lambda: alike(*paths, count=2 * EACH + 50))
        before = client.status()["refused"]
        wait(lambda: client.status()["refused"] > before)  # it went on all the while
        assert client.status()["state"] == "running"
        assert client.status()["restarts"] == 0
