"""`web3rec node run`, as people start it: real processes, real sockets on loopback."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.network]

PATIENCE = 60.0
"""Seconds for a step that takes one or two; only a hang gets near it."""


def web3rec(directory: Path, *words: str) -> list[str]:
    """Run the command; a process to stand beside running nodes."""
    return [sys.executable, "-m", "web3rec", "--dir", str(directory), *words]


def environment() -> dict[str, str]:
    return os.environ | {"WEB3REC_SHARE_DELAY_HOURS": "0"}


def run(directory: Path, *words: str) -> str:
    done = subprocess.run(
        web3rec(directory, *words),
        env=environment(), capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


class Running:
    """A `node run --json` and the lines it prints."""

    def __init__(self, directory: Path, *words: str) -> None:
        self.process = subprocess.Popen(
            web3rec(directory, "node", "run", "--json", *words),
            env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self._lines: Queue[str] = Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put("")

    def until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first status line that is as wanted."""
        while True:
            try:
                line = self._lines.get(timeout=PATIENCE)
            except Empty:
                pytest.fail("the node fell silent")
            if not line:
                assert self.process.stderr is not None
                pytest.fail(f"the node ended: {self.process.stderr.read()}")
            status: dict[str, Any] = json.loads(line)
            if wanted(status):
                return status

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=15)
        self._reader.join(timeout=5)
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()
        return code


@contextmanager
def node(directory: Path, *words: str) -> Iterator[Running]:
    running = Running(directory, *words)
    try:
        yield running
    finally:
        running.stop()


def test_a_record_made_on_one_device_appears_in_the_others_recommendations(tmp_path: Path) -> None:
    alice, bob = tmp_path / "alice", tmp_path / "bob"
    born = json.loads(run(alice, "init", "--level", "1", "--json"))
    run(bob, "init", "--level", "1")
    run(bob, "trust", born["did"], "1.0", "--name", "Alice")
    run(alice, "record", "like", "trk:blue-train", "--title", "Blue Train")

    with node(alice, "--listen", "/ip4/127.0.0.1/tcp/0") as first:
        address = first.until(lambda line: bool(line["addresses"]))["addresses"][0]
        with node(bob, "--listen", "/ip4/127.0.0.1/tcp/0", "--bootstrap", address) as second:
            second.until(lambda line: line["shared"] >= 2)  # Alice's like, Bob's own trust
            listed = run(bob, "recommend", "--json")
            assert second.stop() == 0
        assert first.stop() == 0

    found = [json.loads(line) for line in listed.splitlines()]
    assert len(found) == 1
    assert "Alice" in found[0]["reason"]
    # hashed on the wire: Bob's app has no name for it, but it is that item
    bobs_app_knows = run(bob, "why", "trk:blue-train", "--json")
    assert "Alice" in bobs_app_knows


def test_a_second_node_on_the_directory_is_refused(tmp_path: Path) -> None:
    home = tmp_path / "home"
    run(home, "init")
    with node(home) as running:
        running.until(lambda line: bool(line["addresses"]))
        second = subprocess.run(
            web3rec(home, "node", "run"),
            capture_output=True, text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
        assert running.stop() == 0
    assert second.returncode == 1
    assert "in use" in second.stderr
    assert "Traceback" not in second.stderr


def test_a_busy_port_is_one_line_and_a_failure(tmp_path: Path) -> None:
    for name in ("one", "two"):
        run(tmp_path / name, "init")
    with node(tmp_path / "one", "--listen", "/ip4/127.0.0.1/tcp/0") as first:
        address = first.until(lambda line: bool(line["addresses"]))["addresses"][0]
        taken = address.partition("/p2p/")[0]
        second = subprocess.run(
            web3rec(tmp_path / "two", "node", "run", "--listen", taken),
            capture_output=True, text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
    assert second.returncode == 1
    assert len(second.stderr.strip().splitlines()) <= 2  # the level's hint, the error
    assert "Traceback" not in second.stderr
