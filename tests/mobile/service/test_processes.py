"""The app and the service as real processes on one store, killed with SIGKILL in mid-write.

The app is a process that opens the store as the bridge does, records without pause and prints
each act for which `record` returned. Whatever was printed is there afterwards.
"""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from mobile.platform_.desktop import Desktop
from mobile.preferences import Preferences, save
from mobile.service import budget
from mobile.service.knock import Knock, patient
from mobile.service.place import DOOR, FOLDER
from web3rec import Event, Recommender
from web3rec.errors import AlreadyOpen

pytestmark = [pytest.mark.slow, pytest.mark.network]

PATIENCE = 90.0
"""Seconds for what takes one to five; only a hang gets near it."""
APP = """
import sys
from pathlib import Path
from mobile.service.knock import Knock, patient
from web3rec import Event, Recommender
store, name = Path(sys.argv[1]), sys.argv[2]
knock = Knock(store)
rec = patient(lambda: Recommender.open(store), knock)()
for count in range(100_000):
    rec.record(Event.LIKE, f"item:{name}-{count}")
    print(f"item:{name}-{count}", flush=True)
"""


@contextmanager
def running(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A child of ours, which does not outlive the test."""
    child = subprocess.Popen(
        [sys.executable, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    guard = threading.Timer(PATIENCE, child.kill)
    guard.start()
    try:
        yield child
    finally:
        guard.cancel()
        child.kill()
        child.wait()
        assert child.stdout is not None
        child.stdout.close()


def lines(stream: IO[str] | None, count: int) -> list[str]:
    """The next lines of a child."""
    assert stream is not None
    found = [stream.readline().strip() for _ in range(count)]
    assert all(found), "it ended early"
    return found


def killed(child: subprocess.Popen[str]) -> list[str]:
    """Kill it, now; the whole lines that it had printed."""
    child.send_signal(signal.SIGKILL)
    assert child.stdout is not None
    return [line.strip() for line in child.stdout.read().splitlines(keepends=True) if "\n" in line]


def wait(until: Callable[[], object]) -> None:
    """Look again and again until it is so."""
    pause, deadline = threading.Event(), time.monotonic() + PATIENCE
    while not until():
        assert time.monotonic() < deadline, "it never came to be"
        pause.wait(0.02)


def says(knock: Knock, name: str, what: str) -> Callable[[], bool]:
    return lambda: knock.status().get(name) == what


@pytest.fixture
def store(tmp_path: Path) -> Path:
    with Recommender.open(tmp_path / "store"):
        pass
    save(tmp_path / "store", Preferences(background=True))
    return tmp_path / "store"


@pytest.fixture
def service(store: Path) -> Iterator[subprocess.Popen[str]]:
    with running("-m", "mobile.service", "--store", str(store)) as child:
        wait((store / FOLDER / DOOR).exists)
        yield child


@pytest.fixture
def knock(store: Path) -> Iterator[Knock]:
    """At the store's door; made before the service, and hung up after it."""
    made = Knock(store)
    yield made
    made.close()


def items(store: Path) -> set[str]:
    """What the store knows the ego did; the store can be opened."""
    with Recommender.open(store) as rec:
        return {item for item, _event, _at, _weight in rec.log.history()}


def test_F2_kill_9_of_the_app_then_of_the_service_loses_nothing_committed(
    store: Path, knock: Knock, service: subprocess.Popen[str]
) -> None:
    """app killed ─► service takes over ─► killed ─► app again, killed ─► everything is there."""
    done: list[str] = []
    with running("-c", APP, str(store), "first") as first:
        done += lines(first.stdout, 25)
        assert knock.status()["turn"] == "standing by"
        done += killed(first)
    wait(says(knock, "store", "held"))
    with pytest.raises(AlreadyOpen):
        Recommender.open(store)
    killed(service)
    with running("-c", APP, str(store), "second") as second:
        done += lines(second.stdout, 25)
        done += killed(second)
    assert len(done) >= 50
    assert set(done) <= items(store)


def test_F2_kill_9_of_the_service_while_it_opens_or_closes_loses_nothing(
    store: Path, knock: Knock, service: subprocess.Popen[str]
) -> None:
    with running("-c", APP, str(store), "first") as first:
        done = lines(first.stdout, 10)
        done += killed(first)
    wait(says(knock, "store", "opening"))
    killed(service)
    with running("-m", "mobile.service", "--store", str(store)) as second:
        wait(says(knock, "turn", "standing by"))
        knock.attend()
        knock.take()
        wait(says(knock, "store", "held"))
        knock.attend()
        killed(second)
    assert set(done) <= items(store)


def test_the_store_goes_to_and_fro_and_sigterm_frees_it(
    store: Path, knock: Knock, service: subprocess.Popen[str]
) -> None:
    """What the lifecycle does at resume and pause; the service counts its time."""
    opened = patient(lambda: Recommender.open(store), knock)
    knock.attend()
    knock.take()
    wait(says(knock, "store", "held"))
    with opened() as rec:  # resume: the service yields
        rec.record(Event.LIKE, "item:1")
        assert knock.status()["store"] == "free"
    knock.take()  # pause
    wait(says(knock, "store", "held"))
    assert budget.load(store, Desktop(store).now()).day.spent > 0
    service.terminate()
    assert service.wait(PATIENCE) == 0
    assert not (store / FOLDER / DOOR).exists()
    assert items(store) == {"item:1"}


def test_a_service_for_no_store_makes_none(tmp_path: Path) -> None:
    save(tmp_path / "new", Preferences(background=True))
    knock = Knock(tmp_path / "new")
    with running("-m", "mobile.service", "--store", str(tmp_path / "new")) as child:
        wait(knock.status)
        knock.attend()
        knock.take()
        assert child.wait(PATIENCE) == 0
    knock.close()
    assert {path.name for path in (tmp_path / "new").iterdir()} <= {
        "preferences.json", "service.json", "service",
    }  # fmt: skip


def test_a_second_service_leaves_at_once(
    store: Path, knock: Knock, service: subprocess.Popen[str]
) -> None:
    with running("-m", "mobile.service", "--store", str(store)) as second:
        assert second.wait(PATIENCE) == 0
    assert knock.status()["ok"] is True


def test_a_desktop_starts_and_stops_it(store: Path, knock: Knock) -> None:
    desktop = Desktop(store)
    assert desktop.start_service(store)
    assert desktop.start_service(store)
    wait(knock.status)
    desktop.stop_service()
    assert desktop._service is not None
    assert desktop._service.wait(PATIENCE) == 0


def test_standing_by_loads_neither_numpy_nor_libp2p() -> None:
    code = (
        "import sys, mobile.service.main; "
        "print(sorted({'numpy', 'libp2p', 'trio', 'sqlite3', 'cryptography'} & {*sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE, check=True
    )
    assert done.stdout.strip() == "[]"
