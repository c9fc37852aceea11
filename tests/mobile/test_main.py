"""Everything behind the screens, put together as the app does it, without a window."""

import queue
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from mobile import preferences
from mobile.demo.device import History, lay
from mobile.demo.telling import short, teller
from mobile.main import STORE, Parts, Setup
from mobile.platform_.fake import FakePlatform
from mobile.preferences import Preferences
from mobile.samples import SAMPLES
from mobile.viewmodel import Phase, Scheme, State
from web3rec.identity import KEY_FILE
from web3rec.options import Options
from web3rec.recommender import Recommender
from web3rec.types import Event

WAIT = 20.0
"""Seconds; far more than anything here takes"""


class Loop:
    """What stands for Kivy's clock: calls wait until somebody runs them."""

    def __init__(self) -> None:
        self.calls: queue.Queue[Callable[[], None]] = queue.Queue()

    def until(self, so: Callable[[], bool]) -> None:
        while not so():
            self.calls.get(timeout=WAIT)()


@contextmanager
def running(home: Path, **more: Any) -> Iterator[tuple[Parts, Loop]]:
    loop = Loop()
    platform = FakePlatform(folder=home, services=False)
    parts = Parts(Setup(platform=platform, **more), loop.calls.put)
    try:
        yield parts, loop
    finally:
        parts.lifecycle.stop()
        assert parts.bridge.close(WAIT)


def _is_list(parts: Parts) -> Callable[[], bool]:
    return lambda: parts.bridge.state.for_you.phase is Phase.LIST


@pytest.mark.slow
def test_a_new_device_is_laid_behind_the_first_state_and_its_list_follows(tmp_path: Path) -> None:
    shown: list[State] = []
    prepared: list[Path] = []

    def prepare(store: Path) -> None:
        prepared.append(store)
        lay(store, History(heard=True))

    with running(tmp_path, prepare=prepare) as (parts, loop):
        assert parts.bridge.state.for_you.phase is Phase.LOADING
        parts.bridge.subscribe(shown.append)
        loop.until(_is_list(parts))
        liked = parts.bridge.state.for_you.rows[0].item
        parts.bridge.like(liked)
        assert parts.lifecycle.pause()
    assert prepared == [tmp_path / STORE]
    assert shown[-1].for_you.rows
    with Recommender.open(tmp_path / STORE) as rec:  # its lock is free
        assert (liked, Event.LIKE) in [(item, event) for item, event, _at, _w in rec.log.history()]


def test_what_was_chosen_is_kept_and_what_the_command_line_says_is_not(tmp_path: Path) -> None:
    store = tmp_path / STORE
    preferences.save(store, Preferences(scheme=Scheme.LIGHT, learning=False))
    with running(tmp_path, scheme=Scheme.DARK) as (parts, _loop):
        assert parts.bridge.preferences == Preferences(scheme=Scheme.DARK, learning=False)
        assert parts.bridge.settle(WAIT)
    assert preferences.load(store) == Preferences(scheme=Scheme.LIGHT, learning=False)
    with running(tmp_path) as (parts, _loop):
        parts.bridge.charging_only(on=True)
        assert parts.bridge.settle(WAIT)
    assert preferences.load(store).charging_only


def test_who_has_nothing_yet_gets_a_key_and_no_data(tmp_path: Path) -> None:
    with running(tmp_path) as (parts, loop):
        loop.until(lambda: parts.bridge.state.for_you.phase is not Phase.LOADING)
        assert parts.bridge.state.for_you.phase in {Phase.COLD, Phase.EMPTY}
        assert not parts.bridge.state.chip.online
    assert (tmp_path / STORE / KEY_FILE).exists()


def test_a_store_that_is_in_use_is_a_failure_in_words(tmp_path: Path) -> None:
    with (
        Recommender.open(tmp_path / STORE, Options()),
        running(tmp_path) as (parts, loop),
    ):
        loop.until(lambda: parts.bridge.state.failure != "")


def test_putting_it_together_needs_no_kivy_and_no_libp2p() -> None:
    code = """
import sys
from pathlib import Path
from mobile.main import Parts, Setup
from mobile.platform_.fake import FakePlatform
import tempfile
with tempfile.TemporaryDirectory() as home:
    parts = Parts(Setup(platform=FakePlatform(folder=Path(home))), lambda call: None)
    parts.lifecycle.stop()
    parts.bridge.close(20)
print([name for name in ("kivy", "libp2p", "mobile.demo") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_line_is_told_for_every_state_that_differs_in_short(tmp_path: Path) -> None:
    with (tmp_path / "lines").open("w+", encoding="utf-8") as out:
        tell = teller(out)
        for name in ("loading", "for you", "network", "why", "why"):
            tell(SAMPLES[name])
        out.seek(0)
        lines = out.read().splitlines()
    assert len(lines) == 3  # "network" is "for you" on another screen
    assert short(SAMPLES["why"])["why"] == "made:3"
