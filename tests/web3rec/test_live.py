"""The graph kept in step with a log is the graph built whole from it, whatever happened."""

from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.strategies import KEYS
from tests.web3rec.devices import FRIENDS, device, said, settled, shown
from tests.web3rec.graph.snapshots import assert_same
from tests.web3rec.store.logs import DAY_MS, HandClock, record, rows, scratch
from web3rec import DataError, Event, Mode, Recommender
from web3rec.graph import Act, Endorsement, Snapshot, snapshot
from web3rec.records import Kind
from web3rec.records.model import MAX_WEIGHT
from web3rec.store.telling import Told
from web3rec.types import Millis, PeerId
from web3rec.view import view_of

PEOPLE = FRIENDS[:3]
ITEMS = [f"trk:{n}" for n in range(5)]
Step = Callable[[Recommender, HandClock], object]


def whole(rec: Recommender, seeds: tuple[PeerId, ...] = ()) -> Snapshot:
    """Everything that is live, read act by act and built at once: the oracle."""
    log = rec.log
    blocked = log.blocked() - {rec.me}
    acts = [Act(*row) for row in log.interactions() if row[0] not in blocked]
    edges = [
        Endorsement(*edge)
        for told in log.told()
        for edge in zip(*told.endorsements, strict=True)
        if edge[0] not in blocked
    ]
    if not any(edge.author == rec.me for edge in edges):
        edges += [Endorsement(rec.me, 0, seed, MAX_WEIGHT) for seed in seeds]
    return snapshot(acts, edges, rec.me, log.touched(), rec.options.params.window)


def assert_in_step(rec: Recommender, seeds: tuple[PeerId, ...] = ()) -> None:
    """Graph, trust and admission are those from scratch, bit for bit."""
    view, graph = rec.view(), whole(rec, seeds)
    assert_same(view.snapshot, graph)
    silenced = graph.users.numbers(sorted(rec.log.blocked() - {rec.me}))
    other = view_of(graph, silenced, view.mode, rec.options.params, rec.options.trust)
    for ours, theirs in (
        (view.silenced, other.silenced),
        (view.trust.tau, other.trust.tau),
        (view.trust.phi, other.trust.phi),
        (view.admission.weights, other.admission.weights),
        (view.admission.degree, other.admission.degree),
    ):
        np.testing.assert_array_equal(ours, theirs)


@st.composite
def steps(draw: st.DrawFn) -> Step:
    """One thing that may happen to a device."""
    item, days = draw(st.sampled_from(ITEMS)), draw(st.integers(-1, 45))
    who, n = draw(st.sampled_from(PEOPLE)), draw(st.integers(0, 4))
    other = draw(st.sampled_from(PEOPLE).filter(lambda one: one != who))
    kind = draw(st.sampled_from([Kind.LIKE, Kind.COLLECT, Kind.TRUST, Kind.RETRACT]))
    subject = other.peer if kind is Kind.TRUST else item

    def hear(rec: Recommender, clock: HandClock) -> None:
        today = clock.now // 1000
        rec.log.ingest([record(who, n, kind, subject, t=today - today % 86_400)])

    def hear_many(rec: Recommender, clock: HandClock) -> None:
        rec.log.ingest([one for key in PEOPLE for one in said(key, [n, n + 1], (), first=n)])

    def wait(rec: Recommender, clock: HandClock) -> None:
        clock.pass_days(days)

    possible: list[Step] = [
        hear,
        hear,
        hear_many,
        wait,
        lambda rec, clock: rec.record(Event.LIKE, item, at=Millis(clock.now - days * DAY_MS)),
        lambda rec, _: rec.record(Event.SKIP, item),
        lambda rec, _: rec.trust(who.peer, n / 4),
        lambda rec, _: rec.block(who.peer, blocked=n % 2 == 0),
        lambda rec, _: rec.forget(item=item),
        lambda rec, clock: rec.forget(since=Millis(clock.now - days * DAY_MS)),
        lambda rec, _: rec.log.forget_all(rehearse=n > 0),
        lambda rec, _: rec.share(n % 4),
        lambda rec, _: rec.log.release(),
    ]
    return draw(st.sampled_from(possible))


