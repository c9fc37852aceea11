"""What was taken back, forked or over stays so, whoever is let go and comes back."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.web3rec.store.logs import (
    ANN,
    BOB,
    FOLK,
    ROCK,
    HandClock,
    dead,
    ids,
    live,
    open_log,
    quarantined,
    record,
    rows,
    scratch,
)
from tests.web3rec.store.scarcity import (
    batches,
    crowds,
    known,
    scarce_log,
    some_quotas,
    state,
)
from web3rec.clock import DAY_S
from web3rec.records import Flaw, Kind, Signed, SigningKey
from web3rec.types import PeerId

# -- R5: what was taken back stays so --------------------------------------------------------------


def test_R5_a_retraction_that_was_let_go_keeps_what_it_covered_out(tmp_path: Path) -> None:
    """Ann takes jazz back and is let go. Trusted later, she is replayed by somebody malicious."""
    log = scarce_log(tmp_path)
    jazz, folk, back = record(ANN, 1), record(ANN, 2, item=FOLK), record(ANN, 3, Kind.RETRACT)
    rock = record(ANN, 4, item=ROCK)
    log.ingest([jazz, folk, back, rock])
    log.apportion({}, 0)
    assert state(log) == (set(), set(), set())
    log.apportion({ANN.peer: 4}, 0)
    log.ingest([jazz, folk, rock])
    assert live(log) == ids([rock])  # above what is known to have been taken back
    assert not {jazz.id[:16], folk.id[:16]} <= known(log)  # an honest peer shall offer them again
    assert log.ingest([back]) == 1
    log.ingest([jazz, folk])
    assert (live(log), dead(log)) == (ids([folk, back, rock]), ids([jazz]))
    assert rows(log, "SELECT * FROM let_go") == []
    log.close()


def test_R5_with_too_many_retractions_gone_only_time_lifts_the_floor(tmp_path: Path) -> None:
    clock = HandClock()
    log = open_log(tmp_path, clock, level=1)
    backs = [record(ANN, n, Kind.RETRACT, f"trk:{n}") for n in range(100, 180)]
    log.ingest([like := record(ANN, 1, lifetime=90 * DAY_S), *backs])
    log.apportion({}, 0)
    log.apportion({ANN.peer: 200}, 0)
    log.ingest(backs)
    assert log.ingest([like]) == 0
    assert log.ingest([record(ANN, 200)]) == 1
    clock.pass_days(91)
    log.expire()
    assert rows(log, "SELECT * FROM let_go") == []
    log.close()


def test_R5_a_rotation_that_was_let_go_keeps_everything_out_until_it_is_back(
    tmp_path: Path,
) -> None:
    log = scarce_log(tmp_path)
    over = record(ANN, 2, Kind.ROTATE, BOB.peer)
    log.ingest([record(ANN, 1), over])
    log.apportion({}, 0)
    log.apportion({ANN.peer: 4}, 0)
    assert log.ingest([record(ANN, 1), record(ANN, 1 << 60)]) == 0
    assert log.ingest([over]) == 1
    assert log.ingest([record(ANN, 1)]) == 1
    log.close()


@pytest.mark.slow
@settings(max_examples=60)
@given(crowds(24), st.lists(some_quotas, min_size=1, max_size=4), st.data())
def test_R5_what_was_dead_here_never_lives_again_whatever_the_quotas_do(
    story: list[Signed], changes: list[dict[PeerId, int]], data: st.DataObject
) -> None:
    """Quotas come and go, and between them anything is replayed, retractions left out."""
    with scratch() as path:
        log = scarce_log(path)
        over = set[bytes]()
        for quotas in changes:
            pool = data.draw(st.sampled_from([0, 1, 3, 6]))
            log.apportion(quotas, pool)
            for batch in batches(data, story):
                chosen = data.draw(st.lists(st.sampled_from(batch), max_size=5)) if batch else []
                log.ingest(chosen)
                over |= dead(log)
                assert not over & live(log)
        log.close()


# -- R6: forks -------------------------------------------------------------------------------------


def fork(key: SigningKey, n: int = 1) -> list[Signed]:
    return [record(key, n), record(key, n, item=FOLK)]


def test_R6_two_devices_with_other_quotas_agree_on_who_forked(tmp_path: Path) -> None:
    one, other = scarce_log(tmp_path / "one"), scarce_log(tmp_path / "other")
    one.apportion({ANN.peer: 4}, 6)
    other.apportion({ANN.peer: 1}, 6)
    for log, order in ((one, fork(ANN)), (other, fork(ANN)[::-1])):
        for signed in order:
            log.ingest([signed])
    assert quarantined(one) == quarantined(other) == {ANN.peer}
    shown = [one.judge(envelope).flaw for envelope in other.since(0, 9).envelopes]
    assert shown == [Flaw.KNOWN, Flaw.KNOWN]  # both versions are shown: that is the proof
    one.close()
    other.close()


def test_R6_whoever_is_let_go_in_quarantine_comes_back_in_quarantine(tmp_path: Path) -> None:
    clock = HandClock()
    log = scarce_log(tmp_path, clock)
    log.apportion({ANN.peer: 4}, 0)
    log.ingest(fork(ANN))
    log.apportion({}, 0)
    assert state(log) == (set(), set(), set())
    log.apportion({ANN.peer: 4}, 0)
    log.ingest([later := record(ANN, 2, lifetime=60 * DAY_S)])
    assert (live(log), quarantined(log)) == (ids([later]), {ANN.peer})
    assert log.interactions() == []
    clock.pass_days(31)  # of the two versions at least one is over
    log.expire()
    assert (live(log), quarantined(log)) == (ids([later]), set())
    log.close()


def test_R6_a_quarantine_does_not_end_by_getting_less_room(tmp_path: Path) -> None:
    clock = HandClock()
    log = scarce_log(tmp_path, clock)
    log.apportion({ANN.peer: 4}, 0)
    log.ingest([*fork(ANN), record(ANN, 2), record(ANN, 3)])
    log.apportion({ANN.peer: 2}, 0)
    assert len(live(log)) == 2
    assert quarantined(log) == {ANN.peer}
    log.ingest([record(ANN, 4)])
    assert quarantined(log) == {ANN.peer}
    clock.pass_days(31)
    log.expire()
    assert quarantined(log) == set()
    log.close()
