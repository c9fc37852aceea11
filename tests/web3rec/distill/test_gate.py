"""May a student learn from it? Only from one that is surely better."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from web3rec.distill.gate import LEAST_PEOPLE, Decision, decision
from web3rec.errors import ParamError
from web3rec.types import Weights


def decided(teacher: Weights, student: Weights) -> Decision:
    return decision("t", teacher, student, np.random.default_rng(1))


def test_a_teacher_that_always_gains_is_allowed() -> None:
    """40 people, each .1 better: mean and both ends of the interval are .1."""
    found = decided(np.full(40, 0.4), np.full(40, 0.3))
    assert found.allowed
    assert (found.gain.low, found.gain.high) == pytest.approx((0.1, 0.1))
    assert (found.teacher_mean, found.student_mean) == pytest.approx((0.4, 0.3))
    assert (
        found.reason
        == "allowed: better than the student by +0.1000 [+0.1000, +0.1000] over 40 people"
    )


def test_a_teacher_is_refused_unless_its_paired_interval_lies_above_zero(
    rng: np.random.Generator,
) -> None:
    student = rng.random(500)
    luck = rng.normal(0, 0.2, 500)
    same, worse = decided(student + luck - luck.mean(), student), decided(student - 0.1, student)
    assert not same.allowed
    assert "not surely" in same.reason
    assert not worse.allowed
    assert "worse" in worse.reason
    assert decided(student, student).allowed is False


def test_pairing_finds_a_small_gain_that_means_alone_would_hide(rng: np.random.Generator) -> None:
    student = rng.random(200)
    assert decided(student + 0.01, student).allowed


def test_where_the_teacher_is_silent_nothing_is_gained(rng: np.random.Generator) -> None:
    """A teacher that answers only where it shines is not better for it than it is."""
    student = rng.random(300)
    teacher = np.where(np.arange(300) < 30, student + 0.3, np.nan)
    found = decided(teacher, student)
    assert found.silent == 270
    assert found.gain.mean == pytest.approx(0.03)
    assert decided(np.full(300, np.nan), student).allowed is False


def test_few_people_prove_nothing() -> None:
    few = LEAST_PEOPLE - 1
    found = decided(np.ones(few), np.zeros(few))
    assert not found.allowed
    assert "too few" in found.reason
    assert decided(np.ones(few + 1), np.zeros(few + 1)).allowed


@given(st.integers(0, 2**32 - 1))
def test_two_that_beat_each_other_there_are_not(seed: int) -> None:
    rng = np.random.default_rng(seed)
    one, two = rng.random(40), rng.random(40)
    assert not (decided(one, two).allowed and decided(two, one).allowed)


def test_the_manifest_is_plain_json() -> None:
    found = decided(np.full(40, 0.4), np.full(40, 0.3)).manifest()
    assert json.loads(json.dumps(found)) == found
    assert found["allowed"] is True
    assert found["people"] == 40


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(ParamError, match="teacher"):
        decided(np.zeros(3), np.zeros(4))
    with pytest.raises(ParamError, match="student"):
        decided(np.zeros(0), np.zeros(0))
    with pytest.raises(ParamError, match="student"):
        decided(np.zeros(1), np.array([np.nan]))
    with pytest.raises(ParamError, match="teacher"):
        decided(np.array([np.inf]), np.zeros(1))
