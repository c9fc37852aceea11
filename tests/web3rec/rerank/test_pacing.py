"""Paces kept author by author are those made of everything."""

from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from web3rec.graph import Act, Acts, Csr, Snapshot, snapshot
from web3rec.params import WindowParams
from web3rec.records import Kind
from web3rec.rerank.following import Paces
from web3rec.rerank.pacing import Pacing, Times
from web3rec.types import ItemKey, Millis, PeerId

A, B = (PeerId(bytes([n]) * 32) for n in (1, 2))
X, Y, Z = (ItemKey(bytes([n]) * 16) for n in (11, 12, 13))
PARAMS = WindowParams()


def act(author: PeerId, key: ItemKey, t: int, n: int = 0) -> Act:
    return Act(author, n or t, key, Kind.LIKE, 1, t)


def graph(acts: list[Act]) -> Snapshot:
    return snapshot(acts, [], A, {}, PARAMS)


def test_paces_by_hand() -> None:
    acts = [act(A, X, 30), act(A, Y, 10), act(A, Z, 10, 11), act(A, Y, 20), act(B, X, 5)]
    times = Times().after([A, B], Acts.of(acts))
    found = Pacing().of(graph(acts), times)
    assert found is not None
    assert found.rows.weights.tolist() == [3.0, 2.0, 1.0, 1.0]  # A came to Z, Y, X; B to X alone


def test_nobody_in_any_order_is_none() -> None:
    acts = [act(A, X, 10), act(A, Y, 10, 11)]
    assert Pacing().of(graph(acts), Times().after([A], Acts.of(acts))) is None
    assert Pacing().of(graph([]), Times()) is None


def test_who_falls_silent_is_no_longer_known() -> None:
    times = Times().after([A, B], Acts.of([act(A, X, 1), act(B, X, 1)]))
    after = times.after([B], Acts.of([]))
    assert set(after.by_author) == {A}
    assert set(times.by_author) == {A, B}


def test_how_much_changed_is_the_part_of_those_who_spoke() -> None:
    acts = [act(A, X, 1), act(B, X, 1), act(B, Y, 2), act(B, Z, 3)]
    times = Times().after([A, B], Acts.of(acts))
    assert times.changed_since(times) == 0.0
    assert Times().changed_since(Times()) == 0.0
    assert times.after([A], Acts.of(acts[:1])).changed_since(times) == 0.25
    assert times.after([B], Acts.of([])).changed_since(times) == 0.75
    assert times.changed_since(Times()) == 1.0


statements = st.lists(
    st.tuples(st.integers(1, 4), st.integers(1, 6), st.integers(0, 5)), max_size=25
)


def said(told: list[tuple[int, int, int]]) -> list[Act]:
    return [
        act(PeerId(bytes([who]) * 32), ItemKey(bytes([what]) * 16), t, n)
        for n, (who, what, t) in enumerate(told, 1)
    ]


def whole(acts: list[Act]) -> Paces | None:
    times: dict[PeerId, dict[ItemKey, Millis]] = {}
    for one in acts:
        of = times.setdefault(one.author, {})
        of[one.key] = Millis(max(of.get(one.key, 0), one.t))
    return Paces.of(graph(acts), times)


def same(one: Csr, other: Csr) -> bool:
    return (
        np.array_equal(one.starts, other.starts)
        and np.array_equal(one.cols, other.cols)
        and np.array_equal(one.weights, other.weights)
    )


@settings(max_examples=60)
@given(statements, st.lists(st.tuples(st.integers(1, 4), statements), max_size=3))
def test_author_by_author_is_as_all_at_once(
    first: list[tuple[int, int, int]], changes: list[tuple[int, list[tuple[int, int, int]]]]
) -> None:
    acts, pacing = said(first), Pacing()
    everybody = [PeerId(bytes([n]) * 32) for n in range(1, 5)]
    times = Times().after(everybody, Acts.of(acts))
    for who, news in [(0, []), *changes]:
        author = PeerId(bytes([who]) * 32)
        if who:
            mine = [one for one in said(news) if one.author == author]
            acts = [one for one in acts if one.author != author] + mine
            times = times.after([author], Acts.of(mine))
        found, wanted = pacing.of(graph(acts), times), whole(acts)
        assert (found is None) == (wanted is None)
        if found is not None and wanted is not None:
            assert same(found.rows, wanted.rows)
            assert same(found.cols, wanted.cols)


def test_the_live_graph_keeps_times_in_step(tmp_path: Path) -> None:
    """The paces of a device's view are those of all that its log says."""
    from tests.web3rec.walkers import walker  # noqa: PLC0415 - signs forty people's records

    with walker(tmp_path / "device") as rec:
        rec.recommend()
        rec.forget(item="trk:25")
        now = rec._outlook.now()
        assert now.times is not None
        found = Pacing().of(now.view.snapshot, now.times)
        times: dict[PeerId, dict[ItemKey, Millis]] = {}
        for told in rec.log.told():
            for author, _, key, _, _, t in zip(*told.acts, strict=True):
                of = times.setdefault(author, {})
                of[key] = max(of.get(key, 0), t)
        wanted = Paces.of(now.view.snapshot, times)
        assert found is not None
        assert wanted is not None
        assert same(found.rows, wanted.rows)
