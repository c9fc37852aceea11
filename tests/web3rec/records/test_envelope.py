"""The frame around body and signature: one layout, written and read without a decoder."""

from dataclasses import replace

import dag_cbor
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.strategies import KEYS, records, signed_records
from web3rec.errors import DataError
from web3rec.records.codec import encode
from web3rec.records.envelope import DOMAIN, record_id, seal, unwrap, wrap
from web3rec.records.keys import verify
from web3rec.records.model import MAX_BODY, MAX_ENVELOPE, Record, Signed

SIGNATURE = b"s" * 64


@given(st.binary(max_size=MAX_BODY))
@example(b"b" * 23)
@example(b"b" * 24)
@example(b"b" * 255)
@example(b"b" * 256)
@example(b"")
def test_the_frame_is_the_canonical_map_of_both(body: bytes) -> None:
    """Oracle: the DAG-CBOR library."""
    envelope = wrap(body, SIGNATURE)
    assert envelope == dag_cbor.encode({"b": body, "s": SIGNATURE})
    assert unwrap(envelope) == (body, SIGNATURE)


def test_the_longest_envelope_is_within_its_limit() -> None:
    assert len(wrap(b"b" * MAX_BODY, SIGNATURE)) <= MAX_ENVELOPE


@given(st.binary(max_size=700))
def test_any_bytes_are_an_envelope_or_none(data: bytes) -> None:
    parts = unwrap(data)
    assert parts is None or wrap(*parts) == data


@pytest.mark.parametrize(
    "data",
    [
        b"",
        wrap(b"body", SIGNATURE)[:-1],
        wrap(b"body", SIGNATURE) + b"\0",
        dag_cbor.encode({"b": b"body"}),
        dag_cbor.encode({"b": b"body", "s": b"s" * 63}),
        dag_cbor.encode({"b": b"body", "s": b"s" * 65}),
        dag_cbor.encode({"b": b"body", "s": SIGNATURE, "x": 1}),
        dag_cbor.encode({"b": "body", "s": SIGNATURE}),
        wrap(b"body", SIGNATURE).replace(b"\x44body", b"\x58\x04body"),
        b"\xa2\x61s\x58\x40" + SIGNATURE + b"\x61b\x44body",
    ],
)
def test_other_layouts_are_no_envelope(data: bytes) -> None:
    assert unwrap(data) is None


@given(signed_records())
def test_a_sealed_record_carries_its_author_s_signature(signed: Signed) -> None:
    parts = unwrap(signed.envelope)
    assert parts is not None
    body, signature = parts
    assert body == encode(signed.record)
    assert signed.id == record_id(body)
    assert verify(signed.record.author, signature, DOMAIN + body)


@given(records(author=KEYS[0].peer))
def test_nobody_seals_in_another_s_name(record: Record) -> None:
    with pytest.raises(DataError, match="signed by its author"):
        seal(record, KEYS[1])


@given(records(author=KEYS[0].peer))
def test_an_illegal_record_is_not_sealed(record: Record) -> None:
    with pytest.raises(DataError, match="w must"):
        seal(replace(record, weight=9), KEYS[0])
