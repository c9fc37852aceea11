"""The law of the house can fail: break a stage of forgetting, and the comparison names it.

One story is told on two devices and their neighbours, one of which forgets a part that the other
never heard of. Unbroken they are equal at every stage; each break below is found at the stage where
it must show.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.properties.test_forgetting import Deed, bits, deliver, live_through, local, neighbour
from tests.properties.test_forgetting import statements as stated
from tests.web3rec.devices import device, shown
from tests.web3rec.ordered import MINE, alike
from tests.web3rec.store.logs import rows, scratch, traces
from tests.web3rec.walkers import walker
from web3rec import Event, Recommender
from web3rec.graph import Snapshot
from web3rec.live import LiveGraph
from web3rec.outlook import Outlook
from web3rec.reranking import Reranking
from web3rec.store import Log, key_of
from web3rec.store.database import Database

REGRET = "own:item-number-9"
KEPT = [Deed(Event.LIKE, n, n, 2) for n in range(4)]
GONE = [Deed(Event.LIKE, 9, 1, 3), Deed(Event.NOT_INTERESTED, 9, 0, 1), Deed(Event.LISTEN, 9, 2, 1)]


def unequal(root: Path, plant: str = "") -> set[str]:
    """The stages at which the device that forgot differs from the one that never knew.

    `plant`: SQL for the database of the one that forgets, before it does.
    """
    forgot = device(root / "forgot", share_delay_hours=0)
    never = device(root / "never", share_delay_hours=0)
    near, far = neighbour(root / "near", forgot), neighbour(root / "far", never)
    live_through(forgot, [*KEPT, *GONE], level=2)
    live_through(never, KEPT, level=2)
    forgot.recommend()  # all that is kept of a list is kept now
    deliver(forgot, near)
    replayed = forgot.log.since(0, 10_000).envelopes
    forgot.log._db._sql.executescript(plant)
    forgot.forget(item=REGRET)
    deliver(forgot, near)
    deliver(never, far)
    found = {
        "log": (local(forgot.log), stated(forgot.log)) != (local(never.log), stated(never.log)),
        "graph": bits(forgot.view()) != bits(never.view()),
        "list": shown(forgot.recommend(30)) != shown(never.recommend(30)),
        "files": traces(root / "forgot", REGRET.encode()) != [],
        "neighbour": shown(near.recommend(30)) != shown(far.recommend(30)),
    }
    for rec in (forgot, never, near, far):
        rec.close()
    with device(root / "forgot") as again:
        found["replay"] = comes_back(again, replayed)
    return {stage for stage, differs in found.items() if differs}


def comes_back(rec: Recommender, envelopes: tuple[bytes, ...]) -> bool:
    """Whether what was forgotten returns with what others still hold of it."""
    judged = [rec.log.judge(envelope) for envelope in envelopes]
    rec.log.ingest([one.signed for one in judged if one.signed])
    found: list[Any] = rows(rec.log, "SELECT key FROM records WHERE kind != 'retract'")
    return (key_of(REGRET),) in found


@pytest.mark.slow
def test_unbroken_no_stage_differs() -> None:
    with scratch() as root:
        assert unequal(root) == set()


def held(table: str, when: str = "1") -> str:
    """A trigger that keeps rows from being deleted."""
    return (
        f"CREATE TEMP TRIGGER held BEFORE DELETE ON {table} WHEN {when} "
        "BEGIN SELECT RAISE(IGNORE); END;"
    )


def unwritten(table: str, when: str = "1") -> str:
    """A trigger that keeps rows from being written."""
    return (
        f"CREATE TEMP TRIGGER unwritten_{table} BEFORE INSERT ON {table} WHEN {when} "
        "BEGIN SELECT RAISE(IGNORE); END;"
    )


def nothing(*_args: Any, **_named: Any) -> None:
    """Does nothing."""


def graph_stays(self: LiveGraph, _blocked: Any, _touched: Any) -> Callable[[], Snapshot]:
    graph = self._graph
    if graph is None:
        return NEWS(self, _blocked, _touched)
    return lambda: graph


def not_scrubbed(_self: Database) -> bool:
    return True


NEWS = LiveGraph.news
UNASKED = unwritten("records", "NEW.kind = 'retract'")

ON_DISK = {
    "a record stays": (held("records", "OLD.kind = 'listen'"), {"log", "list"}),
    "what was said of a list stays": (held("feedback"), {"log"}),
    "the item's name stays": (held("items"), {"log", "files"}),
    "nobody is asked to forget": (UNASKED, {"neighbour"}),
    "nothing keeps it from coming back": (UNASKED + unwritten("tombstones"), {"replay"}),
}
"""What goes wrong in the tables, as SQL; and the stages at which it has to show."""

IN_MEMORY: dict[str, tuple[list[tuple[Any, str, Any]], set[str]]] = {
    "the WAL stays": ([(Database, "scrub", not_scrubbed)], {"files"}),
    "the graph stays": (
        [(LiveGraph, "news", graph_stays), (Outlook, "drop", nothing)],
        {"graph"},
    ),
    "nothing is told to have changed": (
        [(Log, "_changed", nothing), (Outlook, "drop", nothing)],
        {"list"},
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("broken", ON_DISK)
def test_a_table_that_does_not_forget_is_found(broken: str) -> None:
    plant, shows = ON_DISK[broken]
    with scratch() as root:
        assert unequal(root, plant) >= shows


@pytest.mark.slow
@pytest.mark.parametrize("broken", IN_MEMORY)
def test_a_stage_that_does_not_forget_is_found(
    broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    places, shows = IN_MEMORY[broken]
    for owner, name, instead in places:
        monkeypatch.setattr(owner, name, instead)
    with scratch() as root:
        assert unequal(root) >= shows


@pytest.mark.slow
@pytest.mark.parametrize("broken", [False, True])
def test_a_head_that_outlives_what_it_learnt_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, broken: bool
) -> None:
    secret = MINE[-1][1]
    if broken:
        monkeypatch.setattr(Reranking, "_drop", nothing)
    with walker(tmp_path / "forgot") as forgot:
        forgot.learn()
        forgot.forget(item=f"trk:{secret}")
        forgot.learn()
        with walker(tmp_path / "never", acts=MINE[:-1]) as never:
            never.learn()
            assert alike(forgot, never) != broken
