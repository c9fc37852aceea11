"""Forgetting a peer: all that is held of it goes and stays away; it may come back as a stranger."""

from pathlib import Path

import pytest

from tests.web3rec.store.logs import (
    ANN,
    BOB,
    CAT,
    FOLK,
    JAZZ,
    ME,
    ROCK,
    act,
    dead,
    ids,
    live,
    open_log,
    quarantined,
    record,
    rows,
    traces,
)
from web3rec.errors import DataError
from web3rec.params import QuotaParams
from web3rec.records import Kind, Signed
from web3rec.store import Log
from web3rec.types import Verdict

SAID = [record(ANN, 1), record(ANN, 2, item=FOLK), record(ANN, 3, Kind.TRUST, BOB.peer)]


def offered(log: Log, *signed: Signed) -> int:
    """As the network offers them: judged, then merged."""
    judged = [log.judge(one.envelope).signed for one in signed]
    return log.ingest([one for one in judged if one])


def test_all_that_is_held_of_a_peer_goes(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.write_trust(ANN.peer, 8, "Ann")
    log.ingest([*SAID, record(BOB, 1)])
    receipt = log.forget_peer(ANN.peer, heard=True)
    assert receipt.wish == "one peer"
    assert receipt.removed == {"records": 1, "peers": 1, "heard": 3, "tombstones": 0}
    assert live(log) == ids([record(BOB, 1)])
    assert (log.names(), log.endorsements()) == ({}, [])
    assert log._held == live(log)
    log.close()
    assert traces(tmp_path, ANN.peer, b"Ann", *(one.envelope[-64:] for one in SAID)) == []
    assert traces(tmp_path, *(one.id for one in SAID)) == []


def test_what_it_said_is_not_taken_again_and_what_it_says_now_is(tmp_path: Path) -> None:
    log = open_log(tmp_path, level=1)
    log.ingest(SAID)
    before = log.known()
    log.forget_peer(ANN.peer, heard=True)
    assert (log.known().ids, log.known().days.tolist()) == (before.ids, before.days.tolist())
    assert [log.judge(one.envelope).verdict for one in SAID] == [Verdict.IGNORE] * 3
    assert offered(log, *SAID) == 0
    assert log.envelopes(one.id[:16] for one in SAID) == ()
    log.close()
    log = open_log(tmp_path)
    assert offered(log, *SAID) == 0
    assert offered(log, record(ANN, 4, item=ROCK)) == 1
    log.close()


def test_what_was_judged_before_it_was_forgotten_is_not_merged_after(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.ingest(SAID)
    log.forget_peer(ANN.peer, heard=True)
    assert log.ingest([*SAID, record(ANN, 4)]) == 1
    log.close()


def test_more_room_does_not_bring_back_what_was_forgotten(tmp_path: Path) -> None:
    """What was declined for want of room is asked for again when there is more; this is not."""
    log = open_log(tmp_path, quotas=QuotaParams(pool=4, least=2, most=20, people=10))
    log.ingest(SAID)
    log.forget_peer(ANN.peer, heard=True)
    before = len(log.known())
    log.apportion({ANN.peer: 20}, 100)
    assert len(log.known()) == before
    assert offered(log, *SAID) == 0
    log.close()


def test_its_own_retractions_stay_obeyed(tmp_path: Path) -> None:
    """Ann took jazz back; to replay an old act of hers after she was forgotten does not help."""
    log = open_log(tmp_path)
    unseen = record(ANN, 2, Kind.LISTEN)
    log.ingest([record(ANN, 1), record(ANN, 5, Kind.RETRACT)])
    receipt = log.forget_peer(ANN.peer, heard=True)
    assert receipt.removed["tombstones"] == 1
    assert dead(log) == set()
    assert offered(log, unseen) == 0
    assert offered(log, record(ANN, 6)) == 1
    log.close()


def test_a_fork_stays_a_fork(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.ingest([record(ANN, 1), record(ANN, 1, item=FOLK)])
    assert quarantined(log) == {ANN.peer}
    log.forget_peer(ANN.peer, heard=True)
    assert quarantined(log) == set()
    assert live(log) == set()
    offered(log, record(ANN, 7))
    assert quarantined(log) == {ANN.peer}
    log.close()


def test_all_keys_of_a_person_are_forgotten_and_the_next_one_is_heard(tmp_path: Path) -> None:
    """The two rotations may come back: without them neither key would be heard."""
    log = open_log(tmp_path)
    over = [
        record(ANN, 9, Kind.ROTATE, BOB.peer, weight=1),
        record(BOB, 9, Kind.ROTATE, ANN.peer, weight=2),
    ]
    log.ingest([*SAID, *over, record(BOB, 10, item=ROCK)])
    log.write_trust(ANN.peer, 8, "Ann")
    assert log.forget_peer(BOB.peer, heard=True).removed["heard"] == 4
    assert live(log) == set()
    assert log.names() == {}
    assert offered(log, *SAID, *over) == 2
    assert offered(log, record(BOB, 11, item=FOLK)) == 1
    assert {row[0] for row in log.interactions()} == {BOB.peer}
    log.close()


def test_a_blocked_peer_stays_blocked(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.ingest(SAID)
    log.block(ANN.peer, blocked=True)
    log.forget_peer(ANN.peer, heard=True)
    assert log.blocked() == {ANN.peer}
    log.close()


def test_what_others_say_of_it_is_theirs(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.ingest([*SAID, record(CAT, 1, Kind.TRUST, ANN.peer)])
    log.forget_peer(ANN.peer, heard=True)
    assert [edge[:3:2] for edge in log.endorsements()] == [(CAT.peer, ANN.peer)]
    log.close()


def test_nobody_forgets_oneself_like_that(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.write_acts([act(JAZZ)])
    with pytest.raises(DataError, match="your own key"):
        log.forget_peer(ME.peer, heard=True)
    assert len(live(log)) == 1
    log.close()


def test_a_peer_never_heard_of_is_forgotten_without_a_trace(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    assert set(log.forget_peer(CAT.peer, heard=True).removed.values()) == {0}
    log.close()
    assert traces(tmp_path, CAT.peer) == []


def test_a_rehearsal_changes_nothing(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.ingest(SAID)
    assert log.forget_peer(ANN.peer, heard=True, rehearse=True).removed["heard"] == 3
    assert live(log) == ids(SAID)
    assert rows(log, "SELECT count(*) FROM declined") == [(0,)]
    log.close()
