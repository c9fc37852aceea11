"""A language model in a process of its own, over HTTP, against the same weights in this one.

Two paths that share no code but the reading of answers: what the endpoint says of a list is what
the local model says. The model is tiny, random and made here.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

torch = pytest.importorskip("torch", reason="needs torch of the extra distill")
pytest.importorskip("transformers", reason="needs transformers of the extra distill")

from tests.web3rec.distill import tiny  # noqa: E402
from tests.web3rec.distill.questions import question  # noqa: E402
from web3rec.distill.asking import EndpointError, Line, Patience  # noqa: E402
from web3rec.distill.cache import Cache  # noqa: E402
from web3rec.distill.endpoint import Endpoint, EndpointParams, probed  # noqa: E402
from web3rec.distill.labels import labels  # noqa: E402
from web3rec.distill.local_model import LocalModel, LocalParams  # noqa: E402
from web3rec.distill.prompts import Mode  # noqa: E402

pytestmark = [pytest.mark.slow, pytest.mark.network]

ROOT = Path(__file__).resolve().parents[3]
QUESTIONS = [
    question("abcdefgh", person="1"),
    question("bdfhjlnprtvw", "zyx", person="2"),
    question("abcdefghijklmnopqrstuvw", "z", person="3"),
]
ROWS = 2 + 2 + 2 * 2
"""Prompts in two shuffles: the third list makes two groups."""


@contextmanager
def served(folder: Path, *ways: str) -> Iterator[Line]:
    """A line to a process that serves the model; the process is gone afterwards."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.web3rec.distill.lm_server", str(folder), *ways],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert child.stdout is not None
    try:
        url = child.stdout.readline().strip()
        assert url.startswith("http://127.0.0.1:")
        patience = Patience(seconds=20, tries=2)
        with Line(url, None, patience, sleep=lambda _seconds: None) as line:
            yield line
    finally:
        child.kill()
        child.communicate()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.causal(tmp_path_factory.mktemp("tiny") / "model")


@pytest.fixture(scope="module")
def line(folder: Path) -> Iterator[Line]:
    with served(folder) as healthy:
        yield healthy


def endpoint(line: Line, cache: Cache) -> Endpoint:
    params = EndpointParams(shuffles=2, at_once=1, give_up=1)
    return Endpoint(line, "tiny", Mode.LETTER, cache, params)


def test_what_an_endpoint_says_is_what_the_same_weights_say_here(
    folder: Path, line: Line, tmp_path: Path
) -> None:
    """The probe finds letters; 8 prompts over HTTP; the local model is asked the same 8."""
    assert probed(line, "tiny") is Mode.LETTER
    with Cache(tmp_path / "far.db") as cache:
        teacher = endpoint(line, cache)
        assert teacher.estimate(QUESTIONS).requests == ROWS
        assert teacher.prepare(QUESTIONS).answered == ROWS
        far = labels(teacher, QUESTIONS)
    with Cache(tmp_path / "near.db") as cache:
        near = labels(LocalModel.opened(folder, cache, LocalParams(shuffles=2)), QUESTIONS)
    for one, other in zip(far.scores, near.scores, strict=True):
        assert_allclose(one, other, atol=2e-5)
        assert np.ptp(one) > 0.5  # and it says something
    assert far.opinions == near.opinions == 1


def test_a_server_that_reports_no_probabilities_is_found_out(line: Line) -> None:
    """A random model writes no JSON either, so that nothing is left to be asked."""
    with pytest.raises(EndpointError, match="no probabilities"):
        probed(line, "mute")


def test_a_server_that_dies_mid_way_costs_only_the_rows_not_yet_cached(
    folder: Path, line: Line, tmp_path: Path
) -> None:
    """Its process ends inside the sixth answer; another serves the rest, and only the rest."""
    with Cache(tmp_path / "cache.db") as cache, served(folder, "--last", "6") as mortal:
        broken = endpoint(mortal, cache).prepare(QUESTIONS)
    assert (broken.answered, broken.failed, broken.left) == (5, 1, 2)
    assert broken.reason is not None
    with Cache(tmp_path / "cache.db") as cache:
        teacher = endpoint(line, cache)
        rest = teacher.prepare(QUESTIONS)
        assert (rest.cached, rest.answered, rest.whole) == (5, 3, True)
        pieced = labels(replace(teacher, asks=False), QUESTIONS)
    with Cache(tmp_path / "whole.db") as cache:
        whole = labels(endpoint(line, cache), QUESTIONS)
    for one, other in zip(pieced.scores, whole.scores, strict=True):
        assert_array_equal(one, other)
