"""What is kept where room is scarce: a function of the set of records, by hand and by law."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web3rec.store.logs import (
    ANN,
    BOB,
    FOLK,
    ME,
    act,
    dead,
    ids,
    live,
    open_log,
    record,
    rows,
    scratch,
)
from tests.web3rec.store.scarcity import (
    CROWD,
    SCARCE,
    batches,
    crowds,
    expected,
    halves,
    known,
    offer_all,
    salt_of,
    scarce_log,
    some_quotas,
    state,
)
from web3rec.errors import ParamError
from web3rec.records import Flaw, Kind, Signed, SigningKey
from web3rec.store import Apportioned, Log, Source
from web3rec.store.room import rank, tag_of
from web3rec.types import PeerId

# -- a function of the set -----------------------------------------------------------------------


@pytest.mark.slow
@given(crowds(), some_quotas, st.data())
def test_R3_R6_Y2_what_is_kept_is_a_function_of_the_set_the_quotas_and_the_salt(
    story: list[Signed], quotas: dict[PeerId, int], data: st.DataObject
) -> None:
    """Any order, any batches, duplicates: what is held, dead and quarantined, and what is known."""
    with scratch() as path:
        log = scarce_log(path)
        log.apportion(quotas, SCARCE.pool)
        for batch in batches(data, story):
            log.ingest(batch)
        wanted = expected(story, quotas, salt_of(log))
        assert state(log) == wanted
        assert known(log) == halves(story)
        assert log._held == live(log) | dead(log)
        log.close()
        again = scarce_log(path)
        assert state(again) == wanted
        assert known(again) == halves(story)
        again.ingest(story)
        assert state(again) == wanted
        again.close()


@pytest.mark.slow
@pytest.mark.parametrize("forker", range(5))
def test_R6_a_crowd_narrows_a_window_in_any_order_alike(tmp_path: Path, forker: int) -> None:
    """Alone, a stranger has four places and is quarantined for its fork; among five, one place."""
    who, *others = CROWD[forker], *(key for n, key in enumerate(CROWD[:5]) if n != forker)
    said = [record(who, 1), record(who, 1, item=FOLK), record(who, 2), record(who, 3)]
    crowd = [record(key, 1) for key in others]
    first, last = scarce_log(tmp_path / "first"), scarce_log(tmp_path / "last")
    for log in (first, last):
        log.apportion({}, SCARCE.pool)
    first.ingest(said)
    assert state(first)[2] == {who.peer}
    first.ingest(crowd)
    last.ingest(crowd)
    last.ingest(said)
    assert len(live(last)) == 5
    assert state(first)[0] == state(last)[0]
    assert state(first)[2] == state(last)[2] == set()
    first.close()
    last.close()


@pytest.mark.slow
@given(crowds(), some_quotas, some_quotas, st.data())
def test_Y2_after_new_quotas_and_a_sync_it_is_as_if_they_had_always_been_those(
    story: list[Signed],
    before: dict[PeerId, int],
    after: dict[PeerId, int],
    data: st.DataObject,
) -> None:
    """Of honest authors: one record a sequence, retractions above what they take back."""
    honest = list({(one.record.author, one.record.n): one for one in story}.values())
    with scratch() as path:
        log = scarce_log(path)
        log.apportion(before, SCARCE.pool)
        for batch in batches(data, honest):
            log.ingest(batch)
        log.apportion(after, SCARCE.pool)
        offer_all(log, honest)
        alive, corpses, _ = expected(honest, after, salt_of(log))
        assert live(log) == alive
        assert dead(log) <= corpses  # a floor may stand where a tombstone would
        assert known(log) >= halves(honest) - halves(_waiting(honest, log))
        log.close()


def _waiting(story: Sequence[Signed], log: Log) -> list[Signed]:
    """Those below the floor of an author whose retractions did not come back."""
    floors = dict(rows(log, "SELECT author, below FROM let_go"))
    return [one for one in story if one.record.n < floors.get(one.record.author, 0)]


@pytest.mark.slow
@given(crowds(), some_quotas, st.data())
def test_giving_out_the_same_again_changes_nothing(
    story: list[Signed], quotas: dict[PeerId, int], data: st.DataObject
) -> None:
    with scratch() as path:
        log = scarce_log(path)
        log.apportion(quotas, SCARCE.pool)
        for batch in batches(data, story):
            log.ingest(batch)
        before, seen = state(log), known(log)
        done = log.apportion(quotas, SCARCE.pool)
        assert (state(log), known(log), done.let_go) == (before, seen, 0)
        log.close()


# -- by hand -------------------------------------------------------------------------------------


def seated(log: Log, count: int) -> list[SigningKey]:
    """The crowd in the order of this log's row."""
    salt = salt_of(log)
    return sorted(CROWD, key=lambda k: rank(salt, tag_of(k.peer)))[:count]


