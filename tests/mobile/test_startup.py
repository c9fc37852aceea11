"""Kivy is settled once, before its window; another process shows what it would have been."""

import json
import logging
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("kivy", reason="no Kivy for this Python: extra app")

from mobile.startup import StartupError, configure

ROOT = Path(__file__).resolve().parents[2]

TELL = """
import json, logging, sys
from pathlib import Path
handlers, stderr = list(logging.root.handlers), sys.stderr
from mobile.startup import configure
configure(home=Path(sys.argv[1]), size=(540, 960), density=2.0, font_scale=1.5, offscreen=True)
from kivy.config import Config
from kivy.core.window import Window
from kivy.metrics import Metrics
print(json.dumps({
    "window": list(Window.size) if Window else None,
    "density": Metrics.density,
    "font_scale": Metrics.fontscale,
    "fps": Config.getint("graphics", "maxfps"),
    "root logger untouched": logging.root.handlers == handlers,
    "stderr untouched": sys.stderr is stderr,
    "inputs": sorted(Config.options("input")),
}))
"""


def test_configuring_again_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(StartupError, match="before any import of kivy"):
        configure(home=tmp_path)


@pytest.mark.slow
def test_the_window_is_as_it_was_asked_for_and_nothing_else_is_touched(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-c", TELL, str(tmp_path / "kivy")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    found = json.loads(told.stdout.splitlines()[-1])
    if found.pop("window") is None:
        pytest.skip("SDL cannot draw offscreen here: apt install libegl1 libgles2")
    assert found == {
        "density": 2.0,
        "font_scale": 1.5,
        "fps": 30,
        "root logger untouched": True,
        "stderr untouched": True,
        "inputs": ["mouse"],
    }
    assert not (tmp_path / "kivy" / "config.ini").exists()


def test_here_too_kivy_leaves_the_root_logger_alone() -> None:
    assert not logging.getLogger("kivy").propagate
    assert not any("kivy" in type(handler).__module__ for handler in logging.root.handlers)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"size": (0, 10)}, "one pixel"),
        ({"density": 99.0}, "density"),
        ({"font_scale": 0.0}, "font_scale"),
        ({"fps": -1}, "fps"),
    ],
)
def test_what_no_window_can_have_is_refused(
    tmp_path: Path, wrong: dict[str, object], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("kivy.core.window", "kivy.config"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    with pytest.raises(StartupError, match=words):
        configure(home=tmp_path / "never", **wrong)  # type: ignore[arg-type]
    assert not (tmp_path / "never").exists()
