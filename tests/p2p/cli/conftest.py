"""A place to call the command line in."""

from pathlib import Path

import pytest

from tests.web3rec.cli.calls import Place


@pytest.fixture
def home(tmp_path: Path) -> Place:
    """A new device."""
    place = Place(tmp_path / "home")
    place.fine("init")
    return place