def test_a_crowd_narrows_the_pool_by_hand(tmp_path: Path) -> None:
    """One stranger keeps its last 4, two keep 2 each, four 1 each, the seventh in the row none."""
    log = scarce_log(tmp_path)
    row = seated(log, 7)
    said = {key.peer: [record(key, n) for n in range(1, 6)] for key in row}
    for count, share in ((1, 4), (2, 2), (3, 2), (4, 1), (6, 1)):
        log.ingest([one for key in row[:count] for one in said[key.peer]])
        kept = [one for key in row[:count] for one in said[key.peer][5 - share :]]
        assert live(log) == ids(kept)
    assert log.ingest(said[row[6].peer]) == 0
    assert len(live(log)) == 6
    assert known(log) == halves(one for some in said.values() for one in some)
    log.close()


def test_what_was_declined_is_known_and_costs_no_signature(tmp_path: Path) -> None:
    log = scarce_log(tmp_path)
    told = [record(ANN, n) for n in range(1, 7)]
    assert log.ingest(told) == 4
    for one in told:
        assert log.judge(one.envelope).flaw is Flaw.KNOWN
    assert log.ingest(told) == 0
    assert log.envelopes(one.id[:16] for one in told) == tuple(o.envelope for o in told[2:])
    log.close()
    log = scarce_log(tmp_path)
    assert log.judge(told[0].envelope).flaw is Flaw.KNOWN
    log.close()


def test_whoever_is_trusted_later_is_offered_again_in_full(tmp_path: Path) -> None:
    """Ann was one of many strangers; once she is trusted her ids are wanted, nobody else's."""
    log = scarce_log(tmp_path)
    told = [record(ANN, n) for n in range(1, 5)]
    others = [record(key, n) for key in CROWD for n in range(1, 4)]
    log.ingest([*told, *others])
    before = known(log)
    kept = live(log, ANN.peer)
    assert len(kept) <= 1
    log.apportion({ANN.peer: 4}, SCARCE.pool)
    assert before - known(log) >= halves(told) - {i[:16] for i in kept}
    assert live(log, ANN.peer) == kept
    offer_all(log, [*told, *others])
    assert live(log, ANN.peer) == ids(told)
    assert known(log) == before
    log.close()


def test_whoever_is_trusted_no_more_is_cut_at_once(tmp_path: Path) -> None:
    log = scarce_log(tmp_path)
    log.apportion({ANN.peer: 4, BOB.peer: 4}, 1)
    log.ingest([record(key, n) for key in (ANN, BOB) for n in range(1, 5)])
    news: list[int] = []
    log.on_change(lambda: news.append(log.counts()["records"]))
    assert log.apportion({BOB.peer: 2}, 1) == Apportioned(people=1, strangers=1, share=1, let_go=5)
    assert news == [3]
    assert (len(live(log, ANN.peer)), len(live(log, BOB.peer))) == (1, 2)
    assert log._held == live(log)
    log.close()


def test_the_ego_and_whom_it_hosts_are_no_strangers(tmp_path: Path) -> None:
    log = scarce_log(tmp_path)
    log.apportion({}, 0)
    log.write_acts([act(f"trk:{n}") for n in range(6)])
    log.ingest([record(ME, n << 40) for n in range(1, 4)])
    log.ingest([record(BOB, n) for n in range(1, 4)], source=Source.HOSTED)
    assert log.ingest([record(ANN, 1)]) == 0
    assert len(live(log)) == 6 + 3 + 3
    log.close()
    log = scarce_log(tmp_path)
    assert log.ingest([record(BOB, 4), record(ANN, 2)]) == 1
    log.close()


def test_quotas_and_the_pool_are_remembered(tmp_path: Path) -> None:
    log = scarce_log(tmp_path)
    log.apportion({ANN.peer: 3}, 0, basis=b"why")
    log.close()
    log = scarce_log(tmp_path)
    assert log.apportioned_by == b"why"
    told = [record(key, n) for key in (ANN, BOB) for n in range(1, 6)]
    assert log.ingest(told) == 3
    log.close()


def test_a_log_of_before_quotas_is_cut_at_the_next_arrival(tmp_path: Path) -> None:
    """As one that was opened with larger numbers, or written before there were any."""
    log = open_log(tmp_path, level=1)
    log.ingest([record(key, n) for key in CROWD for n in range(1, 11)])
    assert len(live(log)) == 90
    log.close()
    log = scarce_log(tmp_path)
    assert len(live(log)) == 90
    log.ingest([record(ANN, 1)])
    assert len(live(log)) == 6
    assert log._held == live(log)
    log.close()


@pytest.mark.parametrize(("quotas", "pool"), [({ANN.peer: 5}, 1), ({ANN.peer: 0}, 1), ({}, -1)])
def test_room_that_is_not_there_is_refused(
    tmp_path: Path, quotas: dict[PeerId, int], pool: int
) -> None:
    log = scarce_log(tmp_path)
    log.apportion({BOB.peer: 3}, 2, basis=b"before")
    with pytest.raises(ParamError):
        log.apportion(quotas, pool)
    assert log.apportioned_by == b"before"
    assert log.ingest([record(BOB, n) for n in range(1, 6)]) == 3
    log.close()


def test_a_trust_statement_is_not_pushed_out_by_acts(tmp_path: Path) -> None:
    log = scarce_log(tmp_path)
    log.ingest([trust := record(ANN, 1, Kind.TRUST, BOB.peer)])
    log.ingest([record(ANN, n) for n in range(2, 9)])
    assert trust.id in live(log)
    assert len(live(log)) == 5
    log.close()
