"""The law of record v1, rule by rule; the codec obeys it in both directions."""

from dataclasses import replace
from typing import Any

import dag_cbor
import pytest
from hypothesis import given

from tests.strategies import KEYS, TODAY, records
from web3rec.errors import DataError
from web3rec.records.codec import decode, encode
from web3rec.records.flaw import Flaw
from web3rec.records.legality import illegal
from web3rec.records.model import DAY, MAX_LIFETIME, ItemMeta, Kind, Record

ME, OTHER = KEYS[0].peer, KEYS[1].peer
LIKE = Record(ME, 1, TODAY * DAY, (TODAY + 30) * DAY, Kind.LIKE, b"i" * 16)
GONE = replace(LIKE, kind=Kind.RETRACT, x=LIKE.t + MAX_LIFETIME)
TRUST = replace(LIKE, kind=Kind.TRUST, item=OTHER)
ITEM = replace(LIKE, kind=Kind.ITEM, meta=ItemMeta("Blue Train", "John Coltrane", ("jazz",)))


def fields_of(record: Record) -> dict[str, Any]:
    """What `encode` would write, but of any record, legal or not."""
    fields: dict[str, Any] = {
        "v": 1,
        "a": record.author,
        "n": record.n,
        "t": record.t,
        "x": record.x,
        "k": str(record.kind),
        "i": record.item,
        "w": record.weight,
    }
    if record.meta is not None:
        meta = record.meta
        fields["m"] = {"title": meta.title, "creator": meta.creator, "tags": list(meta.tags)}
    return fields


def broken(record: Record, field: str, value: Any) -> Record:
    """The record with a value its annotation forbids."""
    changes = {field: value}
    return replace(record, **changes)


LEGAL = {
    "hashed item of 16 bytes": LIKE,
    "hashed item of 32 bytes": replace(LIKE, item=b"i" * 32),
    "URI": replace(LIKE, item="trk:42"),
    "URI of 64 characters": replace(LIKE, item="trk:" + "é" * 60),
    "n 0": replace(LIKE, n=0),
    "greatest n": replace(LIKE, n=2**63 - 1),
    "t 0": replace(LIKE, t=0, x=1),
    "90 days": replace(LIKE, x=LIKE.t + MAX_LIFETIME),
    "greatest x": replace(LIKE, t=2**40 - 2, x=2**40 - 1),
    "w 8": replace(LIKE, weight=8),
    "retract all": replace(GONE, item="*"),
    "retract a URI": replace(GONE, item="trk:42"),
    "retract a trust": replace(GONE, item=OTHER),
    "trust": TRUST,
    "rotate": replace(TRUST, kind=Kind.ROTATE),
    "item": ITEM,
    "empty meta": replace(ITEM, meta=ItemMeta()),
    "16 tags": replace(ITEM, meta=ItemMeta(tags=tuple("abcdefghijklmnop"))),
}

