"""What a session may be told: terms, salts and addresses have bounds."""

import pytest

from p2p.holdings import Holdings
from p2p.sync import Session, Terms
from tests.p2p.ends import End, talk


@pytest.mark.parametrize("take", [-1, 5_001])
def test_terms_out_of_range_are_refused(take: int) -> None:
    with pytest.raises(ValueError, match="0 to 5000"):
        Terms(take=take)


def test_a_salt_has_16_bytes() -> None:
    with pytest.raises(ValueError, match="16 bytes, got 3"):
        Session(Holdings.of(set()), Terms(), b"abc", opener=True)


def test_addresses_that_do_not_fit_are_left_out() -> None:
    one = End(set(), addresses=("", "x" * 257, *(f"/{i}" for i in range(40))))
    other = End(set())
    talk(one, other)
    assert other.heard == [f"/{i}" for i in range(32)]
