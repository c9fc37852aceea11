"""What makes a whole node fit into virtual time, and takes chance out of it."""

import random
from collections.abc import Callable
from typing import TypeVar

import numpy as np
import pytest
import trio

from p2p import daemon
from p2p.holdings import SALT_BYTES
from p2p.threaded_ledger import ThreadedLedger

T = TypeVar("T")


@pytest.fixture
def inline(monkeypatch: pytest.MonkeyPatch) -> None:
    """No worker threads: a clock that jumps when all tasks wait could not see them working."""

    async def call(_ledger: ThreadedLedger, work: Callable[[], T]) -> T:
        await trio.lowlevel.checkpoint()
        return work()

    monkeypatch.setattr(ThreadedLedger, "call", call)


@pytest.fixture
def foreseen(monkeypatch: pytest.MonkeyPatch) -> None:
    """No chance: the same generator and salts in each run, and tasks in the order they came."""
    real = daemon.run

    async def run(*args: object, **options: object) -> None:
        count = iter(range(1 << 30))
        options["rng"] = np.random.default_rng(7)
        options["salt"] = lambda: next(count).to_bytes(SALT_BYTES, "big")
        await real(*args, **options)  # type: ignore[arg-type]

    class Steady(random.Random):
        def random(self) -> float:  # trio turns a row of ready tasks round below 1/2
            return 0.75

    monkeypatch.setattr(daemon, "run", run)
    monkeypatch.setattr("trio._core._run._ALLOW_DETERMINISTIC_SCHEDULING", True)
    monkeypatch.setattr("trio._core._run._r", Steady())
