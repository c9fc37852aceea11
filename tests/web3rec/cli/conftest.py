"""A place to call the command line in."""

from pathlib import Path

import pytest

from tests.web3rec.cli.calls import Place


@pytest.fixture
def nowhere(tmp_path: Path) -> Place:
    """A directory that is not there."""
    return Place(tmp_path / "home")


@pytest.fixture
def home(nowhere: Place) -> Place:
    """A new device."""
    nowhere.fine("init")
    return nowhere


@pytest.fixture
def neighbour(home: Place, tmp_path: Path) -> Place:
    """A device with a history, that trusts Ann, who shares a taste and knows more."""
    home.fine("record", "like", "trk:1", "--title", "Blue Train")
    ann = home.hears(tmp_path / "ann", ["trk:1", "trk:2", "trk:3"])
    home.fine("trust", ann, "0.5", "--name", "Ann")
    return home