@settings(max_examples=60)
@given(st.lists(st.tuples(steps(), st.booleans()), min_size=1, max_size=14), st.booleans())
def test_a_view_after_any_story_is_the_view_from_scratch(
    story: list[tuple[Step, bool]], seeded: bool
) -> None:
    """Recorded, heard, expired, retracted, forgotten, blocked, quarantined; looked at or not."""
    seeds = (KEYS[0].peer,) if seeded else ()
    with scratch() as path:
        clock = HandClock()
        with device(path, clock, seeds=seeds) as rec:
            for step, looked in story:
                step(rec, clock)
                if looked:
                    assert_in_step(rec, seeds)
            assert_in_step(rec, seeds)


def test_a_reader_beside_the_writer_stays_in_step(tmp_path: Path) -> None:
    with settled(tmp_path) as rec, device(tmp_path, read_only=True) as reader:
        for step in (
            lambda: rec.record(Event.LIKE, "trk:9"),
            lambda: rec.block(FRIENDS[0].peer),
            lambda: rec.log.ingest(said(FRIENDS[1], [7], first=50)),
            lambda: rec.forget(item="trk:9"),
        ):
            step()
            assert_in_step(rec)
            assert_same(reader.view().snapshot, rec.view().snapshot)


def test_only_who_said_something_is_read_again(tmp_path: Path) -> None:
    with settled(tmp_path) as rec:
        asked = listening(rec)
        rec.recommend()
        assert asked == [None]
        rec.recommend()
        rec.view(Mode.OPEN)
        assert asked == [None]
        rec.log.ingest(said(FRIENDS[2], [7], first=50))
        rec.recommend()
        assert asked == [None, {FRIENDS[2].peer, rec.me}]
        rec.block(FRIENDS[1].peer)
        rec.recommend()
        assert asked[2:] == [{FRIENDS[1].peer, rec.me}]
        rec.forget(item="trk:1")  # one's own acts go as they came
        rec.recommend()
        assert asked[3:] == [{rec.me}]
        rec.forget(peer=FRIENDS[0].peer)  # of others nothing is kept, in memory neither
        rec.recommend()
        assert asked[4:] == [None]


def listening(rec: Recommender) -> list[set[PeerId] | None]:
    """About whom the log is asked from now on; None stands for everybody."""
    asked: list[set[PeerId] | None] = []
    told = rec.log.told

    def watched(
        authors: Collection[PeerId] | None = None, unheard: Collection[PeerId] = ()
    ) -> Iterator[Told]:
        asked.append(None if authors is None else set(authors))
        return told(authors, unheard)

    rec.log.told = watched  # type: ignore[method-assign]
    return asked


def test_what_was_asked_and_not_made_is_not_lost(tmp_path: Path) -> None:
    """Whatever stops a graph from being made, the next one knows what the log said before."""
    with settled(tmp_path) as rec:
        rec.recommend()
        live, touched = rec._outlook._graph, rec.log.touched()
        rec.log.ingest(said(FRIENDS[2], [7], first=50))
        live.news(frozenset(), touched)
        rec.log.ingest(said(FRIENDS[1], [8], first=50))
        live.news(frozenset(), touched)
        rec.record(Event.LIKE, "trk:9")
        assert_in_step(rec)


def test_a_list_made_inside_of_what_is_then_taken_back_leaves_no_trace(tmp_path: Path) -> None:
    with settled(tmp_path) as rec:
        before = shown(rec.recommend())

        def half_done() -> None:
            with rec.log.together():
                rec.record(Event.LIKE, "trk:9")
                rec.log.ingest(said(FRIENDS[1], [8, 9], first=50))
                assert shown(rec.recommend()) != before
                rec.record(Event.LIKE, "")

        with pytest.raises(DataError):
            half_done()
        assert shown(rec.recommend()) == before
        assert_in_step(rec)


def test_what_is_past_its_time_and_cannot_be_erased_comes_back_with_the_clock(
    tmp_path: Path,
) -> None:
    clock = HandClock()
    with settled(tmp_path, clock) as rec:
        whole_before = rec.view().snapshot
        rows(rec.log, "PRAGMA query_only = ON")
        clock.pass_days(31)
        assert_in_step(rec)
        assert rec.view().snapshot.rows.nnz < whole_before.rows.nnz
        clock.pass_days(-31)
        assert_same(rec.view().snapshot, whole_before)
