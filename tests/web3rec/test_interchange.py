"""One person's history out of one device and into another: the same lists, or nothing at all."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import NOW
from tests.web3rec.devices import FRIENDS, STRANGERS, device, neighbourhood, settled, shown
from tests.web3rec.store.logs import DAY_MS, HandClock, contents, scratch, traces
from web3rec import DataError, Event, Item, Mode, OwnAct
from web3rec.adapters import Act, Entries, TrustEdge, read_jsonl, write_jsonl
from web3rec.adapters.dataset import ME
from web3rec.interchange import entries_of, own_acts
from web3rec.records import SigningKey, did_key
from web3rec.types import ItemId, Millis

OTHER_KEY = SigningKey.from_seed(b"o" * 32)


def test_what_is_exported_by_hand(tmp_path: Path) -> None:
    """An act of each sort, a named friend, one without a name, a block; no key, no batch."""
    with device(tmp_path / "a") as rec:
        rec.add_items([Item("trk:1", "One", "Somebody", ("tag",))])
        rec.record(Event.LIKE, "trk:1", at=Millis(5), weight=3)
        rec.record(Event.SKIP, "trk:2", at=Millis(6), batch="b")
        rec.record(Event.NOT_INTERESTED, "trk:3", at=Millis(7))
        rec.record(Event.SHARE, "trk:1", at=Millis(8), batch="b")
        rec.trust(FRIENDS[0].peer, 0.5, name="Ann")
        rec.trust(FRIENDS[1].peer, 1)
        rec.trust(FRIENDS[1].peer, 0.25)
        rec.block(STRANGERS[0].peer)
        assert rec.export(tmp_path / "me.jsonl") == 4
        me = rec.me
    edges = {
        FRIENDS[0].peer: TrustEdge(ME, did_key(FRIENDS[0].peer), 0.5, "Ann", private=True),
        FRIENDS[1].peer: TrustEdge(ME, did_key(FRIENDS[1].peer), 0.25, private=True),
    }
    assert read_jsonl(tmp_path / "me.jsonl") == Entries(
        items=(Item("trk:1", "One", "Somebody", ("tag",)),),
        acts=(
            Act(ME, ItemId("trk:1"), Event.LIKE, 3, Millis(5), private=True),
            Act(ME, ItemId("trk:2"), Event.SKIP, 1, Millis(6)),
            Act(ME, ItemId("trk:3"), Event.NOT_INTERESTED, 1, Millis(7)),
            Act(ME, ItemId("trk:1"), Event.SHARE, 1, Millis(8), private=True),
        ),
        trust=tuple(edges[peer] for peer in sorted(edges)),
        blocks=(did_key(STRANGERS[0].peer),),
    )
    assert (tmp_path / "me.jsonl").stat().st_mode & 0o777 == 0o600
    assert traces(tmp_path, did_key(me).encode()) == []


def unshared(entries: Entries) -> Entries:
    """The same of a device of which nothing ever leaves."""
    kept = [replace(act, private=not act.kind.is_local) for act in entries.acts]
    trust = [replace(edge, private=True) for edge in entries.trust]
    return replace(entries, acts=tuple(kept), trust=tuple(trust))


deeds = st.lists(
    st.tuples(
        st.sampled_from(list(Event)),
        st.integers(0, 24),
        st.integers(0, 60),
        st.integers(1, 8),
    ),
    max_size=14,
)


@given(deeds, st.lists(st.integers(0, 3), max_size=3), st.integers(0, 3))
def test_a_new_device_gives_the_same_lists(
    story: list[tuple[Event, int, int, int]], blocks: list[int], level: int
) -> None:
    """Acts of the last two months at any level, recorded out of order, and its old key."""
    with scratch() as path:
        file = path / "me.jsonl"
        with device(path / "a") as rec:
            rec.share(level)
            for n, friend in enumerate(FRIENDS):
                rec.trust(friend.peer, 0.5 + n / 8, name=f"Friend {n}")
            for event, number, days, weight in story:
                at = Millis(NOW - days * DAY_MS)
                rec.record(event, f"trk:{number}", at=at, weight=weight)
            for number in blocks:
                rec.block(FRIENDS[number].peer)
            rec.log.ingest(neighbourhood())
            rec.export(file)
            lists = [shown(rec.recommend(30, mode=mode)) for mode in Mode]
        with device(path / "b") as rec:
            rec.log.ingest(neighbourhood())
            assert rec.import_(file) == len(story)
            assert [shown(rec.recommend(30, mode=mode)) for mode in Mode] == lists
            rec.export(path / "again.jsonl")
        again = read_jsonl(path / "again.jsonl")
        assert unshared(again) == unshared(read_jsonl(file))
        assert again == unshared(again)  # at level 0


def test_a_file_read_again_adds_nothing_and_what_is_in_it_twice_stays_twice(
    tmp_path: Path,
) -> None:
    at = Millis(NOW - DAY_MS)
    with device(tmp_path / "a") as rec:
        for _ in range(2):
            rec.record(Event.LISTEN, "trk:1", at=at)
        rec.record(Event.NOT_INTERESTED, "TRK:2", at=at)
        rec.export(tmp_path / "me.jsonl")
        assert rec.import_(tmp_path / "me.jsonl") == 0
    with device(tmp_path / "b") as rec:
        assert rec.import_(tmp_path / "me.jsonl") == 3
        assert rec.import_(tmp_path / "me.jsonl") == 0
        assert len(rec.log.history()) == 3


def test_acts_without_a_time_are_always_new(tmp_path: Path) -> None:
    file = tmp_path / "me.jsonl"
    file.write_text('{"type": "act", "kind": "like", "item": "trk:1"}\n')
    with device(tmp_path / "a") as rec:
        assert [rec.import_(file), rec.import_(file)] == [1, 1]


def test_a_new_key_changes_no_more_than_the_last_digits(tmp_path: Path) -> None:
    """People are numbered by key, and sums are taken in that order."""
    with settled(tmp_path / "a") as rec:
        rec.record(Event.NOT_INTERESTED, "trk:10")
        rec.block(FRIENDS[3].peer)
        rec.export(tmp_path / "me.jsonl")
        first = rec.recommend(30)
    with device(tmp_path / "b", key=OTHER_KEY) as rec:
        rec.log.ingest(neighbourhood())
        rec.import_(tmp_path / "me.jsonl")
        second = rec.recommend(30)
    scores = {one.item: one.score for one in second}
    assert scores == pytest.approx({one.item: one.score for one in first})


def test_an_import_is_all_or_nothing(tmp_path: Path) -> None:
    """The last line is a fault that only the log finds: an id that means everything."""
    entries = Entries(
        items=(Item("trk:1", "One"),),
        acts=(
            Act(ME, ItemId("trk:1"), Event.LIKE, 1, Millis(5)),
            Act(ME, ItemId("*"), Event.LIKE, 1, Millis(5)),
        ),
        trust=(TrustEdge(ME, did_key(FRIENDS[0].peer)),),
    )
    write_jsonl(tmp_path / "me.jsonl", entries)
    with settled(tmp_path / "a") as rec:
        before, lists = contents(rec.log), shown(rec.recommend())
        with pytest.raises(DataError, match="means everything"):
            rec.import_(tmp_path / "me.jsonl")
        assert contents(rec.log) == before
        assert shown(rec.recommend()) == lists


def test_a_faulty_line_is_named_and_nothing_comes_in(tmp_path: Path) -> None:
    file = tmp_path / "me.jsonl"
    file.write_text('{"type":"act","kind":"like","item":"a"}\n{"type":"act","kind":"hum"}\n')
    with device(tmp_path / "a") as rec:
        with pytest.raises(DataError, match=r"me\.jsonl line 2"):
            rec.import_(file)
        assert rec.log.history() == []


def test_acts_without_a_time_count_as_done_now(tmp_path: Path) -> None:
    with device(tmp_path) as rec:
        found = own_acts([Act(ME, ItemId("a"), Event.LIKE, 2)], rec.log, NOW)
    assert found == [OwnAct(Event.LIKE, ItemId("a"), NOW, 2)]


def test_trust_in_the_importing_device_itself_is_left_out(tmp_path: Path) -> None:
    """Two devices of one person trust each other; the history of one goes to the other."""
    with device(tmp_path / "a") as rec:
        rec.trust(OTHER_KEY.peer, name="my other device")
        rec.trust(FRIENDS[0].peer)
        rec.export(tmp_path / "me.jsonl")
    with device(tmp_path / "b", key=OTHER_KEY) as rec:
        rec.import_(tmp_path / "me.jsonl")
        assert [row[2] for row in rec.log.endorsements()] == [FRIENDS[0].peer]


def test_an_item_nobody_described_travels_by_its_hash(tmp_path: Path) -> None:
    with device(tmp_path / "a") as rec:
        rec.trust(FRIENDS[0].peer)
        rec.log.ingest(neighbourhood())
        liked, hated = rec.recommend(2)
        rec.record(Event.LIKE, liked.item.id)
        rec.record(Event.NOT_INTERESTED, hated.item.id)
        rec.export(tmp_path / "me.jsonl")
    with device(tmp_path / "b", key=OTHER_KEY) as rec:
        rec.import_(tmp_path / "me.jsonl")
        assert set(rec.log.touched()) == {liked.key}
        assert rec.log.unwanted() == {hated.key}


def test_what_was_forgotten_is_not_exported(tmp_path: Path) -> None:
    with settled(tmp_path / "a") as rec:
        rec.forget(item="trk:1")
        rec.trust(FRIENDS[0].peer, 0)
        entries = entries_of(rec.log)
        assert "trk:1" not in {act.item for act in entries.acts}
        assert did_key(FRIENDS[0].peer) not in {edge.target for edge in entries.trust}
        assert "Friend 0" not in {edge.name for edge in entries.trust}


def test_exporting_works_beside_a_writer_and_changes_nothing(tmp_path: Path) -> None:
    clock = HandClock()
    with settled(tmp_path / "a", clock) as rec:
        before = contents(rec.log)
        with device(tmp_path / "a", clock, read_only=True) as reader:
            assert reader.export(tmp_path / "me.jsonl") == 4
        assert contents(rec.log) == before
