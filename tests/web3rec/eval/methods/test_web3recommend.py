"""Web3Recommend's rules: who is trusted, where walks go, what decays."""

import numpy as np
import pytest
from hypothesis import given, settings

from tests.web3rec.eval import boards
from web3rec.errors import ParamError
from web3rec.eval.methods import Settings
from web3rec.eval.methods.web3recommend import (
    Walks,
    _decayed,
    _drawn,
    _Visits,
    trusted_by,
    web3recommend,
)

WORLD = [(0, 0), (1, 0), (1, 1), (2, 0), (2, 2), (3, 2), (3, 3), (4, 0), (4, 4)]


def visits(*walks: tuple[int, ...]) -> _Visits:
    rows = [(w, s, v) for w, walk in enumerate(walks) for s, v in enumerate(walk)]
    walk, step, vertex = (np.array(column, np.int64) for column in zip(*rows, strict=True))
    return _Visits(walk, step, vertex)


def test_connectivity_decay_by_hand() -> None:
    """Users 0 (the ego) to 2, items are vertices 3 to 5. Item 4 is only ever reached through
    user 1, item 5 through user 1 once and user 2 once; item 3 straight from the ego."""
    found = visits((0, 3, 1, 4), (0, 3, 1, 4, 1, 4), (0, 3, 1, 5), (0, 3, 2, 5), (0, 5))
    scores = _decayed(found, 0, 3, 3, Walks(beta=0.5, threshold=0.9))
    # item 3 is visited four times, item 4 three times but always after user 1, item 5 three times
    # and after item 3 in two walks of three
    assert scores.tolist() == [4.0, 1.5, 3.0]
    scores = _decayed(found, 0, 3, 3, Walks(beta=0.5, threshold=0.6))
    assert scores.tolist() == pytest.approx([4.0, 1.5, 3 * (1 - 0.5 * 2 / 3)])


def test_trusted_is_whom_walks_reach() -> None:
    arena = boards.arena(WORLD, [(0, 1), (1, 2), (3, 0)])
    found = trusted_by(arena, 0, Walks(), np.random.default_rng(0))
    assert np.flatnonzero(found).tolist() == [0, 1, 2]


def test_a_draw_follows_the_weights_and_leaves_out_what_it_shall() -> None:
    """Runs of weights (1, 3), (0, 2, 0) and (5); the second of the first run left out, then the
    only one of the last."""
    total = np.concatenate([[0.0], np.cumsum([1.0, 3.0, 0.0, 2.0, 0.0, 5.0])])
    first, last = np.array([0, 2, 5]), np.array([2, 5, 6])
    rng = np.random.default_rng(5)
    many = np.array([_drawn(total, first, last, rng) for _ in range(2_000)])
    assert set(many[:, 1]) == {3}
    assert set(many[:, 2]) == {5}
    assert np.mean(many[:, 0] == 1) == pytest.approx(0.75, abs=0.04)  # 4 sigma
    without = np.array([1, -1, 5])
    assert {tuple(_drawn(total, first, last, rng, without).tolist()) for _ in range(50)} == {
        (0, 3, -1)
    }


def test_many_walks_agree_with_the_exact_chances() -> None:
    """p0 has i0 alone; p1 (trusted) has i0 and i1. A walk goes to i0 with .9, back to p0 or p1
    by weight 1 against 1/2 with .9, and from p1 on to i1 with .9: .9^3 / 3 to i1 at first."""
    arena = boards.arena([(0, 0), (1, 0), (1, 1)], [(0, 1)])
    walks = Walks(walks=40_000, longest=4, beta=0.0)
    ranker = web3recommend(arena, Settings(seed=1), params=walks)
    scores = ranker.scores(0)  # type: ignore[attr-defined]
    chance = 0.9**3 / 3
    sigma = np.sqrt(walks.walks * chance * (1 - chance))
    assert abs(scores[1] - walks.walks * chance) < 4 * sigma


@settings(max_examples=20)
@given(boards.pairs, boards.edges)
def test_one_seed_gives_one_list_whoever_is_asked_first(
    pairs: list[tuple[int, int]], edges: list[tuple[int, int]]
) -> None:
    arena = boards.arena(pairs, [*edges, (0, 1)])
    few = Walks(walks=50)
    people = sorted({f"p{p}" for p, _ in pairs} | {"p0"})
    one = web3recommend(arena, Settings(seed=2), params=few)
    other = web3recommend(arena, Settings(seed=2), params=few)
    forth = [one.ranked(person, 5).tolist() for person in people]
    back = [other.ranked(person, 5).tolist() for person in reversed(people)]
    assert forth == back[::-1]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("walks", 0),
        ("longest", 0),
        ("alpha", 0.0),
        ("alpha", np.nan),
        ("beta", 2),
        ("threshold", -1),
    ],
)
def test_numbers_out_of_range_are_refused_by_name(name: str, value: float) -> None:
    with pytest.raises(ParamError, match=name):
        Walks(**{name: value})  # type: ignore[arg-type]
