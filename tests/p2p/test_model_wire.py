"""The bytes of model frames: by hand, both ways, and from strangers."""

import hashlib
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2p.model_wire import (
    CHUNK_BYTES,
    MAX_BEGINNING,
    MAX_CHUNKS,
    MAX_COUNT,
    MAX_SIZE,
    Ask,
    Chunk,
    Frame,
    Nothing,
    Offer,
    Want,
    decode,
    encode,
    offer,
)
from p2p.transport import MAX_FRAME
from web3rec.rerank.bundle import container

ONE = hashlib.sha256(b"rest").digest()
BY_HAND: list[tuple[str, Frame]] = [
    ("01 01", Ask()),
    ("01 02 00000007 0003 616263" + ONE.hex(), Offer(7, b"abc", ONE)),
    ("01 03", Nothing()),
    ("01 04 0008 05", Want(8, 5)),
    ("01 05 0102 7a", Chunk(258, b"z")),
]

offers = st.builds(
    lambda size, beginning, seed: offer(bytes([seed]) * size, min(beginning, size - 1)),
    st.integers(2, 3 * CHUNK_BYTES),
    st.integers(1, 200),
    st.integers(0, 255),
)
frames = st.one_of(
    st.just(Ask()),
    st.just(Nothing()),
    offers,
    st.builds(Want, st.integers(0, 2**16 - 1), st.integers(1, MAX_COUNT)),
    st.builds(Chunk, st.integers(0, 2**16 - 1), st.binary(min_size=1, max_size=100)),
)


@pytest.mark.parametrize(("text", "frame"), BY_HAND, ids=lambda v: type(v).__name__)
def test_frames_have_these_bytes(text: str, frame: Frame) -> None:
    assert encode(frame) == bytes.fromhex(text)
    assert decode(bytes.fromhex(text)) == frame


@given(frames)
def test_a_frame_comes_out_as_it_went_in(frame: Frame) -> None:
    assert decode(encode(frame)) == frame


@given(st.one_of(frames.map(encode), st.binary(max_size=80)), st.randoms(use_true_random=False))
def test_Y6_strangers_bytes_give_a_frame_with_one_spelling_or_none(
    data: bytes, random: Random
) -> None:
    bent = bytearray(data)
    for _ in range(random.randrange(3)):
        if bent:
            bent[random.randrange(min(len(bent), 12))] = random.randrange(256)
    found = decode(bytes(bent))
    assert found is None or encode(found) == bytes(bent)


@pytest.mark.parametrize(
    ("why", "text"),
    [
        ("empty", ""),
        ("another version", "02 01"),
        ("no such type", "01 06"),
        ("something behind an ask", "01 01 00"),
        ("something behind nothing", "01 03 00"),
        ("an empty chunk", "01 05 0000"),
        ("a want of none", "01 04 0000 00"),
        ("a want of too many", "01 04 0000 09"),
        ("a want cut off", "01 04 0000"),
        ("an offer without a rest", "01 02 00000003 0003 616263"),
        ("an offer without a beginning", "01 02 00000004 0000" + ONE.hex()),
        ("an offer cut off inside its beginning", "01 02 00000007 0003 6162"),
        ("a hash too few", "01 02 00010007 0003 616263" + ONE.hex()),
        ("a hash too many", "01 02 00000007 0003 616263" + 2 * ONE.hex()),
        ("larger than a bundle", "01 02 00800001 0003 616263" + 257 * ONE.hex()),
    ],
)
def test_Y6_these_bytes_are_no_frame(why: str, text: str) -> None:
    assert decode(bytes.fromhex(text)) is None, why


def test_the_largest_frames_fit_into_a_channel_and_no_larger_ones_are_made() -> None:
    largest = offer(bytes(MAX_SIZE), 1)
    assert largest.chunks == MAX_CHUNKS
    assert len(encode(largest)) <= MAX_FRAME
    assert len(encode(Chunk(0, bytes(CHUNK_BYTES)))) <= MAX_FRAME
    assert len(encode(offer(bytes(MAX_SIZE), MAX_BEGINNING))) <= MAX_FRAME
    for wrong in (
        lambda: offer(bytes(MAX_SIZE + 1), 1),
        lambda: offer(bytes(MAX_SIZE), MAX_BEGINNING + 1),
        lambda: offer(bytes(5), 5),
        lambda: encode(Chunk(0, bytes(CHUNK_BYTES + 1))),
        lambda: encode(Want(0, MAX_COUNT + 1)),
    ):
        with pytest.raises(ValueError, match=r"chunk|bundle|beginning"):
            wrong()


def test_every_bundle_fits() -> None:
    assert container.MAX_BYTES == MAX_SIZE
    assert container.HEAD_BYTES + container.MAX_MANIFEST <= MAX_BEGINNING


def test_chunks_are_numbered_from_behind_the_beginning() -> None:
    data = np.random.default_rng(1).bytes(76_800)
    said = offer(data, 100)
    rest = data[100:]
    assert said.rest == len(rest) == 76_700
    assert said.chunks == 3
    assert [said.length(n) for n in range(3)] == [32_768, 32_768, 11_164]
    pieces = [rest[n * CHUNK_BYTES : (n + 1) * CHUNK_BYTES] for n in range(3)]
    assert all(said.fits(n, piece) for n, piece in enumerate(pieces))
    assert not said.fits(1, pieces[0])
    assert not said.fits(2, pieces[2] + b"\0")
    assert not said.fits(3, b"")
    assert said.hashes == b"".join(hashlib.sha256(piece).digest() for piece in pieces)


@given(offers, offers)
def test_offers_of_different_bytes_have_different_keys(one: Offer, other: Offer) -> None:
    assert (one.key == other.key) == (one == other)
