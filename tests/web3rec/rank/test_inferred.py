"""Inferred trust stays a tenth at most, and the walk's way into strangers with it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trust import Digraph, TrustParams, stop_mass
from web3rec.errors import ParamError
from web3rec.rank.inferred import MOST, with_inferred

STAR = Digraph.from_edges(5, [0, 0, 1], [1, 2, 3], [1.0, 3.0, 1.0])


def test_a_case_by_hand() -> None:
    found = with_inferred(STAR, 0, {3: 1.0, 4: 3.0, 1: 9.0, 0: 9.0}, 0.1)
    assert found.friends(0).tolist() == [1, 2, 3, 4]
    assert found.row_shares(0) == pytest.approx([0.225, 0.675, 0.025, 0.075])


@pytest.mark.parametrize(
    ("credit", "share"), [({}, 0.1), ({3: 0.0}, 0.1), ({3: 1.0}, 0.0), ({1: 5.0}, 0.1)]
)
def test_without_credit_or_share_nothing_changes(credit: dict[int, float], share: float) -> None:
    assert with_inferred(STAR, 0, credit, share) == STAR


def test_who_trusts_nobody_infers_nothing() -> None:
    assert with_inferred(STAR, 4, {3: 1.0}, 0.1) == STAR


@given(
    st.dictionaries(st.integers(0, 4), st.floats(0, 1e6), max_size=5),
    st.floats(0, MOST),
)
def test_A1_strangers_gain_no_more_of_the_walk_than_the_share(
    credit: dict[int, float], share: float
) -> None:
    """However much credit Sybils 3 and 4 collected, the walk enters them by at most share more."""
    honest = Digraph.from_edges(5, [0, 0, 3, 4], [1, 2, 4, 3], [1.0, 3.0, 1.0, 1.0])
    after = with_inferred(honest, 0, credit, share)
    friends = np.isin(after.friends(0), [3, 4])
    assert after.row_shares(0)[friends].sum() <= share + 1e-12
    assert stop_mass(after, 0, TrustParams()).tau[3:].sum() <= share + 1e-9


@pytest.mark.parametrize("share", [-0.01, 0.11, float("nan")])
def test_more_than_a_tenth_is_refused(share: float) -> None:
    with pytest.raises(ParamError, match="share"):
        with_inferred(STAR, 0, {3: 1.0}, share)
