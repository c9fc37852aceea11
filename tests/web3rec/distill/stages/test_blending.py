"""What a teacher adds to a student."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from tests.web3rec.distill.questions import items
from web3rec.distill.lessons import Lesson
from web3rec.distill.stages.blending import (
    Voice,
    audition,
    blend,
    deviations,
    mixture,
    wanted,
)
from web3rec.distill.stages.judging import graph_scores, worth, worths
from web3rec.distill.teacher import History, Question
from web3rec.rerank.features import NAMES, Features

NAN = float("nan")


def lesson(hits: list[bool], targets: int = 1, person: str = "p") -> Lesson:
    n = len(hits)
    table = Features(np.zeros((n, len(NAMES)), np.float32), np.arange(n, dtype=np.int64))
    asked = Question(History(person, ()), items(*(f"i{k}" for k in range(n))))
    return Lesson(asked, table, np.array(hits), targets)


def test_worth_is_ndcg_of_what_was_hidden_found_or_not() -> None:
    """Hit on place 2 of three, one more target nowhere: (1 / log2 3) / (1 + 1 / log2 3)."""
    own = lesson([False, True, False], targets=2)
    second = 1 / np.log2(3)
    assert worth(own, graph_scores([own])[0]) == pytest.approx(second / (1 + second))
    assert worth(own, np.array([0.0, 1.0, 0.0])) == pytest.approx(1 / (1 + second))
    assert worth(own, np.array([0.0, 1.0, NAN]), k=1) == 1.0


def test_candidates_that_tie_keep_the_graphs_order() -> None:
    own = lesson([False, True])
    assert worth(own, np.zeros(2)) == pytest.approx(1 / np.log2(3))


def test_deviations_by_hand() -> None:
    """1, 3 and no opinion: between, it is 2; below, it is 0, one deviation under the least."""
    assert_allclose(deviations(np.array([1.0, 3.0, NAN])), np.sqrt([1.5, 1.5, 0]) * [-1, 1, 1])
    below = deviations(np.array([1.0, 3.0, NAN]), below=True)
    assert_allclose(below, (np.array([1.0, 3, 0]) - 4 / 3) / np.std([1, 3, 0]))


@given(
    st.lists(st.one_of(st.none(), st.floats(-1e3, 1e3)), min_size=1, max_size=30),
    st.booleans(),
    st.floats(0.01, 100),
    st.floats(-100, 100),
)
@example(values=[None, 9.0, 9.0, 9.0], below=True, unit=0.01, zero=0.0)  # the mean of .09s rounds
def test_deviations_do_not_hang_on_unit_and_zero(
    values: list[float | None], below: bool, unit: float, zero: float
) -> None:
    scores = np.array([NAN if value is None else value for value in values])
    found = deviations(scores, below=below)
    assert np.isfinite(found).all()
    known = scores[np.isfinite(scores)]
    if known.size and 0 < known.std() < 1e-3:
        return  # what differs by a rounding only may become nothing
    assert_allclose(deviations(unit * scores + zero, below=below), found, atol=1e-4)


def test_a_teacher_that_says_nothing_adds_nothing() -> None:
    assert_array_equal(deviations(np.full(3, NAN)), np.zeros(3))
    assert_array_equal(deviations(np.ones(3)), np.zeros(3))


def _class(people: int, seed: int) -> tuple[list[Lesson], list[np.ndarray]]:
    """Lists of 20 with one target anywhere, and what tells where, in part."""
    rng = np.random.default_rng(seed)
    lessons, hints = [], []
    for n in range(people):
        at = int(rng.integers(20))
        lessons.append(lesson([k == at for k in range(20)], person=f"p{n}"))
        hints.append(rng.normal(size=20) + 1.5 * (np.arange(20) == at))
    return lessons, hints


def test_a_voice_that_knows_more_may_teach_beside_a_student_it_cannot_replace() -> None:
    lessons, student = _class(300, 0)
    rng = np.random.default_rng(9)
    own = [1.2 * x.hits + rng.normal(size=20) for x in lessons]
    found = audition(Voice("tip", own, below=False), lessons, student, 0)
    assert not found.alone.allowed
    assert found.beside.allowed
    assert found.allowed
    assert found.weight > 0


def test_a_voice_of_chance_may_not_teach() -> None:
    lessons, student = _class(120, 1)
    rng = np.random.default_rng(2)
    noise = Voice("noise", [rng.normal(size=20) for _ in lessons], below=False)
    found = audition(noise, lessons, student, 0)
    assert not found.allowed
    assert found.alone.gain.high < 0


def test_who_is_silent_of_everybody_changes_nothing() -> None:
    lessons, student = _class(40, 3)
    mute = Voice("mute", [np.full(20, NAN)] * 40, below=True)
    found = audition(mute, lessons, student, 0)
    assert found.alone.gain.mean == found.beside.gain.mean == 0
    assert found.alone.silent == 40
    assert not found.allowed


def test_of_several_the_useless_one_is_not_heard() -> None:
    lessons, hints = _class(120, 4)
    student = [np.zeros(20) for _ in lessons]
    rng = np.random.default_rng(5)
    voices = [
        Voice("noise", [rng.normal(size=20) for _ in lessons], below=False),
        Voice("tip", hints, below=False),
    ]
    weights = mixture(voices, lessons, student)
    assert weights["tip"] > weights["noise"]
    together = blend(student, {v.name: v.heard for v in voices}, weights)
    assert worths(lessons, together).mean() >= worths(lessons, hints).mean()


def test_what_is_wanted_by_hand() -> None:
    """Two hits share 1; of the two best by the label, e / (e + 1) and 1 / (e + 1) of weight .5."""
    own = lesson([True, False, True, False], targets=2)
    assert_allclose(wanted(own, None, 0.5, 10), [0.5, 0, 0.5, 0])
    e = np.e
    found = wanted(own, np.array([0.0, 2.0, 1.0, -5.0]), 0.5, 2)
    assert_allclose(found, [0.5, 0.5 * e / (e + 1), 0.5 + 0.5 / (e + 1), 0])
    nothing = lesson([False, False])
    assert_array_equal(wanted(nothing, None, 1.0, 2), np.zeros(2))
    assert wanted(nothing, np.zeros(2), 1.0, 2).sum() == pytest.approx(1)
