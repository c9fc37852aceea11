"""Who has how much room: by hand, and the same whoever was met first."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web3rec.errors import ParamError
from web3rec.store.room import Room, rank, tag_of
from web3rec.types import PeerId

SALT = bytes(range(16))
ME = PeerId(bytes(32))
CROWD = tuple(PeerId(hashlib.sha256(bytes([i])).digest()) for i in range(40))
BY_RANK = tuple(sorted(CROWD, key=lambda a: (rank(SALT, tag_of(a)), a)))


def room(
    pool: int = 40, quotas: dict[PeerId, int] | None = None, most: int = 16, least: int = 4
) -> Room:
    return Room(
        window=20, most=most, least=least, pool=pool, salt=SALT, quotas=quotas or {}, guests=[ME]
    )


def test_the_ego_has_all_friends_their_quota_and_strangers_a_share() -> None:
    friend, nobody = CROWD[:2]
    here = room(quotas={friend: 7})
    here.meet([friend, *CROWD[2:8], ME])
    assert [here.places(a) for a in (ME, friend, CROWD[2], nobody)] == [20, 7, 4, 0]
    assert set(here) == set(CROWD[2:8])


def test_the_share_is_halved_until_all_who_sit_have_as_much_by_hand() -> None:
    """40 places: 2 have 16, from 3 on 8, from 6 on 4, and with 10 the pool is full."""
    here, shares = room(), []
    for author in BY_RANK[:12]:
        here.meet([author])
        shares.append(here.share)
    assert shares == [16, 16, 8, 8, 8, 4, 4, 4, 4, 4, 4, 4]
    assert (here.strangers, here.seats) == (10, 10)
    assert list(here) == list(BY_RANK[:10])


def test_nobody_with_a_quota_has_less_than_a_stranger_by_hand() -> None:
    """40 places: the friend's 3 are raised to the strangers' share, which counts it among them."""
    friend = BY_RANK[20]
    here, places = room(quotas={friend: 3, BY_RANK[21]: 12}), []
    for author in BY_RANK[:10]:
        here.meet([author])
        places.append((here.share, here.places(friend)))
    assert places == [(8, 8)] * 4 + [(4, 4)] * 6
    assert here.places(BY_RANK[21]) == 12
    alone = room(quotas={friend: 3})
    assert (alone.places(friend), alone.room_for(BY_RANK[0]), alone.room_for(ME)) == (16, 16, 20)


def test_a_seat_is_lost_to_a_smaller_rank_only() -> None:
    here = room(pool=8)
    assert here.meet(BY_RANK[2:4]).refused == ()
    seating = here.meet(BY_RANK[:1])
    assert (set(seating.new), seating.out) == ({BY_RANK[0]}, (BY_RANK[3],))
    assert seating.refused == ()
    assert here.meet(BY_RANK[4:5]).refused == (BY_RANK[4],)
    assert here.could_sit(tag_of(BY_RANK[1]))
    assert not here.could_sit(tag_of(BY_RANK[5]))


def test_whoever_leaves_makes_room() -> None:
    here = room()
    here.meet(BY_RANK[:10])
    here.leave([*BY_RANK[3:10], CROWD[0]])
    assert here.share == (16 if here.strangers == 2 else 8)
    assert here.meet(BY_RANK[10:11]).new == {BY_RANK[10]}


def test_whom_this_device_hosts_has_all_and_no_seat() -> None:
    here = room()
    here.meet(CROWD[:1])
    here.host(CROWD[:1])
    assert (here.places(CROWD[0]), here.strangers) == (20, 0)


def test_no_pool_no_stranger() -> None:
    here = room(pool=3)
    assert here.meet(CROWD).refused != ()
    assert {here.places(a) for a in CROWD} == {0}


@given(st.lists(st.lists(st.sampled_from(CROWD), max_size=9), max_size=9), st.integers(0, 60))
def test_R6_who_sits_depends_on_who_was_met_not_on_the_order(
    meetings: list[list[PeerId]], pool: int
) -> None:
    """Oracle: the smallest ranks of all; and narrower is said exactly when it came to that."""
    here = room(pool)
    for some in meetings:
        share, before = here.share, set(here)
        seating = here.meet(some)
        assert seating.narrowed == (here.share < share)
        assert set(here) == (before | seating.new) - set(seating.out)
        assert before >= set(seating.out)
        assert not set(seating.refused) & set(here)
    met = {author for some in meetings for author in some}
    seats = pool // 4
    assert list(here) == [a for a in BY_RANK if a in met][:seats]
    assert here.share * here.strangers <= max(pool, 16 * (here.strangers == 0))
    assert 4 <= here.share <= 16


@given(st.lists(st.sampled_from(CROWD), unique=True))
def test_R7_strangers_never_have_more_places_than_the_pool(met: list[PeerId]) -> None:
    here = room(pool=50)
    here.meet(met)
    assert sum(here.places(author) for author in met) <= 50


def test_another_salt_keeps_others() -> None:
    kept = set()
    for number in range(8):
        ranks = {author: rank(bytes([number]) * 16, tag_of(author)) for author in CROWD}
        kept.add(frozenset(sorted(CROWD, key=ranks.__getitem__)[:10]))
    assert len(kept) == 8


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("least", {"least": 0}),
        ("least", {"least": 17}),
        ("pool", {"pool": -1}),
        ("quota", {"quotas": {CROWD[0]: 0}}),
        ("quota", {"quotas": {CROWD[0]: 17}}),
        ("quota", {"quotas": {CROWD[0]: 2.5}}),
    ],
)
def test_numbers_out_of_range_are_refused(name: str, numbers: dict[str, object]) -> None:
    with pytest.raises(ParamError, match=name):
        room(**numbers)  # type: ignore[arg-type]
