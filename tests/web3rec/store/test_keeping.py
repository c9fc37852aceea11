"""What is kept where room is scarce: a function of the set of records, bounded, and sound."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.web3rec.store.logs import (
    ANN,
    BOB,
    FOLK,
    JAZZ,
    ME,
    ROCK,
    HandClock,
    act,
    dead,
    ids,
    live,
    open_log,
    quarantined,
    record,
    rows,
    scratch,
)
from web3rec.clock import DAY_S
from web3rec.errors import ParamError
from web3rec.params import QuotaParams
from web3rec.records import Entry, Flaw, Kind, Signed, SigningKey, settle
from web3rec.records.merge import ids_within
from web3rec.store import Apportioned, Log, Source
from web3rec.store.room import Room, rank, tag_of
from web3rec.types import PeerId

WINDOW = 4
SCARCE = QuotaParams(least=1, most=4, pool=6, seen=1_000)
"""Six places for strangers: one has 4, from two on 2, from four on 1; six sit."""
CROWD = tuple(SigningKey.from_seed(bytes([100 + i]) * 32) for i in range(9))


def scarce_log(path: Path, clock: HandClock | None = None, *, level: int = 1) -> Log:
    return open_log(path, clock, level=level, window=WINDOW, quotas=SCARCE)


@st.composite
def crowds(draw: st.DrawFn, max_size: int = 30) -> list[Signed]:
    """Records of nine authors who fork, trust, take back and collide."""
    kinds = [Kind.LIKE, Kind.LISTEN, Kind.RETRACT, Kind.TRUST]
    one = st.tuples(
        st.sampled_from(CROWD), st.integers(1, 7), st.sampled_from(kinds), st.booleans()
    )
    told = []
    for key, n, kind, other in draw(st.lists(one, max_size=max_size)):
        item: bytes | str = FOLK if other else JAZZ
        if kind is Kind.TRUST:
            item = ANN.peer if other else BOB.peer
        elif kind is Kind.RETRACT and other:
            item = "*"
        told.append(record(key, n, kind, item))
    return told


some_quotas = st.dictionaries(st.sampled_from([k.peer for k in CROWD]), st.integers(1, WINDOW))


def batches(data: st.DataObject, arrivals: Sequence[Signed]) -> Iterable[Sequence[Signed]]:
    """The arrivals shuffled, some twice, cut into batches."""
    again = data.draw(st.lists(st.sampled_from(arrivals), max_size=5)) if arrivals else []
    order = data.draw(st.permutations([*arrivals, *again]))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(order)), max_size=8)))
    return [order[a:b] for a, b in itertools.pairwise([0, *cuts, len(order)])]


def salt_of(log: Log) -> bytes:
    return bytes(rows(log, "SELECT value FROM settings WHERE name = 'salt'")[0][0])


def expected(
    story: Sequence[Signed], quotas: Mapping[PeerId, int], salt: bytes, pool: int = SCARCE.pool
) -> tuple[set[bytes], set[bytes], set[bytes]]:
    """Oracle: seats by rank among all, then the merge rule once an author, as wide as that."""
    by: dict[PeerId, list[Entry]] = {}
    for one in story:
        by.setdefault(one.record.author, []).append(Entry.of(one))
    strangers = sorted(set(by) - set(quotas), key=lambda a: (rank(salt, tag_of(a)), a))[:pool]
    share = next((s for s in (4, 2) if s * _sharers(s, strangers, quotas) <= pool), 1)
    alive, corpses, forked = set[bytes](), set[bytes](), set[bytes]()
    for author, entries in by.items():
        places = max(quotas.get(author, 0), share if {author} & {*strangers, *quotas} else 0)
        if places:
            settled = settle(entries, places)
            alive |= settled.live
            corpses |= settled.dead
            forked |= {author} if settled.quarantined else set()
    return alive, corpses, forked


def _sharers(share: int, strangers: Sequence[PeerId], quotas: Mapping[PeerId, int]) -> int:
    return len(strangers) + sum(quota < share for quota in quotas.values())


def state(log: Log) -> tuple[set[bytes], set[bytes], set[bytes]]:
    return live(log), dead(log), quarantined(log)


def known(log: Log) -> set[bytes]:
    found = log.known().ids
    return {found[at : at + 16] for at in range(0, len(found), 16)}


def halves(signed: Iterable[Signed]) -> set[bytes]:
    return {one.id[:16] for one in signed}


def offer_all(log: Log, story: Sequence[Signed]) -> None:
    """As honest peers do in session after session: whatever is not known, retractions first."""
    for _ in range(len(story)):
        missing = [one for one in story if one.id[:16] not in known(log)]
        log.ingest(sorted(missing, key=lambda one: one.record.kind is not Kind.RETRACT))


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
