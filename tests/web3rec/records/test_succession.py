"""Which key took over from which: by hand, as laws, and against those who would like to inherit."""

from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web3rec.records.merge import MAX_ROTATIONS
from web3rec.records.succession import (
    HANDS_OVER,
    TAKES_OVER,
    Rotation,
    Succession,
    succession,
)
from web3rec.types import PeerId

A, B, C, D, E, X = (PeerId(letter.encode() * 32) for letter in "ABCDEX")


def hands(author: PeerId, peer: PeerId, n: int = 10) -> Rotation:
    return Rotation(author, n, peer, HANDS_OVER)


def takes(author: PeerId, peer: PeerId, n: int = 11) -> Rotation:
    return Rotation(author, n, peer, TAKES_OVER)


def moved(old: PeerId, new: PeerId, n: int = 10) -> list[Rotation]:
    return [hands(old, new, n), takes(new, old, n + 1)]


rotations = st.lists(
    st.builds(
        Rotation,
        st.sampled_from([A, B, C, D, E]),
        st.integers(0, 9),
        st.sampled_from([A, B, C, D, E]),
        st.sampled_from([HANDS_OVER, TAKES_OVER, 3]),
    ).filter(lambda one: one.author != one.peer),
    max_size=14,
)


def test_a_rotation_by_hand() -> None:
    who = succession(moved(A, B))
    assert (who.of(A), who.of(B), who.of(C)) == (B, B, C)
    assert who.line(B) == (A, B)
    assert who.hears(A, 9)
    assert not who.hears(A, 10)
    assert who.hears(B, 999)


def test_a_line_of_keys_is_the_last_of_them() -> None:
    who = succession([*moved(B, C, 20), *moved(A, B)])
    assert who.heads == {A: C, B: C}
    assert who.lines == {C: (A, B, C)}
    assert who.ended == {A: 10, B: 20}


def test_nobody_inherits_who_was_not_named_and_nobody_is_made_to() -> None:
    """A stranger's word alone does nothing: neither "I am A now" nor "B is me now"."""
    assert succession([takes(X, A)]) == Succession()
    who = succession([hands(X, B)])  # a bad name that somebody would like to lay on B
    assert (who.of(X), who.heads) == (X, {})


def test_a_key_that_says_it_is_over_is_over_even_if_nobody_follows() -> None:
    who = succession([hands(A, X, 7), hands(A, B, 9)])
    assert who.of(A) == A
    assert not who.hears(A, 7)
    assert who.hears(A, 6)


def test_the_owner_and_a_thief_who_rotate_one_key_stop_each_other() -> None:
    who = succession([*moved(A, B, 10), *moved(A, X, 3)])
    assert who.heads == {}
    assert not who.hears(A, 3)


def test_trust_in_several_keys_cannot_be_poured_into_one() -> None:
    who = succession([*moved(A, C), *moved(B, C)])
    assert who.heads == {}


@pytest.mark.parametrize("ring", [(A, B), (A, B, C), (A, B, C, D)])
def test_a_circle_inherits_nothing(ring: tuple[PeerId, ...]) -> None:
    turned = [one for k, key in enumerate(ring) for one in moved(key, ring[(k + 1) % len(ring)])]
    assert succession(turned).heads == {}
    assert succession([*turned, *moved(D, E)] if len(ring) < 4 else turned).of(A) == A


def test_who_fills_up_its_rotations_ends_with_the_first() -> None:
    """More than a few are never honest, and the store keeps the first few only."""
    junk = [takes(A, X, n) for n in range(MAX_ROTATIONS - 1)]
    who = succession([*moved(A, B), *junk])
    assert who.heads == {}
    assert not who.hears(A, 0)


def test_the_ego_is_not_over_whatever_is_said() -> None:
    """Somebody who has the ego's key cannot take its own device from it."""
    who = succession([*moved(A, X), *moved(B, A)], me=A)
    assert (who.of(A), who.of(B), who.of(X)) == (A, A, X)
    assert who.hears(A, 10**9)


@given(rotations, st.data())
def test_the_order_does_not_matter(said: list[Rotation], data: st.DataObject) -> None:
    twice = data.draw(st.permutations([*said, *said]))
    assert succession(twice) == succession(said)


@given(rotations)
def test_a_line_is_a_line(said: list[Rotation]) -> None:
    """Every key in at most one, each step by both keys' own word, and the last is nobody else's."""
    who = succession(said)
    pairs = {(one.author, one.peer, one.weight) for one in said}
    seen: list[PeerId] = []
    for head, line in who.lines.items():
        assert line[-1] == head
        assert len(line) > 1
        seen += line
        for old, new in pairwise(line):
            assert (old, new, HANDS_OVER) in pairs
            assert (new, old, TAKES_OVER) in pairs
            assert who.of(old) == head
    assert len(seen) == len(set(seen))
    assert set(who.heads) == {key for line in who.lines.values() for key in line[:-1]}
    assert not set(who.heads) & set(who.lines)


@given(rotations)
def test_an_honest_line_falls_to_nobody_but_those_who_have_its_keys(said: list[Rotation]) -> None:
    """A and B rotated; whatever C, D and E say, that stands."""
    others = [one for one in said if one.author not in (A, B)]
    who = succession([*moved(A, B), *others])
    assert who.line(who.of(A))[:2] == (A, B)
    assert who.of(A) == who.of(B) == B


@given(rotations, rotations)
def test_what_is_over_stays_over(some: list[Rotation], more: list[Rotation]) -> None:
    """More rotations never give a key its voice back: `ended` only falls."""
    before, after = succession(some).ended, succession(_kept([*some, *more])).ended
    for key, n in before.items():
        assert after[key] <= n


def _kept(said: Iterable[Rotation]) -> list[Rotation]:
    """What the merge rule keeps: of each author those of the lowest sequences."""
    kept: list[Rotation] = []
    every = list(said)
    for author in {one.author for one in every}:
        own = [one for one in every if one.author == author]
        lowest = sorted({one.n for one in own})[:MAX_ROTATIONS]
        kept += [one for one in own if one.n in lowest]
    return kept
