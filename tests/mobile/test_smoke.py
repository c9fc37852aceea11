"""The real app in a real window: a mouse, a key, kill -9, and the store looked into afterwards."""

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mobile.demo.company import ROOT
from mobile.main import STORE
from mobile.samples import SAMPLES
from mobile.viewmodel import ForYou, ForYouRow, Phase, cover
from tests.mobile.wishes import FakeWishes
from web3rec.options import Options
from web3rec.recommender import Recommender
from web3rec.types import Event

if TYPE_CHECKING:
    from tests.mobile.stage import Stage

SIZE = (412, 915)
WAIT = 60.0
"""Seconds until something that takes one or two is a failure"""

MISSING = [tool for tool in ("Xvfb", "xdotool") if shutil.which(tool) is None]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(MISSING), reason=f"needs {' and '.join(MISSING)}: apt install"),
]


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    """An X server that nobody sees, on whatever display is free."""
    told, say = os.pipe()
    command = ["Xvfb", "-displayfd", str(say), "-screen", "0", "800x1000x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=(say,), stderr=subprocess.DEVNULL) as server:
        os.close(say)
        try:
            ready, _, _ = select.select([told], [], [], WAIT)
            number = os.read(told, 32).decode().strip() if ready else ""
            assert number, "Xvfb did not start"
            yield f":{number}"
        finally:
            os.close(told)
            server.terminate()


class App:
    """The app's process; what it says of its screens, and a hand."""

    def __init__(self, process: "subprocess.Popen[str]", environment: dict[str, str]) -> None:
        self.process = process
        self.states: list[dict[str, Any]] = []
        self._environment = environment
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._news:
                self.states.append(json.loads(line))
                self._news.notify_all()

    def until(self, so: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The state in which the screens are so; waits for it."""
        with self._news:
            found = self._news.wait_for(lambda: self.states and so(self.states[-1]), WAIT)
            assert found, f"not in {WAIT:g} s: {self.states[-1:]}"
            return self.states[-1]

    def find_window(self) -> None:
        """Wait for the window and point at its corner."""
        self.window = self._xdotool("search", "--sync", "--onlyvisible", "--class", "python")
        self.window = self.window.split()[0]

    def tap(self, x: float, y: float) -> None:
        """Click at pixels from the window's upper left."""
        at = (str(round(x)), str(round(y)))
        self._xdotool("mousemove", "--sync", "--window", self.window, *at)
        self._xdotool("click", "1")

    def press(self, key: str) -> None:
        self._xdotool("key", "--window", self.window, key)

    def _xdotool(self, *words: str) -> str:
        done = subprocess.run(
            ["xdotool", *words],  # noqa: S607 - found above
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=WAIT,
            check=True,
        )
        return done.stdout.strip()


@contextmanager
def app_on(display: str, home: Path) -> Iterator[App]:
    """The app as a person starts it, offline, on a device that stays."""
    environment = os.environ | {"DISPLAY": display, "SDL_VIDEODRIVER": "x11"}
    command = [
        sys.executable, "-m", "mobile", "--offline", "--tell", "--store", str(home),
        "--size", "{}x{}".format(*SIZE), "--seconds", "300",
    ]  # fmt: skip
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            app = App(process, environment)
            app.find_window()
            yield app
        finally:
            with suppress(ProcessLookupError):
                process.kill()


def likes(home: Path, event: Event = Event.LIKE) -> set[str]:
    """What is liked in the store, read beside the app that has it open."""
    with Recommender.open(home / STORE, Options(read_only=True)) as rec:
        return {item for item, kind, _at, _weight in rec.log.history() if kind == event}


def committed(home: Path, item: str) -> bool:
    """Whether this like is in the store; waits for it, looking again and again, some ms each."""
    until = time.monotonic() + WAIT
    while time.monotonic() < until:
        if item in likes(home):
            return True
    return False


@dataclass(frozen=True)
class Places:
    """Where the first row of the list has what is touched, in pixels from the upper left."""

    heart: tuple[float, float]
    reason: tuple[float, float]


Find = Callable[[dict[str, Any]], Places]


@pytest.fixture
def places(stage: "Stage", wishes: FakeWishes) -> Find:
    """Found in the same app at the same size, in this process, showing the same first row."""
    from mobile.app import Web3recApp  # noqa: PLC0415 - Kivy may be missing

    def find(said: dict[str, Any]) -> Places:
        note, title, creator, why = said["texts"]
        row = ForYouRow(said["first"], title, creator, why, cover(said["first"], title, creator))
        like = replace(SAMPLES["for you"], for_you=ForYou(Phase.LIST, (row,), note))
        stage.start(Web3recApp(wishes, like))
        labels = f"Like {title}", f"Why {title}: {why}"
        heart, reason = (stage.middle(stage.find(label)) for label in labels)
        return Places((heart[0], SIZE[1] - heart[1]), (reason[0], SIZE[1] - reason[1]))

    return find


def test_F2_a_like_in_a_real_window_outlives_escape_and_kill_nine(
    display: str, tmp_path: Path, places: Find
) -> None:
    with app_on(display, tmp_path) as app:
        listed = app.until(lambda state: state["phase"] == "list")
        first, shown = listed["first"], places(listed)
        app.tap(*shown.heart)
        app.until(lambda state: first in state["liked"])
        assert committed(tmp_path, first)

        app.tap(*shown.reason)
        app.until(lambda state: state["why"] == first)
        app.press("Escape")  # closes the sheet first
        app.until(lambda state: state["why"] == "")
        app.press("Escape")  # and then leaves
        assert app.process.wait(WAIT) == 0
    with Recommender.open(tmp_path / STORE) as rec:  # its lock is free
        assert first in {item for item, kind, *_ in rec.log.history() if kind == Event.LIKE}

    with app_on(display, tmp_path) as app:
        listed = app.until(lambda state: state["phase"] == "list")
        second = listed["first"]
        assert second != first
        app.tap(*places(listed).heart)
        assert committed(tmp_path, second)
        app.process.send_signal(signal.SIGKILL)
        app.process.wait(WAIT)
    with Recommender.open(tmp_path / STORE) as rec:
        liked = {item for item, kind, *_ in rec.log.history() if kind == Event.LIKE}
        assert {first, second} <= liked
        assert rec.recommend(1)
