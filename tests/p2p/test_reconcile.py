"""Who lacks what: against plain set difference, and against nonsense."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2p.holdings import END, HASH_BYTES, Holdings, Salted
from p2p.reconcile import LIST_MOST, MOST_WANTS, Listing, Part, Range, Reconciliation, Skip
from tests.p2p.elements import DAY, pairs, some
from tests.p2p.ends import Element

KEY = bytes(range(16))
MUCH = 10**7


def side(held: set[Element], key: bytes = KEY) -> tuple[Holdings, Salted, Reconciliation]:
    holdings = Holdings.of(held)
    salted = Salted.of(holdings, key)
    return holdings, salted, Reconciliation(salted)


def differences(
    one: set[Element], other: set[Element]
) -> tuple[set[Element], set[Element], list[int]]:
    """What each end finds that the other lacks, and how many ranges each answer had."""
    ends = [side(one), side(other)]
    said, sizes, turn = ends[0][2].begin(MUCH), [], 0
    while said:
        sizes.append(len(said))
        turn = 1 - turn
        assert ends[turn][2].hear(said)
        wants = ends[turn][2].wants()
        assert not len(wants) or ends[1 - turn][2].asked(wants)
        said = ends[turn][2].answer(MUCH)
        assert len(sizes) < 20
    owed = []
    for holdings, _, reconciliation in ends:
        places = reconciliation.owed().tolist()
        assert places == sorted(set(places), reverse=True)  # newest days first, each once
        owed.append({(int(holdings.days[i]), holdings.id(i)) for i in places})
    return owed[0], owed[1], sizes


@given(pairs())
def test_each_end_finds_exactly_what_the_other_lacks(
    sets: tuple[set[Element], set[Element]],
) -> None:
    one, other = sets
    owed_by_one, owed_by_other, _ = differences(one, other)
    assert owed_by_one == one - other
    assert owed_by_other == other - one


@pytest.mark.parametrize("count", [0, 1, LIST_MOST, LIST_MOST + 1, 5_000])
def test_equal_sets_end_with_the_first_answer(count: int, rng: np.random.Generator) -> None:
    held = some(count, rng)
    assert len(differences(held, set(held))[2]) == 1


def test_by_hand_one_element_each() -> None:
    """Both hold little, so all is listed at once, and who gets the list knows both differences."""
    _, salted, one = side({(DAY, b"a" * 16), (DAY, b"c" * 16)})
    _, theirs, other = side({(DAY, b"b" * 16), (DAY, b"c" * 16)})
    said = one.begin(MUCH)
    assert said == [Listing(END, salted.hashes.astype(">u8").tobytes())]
    assert other.hear(said)
    assert other.answer(MUCH) == []
    assert other.owed().tolist() == [0]  # b
    wants = other.wants()
    assert wants.tolist() == [int(salted.hashes[0])]  # a
    assert one.asked(wants)
    assert one.owed().tolist() == [0]
    assert theirs.hashes[1] == salted.hashes[1]


def test_who_holds_nothing_says_so_in_one_range(rng: np.random.Generator) -> None:
    _, _, full = side(some(10_000, rng))
    _, _, empty = side(set())
    assert empty.hear(full.begin(MUCH))
    said = empty.answer(MUCH)
    assert said == [Listing(END, b"")]
    assert full.hear(said)
    assert full.answer(MUCH) == []
    assert len(full.owed()) == 10_000


def test_who_says_that_a_part_is_empty_is_owed_all_of_it(rng: np.random.Generator) -> None:
    """We say so by an empty list; others may say it by a fingerprint."""
    _, _, full = side(some(100, rng))
    assert full.hear([Part(END, 0, 0)])
    assert full.answer(MUCH) == []
    assert len(full.owed()) == 100


def test_a_few_of_many_are_listed_by_who_has_few(rng: np.random.Generator) -> None:
    """One end holds 10,000, the other 20 of them: no fingerprints of 10,000 elements' parts."""
    many = some(10_000, rng)
    few = set(sorted(many)[::500])
    *_, sizes = differences(many, few)
    assert max(sizes) <= 64
    *_, sizes = differences(few, many)
    assert max(sizes) <= 64


