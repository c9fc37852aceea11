"""Bytes on the wire: worked by hand, back and forth, and total on anything."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2p import wire
from p2p.transport import MAX_MESSAGE

envelopes = st.lists(st.binary(min_size=1, max_size=640), min_size=1, max_size=40)


def test_a_message_worked_by_hand() -> None:
    """Version 1, two envelopes: one of 3 bytes, one of 1."""
    message = bytes.fromhex("01 02  0003 616263  0001 7a")
    assert wire.pack([b"abc", b"z"]) == message
    assert wire.unpack(message) == (b"abc", b"z")


def test_the_example_in_the_protocol_document_is_true() -> None:
    text = Path(__file__).parents[2].joinpath("docs", "protocol.md").read_text(encoding="utf-8")
    example = wire.pack([b"abc", b"z"]).hex()
    assert any(line.replace(" ", "") == example for line in text.splitlines())


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


@given(st.binary(max_size=2048))
def test_R1_the_decoder_is_total_and_accepts_one_encoding(data: bytes) -> None:
    message = wire.unpack(data)
    assert message is None or wire.pack(message) == data


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
