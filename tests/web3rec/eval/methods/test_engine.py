"""The engine's modes as methods: each is what the product would list."""

from dataclasses import replace

import pytest
from hypothesis import given, settings

from tests.web3rec.eval import boards
from web3rec.errors import DataError
from web3rec.eval.methods import BY_TRUST, Settings, method
from web3rec.eval.methods.engine import GROUPS, Grouped
from web3rec.params import Params, TuneParams
from web3rec.rank.admission import Mode

SETTINGS = Settings()
WORLD = [(0, 0), (1, 0), (1, 1), (2, 0), (2, 2), (3, 2), (3, 3), (4, 0), (4, 4)]
TRUST = [(0, 1), (1, 2)]
"""p0 trusts p1 and through it p2; nobody trusts p4."""


@pytest.mark.parametrize(
    ("name", "mode"), [("open", Mode.OPEN), ("friends", Mode.FRIENDS), ("fixed", Mode.CLOSED)]
)
def test_a_mode_lists_what_the_product_lists(name: str, mode: Mode) -> None:
    arena = boards.arena(WORLD, TRUST)
    want = arena.listing(arena.view("p0", mode), 5)
    found = method(name)(arena, SETTINGS).ranked("p0", 5)
    assert arena.graph.items.numbers(entry.key for entry in want.entries).tolist() == found.tolist()


def test_who_may_speak_differs_by_method() -> None:
    """i4 is p4's alone, i3 p3's alone: the open graph reaches both, trust only p1's and p2's."""
    arena = boards.arena(WORLD, TRUST)
    told = {
        m: set(method(m)(arena, SETTINGS).ranked("p0", 5).tolist()) for m in ("open", *BY_TRUST)
    }
    assert told["open"] == {1, 2, 3, 4}
    assert told["friends"] == {1}
    assert told["trust-weighted"] == {1, 2}
    assert told["web3recommend"] == {1, 2}


def test_ours_admits_everyone_where_nobody_trusts_anybody() -> None:
    arena = boards.arena(WORLD)
    ours, everyone = method("ours")(arena, SETTINGS), method("open")(arena, SETTINGS)
    assert ours.ranked("p0", 5).tolist() == everyone.ranked("p0", 5).tolist()
    for name in BY_TRUST:
        with pytest.raises(DataError, match=f"{name} goes by trust, and nobody trusts"):
            method(name)(arena, SETTINGS)


def test_tuned_is_ours_with_numbers_chosen_on_the_window() -> None:
    arena = boards.arena(WORLD, TRUST)
    numbers = replace(Params(), tune=TuneParams())
    want = arena.listing(arena.view("p0", Mode.CLOSED, numbers), 5, numbers)
    found = method("tuned")(arena, SETTINGS).ranked("p0", 5)
    assert arena.graph.items.numbers(entry.key for entry in want.entries).tolist() == found.tolist()


def test_ours_lists_by_what_the_middle_person_of_its_group_chose() -> None:
    pairs = [(p, i) for p in range(6) for i in range(p + 1)]
    arena = boards.arena(pairs, [(p, (p + 1) % 6) for p in range(6)])
    ranker = method("ours")(arena, SETTINGS)
    assert isinstance(ranker, Grouped)
    assert len(ranker.typical) == GROUPS
    for person in range(6):
        found = ranker.ranked(f"p{person}", 5)
        view = arena.view(f"p{person}")
        group = sum(len(view.snapshot.rows.row(view.snapshot.ego)[0]) > end for end in ranker.ends)
        chooser = arena.view(ranker.typical[group])
        numbers = replace(chooser.tuned(replace(Params(), tune=TuneParams())), tune=None)
        assert ranker.chosen[group] == numbers
        want = arena.listing(view, 5, numbers).entries
        assert arena.graph.items.numbers(e.key for e in want).tolist() == found.tolist()


@settings(max_examples=20)
@given(boards.pairs, boards.edges)
def test_no_method_shows_what_one_has_or_anything_twice(
    pairs: list[tuple[int, int]], edges: list[tuple[int, int]]
) -> None:
    arena = boards.arena(pairs, [*edges, (0, 1)])
    for name in ("popular", "cosine", "rp3beta", "ease", "open", "ours", *BY_TRUST):
        ranker = method(name)(arena, SETTINGS)
        for person in sorted({f"p{p}" for p, _ in pairs} | {"p0"}):
            found = ranker.ranked(person, 4).tolist()
            user = arena.graph.users.number(arena.people[person])
            assert user is not None
            assert not set(found) & set(arena.graph.rows.row(user)[0].tolist())
            assert len(set(found)) == len(found) <= 4
