"""On real data: walk and list are the definition's, and what a million walkers find.

HetRec Last.fm with its own friend graph, admission from real trust. The definition is written
out on scipy.sparse, over the whole graph; the walkers know only transition chances.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

from tests.web3rec.rank import dense
from trust import TrustParams
from web3rec.adapters import read_hetrec
from web3rec.graph import Act, Csr, Endorsement
from web3rec.params import Params, RankParams, SourceParams
from web3rec.pipeline import Request, listing
from web3rec.rank import walks
from web3rec.rank.admission import Mode
from web3rec.rank.salsa import Salsa, salsa
from web3rec.rank.walks import roads, stops
from web3rec.records import item_key
from web3rec.records.model import DAY, Kind
from web3rec.types import PeerId, Weights
from web3rec.view import View, look

pytestmark = pytest.mark.slow

EGOS = ["2", "1432"]
"""One with 13 friends and 50 artists, one with 4 and 9."""
WALKS = 1_000_000
WATCHED = 200
"""Items whose visits are compared: those with the highest scores."""


def person(name: str) -> PeerId:
    return PeerId(hashlib.sha256(name.encode()).digest())


@dataclass(frozen=True)
class Records:
    acts: list[Act]
    edges: list[Endorsement]

    def view(self, ego: str, params: Params, mode: Mode = Mode.CLOSED) -> View:
        trust = TrustParams()
        return look(self.acts, self.edges, {}, (), person(ego), mode, params, trust)


@pytest.fixture(scope="module")
def hetrec(hetrec_zip: Path) -> Records:
    data = read_hetrec(hetrec_zip)
    acts = [
        Act(person(act.user), n, item_key(act.item), Kind.LISTEN, act.weight, 20_000 * DAY)
        for n, act in enumerate(data.acts)
    ]
    edges = [
        Endorsement(person(edge.source), n, person(edge.target), 8)
        for n, edge in enumerate(data.trust)
    ]
    return Records(acts, edges)


def matrix(of: Csr) -> sparse.csr_array:
    weights = of.weights.astype(np.float64)
    return sparse.csr_array((weights, of.cols, of.starts), shape=(of.n_rows, of.n_cols))


def start(view: View, params: RankParams) -> Weights:
    """No times, so no recency: (1 - mu) of the ego's row + mu of what the trusted hold."""
    a, tau = matrix(view.snapshot.rows), view.trust.tau.copy()
    own = a[[view.snapshot.ego]].toarray().ravel()
    mu = max(params.social, 1 / (1 + np.count_nonzero(own)) ** 2)
    holds = np.diff(view.snapshot.rows.starts) > 0
    voice = np.where(holds & (view.admission.weights > 0), tau, 0)
    voice[view.snapshot.ego] = 0
    loudest = np.argsort(-voice, kind="stable")[: params.social_speakers]
    few = np.zeros_like(voice)
    few[loudest] = voice[loudest]
    social = few @ a
    mixed: Weights = (1 - mu) * own / own.sum() + mu * social / social.sum()
    return mixed


def definition(view: View, params: RankParams) -> Weights:
    """s_i = sum_k (1 - rho)^(k - 1) rho y(k)_i / max(1, d_i)^eta, all of the graph each round."""
    a, w, y = matrix(view.snapshot.rows), view.admission.weights, start(view, params)
    heard = w @ a
    total = np.zeros(a.shape[1])
    for k in range(params.rounds):
        y = (w * (a @ np.divide(y, heard, out=np.zeros_like(y), where=heard > 0))) @ a
        total += (1 - params.restart) ** k * params.restart * y
    degree = w @ (a > 0).astype(float)
    scores: Weights = total / np.maximum(degree, 1) ** params.eta
    return scores


def walked(view: View, params: RankParams) -> Salsa:
    return salsa(view.snapshot, view.admission, view.trust.tau, params)


@pytest.mark.parametrize("ego", EGOS)
@pytest.mark.parametrize("rounds", [1, 3])
def test_the_scores_are_those_of_the_definition(hetrec: Records, ego: str, rounds: int) -> None:
    params = RankParams(rounds=rounds)
    view = hetrec.view(ego, Params(rank=params))
    assert (view.admission.weights > 0).sum() > 100
    assert (view.admission.weights < 1).sum() > 10
    expected = definition(view, params)
    np.testing.assert_allclose(walked(view, params).scores, expected, atol=1e-12, rtol=0)


@pytest.mark.parametrize("mode", [Mode.CLOSED, Mode.OPEN])
@pytest.mark.parametrize("ego", EGOS)
@pytest.mark.parametrize(("rounds", "limit"), [(1, 20), (3, 50)])
def test_the_list_is_that_of_the_definition(
    hetrec: Records, ego: str, rounds: int, limit: int, mode: Mode
) -> None:
    """Item by item, of the walk alone: with all of its 17,000 items offered to the budgets."""
    params = Params(rank=RankParams(rounds=rounds), sources=SourceParams(alike=0.0))
    view = hetrec.view(ego, params, mode)
    begun = start(view, params.rank)
    expected = dense.listed(view, matrix(view.snapshot.rows), begun, limit, params)
    found = listing(view, Request(limit, frozenset()), {}, params)
    numbers = view.snapshot.items.numbers(entry.key for entry in found.entries)
    assert numbers.tolist() == expected.items
    np.testing.assert_allclose([e.score for e in found.entries], expected.scores, atol=1e-12)


@pytest.mark.parametrize(("seed", "ego"), list(enumerate(EGOS)))
@pytest.mark.parametrize("rounds", [1, 3])
def test_a_million_walkers_find_the_same_scores(
    hetrec: Records, seed: int, ego: str, rounds: int
) -> None:
    """Each of the 200 best items within 4 sigma of its binomial, and no bias over all of them.

    Of 800 comparisons (two egos, one and three rounds) at 4 sigma, honest chance exceeds in one of
    twenty runs of another seed; the seeds are fixed. The sum of z^2 has mean 200 and deviation 20
    (a little more for the dependence of counts): 5 deviations are allowed, so that many small
    differences of one kind would show as well as one large one.
    """
    params = RankParams(rounds=rounds, restart=0.5)
    view = hetrec.view(ego, Params(rank=params))
    found = walked(view, params)
    chance = found.scores * np.maximum(view.admission.degree, 1) ** params.eta
    best = np.argsort(-found.scores, kind="stable")[:WATCHED]
    along, rng = roads(view.snapshot, view.admission.weights), np.random.default_rng([seed, rounds])
    paths = walks.walked(view.snapshot, along, start(view, params), WALKS, params, rng)
    counted = stops(paths, len(chance))
    p = chance[best]
    z = (counted[best] - WALKS * p) / np.sqrt(WALKS * p * (1 - p))
    assert np.abs(z).max() <= 4
    assert abs((z**2).sum() - WATCHED) <= 5 * np.sqrt(2 * WATCHED)
    assert abs(counted.sum() / WALKS - chance.sum()) <= 4 * np.sqrt(0.25 / WALKS)
