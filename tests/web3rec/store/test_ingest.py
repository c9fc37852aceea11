"""Merging through the real database: however records came, the state is that of their set."""

import itertools
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import KEYS
from tests.web3rec.store.logs import (
    ANN,
    BOB,
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
    scratch,
)
from web3rec.errors import ReadOnly
from web3rec.records import Entry, Flaw, Kind, Signed, settle
from web3rec.records.merge import MAX_VERSIONS
from web3rec.store import Log, Source
from web3rec.types import Verdict

WINDOW = 4
AUTHORS = KEYS[1:4]


@st.composite
def stories(draw: st.DrawFn, max_size: int = 24) -> list[Signed]:
    """Records of three authors from a world so small that sequences, items and windows collide."""
    kinds = [Kind.LIKE, Kind.LISTEN, Kind.RETRACT]
    one = st.tuples(
        st.sampled_from(AUTHORS),
        st.integers(1, 8),
        st.sampled_from(kinds),
        st.sampled_from([JAZZ, FOLK]),
        st.integers(1, 2),
    )
    told = []
    for key, n, kind, item, weight in draw(st.lists(one, max_size=max_size)):
        everything = kind is Kind.RETRACT and weight == 2
        told.append(record(key, n, kind, "*" if everything else item, weight=weight))
    return told


def batches(data: st.DataObject, arrivals: Sequence[Signed]) -> Iterable[Sequence[Signed]]:
    """The arrivals shuffled, some twice, cut into batches."""
    again = data.draw(st.lists(st.sampled_from(arrivals), max_size=6)) if arrivals else []
    order = data.draw(st.permutations([*arrivals, *again]))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(order)), max_size=6)))
    return [order[a:b] for a, b in itertools.pairwise([0, *cuts, len(order)])]


def expected(story: Sequence[Signed], window: int = WINDOW) -> tuple[set[bytes], ...]:
    """Live ids, dead ids and quarantined authors, by settling the whole set at once."""
    alive, corpses, forked = set[bytes](), set[bytes](), set[bytes]()
    for author in {one.record.author for one in story}:
        settled = settle((Entry.of(one) for one in story if one.record.author == author), window)
        alive |= settled.live
        corpses |= settled.dead
        forked |= {author} if settled.quarantined else set()
    return alive, corpses, forked


def state(log: Log) -> tuple[set[bytes], ...]:
    return live(log), dead(log), quarantined(log)


@given(stories(), st.data())
def test_R3_R6_the_state_is_a_function_of_the_set_of_records(
    story: list[Signed], data: st.DataObject
) -> None:
    """Any order, any batches, duplicates within and across them: what `settle` says of all."""
    with scratch() as path:
        log = open_log(path, window=WINDOW)
        for batch in batches(data, story):
            log.ingest(batch)
        assert state(log) == expected(story)
        assert log._held == live(log) | dead(log)
        log.close()
        again = open_log(path, window=WINDOW)
        assert state(again) == expected(story)
        assert again._held == live(again) | dead(again)
        again.close()


@given(stories(max_size=12))
def test_R3_a_replay_changes_nothing_and_costs_no_judgement(story: list[Signed]) -> None:
    with scratch() as path:
        log = open_log(path, window=WINDOW)
        log.ingest(story)
        before, generation = state(log), log.generation
        kept = [one for one in story if one.id in log._held]
        assert log.ingest(kept) == 0
        assert (state(log), log.generation) == (before, generation)
        assert {log.judge(one.envelope).flaw for one in kept} <= {Flaw.KNOWN}
        log.close()


@given(stories(), stories())
def test_Y2_two_logs_that_show_each_other_all_agree(
    ours: list[Signed], theirs: list[Signed]
) -> None:
    """Of honest authors (one record a sequence) within their bounds, what lives is enough."""
    honest = {(one.record.author, one.record.n): one for one in ours + theirs}
    known = ids([*honest.values()])
    with scratch() as left, scratch() as right:
        logs = [open_log(p, level=1) for p in (left, right)]
        logs[0].ingest([one for one in ours if one.id in known])
        logs[1].ingest([one for one in theirs if one.id in known])
        for one, other in (logs, logs[::-1]):
            judged = [other.judge(envelope) for envelope in one.since(0, 1000).envelopes]
            assert Verdict.REJECT not in {j.verdict for j in judged}
            other.ingest([j.signed for j in judged if j.signed])
        assert logs[0].digest() == logs[1].digest()
        assert live(logs[0]) == live(logs[1]) == expected([*honest.values()], 200)[0]
        for log in logs:
            log.close()


