"""Sorted elements, their bounds, their hashes."""

import bisect

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2p.holdings import END, Holdings, HoldingsError, Salted, hashes, session_key
from tests.p2p.elements import elements, some
from tests.p2p.ends import Element

KEY = bytes(range(16))


def coded(element: Element) -> bytes:
    return element[0].to_bytes(4, "big") + element[1]


def test_elements_stand_in_the_order_of_their_bytes() -> None:
    """By hand: day first, then id; an id of a later day comes later however small it is."""
    holdings = Holdings.of({(2, b"\0" * 16), (1, b"\xff" * 16), (1, b"\1" * 16)})
    assert [holdings.element(i).hex() for i in range(3)] == [
        "00000001" + "01" * 16,
        "00000001" + "ff" * 16,
        "00000002" + "00" * 16,
    ]
    assert holdings.id(1) == b"\xff" * 16
    assert holdings.keys.tolist() == [0x0000000101010101, 0x00000001FFFFFFFF, 0x0000000200000000]


@given(
    st.sets(elements, max_size=60),
    st.lists(st.binary(max_size=20).filter(lambda b: b[-1:] != b"\0")),
)
def test_places_are_what_a_plain_search_finds(held: set[Element], bounds: list[bytes]) -> None:
    order = sorted(map(coded, held))
    bounds += [*order[:5], *(one[:18] for one in order[:5])]
    places = Holdings.of(held).places([*bounds, END])
    assert places.tolist() == [bisect.bisect_left(order, bound) for bound in bounds] + [len(order)]


@given(st.sets(elements, min_size=2, max_size=60))
def test_a_cut_is_the_shortest_bound_between_two_elements(held: set[Element]) -> None:
    holdings = Holdings.of(held)
    for place, cut in enumerate(holdings.cuts(np.arange(1, len(held))), 1):
        before, behind = holdings.element(place - 1), holdings.element(place)
        assert before < cut <= behind
        assert cut[-1] > 0
        assert before >= cut[:-1]  # one byte less would not part them


@given(st.sets(elements, max_size=60), st.integers(0, 60), st.integers(0, 60))
def test_a_fingerprint_is_count_and_sum_of_the_hashes(held: set[Element], a: int, b: int) -> None:
    salted = Salted.of(Holdings.of(held), KEY)
    low, high = sorted((min(a, len(held)), min(b, len(held))))
    slow = sum(salted.hashes[low:high].tolist()) % 2**64
    assert salted.fingerprint(low, high) == (high - low, slow)


def test_a_hash_is_half_an_AES_block() -> None:
    """FIPS 197, appendix C.1: the block of 00112233… under 000102… is 69c4e0d86a7b0430 d8cd…."""
    plain = bytes.fromhex("00112233445566778899aabbccddeeff")
    assert hashes(plain, KEY).tolist() == [0x69C4E0D86A7B0430]
    assert hashes(plain * 3, KEY).tolist() == [0x69C4E0D86A7B0430] * 3


def test_fingerprints_depend_on_both_salts_and_on_who_gave_which(rng: np.random.Generator) -> None:
    holdings = Holdings.of(some(50, rng))
    salts = [
        (b"a" * 16, b"b" * 16),
        (b"c" * 16, b"b" * 16),
        (b"a" * 16, b"c" * 16),
        (b"b" * 16, b"a" * 16),
    ]
    keys = [session_key(*pair) for pair in salts]
    sums = {Salted.of(holdings, key).fingerprint(0, 50).total for key in keys}
    assert len(sums) == 4
    assert all(len(key) == 16 for key in keys)


@pytest.mark.parametrize(
    ("days", "ids", "match"),
    [
        ([1], b"", "need 16 bytes of ids, got 0"),
        ([1], b"x" * 17, "got 17"),
        ([-1], b"x" * 16, "numbers in"),
        ([2**32], b"x" * 16, "numbers in"),
        (["a"], b"x" * 16, "numbers in"),
        ([2, 1], b"x" * 32, "sorted"),
        ([1, 1], b"x" * 32, "each once"),
        ([1, 1], b"x" * 15 + b"b" + b"x" * 15 + b"a", "sorted"),
    ],
)
def test_what_is_no_sorted_set_is_refused(days: list[int], ids: bytes, match: str) -> None:
    with pytest.raises(HoldingsError, match=match):
        Holdings(days, ids)  # type: ignore[arg-type]


def test_holdings_keep_a_copy_that_nobody_changes() -> None:
    days = np.array([1, 2], dtype=np.uint32)
    holdings = Holdings(days, b"a" * 32)
    days[0] = 9
    assert holdings.days.tolist() == [1, 2]
    with pytest.raises(ValueError, match="read-only"):
        holdings.days[0] = 9


def test_holdings_may_be_empty() -> None:
    holdings = Holdings([], b"")  # type: ignore[arg-type]
    assert len(holdings) == 0
    assert holdings.places([b"a", END]).tolist() == [0, 0]
    assert Salted.of(holdings, KEY).fingerprint(0, 0) == (0, 0)
