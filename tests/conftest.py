"""Shared by all tests: Hypothesis profiles, the data folder, one way to be random."""

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("dev", max_examples=50, deadline=None)
settings.register_profile(
    "ci",
    max_examples=100,
    derandomize=True,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "nightly",
    max_examples=5_000,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if "CI" in os.environ else "dev"))

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--nightly", action="store_true", help="also run tests marked nightly")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--nightly"):
        return
    wait = pytest.mark.skip(reason="minutes long: run by `make nightly`")
    for item in items:
        if item.get_closest_marker("nightly"):
            item.add_marker(wait)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20260101)


@pytest.fixture(scope="session")
def hetrec_zip() -> Path:
    path = SHARED_DATA / "hetrec2011-lastfm" / "hetrec2011-lastfm-2k.zip"
    if not path.exists():
        pytest.skip(f"the HetRec Last.fm zip is not beside the checkout ({path.parent.name})")
    return path
