"""`make android-check`, whole: the real tree passes offline, and a fault is told."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mobile.packaging import __main__ as command
from mobile.packaging import project, spec, traces
from mobile.packaging.finding import Finding
from mobile.packaging.project import Project
from mobile.packaging.refreshing import RefreshError

RUN = """
import sys
from pathlib import Path
from mobile.packaging.__main__ import main
from mobile.packaging.project import Project
from mobile.packaging.refreshing import RefreshError
sys.exit(main(["check", "--json"], Project(root=Path(sys.argv[1]))))
"""
CUT_OFF = ("unshare", "--map-root-user", "--net")


def _without_network() -> tuple[str, ...]:
    """What runs a program in a network of its own, in which nothing is."""
    if shutil.which(CUT_OFF[0]) is None:
        return ()
    tried = subprocess.run([*CUT_OFF, "true"], capture_output=True, check=False)
    return CUT_OFF if tried.returncode == 0 else ()


@pytest.mark.slow
def test_the_real_app_passes_every_check_offline(whole: Project) -> None:
    ended = subprocess.run(
        [*_without_network(), sys.executable, "-c", RUN, str(whole.root)],
        cwd=project.here().root,
        capture_output=True,
        text=True,
        check=False,
    )
    found = {each["check"]: each for each in json.loads(ended.stdout)}
    assert {name: each["said"] for name, each in found.items() if not each["ok"]} == {}
    assert list(found) == [
        *("spec", "recipes", "requirements", "pictures"),
        *("sources", "traces", "manifest", "trial"),
    ]
    assert ended.returncode == 0


def test_a_fault_is_told_with_what_to_do(
    small: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(_: Project) -> Finding:
        raise OSError("no disk")

    text = small.spec.read_text()
    small.spec.write_text(text.replace("android.api = 36", "android.api = 30"))
    monkeypatch.setattr(command, "CHECKS", (spec.check, traces.check, broken))
    assert command.main(["check"], small) == 1
    said = capsys.readouterr().out
    assert "spec         failed  android.api = 30; shops take 36 and more" in said
    assert "→ mend mobile/buildozer.spec" in said
    assert "traces       ok" in said
    assert "OSError: no disk" in said
    assert "Not a build" in said


def test_staging_tells_what_it_copied(small: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["stage"], small) == 0
    assert capsys.readouterr().out.startswith("build/android/app: ")
    assert (small.staged / "main.py").is_file()


def test_an_index_out_of_reach_is_no_verdict(
    small: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def unreachable(*_: object) -> int:
        raise RefreshError("no route")

    monkeypatch.setattr(command, "refresh", unreachable)
    assert command.main(["check", "--refresh"], small) == 2
    assert "could not be asked: no route" in capsys.readouterr().err


def test_nothing_of_the_packagers_is_imported_by_the_app() -> None:
    here = project.here().root
    users = [
        path.relative_to(here).as_posix()
        for path in Path(here / "mobile").rglob("*.py")
        if "mobile.packaging" in path.read_text(encoding="utf-8")
        and path.parent.name != "packaging"
    ]
    assert users == []
