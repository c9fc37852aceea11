"""Runs the staged tree with nothing but itself, the requirements and the standard library: `trial`
runs this file.

    python -P -B -OO trial_child.py STAGED ALLOWED…   ALLOWED: distributions that ship, by name

-OO, as python-for-android compiles so: without docstrings and assertions. `sys.platform` says
"android" before anything of ours or of others is imported. Needs nothing of ours, so that what is
imported is what is staged.
"""

import ast
import builtins
import contextlib
import importlib.metadata
import json
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.metadata import DistributionFinder
from pathlib import Path
from types import ModuleType
from typing import Any

WITH_A_SCREEN = ("kivy", "jnius", "android", "kivymd")
"""Where Kivy is missing, or there is no Android, what imports these is not tried."""


class Fence(MetaPathFinder):
    """Finds files as ever, but only those that ship; the rest is as if it were not installed."""

    def __init__(self, allowed: frozenset[str], owners: Mapping[str, Sequence[str]]) -> None:
        self._allowed = allowed
        self._owners = owners
        self.asked: dict[str, str] = {}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Where it is, if it ships."""
        top = fullname.split(".", maxsplit=1)[0]
        owners = self._owners.get(top, ())
        if not owners or any(_name(owner) in self._allowed for owner in owners):
            return PathFinder.find_spec(fullname, path, target)
        self.asked.setdefault(top, fullname)
        return None

    def find_distributions(self, context: Any = None) -> Iterator[importlib.metadata.Distribution]:
        """What is known of those that ship: a phone's packages keep their metadata."""
        context = context or DistributionFinder.Context()
        for found in importlib.metadata.MetadataPathFinder.find_distributions(context):
            if _name(found.metadata["Name"]) in self._allowed:
                yield found


def _name(distribution: str) -> str:
    return distribution.lower().replace("_", "-").replace(".", "-")


def main(staged: Path, allowed: frozenset[str]) -> dict[str, Any]:
    """What could not be imported, and what was asked for in vain."""
    fence = Fence(allowed, importlib.metadata.packages_distributions())
    sys.path.insert(0, str(staged))
    sysconfig.get_config_vars()  # of this Python, as there is none of Android's here
    sys.platform = "android"
    sys.meta_path[:] = [fence if finder is PathFinder else finder for finder in sys.meta_path]
    failed: dict[str, str] = {}
    tried = [module for module in _modules(staged) if not _on_a_screen(staged, module)]
    for module in tried:
        try:
            if module.startswith("p2p.libp2p"):
                __import__("mobile.libp2p_stubs")
                sys.modules["mobile.libp2p_stubs"].install()  # as the app does before its node
            __import__(module)
        except Exception as error:  # noqa: BLE001 - a stranger's module may raise anything
            failed[module] = f"{type(error).__name__}: {error}"
    if not failed:
        try:
            _alive()
        except Exception as error:  # noqa: BLE001
            failed["a store, a record and a list"] = f"{type(error).__name__}: {error}"
    return {"tried": len(tried), "failed": failed, "in_vain": fence.asked}


def _modules(staged: Path) -> list[str]:
    """Each module that is staged; the entries' own first, as the phone starts there."""
    found = []
    for path in sorted(staged.rglob("*.py")):
        parts = path.relative_to(staged).with_suffix("").parts
        if len(parts) > 1:
            found.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    first = [m for m in ("mobile.main", "mobile.service.__main__") if m in found]
    return [*first, *(m for m in found if m not in first)]


def _on_a_screen(staged: Path, module: str) -> bool:
    """Whether it, or what it is part of, imports Kivy, Android's classes or a desktop's package."""
    base = staged.joinpath(*module.split("."))
    path = base / "__init__.py" if base.is_dir() else base.with_suffix(".py")
    tops = set()
    for node in ast.parse(path.read_bytes()).body:
        if isinstance(node, ast.Import):
            tops |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            tops.add((node.module or "").split(".")[0])
    screens = ("mobile.app", "mobile.screens", "mobile.widgets")
    return bool(tops & {*WITH_A_SCREEN, "zeroconf"}) or module.startswith(screens)


def _alive() -> None:
    """A store in a private folder: one record in, one list out."""
    from web3rec import Event, Recommender  # noqa: PLC0415 - the staged one, not the checkout's

    with tempfile.TemporaryDirectory() as folder, Recommender.open(Path(folder)) as rec:
        rec.record(Event.PLAY, "item:one")
        rec.recommend(5)


if __name__ == "__main__":
    keep = builtins.print
    with contextlib.redirect_stdout(sys.stderr):
        outcome = main(Path(sys.argv[1]), frozenset(sys.argv[2:]))
    keep(json.dumps(outcome))
