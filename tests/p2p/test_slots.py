"""How many channels strangers may hold open."""

from hypothesis import given
from hypothesis import strategies as st

from p2p.slots import Slots
from p2p.transport import PeerName

ANNA, BORIS, CLARA = map(PeerName, ("anna", "boris", "clara"))


def test_a_case_by_hand() -> None:
    slots = Slots(total=3, per_peer=2)
    assert [slots.take(ANNA) for _ in range(3)] == [True, True, False]
    assert slots.take(BORIS)
    assert not slots.take(CLARA)  # three in all
    slots.give_back(ANNA)
    assert slots.take(CLARA)
    assert len(slots) == 3


def test_a_crowd_of_strangers_does_not_keep_out_whom_we_chose() -> None:
    slots = Slots(total=2, per_peer=2)
    assert all(slots.take(name) for name in (ANNA, BORIS))
    assert not slots.take(CLARA)
    assert [slots.take(CLARA, chosen=True) for _ in range(3)] == [True, True, False]
    slots.give_back(ANNA)
    assert slots.take(BORIS), "the chosen take nobody's place"
    assert not slots.take(ANNA)
    for name in (BORIS, BORIS, CLARA, CLARA):
        slots.give_back(name)
    assert len(slots) == 0
    assert not slots._open
    assert not slots._chosen


@given(st.lists(st.tuples(st.booleans(), st.sampled_from([ANNA, BORIS, CLARA]))))
def test_R8_the_limits_hold_and_who_holds_nothing_is_forgotten(
    steps: list[tuple[bool, PeerName]],
) -> None:
    slots, open_ = Slots(total=4, per_peer=2), list[PeerName]()
    for opens, peer in steps:
        if opens:
            free = open_.count(peer) < 2 and len(open_) < 4
            assert slots.take(peer) == free
            open_ += [peer] if free else []
        elif peer in open_:
            slots.give_back(peer)
            open_.remove(peer)
        assert len(slots) == len(open_)
        assert dict(slots._open) == {name: open_.count(name) for name in set(open_)}
