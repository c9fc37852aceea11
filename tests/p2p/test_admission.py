"""What becomes of a message, and how much one neighbour may bring."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2p.admission import MAX_BUCKETS, Buckets, admitted
from tests.p2p.ledgers import listens
from web3rec.records import Flaw, Judgement
from web3rec.types import Verdict

SIGNED = listens("someone", 4)
NEW = [Judgement(Verdict.ACCEPT, one, None, "") for one in SIGNED]
KNOWN = Judgement(Verdict.IGNORE, None, Flaw.KNOWN, "")
EXPIRED = Judgement(Verdict.IGNORE, None, Flaw.EXPIRED, "")
FORGED = Judgement(Verdict.REJECT, None, Flaw.SIGNATURE, "")
judgements = st.lists(st.sampled_from([*NEW, KNOWN, EXPIRED, FORGED]), max_size=8)


@pytest.mark.parametrize(
    ("message", "verdict", "kept"),
    [
        ([NEW[0], NEW[1]], Verdict.ACCEPT, 2),
        ([NEW[0], KNOWN], Verdict.ACCEPT, 1),
        ([KNOWN, KNOWN], Verdict.IGNORE, 0),
        ([NEW[0], EXPIRED], Verdict.IGNORE, 1),
        ([EXPIRED], Verdict.IGNORE, 0),
        ([NEW[0], FORGED, NEW[1]], Verdict.REJECT, 0),
        ([], Verdict.IGNORE, 0),
    ],
)
def test_a_message_by_hand(message: list[Judgement], verdict: Verdict, kept: int) -> None:
    admission = admitted(message)
    assert admission.verdict is verdict
    assert len(admission.keep) == kept


@given(judgements)
def test_Y3_a_message_travels_only_if_every_record_in_it_may(message: list[Judgement]) -> None:
    admission = admitted(message)
    if admission.verdict is Verdict.ACCEPT:
        assert all(j.verdict is Verdict.ACCEPT or j.flaw is Flaw.KNOWN for j in message)
        assert admission.keep
    assert (admission.verdict is Verdict.REJECT) == (FORGED in message)
    good = [j.signed for j in message if j.verdict is Verdict.ACCEPT]
    assert list(admission.keep) == ([] if FORGED in message else good)


def test_judging_stops_at_the_first_forgery() -> None:
    def lazily() -> Iterator[Judgement]:
        yield FORGED
        raise AssertionError("paid for a signature after the verdict was clear")

    assert admitted(lazily()).verdict is Verdict.REJECT


def test_a_bucket_by_hand() -> None:
    """10 at once, 2 a second: 8 leave 2; after 3 s there are 8 again."""
    buckets: Buckets[str] = Buckets(rate=2, burst=10)
    assert buckets.take("a", 8, now=0.0)
    assert not buckets.take("a", 3, now=0.0)
    assert not buckets.take("a", 9, now=3.0)
    assert buckets.take("a", 8, now=3.0)
    assert buckets.take("b", 10, now=3.0), "each has its own"


visits = st.lists(st.tuples(st.floats(0, 10), st.integers(1, 50)), max_size=60)


@given(visits, st.floats(0.1, 100), st.integers(1, 100))
def test_Y5_nobody_takes_more_than_burst_and_rate_allow(
    steps: list[tuple[float, int]], rate: float, burst: int
) -> None:
    buckets: Buckets[str] = Buckets(rate, burst)
    now = taken = 0.0
    for pause, records in steps:
        now += pause
        taken += records if buckets.take("a", records, now) else 0
        assert taken <= burst + rate * now + 1e-6


@given(visits)
def test_forgetting_full_buckets_changes_nothing(steps: list[tuple[float, int]]) -> None:
    swept: Buckets[str] = Buckets(3, 40)
    kept: Buckets[str] = Buckets(3, 40)
    now = 0.0
    for pause, records in steps:
        now += pause
        swept.sweep(now)
        assert swept.take("a", records, now) == kept.take("a", records, now)


def test_R8_names_of_strangers_leave_nothing_behind() -> None:
    buckets: Buckets[int] = Buckets(rate=1, burst=10)
    for stranger in range(MAX_BUCKETS):
        assert buckets.take(stranger, 5, now=0.0)
    assert not buckets.take(-1, 5, now=0.0), "the table is full"
    assert len(buckets) == MAX_BUCKETS
    assert buckets.take(-1, 5, now=5.0), "the others are forgotten by now"
    assert len(buckets) == 1


def test_a_clock_that_runs_backwards_gives_nothing_away() -> None:
    buckets: Buckets[str] = Buckets(rate=1, burst=10)
    assert buckets.take("a", 10, now=100.0)
    assert not buckets.take("a", 1, now=50.0)
