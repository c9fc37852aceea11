"""The law of the house over whole devices: a device that forgot equals one that never knew.

Bit for bit: in the graph, in the log and in the list, on the device itself and on its neighbours.
Both devices of each example have one key, one clock and one world around them.
"""

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.strategies import NOW
from tests.web3rec.devices import FRIENDS, device, items, neighbourhood, shown
from tests.web3rec.store.logs import DAY_MS, contents, rows, scratch, traces
from web3rec import Event, Mode, Recommender
from web3rec.records import SigningKey
from web3rec.store import Log, key_of
from web3rec.types import Millis
from web3rec.view import View

NEIGHBOUR = SigningKey.from_seed(b"neighbour".ljust(32))
CATALOGUE = range(4)
"""Items the app described; the others are only ever touched."""


class Deed(NamedTuple):
    event: Event
    item: int
    days: int
    """How long ago"""
    weight: int

    @property
    def name(self) -> str:
        return f"own:item-number-{self.item}" if self.item > 7 else f"trk:{self.item}"

    @property
    def at(self) -> Millis:
        return Millis(NOW - self.days * DAY_MS)


deeds = st.lists(
    st.builds(
        Deed,
        st.sampled_from(list(Event)),
        st.integers(0, 10),
        st.integers(0, 40),
        st.integers(1, 8),
    ),
    max_size=12,
)
levels = st.integers(0, 3)


def live_through(
    rec: Recommender, story: Iterable[Deed], *, level: int = 0, parts: int = 1
) -> None:
    """Record a story in one order, releasing what may leave now and then."""
    rec.add_items(items(CATALOGUE))
    for n, friend in enumerate(FRIENDS):
        rec.trust(friend.peer, 0.5, name=f"Friend {n}")
    rec.log.ingest(neighbourhood())
    rec.share(level)
    told = list(story)
    for part in range(parts):
        for deed in told[part::parts]:
            rec.record(deed.event, deed.name, at=deed.at, weight=deed.weight)
        rec.log.release()


def bits(view: View) -> tuple[Any, ...]:
    """Every number of a view, exactly."""
    graph, heard = view.snapshot, view.trust
    arrays: list[NDArray[Any]] = [
        graph.rows.starts, graph.rows.cols, graph.rows.weights, graph.recency,
        heard.tau, heard.phi, heard.shares, view.admission.weights, view.admission.degree,
    ]  # fmt: skip
    return graph.users.terms, graph.items.terms, *(array.tobytes() for array in arrays)


def seen(rec: Recommender) -> list[Any]:
    """The graph and the list, in every mode."""
    return [(bits(rec.view(mode)), shown(rec.recommend(30, mode=mode))) for mode in Mode]


def statements(log: Log) -> list[tuple[Any, ...]]:
    """What the log holds of statements, without their numbers, and whether they are out."""
    return rows(
        log,
        "SELECT author, t, x, kind, key, weight, source, touched, level, due, pos IS NULL "
        "FROM records WHERE kind != 'retract' ORDER BY author, touched, kind, key, weight, level",
    )


def local(log: Log) -> dict[str, list[Any]]:
    """The tables that others never see."""
    return {name: contents(log)[name] for name in ("items", "feedback", "peers")}


def without(story: Iterable[Deed], gone: Collection[int]) -> list[Deed]:
    return [deed for deed in story if deed.item not in gone]


def deliver(source: Recommender, target: Recommender) -> None:
    """What is out reaches a neighbour, judged and in order."""
    source.log.release()
    judged = [target.log.judge(envelope) for envelope in source.log.since(0, 10_000).envelopes]
    target.log.ingest([one.signed for one in judged if one.signed])


def neighbour(path: Path, whom: Recommender) -> Recommender:
    """Another device that trusts the ego and likes some of the same."""
    rec = device(path, key=NEIGHBOUR, share_delay_hours=0)
    rec.trust(whom.me)
    for n in (0, 5, 6):
        rec.record(Event.LIKE, f"trk:{n}")
    return rec


