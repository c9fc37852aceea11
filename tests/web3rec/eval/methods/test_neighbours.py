"""Popularity, item cosine and RP3beta against their dense definitions."""

import numpy as np
import pytest
from hypothesis import given

from tests.web3rec.eval import boards
from web3rec.errors import DataError, ParamError
from web3rec.eval.arena import Arena
from web3rec.eval.methods import METHODS, Settings, method
from web3rec.eval.methods.neighbours import cosine, popular, rp3beta
from web3rec.types import Weights

SETTINGS = Settings()


def dense(arena: Arena) -> Weights:
    """0/1, people x items, as the arena numbers them."""
    rows = arena.graph.rows
    matrix = np.zeros((rows.n_rows, rows.n_cols))
    for user in range(rows.n_rows):
        matrix[user, rows.row(user)[0]] = 1
    return matrix


def agrees(arena: Arena, name: str, scores: Weights) -> None:
    """The ranker's order is that of these scores, but where two are equal to rounding."""
    x, ranker = dense(arena), method(name)(arena, SETTINGS)
    names = list(arena.people)
    for user, key in enumerate(arena.graph.users.terms):
        found = ranker.ranked(names[int.from_bytes(key, "big")], 20)
        possible = np.flatnonzero((x[user] == 0) & (scores[user] > 1e-12))
        assert set(found.tolist()) == set(possible.tolist())
        assert np.all(np.diff(scores[user][found]) <= 1e-12)


@given(boards.pairs)
def test_cosine_is_its_definition(pairs: list[tuple[int, int]]) -> None:
    arena = boards.arena(pairs)
    x = dense(arena)
    norm = np.linalg.norm(x, axis=0)
    similar = x.T @ x / np.outer(norm, norm)
    np.fill_diagonal(similar, 0)
    agrees(arena, "cosine", x @ similar)


@given(boards.pairs)
def test_rp3beta_is_its_definition(pairs: list[tuple[int, int]]) -> None:
    arena = boards.arena(pairs)
    x = dense(arena)
    listeners, held = x.sum(axis=0), np.maximum(x.sum(axis=1), 1)  # the first may have nothing
    to_items, to_users = x / held[:, None], x.T / listeners[:, None]
    agrees(arena, "rp3beta", to_items @ to_users @ to_items / listeners**0.3)


@given(boards.pairs)
def test_popular_counts_listeners(pairs: list[tuple[int, int]]) -> None:
    arena = boards.arena(pairs)
    x = dense(arena)
    agrees(arena, "popular", np.tile(x.sum(axis=0), (len(x), 1)))


def test_rp3beta_by_hand() -> None:
    """p0 has i0; p1 has i0, i1; p2 has i0, i2; p3 has i2.

    From i0 a walk goes to p1 and p2 with 1/3 each, on to i1 with 1/2 and to i2 with 1/2. i1 has
    one listener, i2 two: 1/6 against 1/6 / 2^.3.
    """
    arena = boards.arena([(0, 0), (1, 0), (1, 1), (2, 0), (2, 2), (3, 2)])
    assert rp3beta(arena, SETTINGS).ranked("p0", 5).tolist() == [1, 2]
    assert popular(arena, SETTINGS).ranked("p0", 5).tolist() == [2, 1]
    assert cosine(arena, SETTINGS).ranked("p0", 1).tolist() == [1]


def test_whoever_is_not_in_the_graph_and_whatever_is_out_of_range_is_refused() -> None:
    arena = boards.arena([(0, 0)])
    with pytest.raises(DataError, match="'p3' has neither acts nor friends"):
        popular(arena, SETTINGS).ranked("p3", 5)
    with pytest.raises(ParamError, match="beta must be in"):
        rp3beta(arena, SETTINGS, beta=2)
    with pytest.raises(ParamError, match="seed"):
        Settings(seed=-1)
    with pytest.raises(ParamError, match="one of popular, cosine"):
        method("magic")
    assert all(callable(method(name)) for name in METHODS)
