"""What must be settled before Kivy makes its window: there is one a process, and it reads once."""

import logging
import os
import sys
from pathlib import Path

IDLE_FPS = 15
"""Steps a second while nobody touches anything and nothing moves"""


class StartupError(RuntimeError):
    """Too late, or settings that no window can have."""


def configure(
    *,
    home: Path,
    size: tuple[int, int] | None = None,
    density: float | None = None,
    font_scale: float | None = 1.0,
    offscreen: bool = False,
    fps: int = 30,
) -> None:
    """Set Kivy's environment and configuration.

    Args:
        home: a folder of Kivy's own (icons and a configuration file go there); made if need be.
        size: of the window, in pixels; None on a phone, whose window is the screen.
        density: pixels of a dp; None asks the system.
        font_scale: how much larger than usual a person wants text; None asks the system.
        offscreen: draw into memory; needs no X server.
        fps: most frames a second; 0 has no limit (tests that step by themselves).

    Raises:
        StartupError: Kivy is imported already, or a number is out of range. Call this before any
            import of `kivy` or `mobile.widgets`.
    """
    if "kivy.core.window" in sys.modules or "kivy.config" in sys.modules:
        raise StartupError(
            "Kivy reads its settings once, when it is imported, and it is imported already; "
            "call mobile.startup.configure() before any import of kivy or mobile.widgets"
        )
    if size is not None and min(size) < 1:
        raise StartupError(f"a window has at least one pixel each way, not {size}; give (412, 915)")
    for name, value in (("density", density), ("font_scale", font_scale)):
        if value is not None and not 0.25 <= value <= 8:
            raise StartupError(f"{name} is in 0.25 .. 8, not {value}; 1.0 is usual")
    if fps < 0:
        raise StartupError(f"fps is at least 0 (no limit), not {fps}")
    home.mkdir(parents=True, exist_ok=True)
    os.environ.update(
        KIVY_NO_ARGS="1",  # the command line is ours
        KIVY_NO_CONFIG="1",  # ours only, nothing is read from or written to the home
        KIVY_NO_FILELOG="1",
        KIVY_LOG_MODE="MIXED",  # leaves the root logger and sys.stderr alone
        KIVY_HOME=str(home),
        KCFG_KIVY_LOG_LEVEL="warning",
    )
    if offscreen:
        os.environ["SDL_VIDEODRIVER"] = "offscreen"
        os.environ["KIVY_CLIPBOARD"] = "dummy"  # the others ask the X server
    if density is not None:
        os.environ["KIVY_METRICS_DENSITY"] = str(density)
    if font_scale is not None:
        os.environ["KIVY_METRICS_FONTSCALE"] = str(font_scale)
    _settle(size, fps, offscreen=offscreen)


def _settle(size: tuple[int, int] | None, fps: int, *, offscreen: bool) -> None:
    from kivy import kivy_options  # noqa: PLC0415 - they read the environment as they are imported
    from kivy.config import Config  # noqa: PLC0415

    # Pasting by the middle button: Kivy starts programs for it that few have, and complains.
    kivy_options["cutbuffer"] = ()
    logging.getLogger("kivy").addFilter(lambda record: "Cutbuffer" not in str(record.msg))

    Config.set("graphics", "maxfps", str(fps))
    Config.set("graphics", "multisamples", "0" if offscreen else "2")
    Config.set("kivy", "exit_on_escape", "0")  # the back key is ours
    Config.set("kivy", "window_icon", "")
    Config.set("input", "mouse", "mouse,disable_multitouch")  # no red dots on right clicks
    if offscreen:
        for option in list(Config.options("input")):
            if option != "mouse":
                Config.remove_option("input", option)
    if size is not None:
        Config.set("graphics", "width", str(size[0]))
        Config.set("graphics", "height", str(size[1]))
