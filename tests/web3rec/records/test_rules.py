"""The door: what a stranger's bytes must be to come in, and what each failure is called."""

from dataclasses import replace
from typing import Any

import dag_cbor
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import KEYS, NOW, TODAY, records, signed_records
from web3rec.records.codec import encode
from web3rec.records.envelope import DOMAIN, record_id, seal, unwrap, wrap
from web3rec.records.flaw import Flaw
from web3rec.records.merge import Entry, settle
from web3rec.records.model import (
    DAY,
    MAX_ENVELOPE,
    MAX_LIFETIME,
    MAX_SKEW,
    ItemMeta,
    Kind,
    Record,
    Signed,
)
from web3rec.records.rules import Judgement, judge
from web3rec.types import Millis, PeerId, RecordId, Verdict

KEY, OTHER = KEYS[0], KEYS[1]
LIKE = Record(KEY.peer, 7, TODAY * DAY, (TODAY + 30) * DAY, Kind.LIKE, b"i" * 16)
ITEM = replace(LIKE, kind=Kind.ITEM, item="trk:1", meta=ItemMeta("Blue Train", "", ("jazz",)))


def nothing(_id: RecordId) -> bool:
    """The `known` of an empty store."""
    return False


def signed_body(body: bytes, domain: bytes = DOMAIN) -> bytes:
    """An envelope whose signature is right, whatever the body."""
    return wrap(body, KEY.sign(domain + body))


def changed(**changes: Any) -> bytes:
    """A well-signed envelope of LIKE with other fields on the wire."""
    fields: Any = dag_cbor.decode(encode(LIKE))
    return signed_body(dag_cbor.encode({**fields, **changes}))


@given(signed_records())
def test_what_an_honest_peer_seals_is_accepted(signed: Signed) -> None:
    assert judge(signed.envelope, NOW, nothing) == Judgement(Verdict.ACCEPT, signed, None, "")


WEAK = PeerId((1).to_bytes(32, "little"))
FLAWED: dict[str, tuple[bytes, Flaw, Verdict]] = {
    "too long": (bytes(MAX_ENVELOPE + 1), Flaw.OVERSIZE, Verdict.REJECT),
    "long body": (signed_body(bytes(513)), Flaw.OVERSIZE, Verdict.REJECT),
    "empty": (b"", Flaw.MALFORMED, Verdict.REJECT),
    "a text": (b"hello", Flaw.MALFORMED, Verdict.REJECT),
    "deep": (signed_body(b"\x81" * 500), Flaw.MALFORMED, Verdict.REJECT),
    "not canonical": (
        signed_body(encode(LIKE).replace(b"\x61n\x07", b"\x61n\x18\x07")),
        Flaw.NOT_CANONICAL,
        Verdict.REJECT,
    ),
    "version 2": (changed(v=2), Flaw.VERSION, Verdict.IGNORE),
    "version 2 with news": (changed(v=2, z=[1]), Flaw.VERSION, Verdict.IGNORE),
    "unknown key": (changed(z=1), Flaw.ILLEGAL, Verdict.REJECT),
    "unknown kind": (changed(k="dislike"), Flaw.ILLEGAL, Verdict.REJECT),
    "91 days": (changed(x=(TODAY + 91) * DAY), Flaw.ILLEGAL, Verdict.REJECT),
    "misspelt": (changed(i="trk:e\N{COMBINING ACUTE ACCENT}"), Flaw.SPELLING, Verdict.IGNORE),
    "tomorrow": (changed(t=(TODAY + 1) * DAY), Flaw.FUTURE, Verdict.IGNORE),
    "91 days ago": (changed(t=(TODAY - 91) * DAY, x=(TODAY - 2) * DAY), Flaw.STALE, Verdict.IGNORE),
    "expired": (changed(t=(TODAY - 9) * DAY, x=TODAY * DAY), Flaw.EXPIRED, Verdict.IGNORE),
    "weak key": (changed(a=WEAK), Flaw.WEAK_KEY, Verdict.REJECT),
    "in another's name": (changed(a=OTHER.peer), Flaw.SIGNATURE, Verdict.REJECT),
    "no signature": (wrap(encode(LIKE), bytes(64)), Flaw.SIGNATURE, Verdict.REJECT),
}


@pytest.mark.parametrize(("data", "flaw", "verdict"), FLAWED.values(), ids=FLAWED.keys())
def test_each_flaw_has_its_name_and_verdict(data: bytes, flaw: Flaw, verdict: Verdict) -> None:
    judgement = judge(data, NOW, nothing)
    assert (judgement.flaw, judgement.verdict, judgement.signed) == (flaw, verdict, None)


