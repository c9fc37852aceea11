"""However little room there is: bounds hold, nothing private shows, no crowd takes a quota."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web3rec.store.logs import (
    ANN,
    live,
    open_log,
    record,
    rows,
    scratch,
)
from tests.web3rec.store.scarcity import (
    CROWD,
    SCARCE,
    WINDOW,
    batches,
    crowds,
    known,
    scarce_log,
    some_quotas,
)
from web3rec.params import QuotaParams
from web3rec.records import Entry, Kind, Signed, SigningKey, settle
from web3rec.records.merge import ids_within
from web3rec.store import Log
from web3rec.store.room import Room
from web3rec.types import PeerId

# -- R7: bounds ------------------------------------------------------------------------------------


def stored(log: Log) -> int:
    return sum(log.counts()[table] for table in ("records", "tombstones"))


@pytest.mark.slow
@given(st.lists(st.tuples(crowds(20), some_quotas), max_size=4))
def test_R7_the_store_is_within_its_bound_after_any_sequence(
    told: list[tuple[list[Signed], dict[PeerId, int]]],
) -> None:
    """Places are at most the quotas' and the pool's; an id takes a place, dead or alive, and of
    each sequence two versions are kept at most.
    """
    with scratch() as path:
        log = scarce_log(path)
        quotas: dict[PeerId, int] = {}
        for story, more in told:
            log.ingest(story)
            bound = (sum(quotas.values()) + SCARCE.pool) * ids_within(1)
            assert stored(log) <= bound
            quotas = more
            log.apportion(quotas, SCARCE.pool)
            assert stored(log) <= (sum(quotas.values()) + SCARCE.pool) * ids_within(1)
            assert log.counts()["quarantine"] <= len(quotas) + SCARCE.pool
        log.close()


@pytest.mark.slow
def test_R7_neither_ids_nor_authors_that_were_seen_fill_the_disk(tmp_path: Path) -> None:
    """Of 3,000 records of 300 strangers six are kept, a thousand ids at most are remembered."""
    log = scarce_log(tmp_path)
    keys = [SigningKey.from_seed(i.to_bytes(32, "big")) for i in range(1, 301)]
    for number in range(10):
        back = Kind.RETRACT if number == 5 else Kind.LIKE
        log.ingest([record(key, number + 1, back) for key in keys])
        (held,) = rows(log, "SELECT count(*) FROM declined")[0]
        assert held <= SCARCE.seen
        assert len(log.known()) <= SCARCE.seen
        assert stored(log) <= SCARCE.pool * ids_within(1)
        assert len(log._kept._declined) == held
    assert len(log.known()) > SCARCE.seen // 2
    log.close()


@pytest.mark.slow
def test_R7_what_is_remembered_of_whom_was_let_go_is_bounded(tmp_path: Path) -> None:
    log = open_log(tmp_path, level=1, quotas=QuotaParams(least=1, most=4, pool=2, people=3))
    keys = [SigningKey.from_seed(i.to_bytes(32, "big")) for i in range(1, 61)]
    for key in keys:
        log.apportion({key.peer: 4}, 2)
        log.ingest([record(key, 2, Kind.RETRACT)])
    (rows_,) = rows(log, "SELECT count(*) FROM let_go")[0]
    assert 15 <= rows_ <= 4 * (2 + 3)
    log.close()


def test_R8_nothing_in_memory_goes_by_a_name_that_somebody_else_chose(tmp_path: Path) -> None:
    """What the room keeps in memory is of those who are held; the refused leave an id behind."""
    log = scarce_log(tmp_path)
    log.ingest([record(key, 1) for key in CROWD])
    room = log._kept._now()
    assert isinstance(room, Room)
    assert room._seated == {author for (author,) in rows(log, "SELECT author FROM records")}
    assert len(room._row) == 6
    log.close()


# -- D5: what others can tell ----------------------------------------------------------------------


@pytest.mark.slow
@given(crowds(20), some_quotas, some_quotas, st.data())
def test_D5_quotas_that_are_private_show_neither_in_what_is_known_nor_in_what_is_served(
    story: list[Signed],
    ours: dict[PeerId, int],
    theirs: dict[PeerId, int],
    data: st.DataObject,
) -> None:
    """Two devices at level 0 that trust differently, and raise the level at the end."""
    told = list(batches(data, story))
    shown = []
    for quotas in (ours, theirs):
        with scratch() as path:
            log = scarce_log(path, level=0)
            for number, batch in enumerate(told):
                if number == len(told) // 2:
                    log.apportion(quotas, SCARCE.pool, private=True)
                log.ingest(batch)
            asked = sorted(known(log))
            trace: list[object] = [asked, log.envelopes(asked), log.digest()]
            log.level = 1
            trace += [sorted(known(log)), log.envelopes(asked), log.digest(), log.since(0, 99)]
            shown.append(trace)
            log.close()
    assert shown[0] == shown[1]


def test_after_private_quotas_the_log_shows_itself_once_room_is_given_out_anew(
    tmp_path: Path,
) -> None:
    log = scarce_log(tmp_path, level=0)
    log.apportion({ANN.peer: 4}, SCARCE.pool, private=True)
    log.ingest(told := [record(ANN, n) for n in range(1, 5)])
    log.level = 1
    assert log.envelopes(one.id[:16] for one in told) == ()
    log.apportion({}, 1)
    assert log.envelopes(one.id[:16] for one in told) == (told[-1].envelope,)
    log.close()


@pytest.mark.slow
def test_D5_even_when_there_is_too_much_to_remember_what_is_held_does_not_show(
    tmp_path: Path,
) -> None:
    shown = []
    keys = [SigningKey.from_seed(i.to_bytes(32, "big")) for i in range(1, 201)]
    story = [record(key, n) for n in range(1, 9) for key in keys]
    for name, quotas in (("none", {}), ("some", {key.peer: 4 for key in keys[:40]})):
        log = scarce_log(tmp_path / name, level=0)
        rows(log, "UPDATE settings SET value = zeroblob(16) WHERE name = 'salt'")
        log.close()
        log = scarce_log(tmp_path / name, level=0)
        log.apportion(quotas, SCARCE.pool, private=True)
        for at in range(0, len(story), 100):
            log.ingest(story[at : at + 100])
        shown.append(known(log))
        log.close()
        log = scarce_log(tmp_path / name, level=0)
        assert known(log) == shown[-1]
        log.close()
    assert shown[0] == shown[1]
    assert 500 <= len(shown[0]) <= 1000


@pytest.mark.slow
@given(crowds(20), crowds(20), st.integers(1, WINDOW), st.data())
def test_R10_a_crowd_cannot_take_from_anybody_what_its_quota_gives(
    told: list[Signed], noise: list[Signed], quota: int, data: st.DataObject
) -> None:
    """Strangers push strangers out; of whoever has a quota, so much is kept, or more."""
    friend = CROWD[0].peer
    own = [one for one in told if one.record.author == friend]
    others = [one for one in noise if one.record.author != friend]
    with scratch() as path:
        log = scarce_log(path)
        log.apportion({friend: quota}, SCARCE.pool)
        for batch in batches(data, [*own, *others]):
            log.ingest(batch)
        settled = settle(map(Entry.of, own), quota)
        wider = settle(map(Entry.of, own), WINDOW)
        assert settled.live <= live(log, friend) <= wider.live
        log.close()
