"""`python -m mobile.packaging stage | check [--json] [--refresh]`."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final

from mobile.packaging import audit, manifest, pictures, project, recipes, sources, traces, trial
from mobile.packaging import spec as spec_file
from mobile.packaging.finding import Finding
from mobile.packaging.project import Project
from mobile.packaging.refreshing import RefreshError, refresh
from mobile.packaging.staging import Staged, stage

CHECKS: Final[tuple[Callable[[Project], Finding], ...]] = (
    spec_file.check,
    recipes.check,
    audit.check,
    pictures.check,
    sources.check,
    traces.check,
    manifest.check,
    trial.check,
)
"""In this order: the first faults explain later ones."""
NOT_SAID: Final = (
    "Not a build: no SDK, NDK or phone was asked (docs/android.md, what was not validated)."
)


def check_all(where: Project) -> list[Finding]:
    """Stage, then every check; a check that breaks is a finding too."""
    stage(where)
    found = []
    for check in CHECKS:
        try:
            found.append(check(where))
        except Exception as error:  # noqa: BLE001 - the others are to be heard as well
            name = check.__module__.rsplit(".", 1)[-1]
            said = f"{type(error).__name__}: {error}"
            found.append(Finding(check=name, said=said, todo="run scripts/setup.sh, then again"))
    return found


def _print(found: Sequence[Finding], *, as_json: bool) -> None:
    if as_json:
        lines = [{"check": f.check, "ok": f.ok, "said": f.said, "todo": f.todo} for f in found]
        sys.stdout.write(json.dumps(lines, indent=1, ensure_ascii=False) + "\n")
        return
    for each in found:
        first, *rest = each.said.splitlines() or [""]
        sys.stdout.write(f"{each.check:<13}{'ok' if each.ok else 'failed':<8}{first}\n")
        sys.stdout.writelines(f"{'':<21}{line}\n" for line in rest)
        if not each.ok:
            sys.stdout.write(f"{'':<21}→ {each.todo}\n")
    sys.stdout.write(f"{NOT_SAID}\n")


def main(words: Sequence[str] | None = None, where: Project | None = None) -> int:
    """0 if all is well, 1 if a check failed, 2 if the index could not be asked."""
    parser = argparse.ArgumentParser(prog="python -m mobile.packaging", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("stage", help="copy what ships to build/android/app")
    checking = commands.add_parser("check", help="stage, and look at all that can be looked at")
    checking.add_argument("--json", action="store_true", help="for programs")
    checking.add_argument(
        "--refresh", action="store_true", help="ask the package index first; needs a network"
    )
    asked = parser.parse_args(words)
    where = where or project.here()
    if asked.command == "stage":
        made: Staged = stage(where)
        sys.stdout.write(f"build/android/app: {made.files} files, {made.size / 1e6:.1f} MB\n")
        return 0
    if asked.refresh:
        try:
            refresh(where, datetime.now(UTC).date())
        except RefreshError as error:
            sys.stderr.write(f"the package index could not be asked: {error}\n")
            return 2
    found = check_all(where)
    _print(found, as_json=asked.json)
    return 0 if all(each.ok for each in found) else 1


if __name__ == "__main__":
    sys.exit(main())
