"""Every import contract bites: a violation is planted in a copy of the tree, and must be found.

A contract that cannot fail protects nothing; `make check` runs them on the real tree.
"""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("web3rec", "trust", "p2p", "mobile")

PLANTED = {
    "packages: mobile over p2p over web3rec over trust, nothing points back": (
        "trust/hits.py",
        "import web3rec.errors",
    ),
    "layers of web3rec": ("web3rec/types.py", "import web3rec.clock"),
    "layers of p2p": ("p2p/wire.py", "import p2p.memory"),
    "layers of mobile": ("mobile/viewmodel/why.py", "import mobile.desk"),
    "what the screens show is known without Kivy, the SDK and the system": (
        "mobile/viewmodel/why.py",
        "import sqlite3",
    ),
    "when the network may be used is decided without a clock, a file or a network": (
        "mobile/day.py",
        "import time",
    ),
    "Kivy is known to what draws, and to nothing else of the app": (
        "mobile/desk.py",
        "import kivy",
    ),
    "layers of trust": ("trust/digraph.py", "import trust.meritrank"),
    "trust knows NumPy only": ("trust/errors.py", "import time"),
    "the pure core of web3rec does no I/O": ("web3rec/rank/budget.py", "import random"),
    "the pure core of p2p does no I/O": ("p2p/wire.py", "import socket"),
    "who talks to a node needs neither trio nor libp2p nor NumPy": (
        "p2p/control/shapes.py",
        "import numpy",
    ),
    "libp2p is known to its host and guard only": ("p2p/options.py", "import libp2p"),
    "the SDK never loads the network, the app or a model runtime": (
        "web3rec/wording.py",
        "import onnxruntime",
    ),
}  # fmt: skip
"""Contract -> the file that shall break it, and the line that does."""


def declared() -> list[str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return [contract["name"] for contract in settings["tool"]["importlinter"]["contracts"]]


def broken_in(tree: Path) -> set[str]:
    """The contracts that lint-imports finds broken in a tree."""
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [str(linter), "--no-cache"],
        cwd=tree, env=os.environ | {"PYTHONPATH": str(tree), "COLUMNS": "200"},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    verdicts = dict(re.findall(r"^(.+?) (KEPT|BROKEN)", done.stdout, flags=re.MULTILINE))
    assert set(verdicts) == set(declared()), done.stdout + done.stderr
    return {name for name, verdict in verdicts.items() if verdict == "BROKEN"}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_every_contract_has_a_planted_violation() -> None:
    assert sorted(PLANTED) == sorted(declared())


@pytest.mark.slow
def test_the_tree_as_it_is_keeps_them_all(copy: Path) -> None:
    assert broken_in(copy) == set()


@pytest.mark.slow
@pytest.mark.parametrize("contract", sorted(PLANTED))
def test_a_planted_violation_is_found(copy: Path, contract: str) -> None:
    file, line = PLANTED[contract]
    path = copy / file
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")
    assert contract in broken_in(copy)