def test_every_flaw_is_met_in_these_tests() -> None:
    assert {flaw for _, flaw, _ in FLAWED.values()} | {Flaw.KNOWN, Flaw.BUSY} == set(Flaw)


def test_a_detail_names_neither_author_nor_item() -> None:
    """Details may be logged (D6)."""
    for data, _, _ in FLAWED.values():
        detail = judge(data, NOW, nothing).detail
        assert KEY.peer.hex() not in detail
        assert repr(b"i" * 16)[2:-1] not in detail


@given(st.binary(max_size=4096), st.integers(-(2**50), 2**50))
def test_R1_any_bytes_at_any_time_get_a_judgement(data: bytes, now: int) -> None:
    judgement = judge(data, Millis(now), nothing)
    assert judgement.verdict is not Verdict.ACCEPT
    assert judgement.flaw is not None


@given(st.binary(max_size=512), st.integers(-(2**50), 2**50))
def test_R1_any_signed_bytes_get_a_judgement(body: bytes, now: int) -> None:
    assert judge(signed_body(body), Millis(now), nothing).verdict is not Verdict.ACCEPT


@pytest.mark.slow
@pytest.mark.parametrize("record", [LIKE, ITEM], ids=["like", "item"])
def test_R2_no_flipped_bit_is_accepted(record: Record) -> None:
    envelope = seal(record, KEY).envelope
    for at in range(len(envelope)):
        for bit in range(8):
            mutant = bytearray(envelope)
            mutant[at] ^= 1 << bit
            assert judge(bytes(mutant), NOW, nothing).verdict is not Verdict.ACCEPT


@pytest.mark.nightly
def test_R2_no_changed_byte_is_accepted() -> None:
    """All of them: 166 bytes, 255 other values each."""
    envelope = seal(LIKE, KEY).envelope
    for at in range(len(envelope)):
        for value in set(range(256)) - {envelope[at]}:
            mutant = envelope[:at] + bytes([value]) + envelope[at + 1 :]
            assert judge(mutant, NOW, nothing).verdict is not Verdict.ACCEPT


@given(signed_records(), st.data())
def test_R2_no_mutant_is_accepted(signed: Signed, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(signed.envelope)))
    cut = data.draw(st.integers(0, 4))
    put = data.draw(st.binary(max_size=4))
    mutant = signed.envelope[:at] + put + signed.envelope[at + cut :]
    accepted = judge(mutant, NOW, nothing).verdict is Verdict.ACCEPT
    assert accepted == (mutant == signed.envelope)


@given(st.lists(signed_records(), max_size=6), st.data())
def test_R3_a_replay_is_ignored_and_changes_nothing(all_: list[Signed], data: Any) -> None:
    held: dict[RecordId, Signed] = {}
    deliveries = data.draw(st.lists(st.sampled_from(all_), max_size=20)) if all_ else []
    for signed in deliveries:
        before = settle(map(Entry.of, held.values()), 3)
        judgement = judge(signed.envelope, NOW, held.__contains__)
        if signed.id in held:
            assert (judgement.verdict, judgement.flaw) == (Verdict.IGNORE, Flaw.KNOWN)
            assert settle(map(Entry.of, [*held.values(), signed]), 3) == before
        else:
            assert judgement.verdict is Verdict.ACCEPT
            held[signed.id] = signed


def test_R3_a_second_signature_of_the_same_body_is_known() -> None:
    """The id is of the body alone: an author cannot multiply a record by signing it again."""
    ours = seal(LIKE, KEY)
    again = wrap(encode(LIKE), bytes(64))
    assert judge(again, NOW, {ours.id}.__contains__).flaw is Flaw.KNOWN


@given(
    records(author=KEY.peer, kinds=(Kind.LIKE, Kind.RETRACT)),
    st.lists(st.integers(-200 * DAY, 200 * DAY), min_size=1, max_size=8),
)
def test_R4_under_any_clock_only_the_window_is_accepted(record: Record, steps: list[int]) -> None:
    """The clock may jump about as it likes: each judgement depends on `now` alone."""
    envelope = seal(record, KEY).envelope
    for step in steps:
        now = NOW // 1000 + step
        inside = now - MAX_LIFETIME <= record.t <= now + MAX_SKEW and record.x > now
        judgement = judge(envelope, Millis(now * 1000), nothing)
        assert (judgement.verdict is Verdict.ACCEPT) == inside
        if not inside:
            assert judgement.verdict is Verdict.IGNORE


