"""Cutting lists, and bringing together what was said of the parts."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from tests.web3rec.distill.questions import items, question
from web3rec.distill.shuffling import averaged, shuffled
from web3rec.distill.teacher import History, Question

NAN = float("nan")


def of_size(size: int) -> Question:
    return Question(History("1", ()), items(*(str(n) for n in range(size))))


@given(st.integers(0, 70), st.integers(1, 4), st.integers(4, 20), st.integers(0, 9))
def test_every_shuffle_shows_each_candidate_once_in_groups_of_even_size(
    size: int, shuffles: int, group: int, seed: int
) -> None:
    cuts = list(shuffled(of_size(size), shuffles=shuffles, group=group, seed=seed))
    assert len(cuts) == (shuffles if size > 1 else 0)
    for groups in cuts:
        assert_array_equal(np.sort(np.concatenate(groups)), np.arange(size))
        sizes = [len(each) for each in groups]
        assert max(sizes) <= group
        assert max(sizes) - min(sizes) <= 1


@given(st.integers(2, 50), st.integers(0, 9))
def test_one_more_shuffle_changes_no_other(size: int, seed: int) -> None:
    two = list(shuffled(of_size(size), shuffles=2, group=20, seed=seed))
    three = list(shuffled(of_size(size), shuffles=3, group=20, seed=seed))
    for one, other in zip(two, three[:2], strict=True):
        for left, right in zip(one, other, strict=True):
            assert_array_equal(left, right)


def test_another_list_and_another_seed_are_cut_otherwise() -> None:
    """Of 8! orders, three that are all alike would be a wonder."""

    def cut(candidates: str, seed: int) -> list[int]:
        ((only,),) = shuffled(question(candidates), shuffles=1, group=20, seed=seed)
        return list(only.tolist())

    first = cut("abcdefgh", 0)
    assert first == cut("abcdefgh", 0)
    assert first != cut("abcdefgi", 0) or first != cut("abcdefgh", 1)


def test_a_mean_is_over_those_who_spoke() -> None:
    """Candidate 0 heard 1 and 3, candidate 1 only 5 (once nothing), candidate 2 nothing."""
    said = [
        (np.array([1.0, 5.0]), np.array([0, 1], np.int32)),
        (np.array([NAN, 3.0]), np.array([1, 0], np.int32)),
    ]
    assert_array_equal(averaged(3, said), [2, 5, NAN])
