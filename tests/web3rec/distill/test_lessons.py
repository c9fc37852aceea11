"""Lessons know nothing of their targets but which candidates they are."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from web3rec.adapters import Act, Dataset
from web3rec.distill.lessons import School
from web3rec.errors import DataError, ParamError
from web3rec.eval.arena import Arena
from web3rec.params import Params
from web3rec.store import key_of
from web3rec.types import Event, Item, ItemId, Millis


def shop(acts: dict[str, str], *, timed: bool = False) -> Dataset:
    """People by letter, items by letter; if timed, everybody did things in the order given."""
    names = sorted({item for own in acts.values() for item in own})
    return Dataset(
        "shop",
        tuple(acts),
        tuple(Item(name, title=f"title {name}") for name in names),
        tuple(
            Act(user, ItemId(item), Event.LIKE, 1, Millis(1000 * n) if timed else None)
            for user, own in acts.items()
            for n, item in enumerate(own)
        ),
    )


def test_a_lesson_by_hand() -> None:
    """P has a, b and hides c; Q and R have a and c, so c is proposed, and is a hit; d is not."""
    data = shop({"P": "abc", "Q": "acd", "R": "ac"})
    lesson = School.of(Arena.of(data), data.items).lesson("P", {ItemId("c")}, Params())
    assert lesson is not None
    assert [item.id for item in lesson.question.candidates] == ["c", "d"]
    assert [item.id for item in lesson.question.history.items] == ["b", "a"]
    assert lesson.question.candidates[0].text == "title c"
    assert lesson.hits.tolist() == [True, False]
    assert (lesson.person, lesson.targets) == ("P", 1)
    assert lesson.features.content is not None
    assert lesson.features.content.items == (key_of("c"), key_of("d"))
    assert lesson.features.content.history == (key_of("a"), key_of("b"))
    assert lesson.example().hits.tolist() == [True, False]


def test_history_is_asked_about_oldest_first_and_looked_up_newest_first() -> None:
    data = shop({"P": "cab", "Q": "bcd", "R": "ac"}, timed=True)
    lesson = School.of(Arena.of(data)).lesson("P", {ItemId("b")}, Params())
    assert lesson is not None
    assert [item.id for item in lesson.question.history.items] == ["c", "a"]
    assert lesson.features.content is not None
    assert lesson.features.content.history == (key_of("a"), key_of("c"))
    assert lesson.features.content.newer.tolist() == [0, 1]


@given(st.integers(0, 30))
def test_a_lesson_is_that_of_a_graph_in_which_the_targets_never_happened(seed: int) -> None:
    """Oracle: hide nothing from a data set that lacks the target acts. Same candidates, same rows.

    What others hold is the same in both, and the person is not heard in its own list.
    """
    rng = np.random.default_rng(seed)
    names = "abcdefgh"
    acts = {p: "".join(rng.permutation(list(names))[: rng.integers(3, 7)]) for p in "PQRST"}
    target = acts["P"][0]
    data, without = shop(acts), shop({**acts, "P": acts["P"][1:]})
    assume(any(target in own for who, own in acts.items() if who != "P"))  # else not in the other
    one = School.of(Arena.of(data)).lesson("P", {ItemId(target)}, Params())
    two = School.of(Arena.of(without)).lesson("P", {ItemId(target)}, Params())
    assert (one is None) == (two is None)
    if one is not None and two is not None:
        assert one.question == two.question
        np.testing.assert_allclose(one.features.values, two.features.values, rtol=1e-5, atol=1e-6)


def test_whoever_has_nothing_left_has_no_lesson() -> None:
    school = School.of(Arena.of(shop({"P": "a", "Q": "ab"})))
    assert school.lesson("P", {ItemId("a")}, Params()) is None
    told: list[tuple[int, int]] = []
    targets = {"P": [ItemId("a")], "Q": [ItemId("b")]}
    found = school.lessons(targets, Params(), tell=lambda *at: told.append(at))
    assert [lesson.person for lesson in found] == []
    assert told == [(1, 2), (2, 2)]


def test_mistakes_are_named() -> None:
    school = School.of(Arena.of(shop({"P": "ab", "Q": "ab"})))
    with pytest.raises(DataError, match="'Z' has no acts"):
        school.lesson("Z", {ItemId("a")}, Params())
    with pytest.raises(DataError, match="no targets"):
        school.lesson("P", (), Params())
    with pytest.raises(ParamError, match="candidates"):
        school.lesson("P", {ItemId("a")}, Params(), 0)
