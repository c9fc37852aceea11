"""The staged tree run with nothing but what the spec asks for: imports, and a store that works.

Shows that what the audit calls unneeded is not needed, that the stand-ins are enough, and that
nothing leans on docstrings or assertions. Not a phone: Python here, this machine's libraries.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from mobile.packaging import spec as spec_file
from mobile.packaging.finding import Finding, outcome
from mobile.packaging.project import Project
from mobile.packaging.recipes import NoOrderError, name_of, resolved

BUILT_IN: frozenset[str] = frozenset({"web3rec"})
"""What `packages_distributions` calls our own packages: found by the staged tree's path first."""


def allowed(project: Project) -> frozenset[str]:
    """Distributions that would be on the phone.

    Raises:
        NoOrderError: the requirements conflict.
    """
    spec = spec_file.read(project.spec)
    found = resolved(spec, project.mobile)
    return frozenset({*map(name_of, found.recipes), *found.wheels, *BUILT_IN})


def tried(staged: Path, ships: frozenset[str]) -> tuple[int, list[str]]:
    """How many modules were imported, and what failed.

    Cost: 3 s.
    """
    child = Path(__file__).with_name("trial_child.py")
    with tempfile.TemporaryDirectory(prefix="web3rec-trial-") as home:
        ended = subprocess.run(  # noqa: S603
            [sys.executable, "-P", "-B", "-OO", str(child), str(staged), *sorted(ships)],
            cwd=home,
            capture_output=True,
            text=True,
            check=False,
            env={"PATH": os.environ.get("PATH", ""), "HOME": home, "LANG": "C.UTF-8"},
        )
    if ended.returncode != 0:
        return 0, [f"it ended with: {ended.stderr.strip()[-400:]}"]
    said = json.loads(ended.stdout.splitlines()[-1])
    return said["tried"], [f"{what}: {why}" for what, why in said["failed"].items()]


def check(project: Project) -> Finding:
    """Everything that needs no screen, imported; one record in, one list out."""
    try:
        ships = allowed(project)
    except NoOrderError as error:
        return Finding(check="trial", said=str(error), todo="see the check `recipes`")
    count, failed = tried(project.staged, ships)
    return outcome(
        "trial",
        failed,
        said=f"{count} staged modules import with the requirements and the stand-ins only, as "
        "Android's Python would compile them (-OO); a store takes a record and gives a list",
        todo="add what is missing to requirements in mobile/buildozer.spec, or do not import it",
    )
