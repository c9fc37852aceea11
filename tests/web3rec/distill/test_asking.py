"""Patience with one request: virtual time, real bytes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web3rec.distill.servers import Model, cut_off, says, serving, status
from web3rec.distill.asking import LARGEST, Line, Patience, Refused, Unreachable
from web3rec.errors import ParamError


def line(url: str, waits: list[float], **patience: float) -> Line:
    return Line(url, None, Patience(**patience), sleep=waits.append)  # type: ignore[arg-type]


@pytest.mark.network
def test_waits_double_and_end() -> None:
    waits: list[float] = []
    model = Model(faults=[status(503), cut_off, status(500), status(429), status(502)])
    with (
        serving(model) as url,
        line(url, waits, first_wait=1, tries=5) as asked,
        pytest.raises(Unreachable, match="HTTP 502 after 5 tries"),
    ):
        asked.asked(b"{}")
    assert waits == [1, 2, 4, 8]
    assert len(model.requests) == 5


@pytest.mark.network
def test_retry_after_is_followed_up_to_the_longest_wait() -> None:
    waits: list[float] = []
    faults = [status(429, retry_after="7"), status(429, retry_after="9999")]
    faults += [status(429, retry_after="Wed, 21 Oct 2026 07:28:00 GMT"), says(b"here")]
    with serving(Model(faults=faults)) as url, line(url, waits, longest_wait=60) as asked:
        assert asked.asked(b"{}") == b"here"
    assert waits == [7, 60, 4]


@pytest.mark.network
@pytest.mark.parametrize("code", [302, 400, 401, 404])
def test_a_refusal_is_not_asked_again(code: int) -> None:
    waits: list[float] = []
    model = Model(faults=[status(code, location="http://127.0.0.1:1/")])
    with (
        serving(model) as url,
        line(url, waits) as asked,
        pytest.raises(Refused, match=str(code)) as refusal,
    ):
        asked.asked(b"{}")
    assert (refusal.value.status, waits, len(model.requests)) == (code, [], 1)


@pytest.mark.network
def test_an_answer_that_takes_too_long_as_a_whole_is_none() -> None:
    """Each byte may be in time and the answer not: the clock says so."""
    times = iter([0.0, 11.0])
    waits: list[float] = []
    with serving(Model(faults=[says(b"late")])) as url:
        asked = Line(
            url, None, Patience(seconds=10, tries=1), waits.append, clock=lambda: next(times)
        )
        with asked, pytest.raises(Unreachable, match="no whole answer"):
            asked.asked(b"{}")


@pytest.mark.network
def test_an_answer_without_end_is_not_read_to_its_end() -> None:
    """Beyond the limit it is no answer, however it began; at the limit it is."""
    faults = [says(b" " * (LARGEST + 1)), says(b" " * LARGEST)]
    with serving(Model(faults=faults)) as url, line(url, []) as asked:
        assert asked.asked(b"{}") == b""
        assert len(asked.asked(b"{}")) == LARGEST


@pytest.mark.network
def test_nobody_there_is_unreachable() -> None:
    with serving(Model()) as url:
        gone = url
    with line(gone, [], tries=2) as asked, pytest.raises(Unreachable):
        asked.asked(b"{}")


@given(st.integers(1, 20), st.floats(0, 1), st.none() | st.floats(0, 1e9))
def test_no_wait_is_longer_than_the_longest(
    tried: int, fraction: float, asked: float | None
) -> None:
    patience = Patience(first_wait=1, longest_wait=30)
    assert 0 <= patience.wait(tried, fraction, asked) <= 30


def test_waits_of_different_requests_spread() -> None:
    waits = [Patience().wait(1, float(fraction), None) for fraction in np.linspace(0, 1, 5)]
    assert waits == [1, 1.125, 1.25, 1.375, 1.5]


def test_impatience_out_of_range_is_refused() -> None:
    for name, value in (("seconds", 0), ("tries", 21), ("tries", 0), ("first_wait", -1)):
        with pytest.raises(ParamError, match=name):
            Patience(**{name: value})
    with pytest.raises(ParamError, match="url"):
        Line("ftp://somewhere")
