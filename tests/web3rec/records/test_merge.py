"""The merge rule: the state is a function of the set of records, whatever way they came.

`Replica` below is what a store does: it holds what is live, tombstones of what is dead, and
nothing of what was evicted.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import entries
from web3rec.errors import ParamError
from web3rec.records.merge import MAX_ROTATIONS, Entry, Settled, ids_within, settle
from web3rec.records.model import EVERYTHING_KEY, Kind
from web3rec.types import RecordId

ITEM_1, ITEM_2 = b"1" * 16, b"2" * 16
windows = st.integers(1, 5)


def rid(number: int) -> RecordId:
    return RecordId(bytes([number]) * 32)


def like(number: int, n: int, key: bytes = ITEM_1) -> Entry:
    return Entry(rid(number), n, Kind.LIKE, key, dead=False)


def retract(number: int, n: int, key: bytes = ITEM_1) -> Entry:
    return Entry(rid(number), n, Kind.RETRACT, key, dead=False)


def ids(*numbers: int) -> frozenset[RecordId]:
    return frozenset(map(rid, numbers))


@dataclass
class Replica:
    """One author's records on one device."""

    window: int
    held: dict[RecordId, Entry] = field(default_factory=dict)

    def take(self, arrivals: Iterable[Entry]) -> Settled:
        """Settle what is held with what arrives; erase and forget accordingly."""
        arrived = list(arrivals)
        settled = settle([*self.held.values(), *arrived], self.window)
        whole = {entry.id: entry for entry in arrived} | self.held
        self.held = {id_: whole[id_] for id_ in settled.live} | {
            id_: Entry.tombstone(id_, whole[id_].n, trust=whole[id_].trusts) for id_ in settled.dead
        }
        return self.state()

    def state(self) -> Settled:
        return settle(self.held.values(), self.window)


def kept(settled: Settled) -> tuple[frozenset[RecordId], frozenset[RecordId], bool]:
    """All of a state but what is gone from it."""
    return settled.live, settled.dead, settled.quarantined


def covers(retraction: Entry, statement: Entry) -> bool:
    same = retraction.key in (statement.key, EVERYTHING_KEY)
    for_good = statement.retracts or statement.rotates
    return retraction.retracts and not for_good and same and statement.n < retraction.n


def test_a_retraction_by_hand() -> None:
    """n 1 and 3 like item 1, n 2 item 2; n 4 takes item 1 back; n 5 likes it anew."""
    settled = settle([like(1, 1), like(2, 2, ITEM_2), like(3, 3), retract(4, 4), like(5, 5)], 10)
    assert settled == Settled(ids(2, 4, 5), ids(1, 3), ids(), quarantined=False)


def test_forget_all_by_hand() -> None:
    """It takes back all statements before it, whatever their item, and no retraction."""
    everything = retract(4, 4, EVERYTHING_KEY)
    settled = settle([like(1, 1), like(2, 2, ITEM_2), retract(3, 3), everything, like(5, 5)], 10)
    assert settled == Settled(ids(3, 4, 5), ids(1, 2), ids(), quarantined=False)


def test_the_window_by_hand() -> None:
    """Of statements the two highest n, of retractions the two highest n, each on its own."""
    statements = [like(n, n) for n in (1, 2, 3, 4)]
    settled = settle([*statements, retract(9, 2, ITEM_2)], 2)
    assert settled == Settled(ids(3, 4, 9), ids(), ids(1, 2), quarantined=False)


def test_acts_push_no_trust_out_by_hand() -> None:
    """With window 2: trust at n 1, then three likes; later two more edges push the first out."""
    edges = [Entry(rid(9 + n), n, Kind.TRUST, ITEM_1, dead=False) for n in (1, 7, 8)]
    acts = [like(n, n) for n in (2, 3, 4)]
    assert settle([edges[0], *acts], 2).live == ids(10, 3, 4)
    assert settle([*edges, *acts], 2).live == ids(16, 17, 3, 4)
    stone = Entry.tombstone(rid(10), 1, trust=True)
    assert settle([stone, *acts], 2).dead == ids(10)


