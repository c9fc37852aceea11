"""EASE from either side is its closed form."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web3rec.eval import boards
from tests.web3rec.eval.methods.test_neighbours import dense
from web3rec.errors import DataError, ParamError
from web3rec.eval.methods import Settings
from web3rec.eval.methods import ease as module
from web3rec.eval.methods.ease import _by_items, _by_users, ease


@given(boards.pairs, st.sampled_from([0.5, 10.0, 300.0]))
def test_both_sides_are_the_closed_form(pairs: list[tuple[int, int]], ridge: float) -> None:
    arena = boards.arena(pairs)
    x, rows, cols = dense(arena), arena.graph.rows, arena.graph.cols
    inverse = np.linalg.inv(x.T @ x + ridge * np.eye(x.shape[1]))
    model = -inverse / np.diag(inverse)
    np.fill_diagonal(model, 0)
    want = x @ model
    for fit in (_by_items, _by_users):
        scores = fit(arena, rows, cols, ridge)
        for user in range(len(x)):
            unseen = x[user] == 0
            assert scores(user)[unseen] == pytest.approx(want[user][unseen], abs=1e-9)


def test_too_large_a_catalogue_and_no_ridge_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    arena = boards.arena([(0, 0), (1, 0), (1, 1)])
    with pytest.raises(ParamError, match="ridge"):
        ease(arena, Settings(), ridge=0)
    monkeypatch.setattr(module, "LARGEST", 1)
    with pytest.raises(DataError, match="at most 1 users or items, this has 2 and 2"):
        ease(arena, Settings())