@given(deeds, st.sets(st.integers(0, 10)))
def test_U1_U2_U3_what_never_left_and_was_forgotten_was_never_there(
    story: list[Deed], gone: set[int]
) -> None:
    """Level 0: the log's rows, the graph and the lists are those of the innocent device."""
    with scratch() as path:
        forgetful, innocent = device(path / "forgetful"), device(path / "innocent")
        live_through(forgetful, story)
        for number in gone:
            forgetful.forget(item=Deed(Event.LIKE, number, 0, 1).name)
        live_through(innocent, without(story, gone))
        assert contents(forgetful.log) == contents(innocent.log)
        assert seen(forgetful) == seen(innocent)
        forgetful.close()
        innocent.close()
        with device(path / "forgetful") as again, device(path / "innocent") as other:
            assert seen(again) == seen(other)


@given(deeds, st.integers(8, 10))
def test_U3_the_bytes_of_what_was_forgotten_are_in_no_file(story: list[Deed], gone: int) -> None:
    """Neither the item's name nor its key: not in the database, not in the WAL, open or closed."""
    name = Deed(Event.LIKE, gone, 0, 1).name
    with scratch() as path:
        with device(path) as rec:
            live_through(rec, [*story, Deed(Event.LIKE, gone, 0, 1)])
            assert traces(path, name.encode()) != []
            rec.recommend()
            rec.forget(item=name)
            assert traces(path, name.encode(), key_of(name)) == []
        assert traces(path, name.encode(), key_of(name)) == []


@given(deeds, st.sets(st.integers(0, 10), max_size=4), levels, st.integers(1, 3))
def test_U1_U2_what_had_left_and_was_forgotten_shows_in_no_list(
    story: list[Deed], gone: set[int], level: int, parts: int
) -> None:
    """Any level: only tombstones and retractions tell the two logs apart."""
    with scratch() as path:
        forgetful = device(path / "forgetful", share_delay_hours=0)
        innocent = device(path / "innocent", share_delay_hours=0)
        live_through(forgetful, story, level=level, parts=parts)
        for number in gone:
            forgetful.forget(item=Deed(Event.LIKE, number, 0, 1).name)
        live_through(innocent, without(story, gone), level=level)
        forgetful.log.release()
        assert seen(forgetful) == seen(innocent)
        assert local(forgetful.log) == local(innocent.log)
        assert statements(forgetful.log) == statements(innocent.log)
        forgetful.close()
        innocent.close()


@given(deeds, st.integers(0, 40), levels)
def test_U1_U2_a_span_of_time_that_was_forgotten_never_was(
    story: list[Deed], days: int, level: int
) -> None:
    since = Millis(NOW - days * DAY_MS)
    with scratch() as path:
        forgetful = device(path / "forgetful", share_delay_hours=0)
        innocent = device(path / "innocent", share_delay_hours=0)
        live_through(forgetful, story, level=level)
        forgetful.forget(since=since)
        live_through(innocent, [deed for deed in story if deed.at < since], level=level)
        forgetful.log.release()
        assert seen(forgetful) == seen(innocent)
        assert local(forgetful.log) == local(innocent.log)
        assert statements(forgetful.log) == statements(innocent.log)
        forgetful.close()
        innocent.close()


@given(deeds, st.integers(0, 10), st.integers(0, 40), levels)
def test_U1_U2_an_item_s_span_of_time_that_was_forgotten_never_was(
    story: list[Deed], number: int, days: int, level: int
) -> None:
    """How an app takes one act back: what else was done then, and with the item before, stays."""
    since = Millis(NOW - days * DAY_MS)
    kept = [deed for deed in story if deed.at < since or deed.item != number]
    with scratch() as path:
        forgetful = device(path / "forgetful", share_delay_hours=0)
        innocent = device(path / "innocent", share_delay_hours=0)
        live_through(forgetful, story, level=level)
        forgetful.recommend()
        forgetful.forget(item=Deed(Event.LIKE, number, 0, 1).name, since=since)
        live_through(innocent, kept, level=level)
        forgetful.log.release()
        assert seen(forgetful) == seen(innocent)
        assert local(forgetful.log) == local(innocent.log)
        assert statements(forgetful.log) == statements(innocent.log)
        forgetful.close()
        innocent.close()


