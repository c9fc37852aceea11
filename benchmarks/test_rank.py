"""What one list costs: on a synthetic graph of the size of HetRec Last.fm.

1,900 people, 17,600 items of Zipf popularity, 49 acts each, 13 friends each (in groups, as people
have them). Target, one core: a list with attribution and budgets in 3 ms.
"""

from dataclasses import replace

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from trust import TrustParams, attribution
from web3rec.graph import Act, Endorsement, snapshot
from web3rec.params import Params, RankParams
from web3rec.pipeline import Request, View, listing, look
from web3rec.rank.admission import Mode
from web3rec.rank.salsa import salsa
from web3rec.records.model import DAY, Kind
from web3rec.types import ItemKey, PeerId

PEOPLE, ITEMS, ACTS_EACH, FRIENDS_EACH, GROUP = 1_900, 17_600, 49, 13, 60
NOW = 20_000 * DAY
PARAMS = Params()
THREE_ROUNDS = replace(PARAMS, rank=RankParams(rounds=3))
REQUEST = Request(20, frozenset())


def peer(number: int) -> PeerId:
    return PeerId(number.to_bytes(32, "big"))


EGO = peer(0)


@pytest.fixture(scope="module")
def records() -> tuple[list[Act], list[Endorsement]]:
    rng = np.random.default_rng([8, PEOPLE])
    popularity = 1 / np.arange(1, ITEMS + 1) ** 0.9
    popularity /= popularity.sum()
    acts, edges = [], []
    for person in range(PEOPLE):
        kinds = rng.integers(1, 7, ACTS_EACH)
        for n, number in enumerate(rng.choice(ITEMS, ACTS_EACH, replace=False, p=popularity)):
            key = ItemKey(int(number).to_bytes(16, "big"))
            acts.append(Act(peer(person), n, key, Kind.LISTEN, int(kinds[n]), NOW))
        near = person // GROUP * GROUP + rng.integers(0, GROUP, FRIENDS_EACH - 3)
        far = rng.integers(0, PEOPLE, 3)
        friends = {int(f) for f in np.r_[near, far] if f != person and f < PEOPLE}
        edges += [Endorsement(peer(person), n, peer(f), 8) for n, f in enumerate(sorted(friends))]
    return acts, edges


@pytest.fixture(scope="module")
def view(records: tuple[list[Act], list[Endorsement]]) -> View:
    return look(*records, {}, (), EGO, Mode.CLOSED, PARAMS, TrustParams())


@pytest.mark.parametrize("params", [PARAMS, THREE_ROUNDS], ids=["one round", "three rounds"])
def test_a_list_with_reasons(benchmark: BenchmarkFixture, view: View, params: Params) -> None:
    found = benchmark(listing, view, REQUEST, {}, params)
    assert len(found.entries) >= 10


def test_the_walk_alone(benchmark: BenchmarkFixture, view: View) -> None:
    walk = benchmark(salsa, view.snapshot, view.admission, view.trust.tau, PARAMS.rank)
    assert walk.scores.any()


def test_trust_with_attribution(benchmark: BenchmarkFixture, view: View) -> None:
    graph = view.snapshot
    heard = benchmark(attribution, graph.trust, graph.ego, TrustParams())
    assert heard.tau.sum() == pytest.approx(1)


def test_the_snapshot(
    benchmark: BenchmarkFixture, records: tuple[list[Act], list[Endorsement]]
) -> None:
    found = benchmark(snapshot, *records, EGO, {}, PARAMS.window)
    assert found.rows.nnz == PEOPLE * ACTS_EACH


def test_a_view_after_a_change_of_the_log(
    benchmark: BenchmarkFixture, records: tuple[list[Act], list[Endorsement]]
) -> None:
    """Everything a new record costs before the next list: snapshot, trust, admission."""
    found = benchmark(look, *records, {}, (), EGO, Mode.CLOSED, PARAMS, TrustParams())
    assert found.sponsors
