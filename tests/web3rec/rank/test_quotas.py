"""Places by trust: by hand, bounded, and blind to how people are numbered."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from web3rec.errors import ParamError
from web3rec.params import QuotaParams
from web3rec.rank.quotas import quotas
from web3rec.types import PeerId

CROWD = [PeerId(bytes([i]) * 32) for i in range(30)]
FEW = QuotaParams(shared=1_000, people=5, least=20, most=200, pool=100)


def given_out(tau: list[float], params: QuotaParams = FEW, ego: int = 0) -> list[int]:
    found = quotas(CROWD[: len(tau)], np.array(tau), ego, params)
    return [found.get(PeerId(who), 0) for who in CROWD[: len(tau)]]


def test_places_by_hand() -> None:
    """N = 1000: .001 is worth one place and gets 20, .0009 is worth none; .05 is 50, down to the
    rung 40 (20, 28, 40, 56, 80, 113, 160, then 200); .5 is more than anybody gets. The ego, 0, has
    no quota.
    """
    assert given_out([0.3, 0.001, 0.0009, 0.05, 0.5]) == [0, 20, 0, 40, 200]
    assert given_out([0, 0.02, 0.028, 0.0283, 0.04, 0.16]) == [0, 20, 20, 28, 40, 160]


def test_of_many_the_most_trusted_have_a_quota_and_equals_go_by_key() -> None:
    assert given_out([0.1, 0.01, 0.02, 0.02, 0.02, 0.02, 0.02]) == [0, 0, 20, 20, 20, 20, 20]
    assert given_out([0.1] + [0.01] * 7) == [0, 20, 20, 20, 20, 20, 0, 0]


trusts = st.lists(st.floats(0, 1), min_size=1, max_size=30).map(
    lambda tau: (np.array(tau) / max(1.0, sum(tau))).tolist()
)


@given(trusts, st.integers(0, 6))
def test_R7_all_quotas_together_are_bounded(tau: list[float], people: int) -> None:
    params = QuotaParams(shared=1_000, people=people, least=20, most=200, pool=100)
    places = given_out(tau, params)
    assert sum(places) <= params.shared + people * params.least
    assert sum(places) + params.pool <= params.places
    assert all(place == 0 or 20 <= place <= 200 for place in places)
    assert sum(place > 0 for place in places) <= people


@given(trusts, st.data())
def test_P7_strangers_together_get_no_more_than_what_trust_lets_through(
    tau: list[float], data: st.DataObject
) -> None:
    """Whatever a region does inside: N times its trust, and `least` for each it puts in a row."""
    region = data.draw(st.sets(st.integers(1, len(tau)), max_size=10)) - {len(tau)}
    places = given_out(tau)
    inside = sum(tau[u] for u in region)
    counted = sum(places[u] > 0 for u in region)
    assert sum(places[u] for u in region) <= FEW.shared * inside + FEW.least * counted
    if not inside:
        assert not counted


@given(trusts, st.randoms())
def test_numbers_of_people_do_not_matter(tau: list[float], chance: object) -> None:
    people = CROWD[: len(tau)]
    order = list(range(len(tau)))
    chance.shuffle(order)  # type: ignore[attr-defined]
    plain = quotas(people, np.array(tau), 0, FEW)
    mixed = quotas([people[u] for u in order], np.array(tau)[order], order.index(0), FEW)
    assert plain == mixed


@given(trusts)
def test_more_trust_is_never_less_room(tau: list[float]) -> None:
    places = given_out(tau, ego=0)[1:]
    by_trust = sorted(zip(tau[1:], places, strict=True), reverse=True)
    rooms = [place for _, place in by_trust]
    strict = [a >= b for (x, a), (y, b) in itertools.pairwise(by_trust) if x > y]
    assert all(strict), rooms


@pytest.mark.parametrize(
    "wrong",
    [
        {"shared": 0},
        {"people": -1},
        {"least": 0},
        {"least": 201},
        {"most": 19},
        {"most": 201},
        {"pool": -1},
        {"pool": 1.5},
        {"seen": 10},
        {"people": True},
    ],
)
def test_params_out_of_range_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ParamError, match=next(iter(wrong))):
        QuotaParams(**wrong)
