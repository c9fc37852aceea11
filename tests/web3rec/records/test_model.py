"""Names of items: one spelling, one key."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import records
from web3rec.records.model import (
    EVERYTHING,
    EVERYTHING_KEY,
    ITEM_KEY_BYTES,
    Kind,
    Record,
    canonical_uri,
    item_key,
)
from web3rec.types import PeerId


def test_an_item_key_by_hand() -> None:
    wanted = hashlib.sha256(b"trk:Blue Train").digest()[:16]
    assert item_key(" TRK:Blue Train") == wanted
    assert item_key(wanted) == wanted


def test_accents_have_one_spelling() -> None:
    assert (
        canonical_uri("trk:Cafe\N{COMBINING ACUTE ACCENT}")
        == "trk:Caf\N{LATIN SMALL LETTER E WITH ACUTE}"
    )


@given(st.text())
def test_a_canonical_uri_stays_as_it_is(uri: str) -> None:
    once = canonical_uri(uri)
    assert canonical_uri(once) == once


@given(records())
def test_no_item_can_pose_as_everything(record: Record) -> None:
    assert (record.key == EVERYTHING_KEY) == (record.item == EVERYTHING)
    assert record.item == EVERYTHING or len(record.key) >= ITEM_KEY_BYTES


def test_everything_has_a_key_of_its_own() -> None:
    forget_all = Record(PeerId(b"a" * 32), 1, 0, 1, Kind.RETRACT, EVERYTHING)
    assert forget_all.key == EVERYTHING_KEY != item_key(EVERYTHING)