def test_what_does_not_fit_is_left_and_it_is_the_oldest(rng: np.random.Generator) -> None:
    held = {(DAY + i, rng.bytes(16)) for i in range(40) for _ in range(40)}
    _, _, one = side(held)
    _, _, other = side({(DAY + i, b"z" * 16) for i in range(40)})
    assert other.hear(one.begin(MUCH))
    assert one.hear(other.answer(500))
    assert other.cut_short
    assert not one.cut_short
    assert one.owed()[0] == len(held) - 1  # the newest
    assert 0 not in one.owed()


def test_more_wants_than_allowed_are_chosen_at_random() -> None:
    theirs = np.arange(MOST_WANTS + 100, dtype=np.uint64) * np.uint64(7)
    _, _, one = side(set())
    one.begin(MUCH)
    assert not one.hear([Listing(END, b"")])  # a list was not asked for: ours was a list too
    _, _, other = side(set())
    assert other.hear([Listing(END, theirs[::-1].astype(">u8").tobytes())])
    assert other.wants().tolist() == theirs[:MOST_WANTS].tolist()
    assert other.cut_short
    assert len(other.wants()) == 0


def opened(rng: np.random.Generator) -> tuple[Reconciliation, list[bytes]]:
    """Somebody who has said fingerprints inside bounds 0 to 1 and 19 to 20 and nowhere else."""
    _, _, one = side(some(10_000, rng))
    bounds = [piece[0] for piece in one.begin(MUCH)]
    differing: list[Range] = [
        Skip(bounds[0]),
        Part(bounds[1], 500, 0),
        Skip(bounds[19]),
        Part(bounds[20], 500, 0),
    ]
    assert one.hear(differing)
    one.answer(MUCH)
    return one, bounds


@pytest.mark.parametrize(
    "nonsense",
    [
        lambda b: [Skip(b[0]), Part(b[1], 1, 1), Part(b[1], 1, 1)],  # stands still
        lambda b: [Skip(b[1]), Part(b[0], 1, 1)],  # goes back
        lambda b: [Listing(b[1], b"")],  # begins before what was open
        lambda b: [Skip(b[0]), Listing(b[2], b"")],  # ends behind it
        lambda b: [Skip(b[1]), Listing(b[2], b"")],  # beside it
        lambda b: [Skip(b[0]), Listing(b[20], b"")],  # across the gap
        lambda b: [Skip(b[20]), Listing(END, b"")],  # behind all of it
    ],
)
def test_ranges_that_were_not_open_are_noticed(
    nonsense: Callable[[list[bytes]], list[Range]], rng: np.random.Generator
) -> None:
    one, bounds = opened(rng)
    assert not one.hear(nonsense(bounds))


def test_ranges_are_answered_once_and_forwards(rng: np.random.Generator) -> None:
    one, bounds = opened(rng)
    assert one.hear([Skip(bounds[0]), Listing(bounds[1], b"")])
    assert not one.hear([Skip(bounds[0]), Listing(bounds[1], b"")])
    one, bounds = opened(rng)
    assert one.hear([Skip(bounds[19]), Listing(bounds[20], b"")])
    assert not one.hear([Skip(bounds[0]), Listing(bounds[1], b"")])


def test_only_what_was_listed_just_now_may_be_asked_for_and_once(rng: np.random.Generator) -> None:
    _, salted, one = side(some(10, rng))
    wanted = salted.hashes[3:5]
    assert not one.asked(wanted)  # nothing listed yet
    one.begin(MUCH)
    assert not one.asked(np.array([int(wanted[0]) ^ 1], dtype=np.uint64))
    assert not one.asked(np.array([2**64 - 1], dtype=np.uint64))
    assert not one.asked(wanted[[0, 0]])
    assert one.asked(wanted)
    assert not one.asked(wanted)
    assert one.owed().tolist() == [4, 3]
    one.answer(MUCH)
    assert not one.asked(salted.hashes[:1])


@given(pairs(most=150), st.integers(0, 3_000))
def test_an_answer_is_never_longer_than_allowed(
    sets: tuple[set[Element], set[Element]], most: int
) -> None:
    _, _, one = side(sets[0])
    _, _, other = side(sets[1])
    other.hear(one.begin(MUCH))
    said = other.answer(most)
    size = sum(
        len(piece[0]) + (len(piece.hashes) if isinstance(piece, Listing) else 10) for piece in said
    )
    assert size <= most
    assert all(
        len(piece.hashes) <= HASH_BYTES * LIST_MOST for piece in said if isinstance(piece, Listing)
    )
    assert one.hear(said)