@given(entries(max_n=12), windows, windows, st.data())
def test_R5_a_window_that_shrank_is_one_that_was_always_small(
    all_: list[Entry], one: int, other: int, data: st.DataObject
) -> None:
    """Whenever it shrinks: what was held by then settles to what all of it would have."""
    replica, small = Replica(max(one, other)), min(one, other)
    arrivals = data.draw(st.permutations(all_))
    cut = data.draw(st.integers(0, len(arrivals)))
    replica.take(arrivals[:cut])
    replica.window = small
    replica.take([])
    replica.take(arrivals[cut:])
    assert kept(replica.state()) == kept(settle(all_, small))


def test_what_lies_below_a_given_floor_is_not_kept() -> None:
    """The retraction at 5 was held once; what is known of it is its n."""
    all_ = [like(1, 4), like(2, 5), retract(3, 3), Entry.tombstone(rid(4), 2)]
    assert settle(all_, 9, below=5) == Settled(ids(2, 3), ids(), ids(1, 4), quarantined=False)


def test_tombstones_take_their_place_in_the_window() -> None:
    settled = settle([like(1, 1, ITEM_2), like(2, 2), like(3, 3), retract(4, 4)], 2)
    assert settled == Settled(ids(4), ids(2, 3), ids(1), quarantined=False)


def test_a_full_window_of_retractions_is_a_floor() -> None:
    """With window 2, retractions at 5 and 6 are all that is remembered of retractions: what lies
    below 5 may have been covered by one that was displaced, and is not kept.
    """
    settled = settle([like(1, 4), like(2, 5), retract(5, 5, ITEM_2), retract(6, 6, ITEM_2)], 2)
    assert settled.live == ids(2, 5, 6)
    assert settled.evicted == ids(1)


def test_a_rotation_is_for_good_and_the_first_ones_count() -> None:
    """Nothing said later covers it or pushes it out: not by one who stole the key either."""
    turns = [Entry(rid(20 + n), n, Kind.ROTATE, bytes([n]) * 32, dead=False) for n in range(3, 8)]
    later = [like(n, 10 + n) for n in range(3)]
    taken_back = [retract(9, 40, EVERYTHING_KEY), retract(10, 41, turns[0].key)]
    settled = settle([*turns, *later, *taken_back], 3)
    assert settled.live == ids(*range(23, 27), 9, 10)
    assert settled.evicted == ids(27)
    assert settled.dead == ids(0, 1, 2)


def test_a_fork_is_quarantined_until_it_leaves_the_window() -> None:
    fork = [like(1, 1), like(2, 1, ITEM_2), like(3, 1, ITEM_2)]
    settled = settle(fork, 2)
    assert settled == Settled(ids(1, 2), ids(), ids(3), quarantined=True)
    assert not settle([*fork, like(4, 4), like(5, 5)], 2).quarantined


def test_a_statement_and_a_retraction_with_one_n_are_a_fork() -> None:
    assert settle([like(1, 3), retract(2, 3)], 5).quarantined


def test_two_retractions_with_one_n_take_back_everything_below() -> None:
    """Of three only two are held, so which items they named cannot be the rule."""
    settled = settle([like(1, 1, ITEM_2), retract(2, 2), retract(3, 2)], 5)
    assert settled == Settled(ids(2, 3), ids(1), ids(), quarantined=True)


def test_a_displaced_retraction_goes_on_covering() -> None:
    """Record 9 is taken back by 30, which 10 and 20 with the same n and other items displace."""
    story = [like(9, 1, ITEM_1), retract(30, 2, ITEM_1), retract(10, 2, ITEM_2)]
    story += [retract(20, 2, ITEM_2)]
    early, late = Replica(5), Replica(5)
    for entry in story:
        early.take([entry])
    for entry in reversed(story):
        late.take([entry])
    assert early.state() == late.state() == Settled(ids(10, 20), ids(9), ids(), quarantined=True)


def test_what_later_statements_push_out_is_not_revived_when_they_expire() -> None:
    """Likes 3 and 4 fill the window and expire before the retraction; then like 1 is replayed."""
    replica = Replica(2)
    replica.take([like(1, 1), retract(2, 2), like(3, 3), like(4, 4)])
    assert set(replica.held) == ids(2, 3, 4)
    for expired in (3, 4):
        del replica.held[rid(expired)]
    assert replica.take([like(1, 1)]) == Settled(ids(2), ids(1), ids(), quarantined=False)


