"""Whom the store makes room for: those whom published trust reaches, and nobody may tell more."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.strategies import KEYS
from tests.web3rec.store.logs import HandClock, live, record, rows
from web3rec import Event, Options, Recommender
from web3rec.clock import DAY_S
from web3rec.errors import ParamError
from web3rec.params import QuotaParams
from web3rec.records import Kind, Signed
from web3rec.store import Apportioned, Log
from web3rec.types import PeerId

ANN, BOB, CAT, DAN = KEYS[1:5]
SMALL = QuotaParams(shared=100, people=10, least=2, most=10, pool=2)
"""Ten places at most for anybody; one stranger has two, nobody else any."""


@contextmanager
def opened(
    path: Path, clock: HandClock | None = None, seeds: tuple[PeerId, ...] = ()
) -> Iterator[Recommender]:
    options = Options(clock=clock or HandClock(), quotas=SMALL, share_delay_hours=0, seeds=seeds)
    with Recommender.open(path, options) as rec:
        yield rec


def places(log: Log) -> dict[PeerId, int]:
    return dict(rows(log, "SELECT author, quota FROM quotas"))


def says(author: object, *, count: int = 6) -> list[Signed]:
    return [record(author, n, item=f"trk:{n}") for n in range(1, count + 1)]  # type: ignore[arg-type]


def known(log: Log) -> int:
    return len(log.known())


def test_at_level_0_the_egos_own_trust_makes_room_and_shows_nowhere(tmp_path: Path) -> None:
    with opened(tmp_path) as rec:
        rec.trust(ANN.peer)
        rec.log.ingest([record(ANN, 9, Kind.TRUST, BOB.peer)])
        done = rec.apportion()
        assert done is not None
        assert (done.people, set(places(rec.log))) == (2, {ANN.peer, BOB.peer})
        rec.log.ingest([*says(ANN), *says(BOB), *says(CAT)])
        assert len(live(rec.log, ANN.peer)) == 7
        assert len(live(rec.log, BOB.peer)) == 6
        assert len(live(rec.log, CAT.peer)) == 2
        rec.share(1)
        assert rec.log.digest()[0] == 0  # what is held would tell whom the ego trusts
        assert rec.apportion() is not None
        assert places(rec.log) == {}
        assert rec.log.digest()[0] in (2, 3)  # one stranger, who may be Ann with her trust


def test_what_of_trust_has_left_makes_room_above_level_0(tmp_path: Path) -> None:
    with opened(tmp_path) as rec:
        rec.share(1)
        rec.apportion()
        rec.trust(ANN.peer)
        assert rec.apportion() is None  # nobody knows of it yet
        rec.log.release()
        assert rec.apportion() is not None
        assert set(places(rec.log)) == {ANN.peer}


def test_whoever_becomes_a_friend_is_offered_again(tmp_path: Path) -> None:
    with opened(tmp_path) as rec:
        rec.share(1)
        rec.log.ingest([*says(ANN), *says(BOB), *says(CAT)])
        seen = known(rec.log)
        assert len(live(rec.log)) == 2
        rec.trust(CAT.peer)
        rec.log.release()
        assert rec.apportion() is not None
        assert known(rec.log) <= seen - 4 + 1  # and its own trust
        rec.log.ingest([*says(ANN), *says(BOB), *says(CAT)])
        assert len(live(rec.log, CAT.peer)) == 6
        assert known(rec.log) == seen + 1


def test_nothing_changed_is_seen_without_giving_out_anew(tmp_path: Path) -> None:
    clock = HandClock()
    with opened(tmp_path, clock) as rec:
        assert rec.apportion() == Apportioned(people=0, strangers=0, share=10, let_go=0)
        rec.record(Event.LIKE, "trk:jazz")
        rec.block(ANN.peer)
        rec.log.ingest(says(ANN))
        assert rec.apportion() is None
        rec.log.ingest([record(ANN, 20, Kind.TRUST, BOB.peer, lifetime=2 * DAY_S)])
        assert rec.apportion() is not None
        assert rec.apportion() is None
    with opened(tmp_path, clock) as rec:
        assert rec.apportion() is None
        clock.pass_days(3)
        assert rec.apportion() is not None  # what Ann said of Bob is over


def test_seeds_make_room_while_the_ego_trusts_nobody(tmp_path: Path) -> None:
    with opened(tmp_path, seeds=(DAN.peer,)) as rec:
        rec.apportion()
        assert set(places(rec.log)) == {DAN.peer}
        rec.trust(ANN.peer)
        rec.apportion()
        assert set(places(rec.log)) == {ANN.peer}


def test_P7_those_whom_no_trust_reaches_get_nothing_of_what_is_shared_out(tmp_path: Path) -> None:
    """Bob and Cat trust each other as much as they like; Ann, whom the ego trusts, does not."""
    with opened(tmp_path) as rec:
        rec.trust(ANN.peer)
        rec.log.ingest(
            [
                record(BOB, 1, Kind.TRUST, CAT.peer, weight=8),
                record(CAT, 1, Kind.TRUST, BOB.peer, weight=8),
            ]
        )
        rec.apportion()
        assert set(places(rec.log)) == {ANN.peer}


@pytest.mark.parametrize("level", [1, 2, 3])
def test_D5_private_lives_make_no_difference_to_what_is_kept_shown_or_asked_for(
    tmp_path: Path, level: int
) -> None:
    """Same public inputs; the one listens, blocks, rates lists and trusts before it shares."""
    shown = []
    for name in ("quiet", "busy"):
        path = tmp_path / name
        with opened(path) as rec:
            rows(rec.log, "UPDATE settings SET value = zeroblob(16) WHERE name = 'salt'")
        with opened(path) as rec:
            if name == "busy":
                rec.trust(CAT.peer, name="my cat")
                rec.trust(DAN.peer)
                rec.record(Event.LIKE, "trk:1")
                rec.apportion()
            rec.share(level)
            rec.apportion()
            rec.log.ingest([record(ANN, 1, Kind.TRUST, BOB.peer), *says(BOB), *says(CAT)])
            if name == "busy":
                rec.block(BOB.peer)
                rec.record(Event.SKIP, "trk:2")
                rec.record(Event.NOT_INTERESTED, "trk:3")
            rec.apportion()
            rec.log.ingest(says(DAN))
            ids = rec.log.known().ids
            asked = [ids[at : at + 16] for at in range(0, len(ids), 16)]
            shown.append((ids, rec.log.envelopes(asked), rec.log.digest(), places(rec.log)))
            assert len(live(rec.log)) >= 2
    assert shown[0] == shown[1]


def test_what_expired_gives_no_room(tmp_path: Path) -> None:
    clock = HandClock()
    with opened(tmp_path, clock) as rec:
        rec.share(1)
        rec.trust(ANN.peer)
        rec.log.release()
        rec.apportion()
        assert set(places(rec.log)) == {ANN.peer}
        clock.pass_days(95)
        rec.apportion()
        assert places(rec.log) == {}


def test_options_want_quota_params() -> None:
    with pytest.raises(ParamError, match="quotas"):
        Options(quotas=200)  # type: ignore[arg-type]
