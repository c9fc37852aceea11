"""The tree that ships.

buildozer wants main.py at the root of its source.dir; our packages lie in the repository's root
beside much that no phone needs.

Copies; decides nothing about the content. The same checkout gives the same tree, byte for byte.
"""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mobile.packaging.project import Project

PACKAGES: Final = ("trust", "web3rec", "p2p", "mobile")
LEFT_OUT: Final = {
    "web3rec.__main__": "the command line",
    "web3rec.cli": "the command line",
    "web3rec.distill": "training",
    "web3rec.embeddings": "training",
    "web3rec.eval": "evaluation",
    "p2p.cli": "the command line",
    "p2p.config": "the command line's settings",
    "p2p.control": "the status page and the control API",
    "p2p.demo": "the demo's made-up peers",
    "p2p.service": "a node under a service manager",
    "p2p.sim": "the simulator",
    "mobile.__main__": "the desktop's way in",
    "mobile.android": "what the packagers read, not the app",
    "mobile.demo": "the desktop's demo",
    "mobile.packaging": "the packagers themselves",
    "mobile.screenshots": "pictures of the screens",
}
"""What stays behind, by module, and what it is."""
KEPT: Final = ("p2p.control.__init__", "p2p.control.doors")
"""What ships all the same: the service speaks to the app through a door of the same make."""
SHIPS: Final = (".py", ".json", ".npz", ".png", ".ttf", ".txt", ".md")
"""Kinds of files that ship; a package's README does not, and hidden files never do."""

MAIN: Final = '''"""Where Android starts the app."""

from mobile.main import main

main()
'''
SERVICE: Final = '''"""Where Android starts the syncing service, a process of its own."""

from mobile.service.__main__ import main

main()
'''
ENTRIES: Final = {"main.py": MAIN, "service.py": SERVICE}
_LONG_AGO: Final = 1_577_836_800  # 2020-01-01: the archive must not say when it was staged


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """What was copied."""

    files: int
    size: int
    """Bytes, before compression."""


def shipped(root: Path) -> Iterator[Path]:
    """What ships of our packages, relative to `root`, in order."""
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*")):
            relative = path.relative_to(root)
            if path.is_file() and _ships(relative):
                yield relative


def left_out(module: str) -> bool:
    """Whether a module, by its file's name, stays behind."""
    if module in KEPT:
        return False
    return any(module == out or module.startswith(f"{out}.") for out in LEFT_OUT)


def _ships(path: Path) -> bool:
    module = ".".join(path.with_suffix("").parts)
    if left_out(module):
        return False
    if any(part.startswith(".") or part == "__pycache__" for part in path.parts):
        return False
    return path.suffix in SHIPS and path.name != "README.md"


def stage(project: Project) -> Staged:
    """Make `project.staged` anew.

    Raises:
        OSError: it cannot be written.

    Cost: about .1 s and 3 MB.
    """
    shutil.rmtree(project.staged, ignore_errors=True)
    count = size = 0
    for path in shipped(project.root):
        content = (project.root / path).read_bytes()
        _put(project.staged / path, content)
        count, size = count + 1, size + len(content)
    for name, text in ENTRIES.items():
        _put(project.staged / name, text.encode())
        count, size = count + 1, size + len(text)
    return Staged(files=count, size=size)


def _put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(0o644)
    os.utime(path, (_LONG_AGO, _LONG_AGO))
