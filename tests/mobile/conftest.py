"""Kivy in tests: one window a process, drawn into memory, with a home of its own."""

import importlib.util
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.mobile.wishes import FakeHouse, FakeWishes

if TYPE_CHECKING:
    from tests.mobile.stage import Stage


@pytest.fixture(scope="session")
def kivy_window(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Settle Kivy and open its window; skip what needs one where there can be none."""
    if importlib.util.find_spec("kivy") is None:
        pytest.skip("Kivy is not installed: pip install 'web3rec[app]'")
    from mobile.startup import StartupError, configure

    try:
        configure(
            home=tmp_path_factory.mktemp("kivy"),
            size=(412, 915),
            density=1.0,
            offscreen=True,
            fps=0,
        )
    except StartupError as error:
        pytest.fail(f"a test module imported Kivy before the window was settled: {error}")
    from kivy.core.window import Window

    if Window is None:
        pytest.skip("SDL cannot draw offscreen here: apt install libegl1 libgles2 libmtdev1")


@pytest.fixture
def stage(kivy_window: None) -> Iterator["Stage"]:
    """An empty window of 412 x 915 at density 1, light, motion off."""
    from tests.mobile.stage import Stage

    stage = Stage()
    yield stage
    stage.clear()
    stage.resize(412, 915)


@pytest.fixture
def wishes() -> FakeWishes:
    return FakeWishes()


@pytest.fixture
def house() -> FakeHouse:
    return FakeHouse()
