"""Kivy in tests: one window a process, drawn into memory, with a home of its own.

Kivy is settled here, before any test module is imported, so that those may import it at their top
(after `pytest.importorskip("kivy", ...)`, for Pythons that have no Kivy).
"""

import atexit
import importlib.util
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mobile.startup import configure
from tests.mobile.wishes import FakeHouse, FakeWishes

if TYPE_CHECKING:
    from tests.mobile.stage import Stage

HAS_KIVY = importlib.util.find_spec("kivy") is not None

if HAS_KIVY:
    _home = Path(tempfile.mkdtemp(prefix="kivy-"))
    atexit.register(shutil.rmtree, _home, ignore_errors=True)
    configure(home=_home, size=(412, 915), density=1.0, offscreen=True, fps=0)


@pytest.fixture(scope="session")
def kivy_window() -> None:
    """Skip where there can be no window."""
    if not HAS_KIVY:
        pytest.skip("Kivy is not installed: pip install 'web3rec[app]'")
    from kivy.core.window import Window  # noqa: PLC0415 - opens it

    if Window is None:
        pytest.skip("SDL cannot draw offscreen here: apt install libegl1 libgles2 libmtdev1")


@pytest.fixture
def stage(kivy_window: None) -> Iterator["Stage"]:
    """An empty window of 412 x 915 at density 1, light, motion off."""
    from tests.mobile.stage import Stage  # noqa: PLC0415 - needs the window

    stage = Stage()
    yield stage
    stage.leave()


@pytest.fixture
def wishes() -> FakeWishes:
    return FakeWishes()


@pytest.fixture
def house() -> FakeHouse:
    return FakeHouse()