def test_nothing_settles_to_nothing() -> None:
    assert settle([], 1) == Settled(ids(), ids(), ids(), quarantined=False)


@pytest.mark.parametrize("window", [0, -1])
def test_a_window_has_at_least_one_place(window: int) -> None:
    with pytest.raises(ParamError, match="window must be >= 1"):
        settle([], window)


@given(entries(), windows)
def test_every_id_is_live_or_dead_or_evicted(all_: list[Entry], window: int) -> None:
    settled = settle(all_, window)
    parts = (settled.live, settled.dead, settled.evicted)
    assert frozenset().union(*parts) == {entry.id for entry in all_}
    assert sum(map(len, parts)) == len(all_)


@given(entries(max_n=20, max_size=40), windows)
def test_R7_what_is_kept_of_an_author_is_bounded(all_: list[Entry], window: int) -> None:
    settled = settle(all_, window)
    assert len(settled.live | settled.dead) <= ids_within(window)


@given(entries(max_n=3), windows, st.data())
def test_Y2_any_order_duplicates_and_batches_give_one_state(
    all_: list[Entry], window: int, data: st.DataObject
) -> None:
    """The oracle of incremental merging: settle everything at once."""
    again = data.draw(st.lists(st.sampled_from(all_), max_size=8)) if all_ else []
    arrivals = data.draw(st.permutations(all_ + again))
    replica = Replica(window)
    while arrivals:
        size = data.draw(st.integers(1, len(arrivals)))
        replica.take(arrivals[:size])
        arrivals = arrivals[size:]
    assert kept(replica.state()) == kept(settle(all_, window))


@given(entries(max_n=3), windows, st.data())
def test_Y2_merging_two_replicas_is_settling_all(
    all_: list[Entry], window: int, data: st.DataObject
) -> None:
    """Commutative, associative, idempotent: whoever takes whose snapshot, the state is the same."""
    shares = [[entry for entry in all_ if data.draw(st.booleans())] for _ in range(2)] + [all_]
    replicas = [Replica(window) for _ in shares]
    for replica, share in zip(replicas, shares, strict=True):
        replica.take(share)
    a, b, c = (list(replica.held.values()) for replica in replicas)
    wanted = kept(settle(all_, window))
    for order in ((a, b, c), (c, b, a), (b, a, c), (a, a, c, b, b)):
        merged = Replica(window)
        for snapshot in order:
            merged.take(snapshot)
        assert kept(merged.state()) == wanted


@given(entries(), windows)
def test_R3_settling_twice_changes_nothing(all_: list[Entry], window: int) -> None:
    replica = Replica(window)
    once = kept(replica.take(all_))
    assert kept(replica.take(all_)) == once
    assert kept(replica.take([])) == once


@given(entries(), windows)
def test_R5_no_covered_statement_is_live(all_: list[Entry], window: int) -> None:
    """Covered by any retraction ever seen, in the window or long out of it."""
    live = settle(all_, window).live
    for entry in all_:
        if any(covers(retraction, entry) for retraction in all_):
            assert entry.id not in live


@given(entries(max_n=3), windows, st.data())
def test_R5_what_died_or_left_never_comes_back(
    all_: list[Entry], window: int, data: st.DataObject
) -> None:
    """Whatever arrives later, again or for the first time."""
    replica, gone = Replica(window), set[RecordId]()
    for entry in data.draw(st.permutations(all_ + all_)):
        before = {e.id for e in replica.held.values() if not e.dead}
        live = replica.take([entry]).live
        gone |= before - live
        assert not gone & live


