"""What the student reads of a list, and what training makes rectangles of."""

from dataclasses import replace

import numpy as np
import pytest

from tests.web3rec.distill.students.classes import WIDTH, lessons, vectors
from web3rec.distill.students.batches import batches
from web3rec.distill.students.hybrid import Hybrid, HybridParams, inputs, of_length_one
from web3rec.errors import DataError, ParamError
from web3rec.rerank.bundle.hybrid import HybridWeights
from web3rec.rerank.features import NAMES, Content, Features
from web3rec.rerank.model import ModelError
from web3rec.store import key_of


def drawn_weights(seed: int = 0, width: int = WIDTH, hidden: int = 7) -> HybridWeights:
    rng = np.random.default_rng(seed)
    c, h, p = len(NAMES), 3, 2
    z = c + 3 + p
    shapes = {
        "scale": (c,),
        "shift": (c,),
        "query": (width, h),
        "key": (width, h),
        "decay": (1,),
        "blend": (width, p),
        "hidden": (z, hidden),
        "hidden_bias": (hidden,),
        "last": (hidden, 1),
        "last_bias": (1,),
        "skip": (z, 1),
    }
    return HybridWeights.of({name: rng.normal(size=shape) for name, shape in shapes.items()})


def test_unknown_candidates_are_zeros_and_unknown_own_items_are_left_out() -> None:
    known = {key_of("a"): np.array([1, 2], np.float32), key_of("b"): np.array([3, 4], np.float32)}
    content = Content((key_of("a"), key_of("x")), (key_of("y"), key_of("b")), np.array([0.0, 1.0]))
    table = Features(np.zeros((2, len(NAMES)), np.float32), np.arange(2), content)
    found = inputs(table, known, 2)
    assert found.items.tolist() == [[1, 2], [0, 0]]
    assert found.history.tolist() == [[3, 4]]
    assert found.newer.tolist() == [1]
    nobody = replace(table, content=Content(content.items, (), np.zeros(0)))
    assert inputs(nobody, known, 2).history.tolist() == [[0, 0]]
    assert inputs(nobody, known, 2).newer.tolist() == [0]


def test_directions_stay_and_lengths_go() -> None:
    found = of_length_one(
        {key_of("a"): np.array([3, 4], np.float32), key_of("b"): np.zeros(2, np.float32)}
    )
    assert found[key_of("a")].tolist() == pytest.approx([0.6, 0.8])
    assert found[key_of("b")].tolist() == [0, 0]
    again = of_length_one(found)
    assert all(np.allclose(again[key], vector) for key, vector in found.items())


def test_a_list_that_names_no_items_cannot_be_answered() -> None:
    table = Features(np.zeros((2, len(NAMES)), np.float32), np.arange(2))
    with pytest.raises(ModelError, match="item vectors"):
        Hybrid(drawn_weights(), vectors()).scores(table)
    empty = Features(np.zeros((0, len(NAMES)), np.float32), np.arange(0))
    assert Hybrid(drawn_weights(), vectors()).scores(empty).shape == (0,)


def test_rectangles_hold_what_lists_hold() -> None:
    """Law: each row of the rectangles is what `inputs` reads of that list, and nothing beside."""
    table, some = vectors(), lessons(3, 7)
    missing = dict(list(table.items())[5:])
    found = batches(some, lambda _: missing, [np.full(len(x.features), 2.0) for x in some])
    for at, lesson in enumerate(some):
        wanted, n = inputs(lesson.features, missing, WIDTH), len(lesson.features)
        m = len(wanted.history)
        assert found.there[at].sum() == n
        assert found.known[at].sum() == m
        assert np.array_equal(found.table[found.items[at, :n]], wanted.items)
        assert np.array_equal(found.table[found.history[at, :m]], wanted.history)
        assert np.array_equal(found.newer[at, :m], wanted.newer)
        assert np.array_equal(found.hits[at, :n], lesson.hits)
        assert (found.said[at, :n] == 2).all()
        assert np.isnan(found.said[at, n:]).all()


def test_what_does_not_fit_the_lessons_is_refused() -> None:
    some, table = lessons(0, 2), vectors()
    right = [np.zeros(len(x.features)) for x in some]
    for labels in (right[:1], [right[0], right[1][:3]], [right[0], right[1] + np.inf]):
        with pytest.raises(DataError, match="label"):
            batches(some, lambda _: table, labels)
    for votes in ([1.0], [1.0, -1.0], [1.0, float("nan")], [0.0, 0.0]):
        with pytest.raises(DataError, match="vote"):
            batches(some, lambda _: table, None, votes)
    with pytest.raises(DataError, match="no lessons"):
        batches([], lambda _: table)
    with pytest.raises(DataError, match="one width"):
        batches(some, lambda _: {key_of("a"): np.zeros(2), key_of("b"): np.zeros(3)})  # type: ignore[dict-item]
    with pytest.raises(DataError, match="finite item vectors"):
        batches(some, lambda _: {key_of("a"): np.array([np.nan], np.float32)})
    nameless = replace(some[0], features=replace(some[0].features, content=None))
    with pytest.raises(DataError, match="name no items"):
        batches([some[1], nameless], lambda _: table)


@pytest.mark.parametrize("wrong", [{"attention": 0}, {"blend": 65}, {"hidden": 0}])
def test_sizes_out_of_range_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ParamError):
        HybridParams(**wrong)