@given(st.lists(stories(max_size=10), max_size=4))
def test_R7_no_author_holds_more_than_its_bound(stories: list[list[Signed]]) -> None:
    with scratch() as path:
        log = open_log(path, window=WINDOW)
        for story in stories:
            log.ingest(story)
            kept = rows(
                log,
                "SELECT count(*) FROM (SELECT author FROM records UNION ALL "
                "SELECT author FROM tombstones) GROUP BY author",
            )
            assert all(count <= 2 * MAX_VERSIONS * WINDOW for (count,) in kept)
        log.close()


@given(stories(), stories())
def test_R10_others_never_change_what_lives_of_an_author(
    told: list[Signed], noise: list[Signed]
) -> None:
    ann = [one for one in told if one.record.author == ANN.peer]
    others = [one for one in noise if one.record.author != ANN.peer]
    with scratch() as path:
        log = open_log(path, window=WINDOW)
        log.ingest(ann)
        before = live(log, ANN.peer)
        log.ingest(others)
        assert live(log, ANN.peer) == before
        log.close()


def test_a_retraction_by_hand(tmp_path: Path) -> None:
    """Ann likes jazz and folk, takes jazz back: jazz leaves a tombstone, nothing else of it."""
    log = open_log(tmp_path)
    jazz, folk = record(ANN, 1), record(ANN, 2, item=FOLK)
    takes_back = record(ANN, 3, Kind.RETRACT)
    assert log.ingest([jazz, folk]) == 2
    assert log.ingest([takes_back]) == 1
    assert state(log) == (ids([folk, takes_back]), ids([jazz]), set())
    assert rows(log, "SELECT id, author, n, x FROM tombstones") == [
        (jazz.id, ANN.peer, 1, jazz.record.x)
    ]
    assert log.judge(jazz.envelope).flaw is Flaw.KNOWN
    assert log.ingest([jazz]) == 0
    log.close()


def test_what_is_covered_on_arrival_is_counted_as_neither_new_nor_shared(tmp_path: Path) -> None:
    log = open_log(tmp_path, level=1)
    assert log.ingest([record(ANN, 3, Kind.RETRACT)]) == 1
    assert log.ingest([record(ANN, 1)]) == 0
    assert len(log.since(0, 10).envelopes) == 1
    log.close()


def test_R6_a_fork_is_heard_by_nobody_until_it_leaves_the_window(tmp_path: Path) -> None:
    log = open_log(tmp_path, window=2)
    log.ingest([record(ANN, 1), record(ANN, 1, item=FOLK), record(BOB, 1)])
    assert quarantined(log) == {ANN.peer}
    assert {row[0] for row in log.interactions()} == {BOB.peer}
    log.ingest([record(ANN, 2), record(ANN, 3)])
    assert quarantined(log) == set()
    assert {row[0] for row in log.interactions()} == {ANN.peer, BOB.peer}
    log.close()


