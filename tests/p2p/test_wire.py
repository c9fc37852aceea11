"""Bytes on the wire: worked by hand, back and forth, and total on anything."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2p import wire
from p2p.transport import MAX_FRAME, MAX_MESSAGE
from p2p.wire import Batch, Frame, Header, Request, Same

LOG = bytes(range(16))
DIGEST = bytes(range(32, 64))
envelopes = st.lists(st.binary(min_size=1, max_size=640), min_size=1, max_size=40)
requests = st.builds(
    Request,
    log_id=st.binary(min_size=16, max_size=16),
    cursor=st.integers(0, wire.MAX_CURSOR),
    limit=st.integers(1, wire.MAX_SESSION),
    held=st.integers(0, wire.MAX_CURSOR),
    digest=st.binary(min_size=32, max_size=32),
)
frames = st.one_of(
    st.builds(Header, log_id=st.binary(min_size=16, max_size=16), restarted=st.booleans()),
    st.builds(
        Batch,
        envelopes=st.lists(st.binary(min_size=1, max_size=640), max_size=8).map(tuple),
        cursor=st.integers(0, wire.MAX_CURSOR),
        more=st.booleans(),
    ),
    st.builds(
        Same,
        log_id=st.binary(min_size=16, max_size=16),
        restarted=st.booleans(),
        cursor=st.integers(0, wire.MAX_CURSOR),
    ),
)


def test_a_message_worked_by_hand() -> None:
    """Version 1, two envelopes: one of 3 bytes, one of 1."""
    message = bytes.fromhex("01 02  0003 616263  0001 7a")
    assert wire.pack([b"abc", b"z"]) == message
    assert wire.unpack(message) == (b"abc", b"z")


def test_a_request_worked_by_hand() -> None:
    request = bytes.fromhex(
        "01 000102030405060708090a0b0c0d0e0f 0000000000000102 00001388 0000000000000003"
        "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"
    )
    assert len(request) == 69
    assert wire.encode_request(Request(LOG, 258, 5000, 3, DIGEST)) == request
    assert wire.decode_request(request) == Request(LOG, 258, 5000, 3, DIGEST)


def test_a_request_that_does_not_say_what_is_held_ends_in_forty_zeros() -> None:
    assert wire.encode_request(Request(LOG, 258, 5000))[29:] == bytes(40)


def test_frames_worked_by_hand() -> None:
    header = bytes.fromhex("01 01 01 000102030405060708090a0b0c0d0e0f")
    assert wire.encode_frame(Header(LOG, restarted=True)) == header
    assert wire.decode_frame(header) == Header(LOG, restarted=True)
    batch = bytes.fromhex("01 02 00 0000000000000007 0001 0002 6869")
    assert wire.encode_frame(Batch((b"hi",), 7, more=False)) == batch
    assert wire.decode_frame(batch) == Batch((b"hi",), 7, more=False)
    same = bytes.fromhex("01 03 00 000102030405060708090a0b0c0d0e0f 0000000000000102")
    assert wire.encode_frame(Same(LOG, restarted=False, cursor=258)) == same
    assert wire.decode_frame(same) == Same(LOG, restarted=False, cursor=258)


@pytest.mark.parametrize(
    "example",
    [
        wire.pack([b"abc", b"z"]),
        wire.encode_request(Request(LOG, 258, 5000, 3, DIGEST)),
        wire.encode_frame(Same(LOG, restarted=False, cursor=258)),
        wire.encode_frame(Header(LOG, restarted=True)),
        wire.encode_frame(Batch((b"hi",), 7, more=False)),
    ],
)
def test_the_examples_in_the_protocol_document_are_true(example: bytes) -> None:
    text = Path(__file__).parents[2].joinpath("docs", "protocol.md").read_text(encoding="utf-8")
    assert any(line.replace(" ", "").endswith(example.hex()) for line in text.splitlines())


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ("", "nothing"),
        ("01", "no count"),
        ("01 00", "no envelope"),
        ("02 01 0001 7a", "another version"),
        ("01 01 0000", "an empty envelope"),
        ("01 01 0002 7a", "cut off"),
        ("01 01 0001 7a 00", "a byte too many"),
        ("01 02 0001 7a", "fewer than announced"),
        ("01 21" + "0001 7a" * 33, "33 envelopes"),
        ("01 01 0281" + "00" * 641, "an envelope of 641 bytes"),
        ("01 0d" + ("0280" + "00" * 640) * 13, "8,348 bytes"),
    ],
)
def test_what_is_no_message_gives_none(bad: str, why: str) -> None:
    assert wire.unpack(bytes.fromhex(bad)) is None, why


@pytest.mark.parametrize(
    "bad",
    [
        "01 02 02 0000000000000007 0000",  # flag 2
        "01 04 00 0000000000000007 0000",  # kind 4
        "01 03 00 0000000000000007 0000",  # a same without a log
        "01 03 02" + "00" * 24,  # flag 2
        "01 03 00" + "00" * 16 + "8000000000000000",  # cursor 2^63
        "01 03 00" + "00" * 25,
        "01 02 00 8000000000000000 0000",  # cursor 2^63: no signed column holds it
        "01 02 00 0000000000000007 0061" + "0001 7a" * 97,  # 97 envelopes
        "01 01 00" + "00" * 15,  # a short log id
        "01 01 00" + "00" * 17,
    ],
)
def test_what_is_no_frame_gives_none(bad: str) -> None:
    assert wire.decode_frame(bytes.fromhex(bad)) is None


@pytest.mark.parametrize(
    ("cursor", "limit", "held"), [(2**63, 1, 0), (0, 0, 0), (0, 5001, 0), (0, 1, 2**63)]
)
def test_a_request_out_of_range_gives_none(cursor: int, limit: int, held: int) -> None:
    place = b"\x01" + LOG + cursor.to_bytes(8, "big") + limit.to_bytes(4, "big")
    assert wire.decode_request(place + held.to_bytes(8, "big") + DIGEST) is None


@given(envelopes)
def test_split_keeps_order_and_every_batch_fits(row: list[bytes]) -> None:
    batches = wire.split(row)
    assert [e for batch in batches for e in batch] == row
    for batch in batches:
        message = wire.pack(batch)
        assert len(message) <= wire.MAX_BYTES <= MAX_MESSAGE
        assert wire.unpack(message) == batch


@given(envelopes, st.integers(1, wire.MAX_RECORDS))
def test_split_is_greedy_under_its_bounds(row: list[bytes], most: int) -> None:
    """No batch could take the first envelope of the next one."""
    batches = wire.split(row, most)
    for batch, following in pairwise(batches):
        full = len(batch) == most
        size = 2 + sum(2 + len(e) for e in (*batch, following[0]))
        assert full or size > wire.MAX_BYTES


@given(requests)
def test_requests_come_back(request: Request) -> None:
    assert wire.decode_request(wire.encode_request(request)) == request


@given(frames)
def test_frames_come_back(frame: Frame) -> None:
    assert wire.decode_frame(wire.encode_frame(frame)) == frame


def test_the_largest_batch_is_a_frame() -> None:
    largest = wire.encode_frame(Batch((bytes(640),) * wire.MAX_BATCH, wire.MAX_CURSOR, more=True))
    assert len(largest) <= MAX_FRAME
    assert wire.decode_frame(largest) is not None


@given(st.binary(max_size=2048))
def test_R1_decoders_are_total_and_accept_one_encoding(data: bytes) -> None:
    message, request, frame = wire.unpack(data), wire.decode_request(data), wire.decode_frame(data)
    assert message is None or wire.pack(message) == data
    assert request is None or wire.encode_request(request) == data
    assert frame is None or wire.encode_frame(frame) == data


@given(envelopes.map(lambda row: row[:4]), st.data())
def test_a_mutated_message_is_none_or_another_message(
    row: list[bytes], data: st.DataObject
) -> None:
    message = bytearray(wire.pack(row))
    at = data.draw(st.integers(0, len(message) - 1))
    message[at] ^= data.draw(st.integers(1, 255))
    read = wire.unpack(bytes(message))
    assert read is None or (read != tuple(row) and wire.pack(read) == message)


@pytest.mark.parametrize(
    "row", [[], [b""], [bytes(641)], [b"a"] * 33, [bytes(640)] * 13], ids=lambda row: str(len(row))
)
def test_our_own_mistakes_raise(row: list[bytes]) -> None:
    with pytest.raises(ValueError, match=r"got \d+"):
        wire.pack(row)


@pytest.mark.parametrize(
    "request_",
    [
        Request(b"short", 0, 1),
        Request(LOG, -1, 1),
        Request(LOG, 0, 0),
        Request(LOG, 0, 1, -1, DIGEST),
        Request(LOG, 0, 1, 1, b"short"),
    ],
)
def test_a_request_that_cannot_be_sent_raises(request_: Request) -> None:
    with pytest.raises(ValueError, match="got"):
        wire.encode_request(request_)


@pytest.mark.parametrize(
    "frame",
    [
        Header(b"short", restarted=False),
        Batch((), 2**63, more=False),
        Batch((b"a",) * 97, 0, more=False),
        Same(LOG, restarted=False, cursor=-1),
    ],
)
def test_a_frame_that_cannot_be_sent_raises(frame: Frame) -> None:
    with pytest.raises(ValueError, match="got"):
        wire.encode_frame(frame)