ILLEGAL = {
    "short author": (broken(LIKE, "author", b"a" * 31), "author"),
    "n below 0": (replace(LIKE, n=-1), "n must"),
    "n of 64 bits": (replace(LIKE, n=2**63), "n must"),
    "n a float": (broken(LIKE, "n", 1.0), "n must|type"),
    "n a bool": (replace(LIKE, n=True), "n must"),
    "t below 0": (replace(LIKE, t=-1), "t must"),
    "x of 41 bits": (replace(LIKE, t=2**40 - 1, x=2**40), "x must"),
    "x at t": (replace(LIKE, x=LIKE.t), "x - t"),
    "x before t": (replace(LIKE, x=LIKE.t - 1), "x - t"),
    "91 days": (replace(LIKE, x=LIKE.t + MAX_LIFETIME + 1), "x - t"),
    "short retraction": (replace(GONE, x=GONE.x - 1), "retraction"),
    "unknown kind": (broken(LIKE, "kind", "dislike"), "k must"),
    "w 0": (replace(LIKE, weight=0), "w must"),
    "w 9": (replace(LIKE, weight=9), "w must"),
    "w a bool": (replace(LIKE, weight=True), "w must"),
    "w a float": (broken(LIKE, "weight", 1.0), "w must|type"),
    "item of 15 bytes": (replace(LIKE, item=b"i" * 15), "16 to 32"),
    "item of 33 bytes": (replace(LIKE, item=b"i" * 33), "16 to 32"),
    "empty URI": (replace(LIKE, item=""), "URI"),
    "URI of 65 characters": (replace(LIKE, item="trk:" + "a" * 61), "URI"),
    "like of everything": (replace(LIKE, item="*"), "must not be"),
    "item of everything": (replace(ITEM, item="*"), "must not be"),
    "scheme in capitals": (replace(LIKE, item="TRK:42"), "canonical"),
    "space around": (replace(LIKE, item=" trk:42"), "canonical"),
    "control character": (replace(LIKE, item="trk:\x1b[2J"), "printable"),
    "retraction not canonical": (replace(GONE, item="TRK:42"), "canonical"),
    "trust in oneself": (replace(TRUST, item=ME), "another"),
    "trust in an item": (replace(TRUST, item=b"i" * 16), "32 bytes"),
    "trust in a text": (replace(TRUST, item="trk:42"), "32 bytes"),
    "trust in everybody": (replace(TRUST, item="*"), "32 bytes"),
    "rotation to oneself": (replace(TRUST, kind=Kind.ROTATE, item=ME), "another"),
    "like with meta": (replace(LIKE, meta=ItemMeta()), "m must|key"),
    "item without meta": (replace(ITEM, meta=None), '"?m"?'),
    "long title": (replace(ITEM, meta=ItemMeta(title="a" * 121)), "title"),
    "long creator": (replace(ITEM, meta=ItemMeta(creator="a" * 121)), "creator"),
    "17 tags": (replace(ITEM, meta=ItemMeta(tags=tuple("abcdefghijklmnopq"))), "tags"),
    "long tag": (replace(ITEM, meta=ItemMeta(tags=("a" * 33,))), "tags"),
    "empty tag": (replace(ITEM, meta=ItemMeta(tags=("",))), "tags"),
    "new line in a title": (replace(ITEM, meta=ItemMeta(title="a\nb")), "printable"),
    "override in a title": (
        replace(ITEM, meta=ItemMeta(title="a\N{RIGHT-TO-LEFT OVERRIDE}b")),
        "printable",
    ),
    "escape in a tag": (replace(ITEM, meta=ItemMeta(tags=("\x1b",))), "printable"),
}

MISSPELT = {
    "not NFC": (replace(LIKE, item="trk:e\N{COMBINING ACUTE ACCENT}"), "canonical"),
    "not NFC, retracted": (replace(GONE, item="trk:e\N{COMBINING ACUTE ACCENT}"), "canonical"),
    "capitals before a letter beyond ASCII": (replace(LIKE, item="TRK:é"), "canonical"),
    "no-break space": (replace(LIKE, item="trk:42\N{NO-BREAK SPACE}"), "canonical"),
    "newer than Unicode 14": (replace(LIKE, item="trk:\U0001fae8"), "Unicode 14"),
}


@pytest.mark.parametrize("record", LEGAL.values(), ids=LEGAL.keys())
def test_legal_records_are_written_and_read(record: Record) -> None:
    assert illegal(record) is None
    assert decode(encode(record)) == record


@pytest.mark.parametrize(("record", "why"), ILLEGAL.values(), ids=ILLEGAL.keys())
def test_illegal_records_are_neither_written_nor_read(record: Record, why: str) -> None:
    with pytest.raises(DataError, match=why):
        encode(record)
    assert decode(dag_cbor.encode(fields_of(record))) is Flaw.ILLEGAL


@pytest.mark.parametrize(("record", "why"), MISSPELT.values(), ids=MISSPELT.keys())
def test_misspelt_records_are_not_written_and_nobody_is_blamed(record: Record, why: str) -> None:
    with pytest.raises(DataError, match=why):
        encode(record)
    assert decode(dag_cbor.encode(fields_of(record))) is Flaw.SPELLING


@pytest.mark.parametrize(
    "record",
    [
        broken(LIKE, "item", bytearray(16)),
        broken(LIKE, "item", None),
        broken(ITEM, "meta", ItemMeta(tags=["jazz"])),  # type: ignore[arg-type]
        broken(ITEM, "meta", {"title": ""}),
    ],
)
def test_types_are_checked_in_records_made_by_hand(record: Record) -> None:
    assert illegal(record)


@given(records())
def test_generated_records_are_legal(record: Record) -> None:
    assert illegal(record) is None


def test_a_reason_names_neither_author_nor_item() -> None:
    """The reason may end in a log (D6)."""
    secret = "trk:s3cret " * 9
    for record in (replace(LIKE, item=secret), broken(LIKE, "author", b"s3cret")):
        reason = illegal(record)
        assert reason is not None
        assert "s3cret" not in reason
