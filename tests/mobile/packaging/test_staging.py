"""What ships is copied, and nothing else."""

import hashlib
from pathlib import Path

import pytest

from mobile.packaging.project import Project
from mobile.packaging.staging import left_out, stage


def _print(root: Path) -> dict[str, tuple[str, float]]:
    return {
        path.relative_to(root).as_posix(): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            path.stat().st_mtime,
        )
        for path in root.rglob("*")
        if path.is_file()
    }


def _plant(where: Project, *names: str) -> None:
    for name in names:
        path = where.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x = 1\n")


def test_only_what_ships_is_staged(bare: Project) -> None:
    ships = ("web3rec/log.py", "p2p/control/doors.py", "trust/walks.py", "mobile/assets/icons.ttf")
    _plant(
        bare,
        *ships,
        "web3rec/cli/main.py",
        "p2p/sim/run.py",
        "p2p/control/server.py",
        "mobile/packaging/spec.py",
        "mobile/demo/cast.py",
        "mobile/README.md",
        "mobile/.hidden.py",
        "trust/__pycache__/walks.py",
        "tests/test_x.py",
        "trust/notes.ipynb",
    )
    stage(bare)
    staged = set(_print(bare.staged))
    assert {*ships, "main.py", "service.py"} <= staged
    assert {name for name in staged if "assets" not in name} == {
        *ships,
        "main.py",
        "service.py",
    } - {"mobile/assets/icons.ttf"}


def test_the_same_checkout_gives_the_same_tree(bare: Project) -> None:
    _plant(bare, "web3rec/a.py", "trust/b.py")
    stage(bare)
    first = _print(bare.staged)
    (bare.root / "web3rec/a.py").touch()
    stage(bare)
    assert _print(bare.staged) == first


def test_what_is_gone_from_the_checkout_is_gone_from_the_stage(bare: Project) -> None:
    _plant(bare, "web3rec/a.py", "web3rec/old.py")
    before = stage(bare)
    (bare.root / "web3rec/old.py").unlink()
    assert stage(bare).files == before.files - 1
    assert not (bare.staged / "web3rec/old.py").exists()


@pytest.mark.parametrize(
    ("module", "out"),
    [
        ("p2p.control.server", True),
        ("p2p.control.doors", False),
        ("p2p.cli", True),
        ("p2p.clients", False),
        ("mobile.main", False),
    ],
)
def test_left_out_goes_by_whole_names(module: str, out: bool) -> None:
    assert left_out(module) is out