@given(
    st.lists(st.tuples(st.integers(0, 3), st.booleans(), st.sampled_from([ITEM_1, ITEM_2]),
                       st.integers(1, 9)), max_size=12),
    windows,
    st.data(),
)  # fmt: skip
def test_R5_expiry_cannot_revive_what_was_retracted(
    acts: list[tuple[int, bool, bytes, int]], window: int, data: st.DataObject
) -> None:
    """An honest author's acts in time order, one n each; retractions live 9 days, statements up
    to 9. Time passes, what expired is dropped, and an adversary replays any statement still valid
    at any time, without the retraction.
    """
    now, n = 0, 0
    expiry: dict[RecordId, int] = {}
    statements: list[Entry] = []
    seen: list[Entry] = []
    replica = Replica(window)
    for gap, retracts, key, life in acts:
        now, n = now + gap, n + 1
        entry = (retract if retracts else like)(n, n, key)
        expiry[entry.id] = now + (9 if retracts else life)
        arrivals = [entry]
        if not retracts:
            statements.append(entry)
        replays = [e for e in statements if expiry[e.id] > now]
        if replays:
            arrivals += data.draw(st.lists(st.sampled_from(replays), max_size=3))
        seen += [entry]
        replica.held = {i: e for i, e in replica.held.items() if expiry[i] > now}
        live = replica.take(arrivals).live
        for statement in statements:
            if any(covers(r, statement) for r in seen):
                assert statement.id not in live


@given(entries(max_n=3), windows, st.data())
def test_R6_a_fork_gets_one_verdict_in_any_order(
    all_: list[Entry], window: int, data: st.DataObject
) -> None:
    """Oracle: two entries with one n among what is kept of all."""
    settled = settle(all_, window)
    held = [e.n for e in all_ if e.id in settled.live | settled.dead]
    assert settled.quarantined == (len(set(held)) < len(held))
    assert settle(data.draw(st.permutations(all_)), window) == settled


@given(st.lists(entries(max_size=8), min_size=2, max_size=3), windows, st.data())
def test_R10_others_records_never_change_an_author_s_state(
    authors: list[list[Entry]], window: int, data: st.DataObject
) -> None:
    """All authors' records arrive mixed up at one device; each state is as if alone."""
    mixed = [(a, entry) for a, all_ in enumerate(authors) for entry in all_]
    replicas = [Replica(window) for _ in authors]
    for author, entry in data.draw(st.permutations(mixed)):
        others = [kept(r.state()) for a, r in enumerate(replicas) if a != author]
        replicas[author].take([entry])
        assert others == [kept(r.state()) for a, r in enumerate(replicas) if a != author]
    for replica, all_ in zip(replicas, authors, strict=True):
        assert kept(replica.state()) == kept(settle(all_, window))


@given(entries(), windows)
def test_a_tombstone_outweighs_the_record_whole(all_: list[Entry], window: int) -> None:
    """A record that arrives again is still dead, even where its retraction is not known."""
    for_good = {e.id for e in all_ if e.retracts or e.rotates}
    stones = [Entry.tombstone(e.id, e.n, trust=e.trusts) for e in all_ if e.id not in for_good]
    settled = settle([*all_, *stones], window)
    assert settled.live == for_good & settled.live
    assert settled == settle([*stones, *all_], window)


@given(entries(), windows)
def test_agrees_with_the_rule_read_aloud(all_: list[Entry], window: int) -> None:
    """Oracle: each rule of the protocol as a sentence about one entry and all others."""

    def is_kept(e: Entry) -> bool:
        group = (e.retracts, e.trusts, e.rotates)
        kin = [o for o in all_ if (o.retracts, o.trusts, o.rotates) == group]
        before = {o.n for o in kin if (o.n < e.n if e.rotates else o.n > e.n)}
        smaller = [o for o in kin if o.n == e.n and o.id < e.id]
        return len(before) < (MAX_ROTATIONS if e.rotates else window) and len(smaller) < 2

    retractions = [e for e in all_ if e.retracts and is_kept(e)]
    full = len({r.n for r in retractions}) == window

    def is_below_floor(e: Entry) -> bool:
        for_good = e.retracts or e.rotates
        return full and not for_good and all(e.n < r.n for r in retractions)

    def is_covered(e: Entry) -> bool:
        return any(
            covers(r, e) or (e.n < r.n and any(o.n == r.n and o is not r for o in retractions))
            for r in retractions
            if not (e.retracts or e.rotates)
        )

    stay = {e for e in all_ if is_kept(e) and not is_below_floor(e)}
    settled = settle(all_, window)
    assert settled.dead == {e.id for e in stay if is_covered(e)}
    assert settled.live == {e.id for e in stay if not is_covered(e)}
