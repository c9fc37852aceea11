"""Both ends of an exchange, frames carried by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2p.model_exchange import Fault, Getting, Giving, Step
from p2p.model_wire import CHUNK_BYTES, MAX_COUNT, Ask, Chunk, Nothing, Offer, Want, encode, offer

DATA = np.random.default_rng(1).bytes(384_000)  # 12 chunks behind a beginning of 1,000
SAID = offer(DATA, 1_000)


def chunk(number: int, said: Offer = SAID, data: bytes = DATA) -> bytes:
    at = len(said.beginning) + number * CHUNK_BYTES
    return encode(Chunk(number, data[at : at + said.length(number)]))


def fetched(giving: Giving, getting: Getting, have: int = 0, *, cut: int | None = None) -> bytes:
    """What travels, as far as `cut` chunks."""
    came = bytearray()
    assert giving.take(getting.ask()) == Ask()
    assert getting.take(giving.answer()) == SAID
    getting.resume(have)
    while not getting.complete:
        want = giving.take(encode(getting.want()))
        assert isinstance(want, Want)
        for number in range(want.first, want.first + want.count):
            if number == cut:
                return bytes(came)
            found = getting.take(chunk(number))
            assert isinstance(found, Chunk)
            came += found.data
    return bytes(came)


def test_a_bundle_of_twelve_chunks_takes_two_wants() -> None:
    giving, getting = Giving(SAID), Getting()
    assert SAID.beginning + fetched(giving, getting) == DATA
    assert giving.given == SAID.chunks == 12
    assert getting.complete
    assert not getting.waits
    with pytest.raises(ValueError, match="nothing is to be wanted"):
        getting.want()


@given(st.integers(0, 11))
def test_cut_anywhere_the_next_exchange_brings_the_rest_and_no_more(cut: int) -> None:
    first, again = Getting(), Getting()
    came = fetched(Giving(SAID), first, cut=cut)
    assert first.have == cut
    rest = fetched(Giving(SAID), again, first.have)
    assert SAID.beginning + came + rest == DATA


def test_who_has_nothing_says_so_and_is_asked_for_no_more() -> None:
    giving, getting = Giving(None), Getting()
    assert giving.take(getting.ask()) == Ask()
    assert getting.take(giving.answer()) == Nothing()
    assert getting.offer is None
    assert not getting.complete
    assert giving.take(encode(Want(0, 1))) is Fault.ORDER
    assert getting.take(chunk(0)) is Fault.ORDER


def test_another_version_in_the_first_frame_is_nobody_s_fault() -> None:
    assert Giving(SAID).take(b"\2\1more") is Step.FOREIGN
    assert Getting().take(b"\2\2more") is Step.FOREIGN
    giving = Giving(SAID)
    giving.take(encode(Ask()))
    assert giving.take(b"\2\1") is Fault.MALFORMED


@pytest.mark.parametrize(
    ("frame", "fault"),
    [
        (encode(Ask()), Fault.ORDER),
        (encode(SAID), Fault.ORDER),
        (b"\1\4\0\0", Fault.MALFORMED),
        (encode(Want(12, 1)), Fault.RANGE),
        (encode(Want(5, MAX_COUNT)), Fault.RANGE),
        (encode(Want(65_535, 1)), Fault.RANGE),
    ],
)
def test_Y6_what_an_opener_may_not_ask(frame: bytes, fault: Fault) -> None:
    giving = Giving(SAID)
    assert giving.take(encode(Ask())) == Ask()
    assert giving.take(frame) is fault


def test_Y5_no_chunk_is_sent_twice_in_an_exchange() -> None:
    giving = Giving(SAID)
    giving.take(encode(Ask()))
    assert giving.take(encode(Want(3, 2))) == Want(3, 2)
    assert giving.take(encode(Want(4, 1))) is Fault.RANGE
    assert giving.take(encode(Want(5, 7))) == Want(5, 7)
    assert giving.take(encode(Want(5, 1))) is Fault.RANGE


@pytest.mark.parametrize(
    ("frame", "fault"),
    [
        (encode(Ask()), Fault.ORDER),
        (encode(Nothing()), Fault.ORDER),
        (b"\1\5\0\0", Fault.MALFORMED),
        (chunk(1), Fault.ORDER),
        (encode(Chunk(0, bytes(CHUNK_BYTES))), Fault.FALSE),
        (chunk(0)[:-1], Fault.FALSE),
        (encode(Chunk(0, b"short")), Fault.FALSE),
    ],
)
def test_X3_what_a_server_may_not_send(frame: bytes, fault: Fault) -> None:
    getting = Getting()
    getting.take(encode(SAID))
    getting.want()
    assert getting.take(frame) is fault
    assert getting.have == 0, "nothing of it counts"


def test_chunks_nobody_asked_for_are_out_of_turn() -> None:
    getting = Getting()
    getting.take(encode(SAID))
    assert getting.take(chunk(0)) is Fault.ORDER
    getting.resume(12)
    assert getting.take(chunk(0)) is Fault.ORDER


@given(st.lists(st.one_of(st.binary(max_size=20), st.sampled_from([
    encode(Ask()), encode(Nothing()), encode(SAID), encode(Want(0, 8)), encode(Want(8, 4)),
    chunk(0), chunk(1), chunk(11),
])), max_size=12))  # fmt: skip
def test_Y6_any_sequence_of_frames_gives_an_answer(sequence: list[bytes]) -> None:
    giving, getting = Giving(SAID), Getting()
    for frame in sequence:
        giving.take(frame)
        found = getting.take(frame)
        if isinstance(found, Offer | Chunk) and not (getting.waits or getting.complete):
            getting.want()
        assert 0 <= getting.have <= SAID.chunks
        assert 0 <= giving.given <= SAID.chunks
