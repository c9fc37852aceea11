"""A checkout of the test's own, small or whole, in which faults can be planted."""

import shutil
from pathlib import Path

import pytest

from mobile.packaging import project
from mobile.packaging.project import Project
from mobile.packaging.staging import PACKAGES


@pytest.fixture
def bare(tmp_path: Path) -> Project:
    """The spec and what it names beside it; nothing is staged."""
    here, made = project.here(), Project(root=tmp_path)
    made.mobile.mkdir()
    shutil.copytree(here.mobile / "android", made.mobile / "android")
    shutil.copytree(here.mobile / "assets", made.mobile / "assets")
    shutil.copy(here.spec, made.spec)
    made.snapshot.parent.mkdir()
    shutil.copy(here.snapshot, made.snapshot)
    return made


@pytest.fixture
def small(bare: Project) -> Project:
    """With a staged app of four modules."""
    for name, text in {
        "main.py": "from mobile.main import main\n\nmain()\n",
        "service.py": "from mobile.service.__main__ import main\n\nmain()\n",
        "mobile/__init__.py": "",
        "mobile/main.py": "def main() -> None:\n    pass\n",
        "mobile/service/__init__.py": "",
        "mobile/service/__main__.py": "def main() -> None:\n    pass\n",
        "mobile/platform_/android.py": 'SERVICE = "org.web3rec.web3rec.ServiceSync"\n',
    }.items():
        (bare.staged / name).parent.mkdir(parents=True, exist_ok=True)
        (bare.staged / name).write_text(text)
    return bare


@pytest.fixture
def whole(bare: Project) -> Project:
    """With all our packages."""
    for package in PACKAGES:
        shutil.copytree(
            project.here().root / package,
            bare.root / package,
            ignore=shutil.ignore_patterns("__pycache__"),
            dirs_exist_ok=True,
        )
    return bare
