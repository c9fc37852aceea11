"""Lists to learn from: a part of everybody's past, held back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web3rec.embeddings.worlds import graph, graphs
from tests.web3rec.eval.towns import town
from trust import TrustParams
from web3rec.embeddings.replays import LEAST, held_back, lists, without
from web3rec.errors import ParamError
from web3rec.eval.arena import Arena
from web3rec.graph import Csr
from web3rec.params import Params
from web3rec.rank.admission import Mode
from web3rec.rerank.features import Seen


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_an_eighth_by_hand() -> None:
    """Of 9 items one, of 4 one, of 3 none."""
    pairs = [(user, item) for user, count in enumerate((9, 4, 3)) for item in range(count)]
    held = graph(pairs, 3, 9)
    found = held_back(held, 0.125, rng())
    assert np.bincount(held.row_of(), weights=found).tolist() == [1, 1, 0]


def test_where_times_are_known_the_newest_are_held_back() -> None:
    """Moments 2, 1, 3, 3: of the two newest one is drawn."""
    held = graph([(0, n) for n in range(4)], 1, 4)
    paces = Csr(held.starts, held.cols, np.array([2, 1, 3, 3], np.float32), 4)
    drawn = [held_back(held, 0.25, np.random.default_rng(n), paces).tolist() for n in range(20)]
    assert {tuple(np.flatnonzero(marks).tolist()) for marks in drawn} == {(2,), (3,)}
    assert held_back(held, 0.5, rng(), paces).tolist() == [False, False, True, True]


@given(graphs(users=3, items=12), st.floats(0.05, 0.95), st.integers(0, 2**32))
def test_what_is_held_back_and_what_is_left_are_the_graph(
    held: Csr, share: float, seed: int
) -> None:
    marked = held_back(held, share, np.random.default_rng(seed))
    left = without(held, marked)
    pairs = set(zip(held.row_of().tolist(), held.cols.tolist(), strict=True))
    away = set(zip(held.row_of()[marked].tolist(), held.cols[marked].tolist(), strict=True))
    stay = set(zip(left.row_of().tolist(), left.cols.tolist(), strict=True))
    assert stay | away == pairs
    assert not stay & away
    before, after = np.diff(held.starts), np.diff(left.starts)
    assert (after[before > 0] > 0).all()
    assert (after[before < LEAST] == before[before < LEAST]).all()


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_share_of_nothing_or_all_is_refused(share: float) -> None:
    with pytest.raises(ParamError, match="share"):
        held_back(graph([(0, 0)], 1, 1), share, rng())


def test_lists_ask_for_what_was_held_back_and_show_nothing_of_it() -> None:
    arena = Arena.of(town())
    rows = arena.graph.rows
    view = arena.view("p0", Mode.OPEN, trust=TrustParams(max_sponsors=1))
    marked = held_back(rows, 0.25, rng())
    people = np.arange(rows.n_rows)
    found = lists(Seen.of(view), marked, people, lambda _items: Params())
    assert len(found) > 10
    keys, owner = [bytes(key) for key in arena.graph.items.terms], rows.row_of()
    by_past = {
        frozenset(keys[i] for i in rows.cols[(owner == user) & ~marked]): user
        for user in range(rows.n_rows)
    }
    for example in found:
        content = example.features.content
        assert content is not None
        user = by_past[frozenset(map(bytes, content.history))]
        away = {keys[i] for i in rows.cols[(owner == user) & marked]}
        right = {bytes(k) for k, hit in zip(content.items, example.hits, strict=True) if hit}
        assert right
        assert right == away & set(map(bytes, content.items))
        assert not set(content.items) & set(content.history)