def test_a_quarantined_author_may_neither_vouch_nor_describe(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.ingest([record(ANN, 1, Kind.TRUST, BOB.peer), record(ANN, 1, item=FOLK)])
    assert log.endorsements() == []
    assert log.descriptions() == []
    log.close()


def test_the_ego_is_not_quarantined_on_its_own_device(tmp_path: Path) -> None:
    """Another device with the same key forks it; its own lists go on."""
    log = open_log(tmp_path)
    log.ingest([record(ME, 1), record(ME, 1, item=FOLK)])
    assert quarantined(log) == set()
    assert {row[2] for row in log.interactions()} == {
        one.record.key for one in (record(ME, 1), record(ME, 1, item=FOLK))
    }
    log.close()


def test_own_records_are_not_pushed_out_by_the_bound(tmp_path: Path) -> None:
    log = open_log(tmp_path, window=2)
    log.write_acts([act(f"trk:{number}") for number in range(5)])
    own = live(log)
    log.ingest([record(ME, 9 << 40, item=ROCK)])
    assert own < live(log)
    log.close()


def test_the_egos_own_come_back_with_the_time_they_state(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.ingest([came := record(ME, 1)])
    assert log.touched() == {came.record.key: came.record.t * 1000}
    log.close()


def test_the_egos_own_retraction_from_another_device_is_obeyed(tmp_path: Path) -> None:
    log = open_log(tmp_path, level=1)
    log.write_acts([act(JAZZ), act(FOLK)])
    later = record(ME, 1 << 50, Kind.RETRACT)
    log.ingest([later])
    assert {row[2] for row in log.interactions()} == {record(ME, 1, item=FOLK).record.key}
    log.close()


def test_what_never_leaves_nobody_takes_back_from_afar(tmp_path: Path) -> None:
    """Not even who stole the key: what is private has no place in what the network settles."""
    log = open_log(tmp_path)
    log.write_acts([act(JAZZ), act(FOLK)])
    log.ingest([record(ME, 1 << 50, Kind.RETRACT), record(ME, 1 << 51, Kind.RETRACT, "*")])
    log.ingest([record(ME, 1 << 52, item=JAZZ)])
    assert len(log.interactions()) == 3
    log.close()


def test_places_in_what_is_shared_are_given_once(tmp_path: Path) -> None:
    log = open_log(tmp_path, level=1)
    for n in range(1, 6):
        log.ingest([record(ANN, 2 * n), record(BOB, n)])
    log.ingest([record(ANN, 2 * n + 1, Kind.RETRACT)])
    places = [pos for (pos,) in rows(log, "SELECT pos FROM records ORDER BY seq")]
    assert places == sorted(set(places))
    assert rows(log, "SELECT value FROM settings WHERE name = 'next_pos'") == [(11,)]
    log.close()


def test_hosted_records_wait_for_release_and_peers_do_not(tmp_path: Path) -> None:
    log = open_log(tmp_path, level=1)
    log.ingest([record(ANN, 1)], source=Source.HOSTED)
    assert log.since(0, 9).envelopes == ()
    assert len(log.release()) == 1
    assert len(log.since(0, 9).envelopes) == 1
    assert log.outbox() == ()  # the outbox is the ego's
    log.close()


# -- what breaks in the middle ------------------------------------------------------------------


class BreakingError(Exception):
    """A crash, as far as a transaction can tell."""


def break_after(log: Log, told: Sequence[Sequence[Signed]]) -> None:
    with log.together():
        for batch in told:
            log.ingest(batch)
        raise BreakingError


@pytest.mark.parametrize("after", [0, 1, 2])
def test_F2_a_batch_that_breaks_leaves_nothing_half_done(tmp_path: Path, after: int) -> None:
    log = open_log(tmp_path)
    log.ingest([record(ANN, 1)])
    before, held, generation = state(log), set(log._held), log.generation
    told = [[record(ANN, 2 + n, item=FOLK), record(ANN, 9, Kind.RETRACT)] for n in range(after)]
    with pytest.raises(BreakingError):
        break_after(log, told)
    assert state(log) == before
    assert log._held == held
    assert after == 0 or log.generation > generation
    assert log.judge(record(ANN, 2, item=FOLK).envelope).verdict is Verdict.ACCEPT
    log.close()


def test_F2_an_inner_failure_that_is_survived_takes_only_itself_back(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    with log.together():
        log.ingest([kept := record(ANN, 1)])
        with pytest.raises(BreakingError):
            break_after(log, [[record(ANN, 2)]])
    assert live(log) == log._held == {kept.id}
    log.close()


def test_a_full_disk_in_the_middle_of_a_batch_keeps_what_was_there(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.ingest([record(ANN, 1)])
    (pages,) = rows(log, "PRAGMA page_count")[0]
    rows(log, f"PRAGMA max_page_count = {pages}")
    many = [record(BOB, n, item=f"trk:{n}") for n in range(1, 200)]
    with pytest.raises(ReadOnly, match="full"):
        log.ingest(many)
    assert live(log) == log._held == {record(ANN, 1).id}
    rows(log, "PRAGMA max_page_count = 100000")
    assert log.ingest(many) == 199
    log.close()


def test_a_statement_that_fails_inside_leaves_no_open_transaction(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    twice = [(ANN.peer,), (ANN.peer,)]
    with pytest.raises(sqlite3.IntegrityError), log._db.writing() as sql:
        sql.executemany("INSERT INTO quarantine (author) VALUES (?)", twice)
    assert quarantined(log) == set()
    assert log.ingest([record(ANN, 1)]) == 1
    assert log.judge(record(ANN, 2).envelope).signed is not None
    log.close()