@given(deeds, levels)
def test_U1_U2_who_forgot_everything_is_a_device_that_only_listened(
    story: list[Deed], level: int
) -> None:
    with scratch() as path:
        forgetful = device(path / "forgetful", share_delay_hours=0)
        live_through(forgetful, story, level=level)
        forgetful.block(FRIENDS[0].peer)
        forgetful.forget_all()
        innocent = device(path / "innocent")
        innocent.add_items(items(CATALOGUE))
        innocent.log.ingest(neighbourhood())
        assert seen(forgetful) == seen(innocent)
        assert local(forgetful.log) == local(innocent.log)
        assert statements(forgetful.log) == statements(innocent.log)
        forgetful.close()
        innocent.close()


@given(
    deeds,
    st.one_of(st.sets(st.integers(0, 10), max_size=4), st.integers(0, 40), st.just("everything")),
    st.integers(1, 3),
    st.booleans(),
)
def test_U2_a_neighbour_that_heard_it_all_forgets_with_us(
    story: list[Deed], wish: set[int] | int | str, level: int, heard_before: bool
) -> None:
    """Its graph and its lists, too, are those of one whose friend never did it."""
    with scratch() as path:
        forgetful = device(path / "forgetful", share_delay_hours=0)
        innocent = device(path / "innocent", share_delay_hours=0)
        near, far = neighbour(path / "near", forgetful), neighbour(path / "far", innocent)
        live_through(forgetful, story, level=level)
        if heard_before:
            deliver(forgetful, near)
        kept: list[Deed]
        if isinstance(wish, set):
            for number in wish:
                forgetful.forget(item=Deed(Event.LIKE, number, 0, 1).name)
            kept = without(story, wish)
        elif isinstance(wish, int):
            since = Millis(NOW - wish * DAY_MS)
            forgetful.forget(since=since)
            kept = [deed for deed in story if deed.at < since]
        else:
            forgetful.forget_all()
            kept = []
        deliver(forgetful, near)
        if wish == "everything":
            innocent.log.ingest(neighbourhood())
            innocent.share(level)
        else:
            live_through(innocent, kept, level=level)
        deliver(innocent, far)
        assert [shown(near.recommend(30, mode=mode)) for mode in Mode] == [
            shown(far.recommend(30, mode=mode)) for mode in Mode
        ]
        assert bits(near.view()) == bits(far.view())
        assert forgetful.me not in near.log.blocked()
        for rec in (forgetful, innocent, near, far):
            rec.close()


@given(deeds, st.permutations(range(11)))
def test_forgetting_item_by_item_in_any_order_ends_with_nothing(
    story: list[Deed], order: list[int]
) -> None:
    with scratch() as path, device(path) as rec:
        for deed in story:
            rec.record(deed.event, deed.name, at=deed.at, weight=deed.weight)
        for number in order:
            rec.forget(item=Deed(Event.LIKE, number, 0, 1).name)
        assert set(rec.log.counts().values()) == {0}


@given(deeds, st.integers(0, 10))
def test_a_receipt_counts_what_was_there(story: list[Deed], number: int) -> None:
    chosen = [deed for deed in story if deed.item == number]
    with scratch() as path, device(path) as rec:
        for deed in story:
            rec.record(deed.event, deed.name, at=deed.at, weight=deed.weight)
        receipt = rec.forget(item=Deed(Event.LIKE, number, 0, 1).name)
        assert receipt.removed == {
            "records": sum(not deed.event.is_local for deed in chosen),
            "feedback": sum(deed.event.is_local for deed in chosen),
            "payments": 0,
            "items": int(bool(chosen)),
        }
        assert receipt.retractions == 0
