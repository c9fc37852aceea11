"""The phones that screens are looked at on, and what an eye finds wrong there."""

from typing import Any

from mobile.samples import SAMPLES
from mobile.shell import Shell
from mobile.widgets import Sheet
from tests.mobile.audit import clipped, small_targets
from tests.mobile.stage import Stage
from tests.mobile.wishes import FakeWishes

PHONES = {
    "small": (412, 915, 1.0, 1.0),
    "small, large text": (412, 915, 1.0, 1.5),
    "sharp, large text": (1080, 2340, 2.625, 1.5),
    "on its side": (915, 412, 1.0, 1.0),
    "on its side, large text": (915, 412, 1.0, 1.5),
}
"""Pixels each way, pixels a dp, size of text"""
TALL = (412, 3200)
"""Pixels: all of any screen can be touched without scrolling"""


def faults(stage: Stage, root: Any) -> dict[str, list[str]]:
    """Whatever is clipped or too small to be touched, by phone; {} if nothing is anywhere."""
    stage.show(root)
    found = {}
    for name, phone in PHONES.items():
        stage.resize(*phone)
        if bad := clipped(root) + small_targets(root):
            found[name] = bad
    return found


def sheet_faults(stage: Stage, content: Any) -> dict[str, list[str]]:
    """The same of what stands in a sheet."""
    sheet = Sheet(content)
    sheet.risen = 1.0
    return faults(stage, sheet)


def housed(stage: Stage, wishes: FakeWishes, sample: str, screen: str) -> Shell:
    """A screen in the app's own house, with room for all of it."""
    stage.resize(*TALL)
    shell = Shell(wishes, SAMPLES[sample])
    stage.show(shell)
    shell.go(screen)
    stage.settle()
    return shell


def on_top(shell: Shell) -> Any:
    """What stands in the sheet on top; None if there is none."""
    return None if shell.sheet is None else shell.sheet.content
