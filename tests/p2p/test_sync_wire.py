"""The bytes of sync frames: by hand, both ways, and from strangers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2p.holdings import END, START
from p2p.reconcile import Listing, Part, Range, Skip
from p2p.sync_wire import (
    MAX_FRAME,
    MAX_TAKE,
    MAX_WANT,
    Done,
    Frame,
    Hello,
    Over,
    Peers,
    Ranges,
    Records,
    Want,
    decode,
    encode,
    packed,
)

SALT = bytes(range(16))
LAST = "0000000000000001"
BY_HAND: list[tuple[str, Frame]] = [
    ("01 01 00 1388 000102030405060708090a0b0c0d0e0f", Hello(True, 5000, SALT)),
    ("01 01 01 0000 000102030405060708090a0b0c0d0e0f", Hello(False, 0, SALT)),
    (
        # skip to 00004e20 · 300 up to 00004e2080 · nothing up to 00004e21 · two up to the end
        "01 02 00 04 00004e20 24 01 80 ac02 0000000000000007 43 01 21 00 40 00 02" + 2 * LAST,
        Ranges(
            (
                Skip(b"\0\0\x4e\x20"),
                Part(b"\0\0\x4e\x20\x80", 300, 7),
                Listing(b"\0\0\x4e\x21", b""),
                Listing(END, (bytes(7) + b"\1") * 2),
            )
        ),
    ),
    ("01 03 0000000000000005", Want(bytes(7) + b"\5")),
    ("01 04 02 0003 616263 0001 7a", Records((b"abc", b"z"))),
    ("01 05 02 0003 2f6970 0002 c3a4", Peers(("/ip", "ä"))),
    ("01 06", Over()),
    ("01 07 00", Done(more=False)),
    ("01 07 01", Done(more=True)),
]

bounds = st.binary(min_size=1, max_size=20).filter(lambda bound: bound[-1] != 0)
hashes = st.integers(0, 5).flatmap(lambda n: st.binary(min_size=8 * n, max_size=8 * n))


@st.composite
def rows(draw: st.DrawFn) -> tuple[Range, ...]:
    uppers = sorted(draw(st.sets(bounds, min_size=1, max_size=12)))
    uppers += [END] if draw(st.booleans()) else []
    row: list[Range] = []
    for i, upper in enumerate(uppers):
        may_skip = i < len(uppers) - 1 and not (row and isinstance(row[-1], Skip))
        kind = draw(st.integers(0 if may_skip else 1, 2))
        if kind == 0:
            row.append(Skip(upper))
        elif kind == 1:
            row.append(
                Part(upper, draw(st.integers(0, 2**32 - 1)), draw(st.integers(0, 2**64 - 1)))
            )
        else:
            row.append(Listing(upper, draw(hashes)))
    return tuple(row)


frames = st.one_of(
    st.builds(Hello, st.booleans(), st.integers(0, MAX_TAKE), st.binary(min_size=16, max_size=16)),
    rows().map(Ranges),
    hashes.filter(bool).map(Want),
    st.lists(st.binary(min_size=1, max_size=640), min_size=1, max_size=96).map(
        lambda row: Records(tuple(row))
    ),
    st.lists(st.text(min_size=1, max_size=64), min_size=1, max_size=32).map(
        lambda row: Peers(tuple(row))
    ),
    st.just(Over()),
    st.builds(Done, st.booleans()),
)


@pytest.mark.parametrize(("text", "frame"), BY_HAND)
def test_frames_by_hand(text: str, frame: Frame) -> None:
    assert encode(frame).hex() == text.replace(" ", "")
    assert decode(bytes.fromhex(text)) == frame


@given(frames)
def test_what_is_encoded_decodes_to_the_same(frame: Frame) -> None:
    data = encode(frame)
    assert len(data) <= MAX_FRAME
    assert decode(data) == frame


def test_the_largest_frames_fit() -> None:
    for frame in (
        Records((b"x" * 640,) * 96),
        Peers(("x" * 256,) * 32),
        Want(bytes(8 * MAX_WANT)),
        Ranges((Listing(END, bytes(8 * 8_190)),)),
    ):
        assert decode(encode(frame)) == frame


@given(frames, st.data())
def test_Y6_one_encoding_a_value_whatever_a_stranger_changes(
    frame: Frame, data: st.DataObject
) -> None:
    coded = bytearray(encode(frame))
    for _ in range(data.draw(st.integers(0, 3))):
        coded[data.draw(st.integers(0, len(coded) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(coded[: data.draw(st.integers(0, len(coded)))]) + data.draw(st.binary(max_size=4))
    decoded = decode(cut)
    assert decoded is None or encode(decoded) == cut


@given(st.one_of(st.binary(max_size=80), st.binary(max_size=80).map(b"\1\2".__add__)))
def test_Y6_any_bytes_are_a_frame_or_none(data: bytes) -> None:
    decoded = decode(data)
    assert decoded is None or encode(decoded) == data


@pytest.mark.parametrize(
    "text",
    [
        "",
        "01",
        "02 06",  # another version
        "01 00",
        "01 08",
        "01 06 00",
        "01 07",
        "01 07 02",
        "01 07 00 00",
        "01 01 02 1388" + "00" * 16,  # a flag we do not know
        "01 01 00 1389" + "00" * 16,  # more than 5,000
        "01 01 00 1388" + "00" * 15,
        "01 02",  # no ranges
        "01 02 00 00",  # a skip at the end
        "01 02 00 01 05",
        "01 02 00 01 05 00 01 06 40 00 00",  # a skip behind a skip
        "01 02 60 00",  # no such mode
        "01 02 60 00 00",
        "01 02 40 00 00 40 00 00",  # something behind the end
        "01 02 41 00 00",  # shares with nothing
        "01 02 41 01 05 00",
        "01 02 40 02 0500 00",  # a zero at the end of a bound
        "01 02 40 01 05 00 41 01 00 00",
        "01 02 40 01 05 00 40 01 05 00",  # does not rise
        "01 02 40 01 05 00 40 01 04 00",
        "01 02 40 02 0505 00 40 02 0506 00",  # shares more than it says
        "01 02 40 15" + "05" * 21 + "00",  # a bound of 21 bytes
        "01 02 40 14" + "05" * 20 + "00 54 01 05 00",
        "01 02 40 00 80 00",  # 0 in two bytes
        "01 02 40 00 81 80 00",
        "01 02 40 00 ff ff ff ff 10",  # 2^32
        "01 02 40 00 80 80 80 80 80 00",
        "01 02 40 00 80",
        "01 02 40 00",
        "01 02 40 00 01 00000000000000",
        "01 02 40 00 00 00",
        "01 02 20 00 00 00000000000000",
        "01 02 20 02 05",
        "01 03",
        "01 03 00",
        "01 04 00",
        "01 04 61",
        "01 04 01 0000",
        "01 04 01 0281" + "00" * 641,
        "01 04 01 0002 61",
        "01 04 01 0001 61 61",
        "01 04 02 0001 61 00",
        "01 05 00",
        "01 05 21" + "0001 61" * 33,
        "01 05 01 0101" + "61" * 257,
        "01 05 01 0001 ff",  # no UTF-8
    ],
)
def test_what_is_no_frame_is_none(text: str) -> None:
    assert decode(bytes.fromhex(text)) is None


def test_a_frame_above_64_KiB_is_none() -> None:
    assert decode(b"\1\3" + bytes(8 * (MAX_WANT + 1))) is None


@given(rows(), st.integers(1, 30))
def test_many_ranges_take_several_frames_that_say_the_same(
    row: tuple[Range, ...], big: int
) -> None:
    grown = tuple(
        Listing(piece.upper, bytes(8 * 250 * big)) if isinstance(piece, Listing) else piece
        for piece in row
    )
    said: list[tuple[bytes, Range]] = []
    for data in packed(grown):
        frame = decode(data)
        assert isinstance(frame, Ranges)
        lower = START
        for piece in frame.ranges:
            said.append((lower, piece))
            lower = piece[0]
    lowers = [START, *(piece[0] for piece in grown)]
    wanted = [pair for pair in zip(lowers, grown, strict=False) if not isinstance(pair[1], Skip)]
    assert [pair for pair in said if not isinstance(pair[1], Skip)] == wanted


def test_no_ranges_take_no_frame() -> None:
    assert packed([]) == []


@pytest.mark.parametrize(
    "frame",
    [
        Hello(True, MAX_TAKE + 1, SALT),
        Hello(True, -1, SALT),
        Hello(True, 1, b"short"),
        Ranges(()),
        Ranges((Part(b"\1", 1, 1), Part(b"\1", 1, 1))),
        Ranges((Part(b"\1\0", 1, 1),)),
        Ranges((Part(b"\1" * 21, 1, 1),)),
        Ranges((Part(b"\1", 2**32, 1),)),
        Ranges((Listing(b"\1", b"1234567"),)),
        Ranges((Listing(b"\1", bytes(8 * 8_192)),)),
        Ranges((Listing(b"\1", bytes(8 * 5_000)), Listing(b"\2", bytes(8 * 5_000)))),
        Want(b""),
        Want(b"1234567"),
        Want(bytes(8 * (MAX_WANT + 1))),
        Records(()),
        Records((b"",)),
        Records((b"x" * 641,)),
        Records((b"x",) * 97),
        Peers(()),
        Peers(("x" * 257,)),
        Peers(("x",) * 33),
    ],
)
def test_our_own_mistakes_raise(frame: Frame) -> None:
    with pytest.raises(ValueError, match=r"has|take|holds|must"):
        encode(frame)
