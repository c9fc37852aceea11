"""What importing costs: neither the SDK nor its command line loads what it may not need."""

import pytest

from tests.loading import loaded_by

HEAVY = {"trio", "libp2p", "kivy", "onnxruntime", "torch", "matplotlib", "implicit"}
"""Never loaded but by what is asked for by name."""
ENGINE = {"numpy", "sqlite3", "cryptography", "rich"}
"""Not loaded to print a help text."""


@pytest.mark.slow
@pytest.mark.parametrize(
    "code",
    [
        "import web3rec",
        "from web3rec import *",
        "import web3rec.cli",
        "from web3rec.cli import main; main(['--help'], standalone_mode=False)",
        "from web3rec.cli import main; main(['recommend', '--help'], standalone_mode=False)",
        "from web3rec.cli import main; main(['eval', '--help'], standalone_mode=False)",
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
