"""One accepted byte string per record, and no byte string that raises."""

import struct
from typing import Any

import dag_cbor
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.strategies import KEYS, TODAY, records, signed_records
from web3rec.errors import DataError
from web3rec.records.codec import decode, encode, is_shallow
from web3rec.records.envelope import unwrap
from web3rec.records.flaw import Flaw
from web3rec.records.model import DAY, MAX_BODY, ItemMeta, Kind, Record, Signed

LIKE = Record(KEYS[0].peer, 1, TODAY * DAY, (TODAY + 30) * DAY, Kind.LIKE, b"i" * 16)
BODY = encode(LIKE)
FIELDS: dict[str, Any] = dict(dag_cbor.decode(BODY))  # type: ignore[arg-type]


def test_a_body_by_hand() -> None:
    """Key order is by length, then bytes: a i k n t v w x, all of length 1."""
    by_hand = b"".join(
        (
            b"\xa8",
            b"\x61a\x58\x20" + KEYS[0].peer,
            b"\x61i\x50" + b"i" * 16,
            b"\x61k\x64like",
            b"\x61n\x01",
            b"\x61t\x1a" + struct.pack(">I", TODAY * DAY),
            b"\x61v\x01",
            b"\x61w\x01",
            b"\x61x\x1a" + struct.pack(">I", (TODAY + 30) * DAY),
        )
    )
    assert by_hand == BODY
    assert decode(by_hand) == LIKE


@given(signed_records())
def test_R2_what_is_written_is_read_and_the_same_is_written_again(signed: Signed) -> None:
    body = encode(signed.record)
    assert decode(body) == signed.record
    parts = unwrap(signed.envelope)
    assert parts is not None
    assert parts[0] == body


SECOND_SPELLINGS = {
    "n in two bytes": BODY.replace(b"\x61n\x01", b"\x61n\x18\x01"),
    "n in nine bytes": BODY.replace(b"\x61n\x01", b"\x61n\x1b" + b"\0" * 7 + b"\x01"),
    "head of k in two bytes": BODY.replace(b"\x64like", b"\x78\x04like"),
    "map head in two bytes": b"\xb8\x08" + BODY[1:],
    "keys out of order": b"\xa8" + BODY[1 + 36 :] + BODY[1 : 1 + 36],
    "a key twice": b"\xa9" + BODY[1:-7] + b"\x61w\x01" + BODY[-7:],
    "half a float": BODY.replace(b"\x61w\x01", b"\x61w\xf9\x3c\x00"),
    "text not UTF-8": BODY.replace(b"\x64like", b"\x64lik\xff"),
    "a key not text": BODY.replace(b"\x61w\x01", b"\x41w\x01"),
    "NaN": BODY.replace(b"\x61w\x01", b"\x61w\xfb\x7f\xf8" + b"\0" * 6),
    "undefined": BODY.replace(b"\x61w\x01", b"\x61w\xf7"),
}


@pytest.mark.parametrize("body", SECOND_SPELLINGS.values(), ids=SECOND_SPELLINGS.keys())
def test_a_second_spelling_is_not_canonical(body: bytes) -> None:
    assert body != BODY
    assert decode(body) is Flaw.NOT_CANONICAL


