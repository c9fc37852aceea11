"""Texts in the space of what people like."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from tests.web3rec.distill.questions import items, question
from web3rec.adapters import Act, Dataset
from web3rec.distill.linear_map import MapParams, Mapped, collaborative, ridge_map
from web3rec.distill.teacher import History, Question
from web3rec.errors import DataError, ParamError
from web3rec.types import Event, Item, ItemId

pytest.importorskip("scipy", reason="needs SciPy of the extra distill")


def rows(**vectors: list[float]) -> dict[ItemId, np.ndarray]:
    return {ItemId(name): np.array(row, np.float32) for name, row in vectors.items()}


def dataset(**liked: str) -> Dataset:
    """Person -> one letter for each item."""
    acts = tuple(Act(p, ItemId(i), Event.LIKE, 1) for p, own in liked.items() for i in own)
    every = sorted({act.item for act in acts})
    return Dataset("toy", tuple(liked), tuple(Item(i, i) for i in every), acts, ())


def test_a_worked_case() -> None:
    """History (1, 0) and (0, 1) has the mean (.5, .5): the cosine of (1, 1) is 1, of (1, 0) .7071,
    of (-1, 0) -.7071; z is not known, and lengths do not count.
    """
    teacher = Mapped.plain("toy", rows(x=[1, 0], y=[0, 1], a=[3, 3], b=[9, 0], c=[-1, 0]))
    asked = Question(History("1", items("x", "y", "w")), items("a", "b", "c", "z"))
    assert_allclose(teacher.score(asked), [1, 0.70711, -0.70711, np.nan], atol=1e-5)
    assert np.isnan(teacher.score(question("ab", "w"))).all()


def test_directions_are_all_that_a_score_is_made_of_but_for_the_history() -> None:
    """(3, 4) points to (.6, .8); with a history of one item, scores are cosines of directions."""
    teacher = Mapped.plain("toy", rows(x=[3, 4], a=[0, 9], b=[-5, 0]))
    found = teacher.directions
    assert_allclose(found[ItemId("x")], [0.6, 0.8], atol=1e-7)
    wanted = [found[ItemId(item)] @ found[ItemId("x")] for item in "ab"]
    assert_allclose(teacher.score(question("ab", "x")), wanted, atol=1e-6)


@given(st.integers(0, 99), st.floats(0, 10))
@settings(max_examples=30)
def test_the_matrix_leaves_no_slope(seed: int, ridge: float) -> None:
    """The law of a least square: at the best matrix the gradient is 0, by finite differences."""
    rng = np.random.default_rng(seed)
    z, v, weights = rng.normal(size=(12, 3)), rng.normal(size=(12, 2)), rng.random(12) + 0.1
    centre, matrix = ridge_map(z, v, weights, ridge)
    share = weights / weights.sum()
    moved = z - centre
    pull = ridge * float((share[:, None] * moved**2).sum()) / 3

    def loss(at: np.ndarray) -> float:
        return float(share @ ((moved @ at - v) ** 2).sum(axis=1) + pull * (at**2).sum())

    for _ in range(5):
        step = rng.normal(size=matrix.shape) * 1e-4
        assert loss(matrix + step) >= loss(matrix) - 1e-12
        assert loss(matrix + step) == pytest.approx(loss(matrix - step), rel=1e-6, abs=1e-12)


def test_a_map_finds_what_people_go_by() -> None:
    """Texts have two numbers: the second decides who likes what, the first is loud and means
    nothing. Mapped, items of one taste are alike; as they are, they are not.
    """
    rng = np.random.default_rng(0)
    loud = rng.normal(size=40) * 10
    vectors = {ItemId(f"i{n}"): np.array([loud[n], n % 2], np.float32) for n in range(40)}
    liked = [
        (f"p{p}", ItemId(f"i{n}"))
        for p in range(60)
        for n in rng.permutation(np.arange(p % 2, 40, 2))[:8].tolist()
    ]
    acts = tuple(Act(p, i, Event.LIKE, 1) for p, i in liked)
    toy = Dataset("toy", tuple(f"p{p}" for p in range(60)), (), acts, ())
    asked = Question(
        History("new", items("i0", "i2", "i4")), items(*(f"i{n}" for n in range(6, 40)))
    )
    params = MapParams(width=2, ridge=1e-3)
    mapped = Mapped.fitted("toy", vectors, toy, {}, params).score(asked)
    plain = Mapped.plain("toy", vectors).score(asked)
    even = np.arange(6, 40) % 2 == 0
    assert mapped[even].min() > mapped[~even].max()
    assert plain[even].min() < plain[~even].max()


def test_nothing_that_is_to_be_found_is_looked_at() -> None:
    """With or without the acts that are targets: the same teacher, to the name."""
    whole = dataset(p="abc", q="abd", r="cde")
    less = dataset(p="ab", q="abd", r="cde")
    vectors = rows(a=[1, 0], b=[1, 1], c=[0, 1], d=[2, 1], e=[0, 3])
    targets = {"p": {ItemId("c")}}
    one = Mapped.fitted("t", vectors, whole, targets)
    other = Mapped.fitted("t", vectors, less, {})
    assert one.id == other.id
    assert one.id != Mapped.fitted("t", vectors, whole, {}).id


def test_items_that_nobody_has_are_mapped_as_well() -> None:
    vectors = rows(a=[1, 0], b=[1, 1], c=[0, 1], d=[2, 1], new=[1, 0.1])
    teacher = Mapped.fitted("t", vectors, dataset(p="abc", q="abd", r="cd"), {})
    score = teacher.score(Question(History("p", items("a")), items("new", "c")))
    assert np.isfinite(score).all()
    assert score[0] > score[1]


def test_vectors_of_items_are_those_of_a_dense_decomposition() -> None:
    """The oracle: V of X_ui / sqrt(row sum * column sum), times the root of S; signs are free."""
    pairs = [("p", "a"), ("p", "b"), ("q", "b"), ("q", "c"), ("r", "a"), ("r", "c"), ("r", "d")]
    found = collaborative([(person, ItemId(item)) for person, item in pairs], 2)
    table = np.array([[1, 1, 0, 0], [0, 1, 1, 0], [1, 0, 1, 1]], float)
    scaled = table / np.sqrt(table.sum(1)[:, None] * table.sum(0))
    _, strength, right = np.linalg.svd(scaled)
    wanted = right[:2] * np.sqrt(strength[:2])[:, None]
    got = np.stack([found[ItemId(item)][0] for item in "abcd"], axis=1)
    assert_allclose(got * np.sign(got[:, :1] * wanted[:, :1]), wanted, atol=1e-9)
    assert [found[ItemId(item)][1] for item in "abcd"] == [2, 2, 2, 1]


def test_what_cannot_be_mapped_is_refused() -> None:
    toy = dataset(p="ab")
    with pytest.raises(DataError, match="one width"):
        Mapped.fitted("t", {}, toy, {})
    with pytest.raises(DataError, match="one width"):
        Mapped.fitted("t", rows(a=[1], b=[1, 2]), toy, {})
    with pytest.raises(DataError, match="ids"):
        Mapped.fitted("t", rows(z=[1]), toy, {})
    with pytest.raises(DataError, match="nobody"):
        Mapped.fitted("t", rows(a=[1]), toy, {"p": {ItemId("a"), ItemId("b")}})
    for name, value in (("width", 0), ("ridge", -1)):
        with pytest.raises(ParamError, match=name):
            MapParams(**{name: value})
