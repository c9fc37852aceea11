"""Examined once for all or by each alone: the judgement is the same."""

from hypothesis import example, given
from hypothesis import strategies as st

from p2p.sim.authors import BEGIN, Author
from p2p.sim.notary import Notary
from web3rec.records import Flaw, Judgement, judge
from web3rec.records.model import DAY, MAX_LIFETIME, MAX_SKEW
from web3rec.types import Millis, PeerId, RecordId, Verdict

AUTHOR = Author(1, "somebody")
SIGNED = [AUTHOR.likes(bytes([i]) * 16) for i in range(4)]
SIGNED.append(AUTHOR.retracts(SIGNED[3]))
TIMES = [BEGIN + shift * 1_000 for shift in (0, -MAX_SKEW - 7_200, 40 * DAY, MAX_LIFETIME + DAY)]


@st.composite
def envelopes(draw: st.DrawFn) -> bytes:
    data = bytearray(draw(st.sampled_from(SIGNED)).envelope)
    for _ in range(draw(st.integers(0, 2))):
        data[draw(st.integers(0, len(data) - 1))] ^= draw(st.integers(1, 255))
    return bytes(data[: draw(st.integers(0, len(data)))] if draw(st.booleans()) else data)


@given(
    st.lists(envelopes(), min_size=1, max_size=4),
    st.sampled_from(TIMES),
    st.booleans(),
    st.booleans(),
)
@example([SIGNED[0].envelope] * 2, TIMES[0], False, True)
@example([SIGNED[0].envelope] * 2, TIMES[0], True, True)
@example([SIGNED[0].envelope] * 2, TIMES[0], False, False)
def test_a_notary_judges_as_each_device_would(
    data: list[bytes], now: int, knows: bool, welcome: bool
) -> None:
    notary, real = Notary(), Notary(real=True)

    def known(_id: RecordId) -> bool:
        return knows

    def hears(_author: PeerId) -> bool:
        return welcome

    def said(judgement: Judgement) -> tuple[object, ...]:
        return judgement.verdict, judgement.flaw, judgement.signed

    for one in data * 2:  # the second time from memory
        alone = judge(one, Millis(now), known, hears)
        assert said(notary.judge(one, Millis(now), known, hears)) == said(alone)
        assert said(real.judge(one, Millis(now), known, hears)) == said(alone)


def test_the_second_look_at_an_envelope_costs_no_signature() -> None:
    notary = Notary()
    for _ in range(200):
        found = notary.judge(SIGNED[0].envelope, BEGIN, lambda _id: False, lambda _author: True)
        assert found.verdict is Verdict.ACCEPT
    assert notary.examined == 1


def test_genuine_is_what_its_author_signed_whatever_the_time() -> None:
    notary = Notary()
    envelope = SIGNED[0].envelope
    at = envelope.rindex(b"\x58\x40") + 10
    forged = envelope[:at] + bytes([envelope[at] ^ 1]) + envelope[at + 1 :]
    assert notary.genuine(envelope)
    assert not notary.genuine(forged)
    assert not notary.genuine(b"")
    later = Millis(BEGIN + 100 * DAY * 1_000)
    found = notary.judge(envelope, later, lambda _id: False, lambda _author: True)
    assert found.flaw in (Flaw.EXPIRED, Flaw.STALE)
