"""What importing costs: neither the SDK nor its command line loads what it may not need."""

import subprocess
import sys

import pytest

HEAVY = {"trio", "libp2p", "kivy", "onnxruntime", "torch", "matplotlib"}
"""Never loaded but by what is asked for by name."""
ENGINE = {"numpy", "sqlite3", "cryptography", "rich"}
"""Not loaded to print a help text."""


def loaded_by(code: str) -> set[str]:
    """The top-level modules a fresh interpreter holds after running code."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules, file=sys.stderr)"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return {name.partition(".")[0] for name in done.stderr.split()}


@pytest.mark.slow
@pytest.mark.parametrize(
    "code",
    [
        "import web3rec",
        "from web3rec import *",
        "import web3rec.cli",
        "from web3rec.cli import main; main(['--help'], standalone_mode=False)",
        "from web3rec.cli import main; main(['recommend', '--help'], standalone_mode=False)",
        "from web3rec.cli import main; main(['node', '--help'], standalone_mode=False)",
    ],
)
def test_nothing_heavy_is_loaded(code: str) -> None:
    assert not HEAVY & loaded_by(code)


@pytest.mark.parametrize(
    "code",
    ["import web3rec.cli", "from web3rec.cli import main; main(['--help'], standalone_mode=False)"],
)
def test_help_does_not_load_the_engine(code: str) -> None:
    assert not ENGINE & loaded_by(code)
