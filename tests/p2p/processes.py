"""`web3rec node run` in processes of their own, as people start it; real sockets on loopback."""

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

    def address(self) -> str:
        """Where it can be dialled; call once, first."""
        return str(self.until(lambda line: bool(line["addresses"]))["addresses"][0])

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(how)
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
