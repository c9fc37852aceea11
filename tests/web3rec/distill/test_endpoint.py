"""A teacher over HTTP, against a server on loopback that works, and that does not."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from tests.web3rec.distill.questions import items, question
from tests.web3rec.distill.servers import (
    Fault,
    Model,
    cut_off,
    hangs,
    says,
    serving,
    stalls,
    status,
)
from web3rec.distill.asking import EndpointError, Line, Patience, Refused, Unreachable
from web3rec.distill.cache import Cache
from web3rec.distill.costs import Prices
from web3rec.distill.endpoint import Endpoint, EndpointParams, probed
from web3rec.distill.labels import labels
from web3rec.distill.prompts import Mode
from web3rec.distill.teacher import History, Question
from web3rec.errors import ParamError

pytestmark = pytest.mark.network

TASTE = {letter: float(n) / 2 for n, letter in enumerate("abcdefghijklmnopqrstuvw")}
QUESTIONS = [question("abcdefg", person=str(n)) for n in range(4)]


@contextmanager
def line_to(model: Model, **patience: float) -> Iterator[Line]:
    waits: list[float] = []
    numbers = Patience(**({"tries": 2, "seconds": 20} | patience))  # type: ignore[arg-type]
    with serving(model) as url, Line(url, "secret", numbers, sleep=waits.append) as line:
        yield line


def endpoint(line: Line, cache: Cache, mode: Mode = Mode.LETTER, **params: int) -> Endpoint:
    return Endpoint(line, "m", mode, cache, EndpointParams(**({"at_once": 1} | params)))


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[Cache]:
    with Cache(tmp_path / "cache.db") as opened:
        yield opened


def test_a_short_list_is_scored_by_the_probabilities_of_its_letters(cache: Cache) -> None:
    """Three candidates of taste 0, .5, 1: log n + log softmax, the same in every shuffle."""
    with line_to(Model(TASTE)) as line:
        score = endpoint(line, cache).score(question("abc"))
    taste = np.array([0, 0.5, 1])
    assert_allclose(score, taste - np.logaddexp.reduce(taste) + np.log(3))


def test_three_shuffles_label_differently_and_are_averaged(cache: Cache) -> None:
    model = Model(TASTE)
    with line_to(model) as line:
        endpoint(line, cache).score(question("abcdefgh"))
    shown = {request["messages"][1]["content"] for request in model.requests}
    assert len(model.requests) == len(shown) == 3
    assert len(cache) == 3


def test_a_long_list_is_cut_into_even_groups_and_keeps_the_models_order(cache: Cache) -> None:
    with line_to(model := Model(TASTE)) as line:
        score = endpoint(line, cache, shuffles=20).score(question("abcdefghijklmnopqrstuvw"[:21]))
    sizes = {request["messages"][1]["content"].count(': "') for request in model.requests}
    assert sizes == {10, 11}
    assert np.corrcoef(score, np.arange(21))[0, 1] > 0.95


def test_yes_no_is_the_odds_of_yes(cache: Cache) -> None:
    with line_to(Model(TASTE, letters=False)) as line:
        score = endpoint(line, cache, Mode.YES_NO).score(question("abc"))
    assert_allclose(score, [0, 0.5, 1], atol=1e-9)


def test_an_order_in_json_ranks_like_the_model(cache: Cache) -> None:
    with line_to(Model(TASTE)) as line:
        score = endpoint(line, cache, Mode.ORDER).score(question("abcd"))
    assert_allclose(score, [-0.375, -0.125, 0.125, 0.375])


@pytest.mark.parametrize(
    ("letters", "yes_no", "wanted"),
    [(True, True, Mode.LETTER), (False, True, Mode.YES_NO), (False, False, Mode.ORDER)],
)
def test_the_probe_finds_the_best_that_the_endpoint_can_do(
    letters: bool, yes_no: bool, wanted: Mode
) -> None:
    with line_to(Model(letters=letters, yes_no=yes_no)) as line:
        assert probed(line, "m") is wanted


def test_the_probe_passes_over_a_mode_that_is_refused() -> None:
    with line_to(Model(faults=[status(400)])) as line:
        assert probed(line, "m") is Mode.YES_NO


def test_the_probe_says_when_nothing_works() -> None:
    with (
        line_to(Model(letters=False, yes_no=False, orders=False)) as line,
        pytest.raises(EndpointError, match="another model"),
    ):
        probed(line, "m")
    with line_to(Model(faults=[status(401)])) as line, pytest.raises(Refused, match="401"):
        probed(line, "m")


def test_lists_of_one_and_none_ask_nothing(cache: Cache) -> None:
    with line_to(model := Model()) as line:
        assert_array_equal(endpoint(line, cache).score(question("a")), [0])
        assert endpoint(line, cache).score(question("")).shape == (0,)
    assert not model.requests


def test_what_was_answered_is_never_asked_again(cache: Cache) -> None:
    with line_to(model := Model(TASTE)) as line:
        teacher = endpoint(line, cache, at_once=3)
        done = teacher.prepare(QUESTIONS)
        first = labels(teacher, QUESTIONS)
        again = teacher.prepare(QUESTIONS)
    assert (done.answered, again.answered, again.cached) == (12, 0, 12)
    assert done.whole
    assert again.whole
    assert len(model.requests) == 12
    with line_to(Model()) as other:
        offline = replace(endpoint(other, cache), asks=False)
        for one, two in zip(first.scores, labels(offline, QUESTIONS).scores, strict=True):
            assert_array_equal(one, two)


def test_more_shuffles_ask_for_the_new_ones_only(cache: Cache) -> None:
    with line_to(model := Model(TASTE)) as line:
        endpoint(line, cache, shuffles=2).prepare(QUESTIONS)
        more = endpoint(line, cache, shuffles=3).prepare(QUESTIONS)
    assert (more.cached, more.answered, len(model.requests)) == (8, 4, 12)


@pytest.mark.parametrize("fault", [cut_off, status(500), status(429)], ids=["cut", "500", "429"])
def test_an_endpoint_that_breaks_off_mid_way_costs_only_the_rows_not_yet_cached(
    fault: Fault, cache: Cache
) -> None:
    """Five rows are answered, then nothing but faults: three failures in a row and it stops."""

    def fine(handler: object) -> None:
        handler.answer(_body(model, handler))  # type: ignore[attr-defined]

    model = Model(TASTE)
    model.faults = [*[fine] * 5, *[fault] * 6]
    with line_to(model) as line:
        teacher = endpoint(line, cache)
        broken = teacher.prepare(QUESTIONS)
        assert (broken.answered, broken.failed, broken.left) == (5, 3, 4)
        assert broken.reason is not None
        assert len(cache) == 5
        asked = len(model.requests)
        whole = teacher.prepare(QUESTIONS)
    assert (whole.cached, whole.answered, whole.reason) == (5, 7, None)
    assert len(model.requests) - asked == 7


def _body(model: Model, _handler: object) -> bytes:
    return json.dumps(model.reply(model.requests[-1])).encode()


def test_an_endpoint_that_times_out_costs_only_the_rows_not_yet_cached(cache: Cache) -> None:
    model = Model(TASTE)
    with line_to(model) as line:
        endpoint(line, cache).prepare(QUESTIONS[:1])
    model = Model(TASTE, faults=[hangs, hangs])
    with line_to(model, seconds=0.05, tries=1) as line:
        slow = endpoint(line, cache, give_up=2).prepare(QUESTIONS[:2])
    assert (slow.cached, slow.answered, slow.failed, slow.left) == (3, 0, 2, 1)
    with line_to(Model(TASTE)) as line:
        assert endpoint(line, cache).prepare(QUESTIONS[:2]).answered == 3


@pytest.mark.parametrize("fault", [hangs, stalls, cut_off], ids=["silent", "stalls", "cut"])
def test_an_endpoint_that_fails_among_many_requests_costs_only_the_rows_not_yet_cached(
    fault: Fault, cache: Cache
) -> None:
    """Three rows are there; then three requests are under way at once, and none finds an answer.
    What comes after them is left, and another line asks for all that is missing.
    """
    with line_to(Model(TASTE)) as line:
        assert endpoint(line, cache).prepare(QUESTIONS[:1]).answered == len(cache) == 3
    with line_to(Model(TASTE, faults=[fault] * 12), seconds=0.05, tries=1) as line:
        broken = endpoint(line, cache, at_once=3).prepare(QUESTIONS)
    assert (broken.cached, broken.answered, len(cache)) == (3, 0, 3)
    assert broken.failed >= 3
    assert broken.failed + broken.left == 9
    with line_to(model := Model(TASTE)) as line:
        rest = endpoint(line, cache, at_once=3).prepare(QUESTIONS)
    assert (rest.cached, rest.answered, len(model.requests), rest.whole) == (3, 9, 9, True)


def test_what_was_answered_before_a_stop_outlives_the_process(tmp_path: Path) -> None:
    """Stopped by the keyboard, and the file closed by nobody: what was told is kept."""
    done: list[int] = []

    def stop(count: int, _all: int) -> None:
        done.append(count)
        if count == 5:
            raise KeyboardInterrupt

    left_open = Cache(tmp_path / "cache.db")
    with line_to(Model(TASTE)) as line, pytest.raises(KeyboardInterrupt):
        endpoint(line, left_open).prepare(QUESTIONS, stop)
    with Cache(tmp_path / "cache.db") as cache, line_to(model := Model(TASTE)) as line:
        kept = len(cache)
        assert kept >= 5
        rest = endpoint(line, cache).prepare(QUESTIONS)
    assert (rest.cached, rest.answered, len(model.requests)) == (kept, 12 - kept, 12 - kept)
    left_open.close()


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b'{"choices": []}', b"\xff\xfe", b"[" * 50_000, b"x" * (1 << 20) + b"xx"],
    ids=["nothing", "page", "no choice", "no text", "deep", "endless"],
)
def test_an_endpoint_that_returns_nonsense_costs_only_the_rows_not_yet_cached(
    body: bytes, cache: Cache
) -> None:
    model = Model(TASTE, faults=[says(body)])
    with line_to(model) as line:
        teacher = endpoint(line, cache)
        first = teacher.prepare(QUESTIONS)
        assert (first.answered, first.nonsense, first.left) == (11, 1, 0)
        second = teacher.prepare(QUESTIONS)
    assert (second.cached, second.answered) == (11, 1)
    assert second.whole


def test_failures_that_are_not_in_a_row_do_not_stop_it(cache: Cache) -> None:
    """Of twelve rows every third is refused: four failures, never two in a row."""

    def fine(handler: object) -> None:
        handler.answer(_body(model, handler))  # type: ignore[attr-defined]

    model = Model(TASTE, faults=[])
    model.faults = [fine, fine, status(400)] * 4
    with line_to(model) as line:
        done = endpoint(line, cache, give_up=2).prepare(QUESTIONS)
    assert (done.answered, done.failed, done.left) == (8, 4, 0)


def test_a_list_of_which_one_shuffle_is_missing_is_scored_by_the_others(cache: Cache) -> None:
    with line_to(Model(TASTE, faults=[says(b"no")])) as line:
        score = endpoint(line, cache).score(question("abc"))
    assert_array_equal(np.argsort(score), [0, 1, 2])
    assert len(cache) == 2


def test_a_list_nobody_answered_gets_no_opinion(cache: Cache) -> None:
    with line_to(Model(faults=[says(b"no")] * 3)) as line:
        assert np.isnan(endpoint(line, cache).score(question("abc"))).all()


def test_score_says_when_the_endpoint_is_gone(cache: Cache) -> None:
    with line_to(Model(faults=[cut_off] * 2)) as line, pytest.raises(Unreachable, match="2 tries"):
        endpoint(line, cache).score(question("abc"))


def test_the_estimate_counts_what_is_left(cache: Cache) -> None:
    with line_to(Model(TASTE)) as line:
        teacher = endpoint(line, cache)
        before = teacher.estimate(QUESTIONS, tokens=lambda _text: 100)
        teacher.prepare(QUESTIONS[:1])
        after = teacher.estimate(QUESTIONS, tokens=lambda _text: 100)
    assert (before.requests, before.cached) == (12, 0)
    assert (before.prompt_tokens, before.answer_tokens) == (12 * 116, 12)
    assert (after.requests, after.cached) == (9, 3)
    assert before.cost(Prices(prompt=1_000_000, answer=2_000_000)) == 12 * 116 + 24


def test_progress_is_told_and_ends_at_all(cache: Cache) -> None:
    told: list[tuple[int, int]] = []
    with line_to(Model(TASTE)) as line:
        endpoint(line, cache, at_once=4).prepare(QUESTIONS, lambda *now: told.append(now))
    assert told == [(n, 12) for n in range(1, 13)]


def test_no_more_requests_are_under_way_than_allowed(cache: Cache) -> None:
    """All hang; of twelve only `at_once` were ever sent."""
    model = Model(TASTE, faults=[hangs] * 12)
    with line_to(model, seconds=0.2, tries=1) as line:
        left = endpoint(line, cache, at_once=3, give_up=1).prepare(QUESTIONS)
    assert len(model.requests) <= left.failed <= 3
    assert left.left == 12 - left.failed


def test_a_forgotten_persons_judgements_are_asked_for_again(cache: Cache) -> None:
    with line_to(Model(TASTE)) as line:
        teacher = endpoint(line, cache)
        teacher.prepare(QUESTIONS)
        assert cache.forget("2") == 3
        assert teacher.estimate(QUESTIONS).requests == 3


def test_the_key_is_sent_and_shown_nowhere(cache: Cache, tmp_path: Path) -> None:
    with line_to(model := Model(TASTE)) as line:
        teacher = endpoint(line, cache)
        teacher.prepare(QUESTIONS[:1])
        assert "secret" not in repr(line) + repr(teacher) + teacher.id
    assert model.requests[0]["authorization"] == "Bearer secret"
    assert not any(b"secret" in path.read_bytes() for path in tmp_path.iterdir())


def test_who_is_asked_about_is_not_told(cache: Cache) -> None:
    """The endpoint reads what was liked, not by whom."""
    about = Question(History("alice-in-person", items("x", "y")), items("a", "b"))
    with line_to(model := Model(TASTE)) as line:
        endpoint(line, cache).score(about)
    assert "alice" not in repr(model.requests)


def test_numbers_out_of_range_are_refused() -> None:
    for name, value in (("shuffles", 0), ("group", 21), ("at_once", 65), ("give_up", 0)):
        with pytest.raises(ParamError, match=name):
            EndpointParams(**{name: value})
