"""What is in a list, and what never is."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web3rec.devices import (
    FRIENDS,
    STRANGERS,
    device,
    ids,
    items,
    neighbourhood,
    said,
    settled,
    shown,
)
from tests.web3rec.store.logs import MIDNIGHT, HandClock, rows, scratch
from web3rec import Event, Item, Mode, ReadOnly
from web3rec.records import ItemMeta, Kind, Record, Signed, SigningKey, seal
from web3rec.records.model import DEFAULT_LIFETIME
from web3rec.store import key_of

MODES = list(Mode)


def describes(key: SigningKey, n: int, item: int, title: str) -> Signed:
    return seal(
        Record(
            key.peer, n, MIDNIGHT, MIDNIGHT + DEFAULT_LIFETIME, Kind.ITEM,
            key_of(f"trk:{item}"), 1, ItemMeta(title),
        ),
        key,
    )  # fmt: skip


# -- M1: the same log, time and key give the same list --------------------------------------------


@pytest.mark.parametrize("mode", MODES)
def test_M1_the_same_store_gives_the_same_list(tmp_path: Path, mode: Mode) -> None:
    with settled(tmp_path) as rec:
        first = rec.recommend(mode=mode)
        again = rec.recommend(mode=mode)
        assert (first, first.id) == (again, again.id)
    with device(tmp_path) as rec:
        assert rec.recommend(mode=mode) == first


def test_M1_two_devices_of_one_history_agree_whatever_the_order_it_came_in(tmp_path: Path) -> None:
    with settled(tmp_path / "a") as one, device(tmp_path / "b") as other:
        for signed in reversed(neighbourhood()):
            other.log.ingest([signed])
        for n, friend in reversed([*enumerate(FRIENDS)]):
            other.trust(friend.peer, 0.5, name=f"Friend {n}")
        for n in range(4):
            other.record(Event.LIKE, f"trk:{n}")
        other.add_items(reversed(items()))
        assert shown(one.recommend()) == shown(other.recommend())


@pytest.mark.slow
def test_M1_in_another_process_with_other_hashes(tmp_path: Path) -> None:
    with settled(tmp_path) as rec:
        mine = rec.recommend().id
    code = textwrap.dedent(
        """
        import sys
        from pathlib import Path
        from tests.web3rec.devices import device
        with device(Path(sys.argv[1])) as rec:
            print(rec.recommend().id)
        """
    )
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path)],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == mine


# -- M2: never what the ego has, does not want, blocked, or what is over --------------------------

deeds = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from([Event.LIKE, Event.PLAY, Event.NOT_INTERESTED, Event.SKIP]),
            st.integers(0, 24),
        ),
        st.tuples(st.just("block"), st.integers(0, 3)),
        st.tuples(st.just("forget"), st.integers(0, 24)),
        st.tuples(st.just("days"), st.integers(1, 12)),
    ),
    max_size=12,
)


@given(deeds, st.sampled_from(MODES))
def test_M2_no_seen_unwanted_blocked_or_expired_item(
    story: list[tuple[Event | str, int]], mode: Mode
) -> None:
    clock = HandClock()
    has: set[str] = set()
    unwanted: set[str] = set()
    blocked: set[int] = set()
    with scratch() as path, device(path, clock) as rec:
        for friend in FRIENDS:
            rec.trust(friend.peer)
        rec.log.ingest(neighbourhood())
        for what, number in story:
            name = f"trk:{number}"
            if what == "block":
                rec.block(FRIENDS[number].peer)
                blocked.add(number)
            elif what == "forget":
                rec.forget(item=name)
                has.discard(name)
                unwanted.discard(name)
            elif what == "days":
                clock.pass_days(number)
            elif isinstance(what, Event):
                rec.record(what, name)
                has |= {name} if what in (Event.LIKE, Event.PLAY) else set()
                unwanted |= {name} if what is Event.NOT_INTERESTED else set()
            listed = rec.recommend(30, mode=mode)
            keys = {one.key for one in listed}
            assert not keys & {key_of(name) for name in has | unwanted}
            silent = {FRIENDS[n].peer for n in blocked}
            now = clock.now // 1000
            alive = {
                key
                for key, author, x in rows(rec.log, "SELECT key, author, x FROM records")
                if x > now and author not in silent
            }
            assert {one.key for one in listed if one.source != "catalogue"} <= alive
            assert not silent & {one.path.via for one in listed if one.path}


def test_not_interested_removes_the_item_at_once(tmp_path: Path) -> None:
    with settled(tmp_path) as rec:
        left = rec.recommend(30)
        for expected in range(len(left) - 1, 0, -1):
            first = rec.recommend(30)[0]
            rec.record(Event.NOT_INTERESTED, first.item.id, batch=left.id)
            assert first.key not in {one.key for one in rec.recommend(30)}
            assert len(rec.recommend(30)) == expected


def test_not_interested_works_for_an_item_nobody_described(tmp_path: Path) -> None:
    """The app knows it only by the id that `recommend` showed."""
    with device(tmp_path) as rec:
        rec.trust(FRIENDS[0].peer)
        rec.log.ingest(neighbourhood())
        first = rec.recommend()[0]
        assert str(first.item.id).startswith("hash:")
        rec.record(Event.NOT_INTERESTED, first.item.id)
        assert first.key not in {one.key for one in rec.recommend()}
        second = rec.recommend()[0]
        rec.record(Event.LIKE, second.item.id)
        assert second.key in rec.log.touched()
        rec.forget(item=second.item.id)
        assert second.key in {one.key for one in rec.recommend()}


def test_exclude_and_restrict_to(tmp_path: Path) -> None:
    with settled(tmp_path) as rec:
        whole = ids(rec.recommend(30))
        without = rec.recommend(30, exclude=whole[:3])
        assert not set(ids(without)) & set(whole[:3])
        only = rec.recommend(30, restrict_to=[*whole[:3], "trk:0", "trk:unheard"])
        assert set(ids(only)) == set(whole[:3])
        assert rec.recommend(30, exclude=whole, restrict_to=whole).items == ()


@pytest.mark.parametrize("limit", [1, 2, 7, 1000])
def test_a_list_is_as_long_as_asked_or_as_there_is(tmp_path: Path, limit: int) -> None:
    with settled(tmp_path) as rec:
        found = rec.recommend(limit)
        assert len(found) == min(limit, 26)
        assert len({one.key for one in found}) == len(found)
        scores = [one.score for one in found]
        assert scores[-1] > 0


# -- blocking -------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("who", [FRIENDS[0], STRANGERS[0]])
def test_a_blocked_peer_has_no_part_in_the_list(
    tmp_path: Path, who: SigningKey, mode: Mode
) -> None:
    """Equal, not close, to the list of a device on which the peer never said a word."""
    other = SigningKey.from_seed(b"x" * 32)
    loud = [
        *said(who, [7, 8, 9, 27], [other], first=200),
        describes(who, 400, 21, "a name by the blocked"),
        *said(other, [0, 1, 28, 29]),
    ]
    with device(tmp_path / "a", mode=mode) as blocking, device(tmp_path / "b", mode=mode) as never:
        for rec in (blocking, never):
            for n in range(4):
                rec.record(Event.LIKE, f"trk:{n}")
            for friend in FRIENDS:
                rec.trust(friend.peer)
            rec.block(who.peer)
        blocking.log.ingest([*neighbourhood(), *loud])
        never.log.ingest([s for s in [*neighbourhood(), *loud] if s.record.author != who.peer])
        assert blocking.recommend(30)
        assert blocking.log.counts()["quarantine"] == 0
        assert shown(blocking.recommend(30)) == shown(never.recommend(30))
        assert blocking.view().snapshot.items == never.view().snapshot.items


def test_a_block_can_be_lifted(tmp_path: Path) -> None:
    with settled(tmp_path) as rec:
        before = shown(rec.recommend())
        rec.block(FRIENDS[0].peer)
        assert shown(rec.recommend()) != before
        rec.block(FRIENDS[0].peer, blocked=False)
        assert shown(rec.recommend()) == before


def test_blocking_oneself_changes_nothing(tmp_path: Path) -> None:
    with settled(tmp_path) as rec:
        before = shown(rec.recommend())
        rec.block(rec.me)
        assert shown(rec.recommend()) == before


# -- names ----------------------------------------------------------------------------------------


def test_names_come_from_the_app_then_from_who_may_speak(tmp_path: Path) -> None:
    """Friend 0 and a stranger nobody trusts both describe track 10; only the friend is heard."""
    nobody = SigningKey.from_seed(b"n" * 32)
    with device(tmp_path) as rec:
        rec.trust(FRIENDS[0].peer, name="Ann")
        rec.log.ingest([*neighbourhood(), describes(nobody, 1, 10, "spam"), *said(nobody, [10])])
        rec.log.ingest([describes(nobody, 2, 11, "spam")])
        titles = {one.key: one.item.title for one in rec.recommend()}
        assert "spam" not in titles.values()
        rec.log.ingest([describes(FRIENDS[0], 300, 10, "Giant Steps")])
        titles = {one.key: one.item.title for one in rec.recommend()}
        assert titles[key_of("trk:10")] == "Giant Steps"
        assert titles[key_of("trk:11")].startswith("unknown item")
        rec.add_items([Item("trk:10", "Mine")])
        named = {one.key: one.item for one in rec.recommend()}
        assert named[key_of("trk:10")] == Item("trk:10", "Mine")


def test_reasons_call_people_by_the_names_the_ego_gave(tmp_path: Path) -> None:
    with settled(tmp_path) as rec:
        reasons = " ".join(one.reason for one in rec.recommend())
        assert "Friend" in reasons
        assert "“Track" in reasons
        for friend in FRIENDS:
            rec.trust(friend.peer, 0)
        assert "Friend" not in " ".join(one.reason for one in rec.recommend())


# -- generations, and what cannot be written ------------------------------------------------------


def test_a_view_is_kept_until_the_log_changes(tmp_path: Path) -> None:
    with settled(tmp_path) as rec:
        view = rec.view()
        assert rec.view() is view
        assert rec.view(Mode.OPEN) is not view
        rec.recommend()
        assert rec.view() is view
        rec.record(Event.LIKE, "trk:9")
        assert rec.view() is not view


def test_F3_a_full_disk_stops_recording_and_not_recommending(tmp_path: Path) -> None:
    with settled(tmp_path) as rec:
        (pages,) = rows(rec.log, "PRAGMA page_count")[0]
        rows(rec.log, f"PRAGMA max_page_count = {pages}")
        refused = 0
        for n in range(200):
            try:
                rec.record(Event.LIKE, f"fill:{n}")
            except ReadOnly:
                refused += 1
        assert refused > 50
        assert "taste" in {one.source for one in rec.recommend()}


def test_F3_a_disk_that_turned_read_only_does_not_stop_recommending(tmp_path: Path) -> None:
    """Not even when something expired, which cannot be erased now: it is left out all the same."""
    clock = HandClock()
    with settled(tmp_path, clock) as rec:
        rows(rec.log, "PRAGMA query_only = ON")
        assert "taste" in {one.source for one in rec.recommend()}
        clock.pass_days(31)
        assert {one.source for one in rec.recommend()} == {"catalogue"}
        with pytest.raises(ReadOnly, match="readonly database"):
            rec.record(Event.LIKE, "trk:1")


def test_recommending_on_a_log_that_cannot_be_changed(tmp_path: Path) -> None:
    clock = HandClock()
    with settled(tmp_path, clock):
        pass
    with device(tmp_path, clock, read_only=True) as rec:
        assert "taste" in {one.source for one in rec.recommend()}
        clock.pass_days(31)
        assert {one.source for one in rec.recommend()} == {"catalogue"}
        with pytest.raises(ReadOnly):
            rec.record(Event.LIKE, "trk:1")
