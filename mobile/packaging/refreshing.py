"""Ask the package index, by pip itself, which wheels there are; keep the answer for the audit.

The one part that needs a network. Kept are names of files and what they require: no address.
"""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

from mobile.packaging import spec as spec_file
from mobile.packaging.audit import requirements_of
from mobile.packaging.project import Project
from mobile.packaging.recipes import name_of, resolved
from mobile.packaging.spec import Spec

PYTHON: Final = "3.14"
PHONES: Final = (
    tuple(f"android_{api}_arm64_v8a" for api in (24, 23, 22, 21)),
    tuple(f"android_{api}_x86_64" for api in (24, 23, 22, 21)),
)
BUILDER: Final = (
    *("linux_x86_64", "manylinux1_x86_64", "manylinux2010_x86_64", "manylinux2014_x86_64"),
    *(f"manylinux_2_{minor}_x86_64" for minor in (5, 12, 17, 24, 27, 28, 31, 34, 35, 39)),
)
"""The machine that builds: python-for-android lets its pip choose there, not for the phone."""
ONLY_WHEELS: Final = ("protobuf",)
"""Recipes of ours that build nothing and ask for what runs on Android."""
_NOT_FOUND: Final = re.compile(r"No matching distribution found for ([\w.-]+)")


class RefreshError(RuntimeError):
    """The index was not reached, or said something else than expected."""


def _ask(wanted: Sequence[str], platforms: Sequence[str]) -> dict[str, tuple[str, list[str]]]:
    """Each distribution's wheel on the first platform that has one, and what it requires.

    What has none is left out.
    """
    left = list(wanted)
    while left:
        with tempfile.TemporaryDirectory(prefix="web3rec-index-") as temporary:
            report = Path(temporary) / "report.json"
            ended = subprocess.run(  # noqa: S603
                [
                    *(sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed"),
                    *("--quiet", "--no-deps", "--only-binary=:all:", "--python-version", PYTHON),
                    *("--target", temporary, "--report", str(report)),
                    *(f"--platform={platform}" for platform in platforms),
                    *left,
                ],
                capture_output=True,
                text=True,
                check=False,
            )
            if ended.returncode == 0:
                return _read(json.loads(report.read_text(encoding="utf-8")))
        lost = {name_of(name) for name in _NOT_FOUND.findall(ended.stderr)}
        rest = [each for each in left if name_of(each.split("==")[0]) not in lost]
        if len(rest) == len(left):
            raise RefreshError(re.sub(r"\w+://\S+", "(address)", ended.stderr.strip()[-400:]))
        left = rest
    return {}


def _read(report: dict[str, Any]) -> dict[str, tuple[str, list[str]]]:
    return {
        name_of(each["metadata"]["name"]): (
            str(each["download_info"]["url"]).rsplit("/", 1)[-1].split("#")[0],
            sorted(each["metadata"].get("requires_dist", [])),
        )
        for each in report["install"]
    }


def refresh(project: Project, today: date) -> int:
    """Ask anew and write the snapshot; the number of distributions asked for.

    Raises:
        RefreshError: pip did not get through.

    Cost: three runs of pip, half a minute.
    """
    spec = spec_file.read(project.spec)
    asked, by_recipe = _wheels(spec, project)
    answers = [_ask([*asked, *by_recipe], phone) for phone in PHONES]
    answers.append(_ask(asked, BUILDER))
    kept = {}
    for requirement in sorted([*asked, *by_recipe]):
        name = name_of(requirement.split("==")[0])
        said = [answer[name] for answer in answers if name in answer]
        enough = len(said) == len(answers) - (requirement in by_recipe)
        kept[name] = {
            "wheels": sorted({wheel for wheel, _ in said}) if enough else [],
            "needs": said[0][1] if said else [],
        }
    written = {
        "taken": today.isoformat(),
        "asked_for": requirements_of(spec),
        "distributions": kept,
    }
    text = json.dumps(written, indent=1, ensure_ascii=False) + "\n"
    project.snapshot.write_text(text, encoding="utf-8")
    return len(kept)


def _wheels(spec: Spec, project: Project) -> tuple[list[str], list[str]]:
    """What pip installs, pinned; and what our recipes ask the index for."""
    found = resolved(spec, project.mobile)
    pinned = [
        f"{r.name}=={r.version}" for r in spec.requirements if name_of(r.name) in found.wheels
    ]
    return pinned, [
        f"{name}=={found.recipes[name]}" for name in ONLY_WHEELS if name in found.recipes
    ]
