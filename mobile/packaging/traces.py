"""Does anything that ships name the machine it was made on?"""

import re
import sys
from pathlib import Path
from typing import Final

from mobile.packaging.finding import Finding, outcome
from mobile.packaging.project import Project

HOMES: Final = re.compile(rb"(?:/home/|/Users/|[A-Za-z]:\\Users\\)[\w.-]+[/\\]|/root/\.?\w")
"""Somebody's own directory, on any system."""


def faults(staged: Path, root: Path) -> list[str]:
    """Files that name somebody's home, the checkout or the Python that staged them."""
    here = [str(path).encode() for path in (root.resolve(), Path(sys.prefix), Path.home())]
    names = [name for name in here if name.count(b"/") > 1]
    found = []
    for path in sorted(p for p in staged.rglob("*") if p.is_file()):
        content = path.read_bytes()
        named = [match.group() for match in HOMES.finditer(content)]
        named += [name for name in names if name in content]
        found += [f"{path.relative_to(staged)} names {n.decode(errors='replace')}" for n in named]
    return found


def check(project: Project) -> Finding:
    """No such path; and how much it is that ships."""
    files = [path for path in project.staged.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    return outcome(
        "traces",
        faults(project.staged, project.root),
        said=f"{len(files)} files, {size / 1e6:.1f} MB of our own, name no machine's path",
        todo="take the path out of the named file",
    )
