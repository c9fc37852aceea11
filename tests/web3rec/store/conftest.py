"""Directories with a log in them."""

import shutil
from pathlib import Path

import pytest

from tests.web3rec.store.logs import filled


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory whose log was closed in order; copied, never written to."""
    path = tmp_path_factory.mktemp("closed")
    filled(path).close()
    return path


@pytest.fixture
def copy(closed: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(closed, tmp_path / "copy"))