MALFORMED = {
    "empty": b"",
    "cut short": BODY[:-1],
    "a byte too many": BODY + b"\0",
    "a list": b"\x80",
    "a number": b"\x01",
    "break": b"\xff",
    "indefinite map": b"\xbf" + BODY[1:] + b"\xff",
    "indefinite text": BODY.replace(b"\x64like", b"\x7f\x64like\xff"),
    "tag": BODY.replace(b"\x61n\x01", b"\x61n\xc1\x01"),
    "CID": BODY.replace(b"\x61n\x01", b"\x61n\xd8\x2a\x41\x00"),
    "length of 2^64 - 1": BODY.replace(b"\x50" + b"i" * 16, b"\x5b" + b"\xff" * 8),
    "map of 2^64 - 1": b"\xbb" + b"\xff" * 8,
    "five levels": b"\x81" * 5 + b"\x00",
    "500 levels": b"\x81" * 500,
    "deep maps": b"\xa1\x61a" * 170,
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
def test_what_is_not_one_plain_value_is_malformed(body: bytes) -> None:
    assert decode(body) is Flaw.MALFORMED


@pytest.mark.parametrize(
    "change",
    [
        {"z": 1},
        {"m": {"title": "", "creator": "", "tags": []}},
        {"v": 0},
        {"v": -1},
        {"v": True},
        {"v": "1"},
        {"v": 1.0},
        {"v": None},
        {"n": -(2**63)},
        {"n": 1.5},
        {"w": True},
        {"a": "a" * 32},
        {"k": b"like"},
        {"k": "dislike"},
        {"k": "Like"},
        {"i": 7},
        {"i": [b"i" * 16]},
        {"k": "item"},
        {"k": "item", "m": {"title": "", "creator": ""}},
        {"k": "item", "m": {"title": "", "creator": "", "tags": [], "url": ""}},
        {"k": "item", "m": {"title": "", "creator": "", "tags": [1]}},
        {"k": "item", "m": {"title": "", "creator": "", "tags": "jazz"}},
        {"k": "item", "m": {"title": None, "creator": "", "tags": []}},
        {"k": "item", "m": []},
    ],
    ids=repr,
)
def test_canonical_but_no_record_is_illegal(change: dict[str, Any]) -> None:
    assert decode(dag_cbor.encode(FIELDS | change)) is Flaw.ILLEGAL


@pytest.mark.parametrize("key", sorted(FIELDS))
def test_a_missing_key_is_illegal(key: str) -> None:
    body = dag_cbor.encode({k: v for k, v in FIELDS.items() if k != key})
    assert decode(body) is Flaw.ILLEGAL


@given(
    st.integers(2, 2**64 - 1), st.dictionaries(st.text(max_size=4), st.integers(0, 9), max_size=9)
)
def test_R11_an_unknown_version_is_told_from_nonsense(version: int, other: dict[str, Any]) -> None:
    assert decode(dag_cbor.encode(FIELDS | {"v": version})) is Flaw.VERSION
    assert decode(dag_cbor.encode(other | {"v": version})) is Flaw.VERSION


def test_a_body_has_at_most_512_bytes() -> None:
    meta = ItemMeta(title="\N{MUSICAL SYMBOL G CLEF}" * 80)
    item = Record(LIKE.author, 1, LIKE.t, LIKE.x, Kind.ITEM, b"i" * 16, 1, meta)
    room = MAX_BODY - len(encode(item))
    longest = Record(
        LIKE.author, 1, LIKE.t, LIKE.x, Kind.ITEM, b"i" * 16, 1,
        ItemMeta(title=meta.title, creator="a" * (room - 1)),
    )  # fmt: skip
    assert len(encode(longest)) == MAX_BODY
    too_long = Record(
        LIKE.author, 1, LIKE.t, LIKE.x, Kind.ITEM, b"i" * 16, 1,
        ItemMeta(title=meta.title, creator="a" * room),
    )  # fmt: skip
    with pytest.raises(DataError, match="at most 512 bytes, this one 513"):
        encode(too_long)
    assert decode(b"\0" * 513) is Flaw.OVERSIZE


def test_a_lone_surrogate_is_a_data_error() -> None:
    item = Record(LIKE.author, 1, LIKE.t, LIKE.x, Kind.LIKE, "trk:\ud800")
    with pytest.raises(DataError, match="Unicode"):
        encode(item)


def nested(value: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.lists(value, max_size=4),
        st.dictionaries(st.sampled_from([*"aiknmtvwxz", "title", "tags"]), value, max_size=9),
    )


cbor_values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**64), 2**64 - 1),
        st.floats(allow_nan=False, allow_infinity=False),
        st.binary(max_size=40),
        st.text(max_size=20),
    ),
    nested,
    max_leaves=20,
)


@given(st.binary(max_size=4096))
@example(b"\x81" * 4096)
@example(b"\x81" * 512)
@example(b"\x9b" + b"\xff" * 511)
@example(b"\xd8\x2a" * 256)
@example(b"\xd8\x2a\x40")
def test_R1_any_bytes_are_a_record_or_a_flaw(data: bytes) -> None:
    found = decode(data)
    assert isinstance(found, Flaw) or encode(found) == data


@given(cbor_values, st.sampled_from([0, 0, 1, 5, 300]))
def test_R1_any_cbor_is_a_record_or_a_flaw(value: Any, depth: int) -> None:
    data = b"\x81" * depth + dag_cbor.encode(value)
    found = decode(data)
    assert isinstance(found, Flaw) or encode(found) == data


@given(records(), st.data())
def test_R1_R2_a_changed_body_is_another_record_or_a_flaw(
    record: Record, data: st.DataObject
) -> None:
    body = bytearray(encode_or_like(record))
    at = data.draw(st.integers(0, len(body) - 1))
    body[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    found = decode(bytes(body))
    assert isinstance(found, Flaw) or encode(found) == bytes(body)


@given(cbor_values)
def test_the_scan_passes_whatever_plain_value_is_shallow(value: Any) -> None:
    """Oracle: the depth of the Python value."""

    def depth(of: Any) -> int:
        inner = of.values() if isinstance(of, dict) else of if isinstance(of, list) else None
        return 0 if inner is None else 1 + max(map(depth, inner), default=0)

    assert is_shallow(dag_cbor.encode(value)) == (depth(value) <= 4)


@pytest.mark.nightly
def test_R1_a_hundred_thousand_random_and_mutated_bodies(rng: np.random.Generator) -> None:
    item = Record(LIKE.author, 2, LIKE.t, LIKE.x, Kind.ITEM, "trk:1", 1, ItemMeta("A", "B", ("c",)))
    models = (BODY, encode(item))
    n_records = 0
    for turn in range(100_000):
        if turn % 4 == 0:
            data = rng.bytes(int(rng.integers(0, 600)))
        else:
            mutant = bytearray(models[turn % 2])
            for _ in range(int(rng.integers(1, 5))):
                at = int(rng.integers(0, len(mutant)))
                mutant[at : at + int(rng.integers(0, 3))] = rng.bytes(int(rng.integers(0, 3)))
            data = bytes(mutant)
        found = decode(data)
        if isinstance(found, Record):
            n_records += 1
            assert encode(found) == data
    assert n_records  # mutations inside values are records still: the signature stops those


def encode_or_like(record: Record) -> bytes:
    """The body of a record, or of LIKE if its characters take too many bytes."""
    try:
        return encode(record)
    except DataError:
        return BODY