def test_R4_the_edges_of_the_window_to_the_millisecond() -> None:
    t, x = LIKE.t * 1000, LIKE.x * 1000
    envelope = seal(LIKE, KEY).envelope
    edges = {
        t - 900_000: None,
        t - 900_001: Flaw.FUTURE,
        x - 1: None,
        x: Flaw.EXPIRED,
        t + 90 * DAY * 1000: Flaw.EXPIRED,
        t + 90 * DAY * 1000 + 1: Flaw.STALE,
    }
    assert {now: judge(envelope, Millis(now), nothing).flaw for now in edges} == edges


@given(st.integers(2, 2**64 - 1), st.sampled_from([LIKE, ITEM]), st.binary(max_size=8))
def test_R11_an_unknown_version_is_ignored_signed_or_not(
    version: int, record: Record, news: bytes
) -> None:
    fields: Any = dag_cbor.decode(encode(record))
    body = dag_cbor.encode({**fields, "v": version, "news": news})
    for envelope in (signed_body(body), wrap(body, bytes(64))):
        judgement = judge(envelope, NOW, nothing)
        assert (judgement.verdict, judgement.flaw) == (Verdict.IGNORE, Flaw.VERSION)


@given(
    records(author=KEY.peer, kinds=(Kind.LIKE,)),
    st.sampled_from([b"", b"web3rec-record-v1", b"web3rec-record-v2\0", b"libp2p-pubsub:"])
    | st.binary(max_size=24),
)
def test_R13_a_signature_for_another_domain_never_fits(record: Record, domain: bytes) -> None:
    try:
        body = encode(record)
    except ValueError:
        return  # characters of four bytes each: too long
    judgement = judge(signed_body(body, domain), NOW, nothing)
    assert (judgement.verdict is Verdict.ACCEPT) == (domain == DOMAIN)


@given(signed_records(), signed_records())
def test_R10_nobody_speaks_in_another_s_name(one: Signed, other: Signed) -> None:
    """A body with somebody else's signature, taken from a record or made for it, is refused."""
    if one.record.author == other.record.author:
        return
    body, other_s = unwrap(one.envelope), unwrap(other.envelope)
    assert body is not None
    assert other_s is not None
    assert judge(wrap(body[0], other_s[1]), NOW, nothing).flaw is Flaw.SIGNATURE
    if one.record.author != KEY.peer:
        assert judge(signed_body(body[0]), NOW, nothing).flaw is Flaw.SIGNATURE


def test_what_is_known_costs_neither_decoding_nor_signature() -> None:
    asked: list[RecordId] = []

    def known(id_: RecordId) -> bool:
        asked.append(id_)
        return True

    assert judge(wrap(b"nonsense", bytes(64)), NOW, known).flaw is Flaw.KNOWN
    assert asked == [record_id(b"nonsense")]


@given(signed_records())
def test_an_author_who_is_not_welcome_now_is_ignored_and_nobody_is_blamed(signed: Signed) -> None:
    asked: list[PeerId] = []

    def nobody(author: PeerId) -> bool:
        asked.append(author)
        return False

    judgement = judge(signed.envelope, NOW, nothing, nobody)
    assert judgement == Judgement(Verdict.IGNORE, None, Flaw.BUSY, "")
    assert asked == [signed.record.author]


def test_welcome_is_the_last_question_before_the_signature() -> None:
    """Every flaw but a bad signature is found first; behind "no" not even a forgery costs more."""
    for data, flaw, _ in FLAWED.values():
        found = judge(data, NOW, nothing, lambda _author: False).flaw
        assert found is (Flaw.BUSY if flaw is Flaw.SIGNATURE else flaw)


@pytest.mark.nightly
def test_R1_R2_a_hundred_thousand_mutated_envelopes(rng: np.random.Generator) -> None:
    models = [seal(LIKE, KEY).envelope, seal(ITEM, KEY).envelope]
    for turn in range(100_000):
        mutant = bytearray(models[turn % 2])
        for _ in range(int(rng.integers(1, 4))):
            at = int(rng.integers(0, len(mutant)))
            mutant[at : at + int(rng.integers(0, 3))] = rng.bytes(int(rng.integers(0, 3)))
        data = bytes(mutant) if turn % 3 else rng.bytes(int(rng.integers(0, 700)))
        if data not in models:
            assert judge(data, NOW, nothing).verdict is not Verdict.ACCEPT
