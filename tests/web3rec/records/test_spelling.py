"""How URIs are spelled: the same for every device, whatever Unicode it knows; nobody is blamed.

Decision 0024.
"""

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.strategies import NOW
from tests.web3rec.records.spelling_vectors import FILE, LIKE, as_text, written
from web3rec.errors import DataError
from web3rec.records.characters import are_known, known_ranges
from web3rec.records.codec import encode, read
from web3rec.records.envelope import unwrap
from web3rec.records.flaw import Flaw
from web3rec.records.legality import broken_rule, illegal
from web3rec.records.model import MAX_URI, Record, canonical_uri, item_key
from web3rec.records.rules import Judgement, judge
from web3rec.types import Verdict

CAPITALS_SINCE_14 = [
    *(0x1C89, 0xA7CB, 0xA7CC, 0xA7CE, 0xA7D2, 0xA7D4, 0xA7DA, 0xA7DC),
    *range(0x10D50, 0x10D66),
    *range(0x16EA0, 0x16EB9),
]
"""Letters that have a small one in Unicode 17 and were not there in Unicode 14."""
MARKS_SINCE_14 = [
    *(0x0897, 0x1ACF, 0x1AEB, 0x10D69, 0x10EFD, 0x113CE, 0x11F41, 0x1612F),
    *(0x1E08F, 0x1E4EC, 0x1E5EE, 0x1E6E3),
]
"""Some of the 56 that NFC of Unicode 17 orders among other marks, and NFC of 14 does not."""

odd = st.sampled_from(
    [*"AKJTtrk: \t*:", *"\xc5\xe9\u0130\u03a3\u1e9e\u2126\u212a\u0301\u0316\u030c\u0345"]
    + [*"\xa0\x85\u1680\u2003\u3000\ufeff\u180e\x1c\u1160\u11a8\uac00\u0958\u2add"]
    + [chr(code) for code in CAPITALS_SINCE_14 + MARKS_SINCE_14]
)
texts = st.text(st.one_of(odd, st.characters(exclude_categories=["Cs"])), max_size=MAX_URI + 2)


def verdict(uri: str) -> Judgement:
    return judge(written(replace(LIKE, item=uri)), NOW, lambda _id: False)


@given(texts)
@example("\ua7cb:x")
@example("trk:\u0301\u1acf")
@example("trk:e\u0301")
def test_R1_only_ascii_is_rejected_for_its_spelling(text: str) -> None:
    """Law. Other rules (length, control characters) are decided by everybody alike."""
    found = verdict(text)
    if found.verdict is Verdict.REJECT:
        assert found.flaw is Flaw.ILLEGAL
        assert text.isascii() or "printable" in found.detail
    else:
        assert (found.verdict is Verdict.ACCEPT) == (found.flaw is not Flaw.SPELLING)
    assert (found.verdict is Verdict.ACCEPT) == (illegal(replace(LIKE, item=text)) is None)


@pytest.mark.parametrize("code", CAPITALS_SINCE_14 + MARKS_SINCE_14, ids=hex)
def test_newer_characters_are_ignored_by_devices_that_know_them_and_by_those_that_do_not(
    code: int,
) -> None:
    for uri in (f"{chr(code)}:x", f"trk:{chr(code)}\u0316"):
        found = verdict(uri)
        assert (found.verdict, found.flaw) == (Verdict.IGNORE, Flaw.SPELLING)
        with pytest.raises(DataError, match="Unicode 14"):
            encode(replace(LIKE, item=uri))


def test_there_are_55_such_capitals() -> None:
    assert len(set(CAPITALS_SINCE_14)) == 55
    assert not any(are_known(chr(code)) for code in CAPITALS_SINCE_14 + MARKS_SINCE_14)


@given(texts)
def test_what_writers_may_not_write_readers_do_not_take(text: str) -> None:
    record = replace(LIKE, item=text)
    try:
        body = encode(record)
    except DataError:
        assert verdict(text).verdict is not Verdict.ACCEPT
    else:
        assert read(body) == record
        assert verdict(text).verdict is Verdict.ACCEPT


@given(texts)
@example("J\u030c:x")
@example("\u212a:x")
def test_the_canonical_form_has_a_canonical_form_of_its_own(text: str) -> None:
    once = canonical_uri(text)
    assert canonical_uri(once) == once
    assert not set(once.partition(":")[0]) & set("ABCDEFGHIJKLMNOPQRSTUVWXYZ") or ":" not in once


@given(texts)
def test_what_is_held_is_read_however_it_is_spelled_and_keeps_its_key(text: str) -> None:
    """A device that learns of new characters loses nothing it took before."""
    parts = unwrap(written(replace(LIKE, item=text)))
    assert parts is not None
    found = read(parts[0])
    if broken_rule(replace(LIKE, item=text)) is None:
        assert isinstance(found, Record)
        assert verdict(text).verdict is not Verdict.REJECT
        if illegal(found) is None:
            assert found.key == item_key(text)


def test_a_subject_is_hashed_as_it_stands() -> None:
    composed, not_composed = "trk:\xe9", "trk:e\u0301"
    assert replace(LIKE, item=composed).key == item_key(not_composed) == item_key(composed)
    assert replace(LIKE, item=not_composed).key != item_key(composed)


def test_known_characters_are_assigned_here() -> None:
    """All of them: 282,000. Whoever has a Unicode older than 14 fails here."""
    for first, last in known_ranges():
        assert {unicodedata.category(chr(code)) for code in range(first, last + 1)}.isdisjoint(
            {"Cn", "Cs"}
        )


@pytest.mark.skipif(
    unicodedata.unidata_version != "14.0.0", reason="needs Unicode 14 (Python 3.11)"
)
def test_known_characters_are_those_of_unicode_14() -> None:
    wanted = [c for c in map(chr, range(0x110000)) if unicodedata.category(c) not in {"Cn", "Cs"}]
    assert [chr(c) for one, last in known_ranges() for c in range(one, last + 1)] == wanted
    assert are_known("".join(wanted))


def test_white_space_has_25_characters_and_str_strip_knows_more() -> None:
    white = [c for c in map(chr, range(0x110000)) if canonical_uri(c) == ""]
    assert len(white) == 25
    assert {c for c in map(chr, range(0x3001)) if not c.strip()} - {*white} == {*"\x1c\x1d\x1e\x1f"}


def test_the_published_vectors_are_what_we_do() -> None:
    """Of any Python: the file does not depend on its Unicode."""
    assert as_text() == FILE.read_text(encoding="utf-8")


def test_the_protocol_gives_the_white_space_by_value() -> None:
    text = FILE.parents[2].joinpath("docs", "protocol.md").read_text(encoding="utf-8")
    spelled = text.split("White space is ", 1)[1].split(" and U+3000", 1)[0] + ", U+3000"
    told = set[int]()
    for part in spelled.replace("U+", "").split(","):
        first, _, last = part.strip().partition("–")
        told |= set(range(int(first, 16), int(last or first, 16) + 1))
    assert told == {c for c in range(0x110000) if canonical_uri(chr(c)) == ""}
