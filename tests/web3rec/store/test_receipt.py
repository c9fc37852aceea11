"""Receipts: one spelling, signed, telling what is wrong with a damaged one; they name nothing."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import NOW
from tests.web3rec.store.logs import ANN, FOLK, JAZZ, ME, act, open_log
from web3rec.errors import DataError
from web3rec.records.envelope import DOMAIN as RECORDS
from web3rec.store import key_of
from web3rec.store.receipt import (
    ALL,
    ITEM,
    MAX_BYTES,
    SPAN,
    WISHES,
    Proofs,
    Receipt,
    Trail,
    proof,
)
from web3rec.types import Event, Millis

SECRET = b"of this log only"
PROOFS = Proofs(b"s" * 16, b"l" * 16, (b"a" * 16, b"b" * 16), (b"k" * 16,), ((b"r" * 16, 9),), 7, 3)
MADE = Receipt(
    ITEM, NOW, {"records": 2}, 1, {"views": 1}, {"rows": True}, 1.25, ME.peer, PROOFS
).signed(ME)

hashes = st.binary(min_size=16, max_size=16)
counts = st.dictionaries(st.text(max_size=40), st.integers(0, 2**63 - 1), max_size=3)
receipts = st.builds(
    Receipt,
    wish=st.sampled_from(WISHES),
    at=st.integers(0, 2**53).map(Millis),
    removed=counts,
    retractions=st.integers(0, 9),
    derived=counts,
    audit=st.dictionaries(st.text(max_size=40), st.booleans(), max_size=3),
    took_ms=st.floats(0, 1e9),
    proofs=st.builds(
        Proofs,
        hashes,
        hashes,
        st.lists(hashes, max_size=3).map(tuple),
        st.lists(hashes, max_size=2).map(tuple),
        st.lists(st.tuples(hashes, st.integers(0, 2**40)), max_size=2).map(tuple),
        st.integers(0, 99),
        st.integers(0, 99),
    ),
)


@given(receipts)
def test_what_is_written_is_read_and_holds(receipt: Receipt) -> None:
    made = receipt.signed(ME)
    again = Receipt.from_json(made.to_json())
    assert again == made
    assert again.to_json() == made.to_json()
    assert again.proofs == made.proofs
    assert again.is_signed


def test_a_proof_by_hand() -> None:
    """sha256 of domain, salt, secret, what it is, a zero and the name: its first half."""
    whole = hashlib.sha256(b"web3rec-receipt-v1\0" + b"salt" + SECRET + b"record" + b"\0" + b"id")
    assert proof(b"salt", SECRET, "record", b"id") == whole.digest()[:16]


@pytest.mark.parametrize(
    "changed",
    [
        replace(MADE, wish=SPAN),
        replace(MADE, at=Millis(NOW + 1)),
        replace(MADE, removed={"records": 3}),
        replace(MADE, retractions=0),
        replace(MADE, derived={}),
        replace(MADE, audit={"rows": False}),
        replace(MADE, took_ms=1.0),
        replace(MADE, author=ANN.peer),
        replace(MADE, proofs=replace(PROOFS, gone=PROOFS.gone[:1])),
        replace(MADE, proofs=replace(PROOFS, records=8)),
        replace(MADE, signature=b""),
        replace(MADE, signature=bytes(64)),
    ],
)
def test_whatever_is_changed_the_signature_is_not_its_any_more(changed: Receipt) -> None:
    assert MADE.is_signed
    assert not changed.is_signed


def test_R13_a_signature_made_for_a_record_fits_no_receipt() -> None:
    bare = replace(MADE, signature=b"").to_json().encode()
    assert not replace(MADE, signature=ME.sign(RECORDS + bare)).is_signed


def other(**values: object) -> str:
    return json.dumps(MADE.told() | values, indent=1, sort_keys=True) + "\n"


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "want an object of"),
        ("null", "want an object of"),
        ('{"receipt": 1}', "want an object of"),
        (b"\xff", "not JSON"),
        (" " + MADE.to_json(), "spelled otherwise"),
        (json.dumps(MADE.told()), "spelled otherwise"),
        (MADE.to_json().replace('"at"', '"at": 1, "at"'), "spelled otherwise"),
        (other(receipt=2), "newer web3rec"),
        (other(wish="my secret"), "wish must be one of"),
        (other(wish=3), "wish must be text"),
        (other(at=-1), "at must be a whole number"),
        (other(at=True), "at must be a whole number"),
        (other(at=1 << 63), "at must be a whole number"),
        (other(took_ms=float("nan")), "took_ms must be a number"),
        (other(removed=[1]), "removed must be an object of whole numbers"),
        (other(removed={"records": 1.5}), "removed must be an object of whole numbers"),
        (other(audit={"rows": 1}), "audit must be an object of true and false"),
        (other(author="did:key:z6"), "its author is no key"),
        (other(signature="00"), "signature must be 128 hex digits"),
        (other(signature="AA" * 64), "signature must be 128 hex digits"),
        (other(proofs={}), "proofs is no receipt's"),
        (other(proofs=MADE.told()["proofs"] | {"gone": "aa"}), "proofs.gone must be a list"),
        (other(proofs=MADE.told()["proofs"] | {"gone": ["aa"]}), "proofs.gone must be a list"),
        (other(proofs=MADE.told()["proofs"] | {"asked": [["aa" * 16]]}), "proofs.asked must be"),
        (other(proofs=MADE.told()["proofs"] | {"asked": [["aa" * 16, -1]]}), "proofs.asked must"),
        (other(proofs=MADE.told()["proofs"] | {"salt": 5}), "proofs.salt must be 32 hex digits"),
    ],
)
def test_what_is_no_receipt_is_said_to_be_none_and_why(text: str | bytes, wrong: str) -> None:
    with pytest.raises(DataError, match=wrong) as said:
        Receipt.from_json(text, "mine.json")
    assert str(said.value).startswith("mine.json: ")


@given(st.data())
def test_R2_no_mutation_is_a_receipt_its_author_signed(data: st.DataObject) -> None:
    text = bytearray(MADE.to_json().encode())
    place = data.draw(st.integers(0, len(text) - 1))
    text[place] ^= data.draw(st.integers(1, 255))
    try:
        read = Receipt.from_json(bytes(text))
    except DataError:
        return
    assert not read.is_signed


def test_a_file_without_end_is_not_parsed() -> None:
    with pytest.raises(DataError, match="no receipt"):
        Receipt.from_json("9" * (MAX_BYTES + 1))


def test_a_list_of_all_items_does_not_tell_what_a_receipt_is_about(tmp_path: Path) -> None:
    """Whoever has the file and every item's key, but not the log, finds none by hashing."""
    log = open_log(tmp_path, level=1)
    log.write_acts([act(JAZZ), act(JAZZ, Event.SKIP), act(FOLK)])
    log.release()
    made = log.forget_item(key_of(JAZZ)).proofs
    told = {*made.gone, *made.subjects, *(one for one, _ in made.asked)}
    for what in ("record", "subject", "feedback"):
        for name in (key_of(JAZZ), key_of(FOLK), JAZZ.encode()):
            plain = hashlib.sha256(made.salt + name).digest()[:16]
            assert not told & {plain, proof(made.salt, b"", what, name)}
    assert proof(made.salt, log._secret, "subject", key_of(JAZZ)) in told
    log.close()


def test_two_receipts_of_the_same_have_nothing_in_common(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.write_acts([act(JAZZ)])
    one, other_one = log.forget_item(key_of(JAZZ)).proofs, log.forget_item(key_of(JAZZ)).proofs
    assert one.salt != other_one.salt
    assert not {one.log, *one.subjects} & {other_one.log, *other_one.subjects}
    log.close()


def test_of_everything_no_list_is_kept() -> None:
    trail = Trail()
    trail.ids, trail.feedback = [b"id"], [4]
    assert trail.proofs(b"s" * 16, SECRET, ALL, [("records", 5)]).gone == ()
    assert len(trail.proofs(b"s" * 16, SECRET, SPAN, [("records", 5)]).gone) == 2
