"""Whatever a disk or a kill does, what was acknowledged is there, and nothing is there by half."""

import errno
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.faults.rig import Blow, Rig, library, rig
from tests.faults.story import STEPS, Fate, left, opened, states
from tests.web3rec.store.logs import JAZZ, scratch
from web3rec import Event

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(library() is None, reason="needs a C compiler and /proc"),
]

KILLS = (Blow.KILL_BEFORE, Blow.KILL_AFTER, Blow.KILL_HALFWAY)
STRIDE = 13
"""Of the some 400 calls every so manieth is struck by default; all of them nightly."""


@pytest.fixture(scope="module")
def lives() -> Iterator[Rig]:
    with rig() as made:
        yield made


@cache
def expected() -> tuple[str, ...]:
    with scratch() as directory:
        return tuple(states(directory / "device"))


def calls(lives: Rig) -> int:
    """How often an untroubled life calls the disk."""
    with scratch() as directory:
        fate = lives.life(directory / "device")
    assert fate == Fate(len(STEPS) + 1, killed=False, error="", typed=True, calls=fate.calls)
    assert fate.calls > 100
    return fate.calls


def is_whole(directory: Path, fate: Fate) -> bool:
    """All acknowledged steps are there, at most one more, none by half; and it can be used."""
    rec = opened(directory)
    found = left(rec)
    rec.record(Event.LIKE, JAZZ)
    rec.close()
    last = max(fate.acknowledged - 1, 0)
    return found in expected()[last : last + 2]


def points(total: int, *, every: int, first: int) -> range:
    return range(1 + first % every, total + 1, every)


def kill_everywhere(lives: Rig, *, every: int) -> int:
    """Kill at the chosen calls, in each way, with and without a power failure; how many died."""
    died = 0
    total = calls(lives)
    for blow in KILLS:
        for lose in (False, True):
            for nth in points(total, every=every, first=2 * blow + lose):
                with scratch() as directory:
                    fate = lives.life(directory / "device", nth, blow, lose=lose)
                    died += fate.killed
                    assert is_whole(directory / "device", fate), (blow, lose, nth, fate)
    return died


def fail_everywhere(lives: Rig, *, every: int) -> int:
    """Let the chosen calls fail; how often somebody was told."""
    told = 0
    total = calls(lives)
    for error in (errno.EIO, errno.ENOSPC):
        for nth in points(total, every=every, first=error):
            with scratch() as directory:
                fate = lives.life(directory / "device", nth, Blow.FAIL_ONCE, error=error)
                assert fate.typed, (nth, fate)
                told += bool(fate.error)
                assert is_whole(directory / "device", fate), (nth, fate)
    return told


def test_F2_killed_at_any_call_to_the_disk_it_keeps_what_it_acknowledged(lives: Rig) -> None:
    assert kill_everywhere(lives, every=STRIDE) > 100


@pytest.mark.nightly
def test_F2_killed_at_every_call_to_the_disk_it_keeps_what_it_acknowledged(lives: Rig) -> None:
    assert kill_everywhere(lives, every=1) > 2000


def test_F3_any_call_that_fails_is_told_as_ours_and_loses_nothing(lives: Rig) -> None:
    """And after each failure a list could still be had."""
    assert fail_everywhere(lives, every=STRIDE) > 40


@pytest.mark.nightly
def test_F3_every_call_that_fails_is_told_as_ours_and_loses_nothing(lives: Rig) -> None:
    assert fail_everywhere(lives, every=1) > 700


def test_F3_on_a_disk_that_stays_full_every_step_is_done_or_refused(lives: Rig) -> None:
    refused = 0
    for nth in points(calls(lives), every=STRIDE, first=0):
        with scratch() as directory:
            fate = lives.life(
                directory / "device",
                nth,
                Blow.FAIL_WRITES_FROM_HERE,
                error=errno.ENOSPC,
                go_on=True,
            )
            assert fate.typed, (nth, fate)
            refused += bool(fate.error)
            rec = opened(directory / "device")  # the disk has room again
            rec.record(Event.LIKE, JAZZ)
            rec.close()
    assert refused > 20


def test_the_rig_bites_a_log_that_does_not_wait_for_the_disk(lives: Rig) -> None:
    """Planted: with synchronous=OFF, a power failure takes what was acknowledged."""
    for lose in (False, True):
        with scratch() as directory:
            fate = lives.life(directory / "device", 250, Blow.KILL_BEFORE, lose=lose, careless=True)
            assert fate.killed
            assert is_whole(directory / "device", fate) is not lose
