"""What the parts of one list cost: on a graph of the size of HetRec Last.fm, and on `g`.

Targets, one core, list of 20 with attribution, budgets and reasons: 3 ms on the small graph, 10 ms
on `g`, 60 ms there with three rounds. `make bench` measures the same beside other libraries.

A list is asked of a view that has answered before, as on a device between two changes of its log;
`the first list` pays in addition what all lists of the view share. Each round of a case asks for
the lists of several people in turn, since neighbourhoods differ: divide by `EGOS`.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks import graphs
from trust import TrustParams, attribution
from web3rec.graph import Act, Endorsement, snapshot
from web3rec.params import Params, RankParams, SourceParams
from web3rec.pipeline import Request, listing
from web3rec.rank.admission import Mode
from web3rec.rank.candidates import best
from web3rec.rank.reasons import echo, strongest_path
from web3rec.rank.salsa import Salsa, salsa, social
from web3rec.rank.sources import alone, walked
from web3rec.rank.walks import expected_stops, roads
from web3rec.rank.walks import walked as walks_of
from web3rec.types import Indices
from web3rec.view import View, look

PARAMS = Params(sources=SourceParams(alike=0.0), tune=None)
"""The walk alone; what other sources and tuning cost is measured by their own cases."""
THREE_ROUNDS = replace(PARAMS, rank=RankParams(rounds=3))
ALL_SOURCES = replace(PARAMS, sources=SourceParams())
REQUEST = Request(20, frozenset())
EGOS = 5
WALKS = 10_000


@pytest.fixture(scope="module")
def records() -> tuple[list[Act], list[Endorsement]]:
    return graphs.hetrec_like()


@pytest.fixture(scope="module")
def small(records: tuple[list[Act], list[Endorsement]]) -> list[View]:
    graph = snapshot(*records, graphs.peer(0), {}, PARAMS.window)
    return [graphs.view(graphs.as_ego(graph, ego), PARAMS) for ego in graphs.egos(graph, EGOS)]


@pytest.fixture(scope="module")
def large() -> list[View]:
    graph = graphs.g()
    return [graphs.view(graphs.as_ego(graph, ego), PARAMS) for ego in graphs.egos(graph, EGOS)]


@pytest.fixture(params=["small", "large"])
def views(request: pytest.FixtureRequest) -> list[View]:
    found: list[View] = request.getfixturevalue(request.param)
    return found


def walk_of(view: View, params: Params = PARAMS) -> Salsa:
    beside = view.social(params.rank)
    return salsa(view.snapshot, view.admission, view.trust.tau, params.rank, beside)


def first_of(view: View, walk: Salsa) -> Indices:
    allowed = np.ones(len(view.snapshot.items), np.bool_)
    allowed[view.snapshot.rows.row(view.snapshot.ego)[0]] = False
    return best(walk.scores, allowed, PARAMS.rank.candidates)


def asked(views: list[View], params: Params) -> int:
    return sum(len(listing(view, REQUEST, {}, params).entries) for view in views)


@pytest.mark.parametrize(
    "params",
    [PARAMS, THREE_ROUNDS, ALL_SOURCES],
    ids=["one round", "three rounds", "all sources"],
)
def test_lists_with_reasons(benchmark: BenchmarkFixture, views: list[View], params: Params) -> None:
    assert benchmark(asked, views, params) >= 10 * EGOS


def test_the_first_lists_of_views(benchmark: BenchmarkFixture, views: list[View]) -> None:
    def first() -> int:
        return asked([replace(view) for view in views], PARAMS)  # nothing found before

    assert benchmark(first) >= 10 * EGOS


def test_walks_alone(benchmark: BenchmarkFixture, views: list[View]) -> None:
    found = benchmark(lambda: [walk_of(view) for view in views])
    assert all(walk.scores.any() for walk in found)


def test_the_walk_from_what_the_trusted_hold(
    benchmark: BenchmarkFixture, views: list[View]
) -> None:
    [*_, view] = views
    found = benchmark(social, view.snapshot, view.admission, view.trust.tau, PARAMS.rank)
    assert found.start.any()


def each(views: list[View], part: Callable[[View, Salsa, Indices], object]) -> Callable[[], object]:
    """A part of the list, with what comes before it ready."""
    ready = [(view, walk := walk_of(view), first_of(view, walk)) for view in views]
    return lambda: [part(*one) for one in ready]


def test_parts_of_the_first_candidates(benchmark: BenchmarkFixture, views: list[View]) -> None:
    def parts(view: View, walk: Salsa, items: Indices) -> object:
        said = alone(walked(walk, view.admission, PARAMS.rank))
        return said.parts(view.snapshot, items, view.vouching)

    assert benchmark(each(views, parts))


def test_reasons_of_twenty(benchmark: BenchmarkFixture, views: list[View]) -> None:
    def reasons(view: View, walk: Salsa, items: Indices) -> object:
        heard = echo(view.snapshot, walk.start, view.admission.weights)
        return [
            strongest_path(view.snapshot, heard, item, view.vouching, view.sponsors)
            for item in items[:20].tolist()
        ]

    assert benchmark(each(views, reasons))


@pytest.mark.parametrize("last_hop", [False, True], ids=["plain", "expected last hop"])
def test_ten_thousand_walks_of_five_hops(
    benchmark: BenchmarkFixture, views: list[View], last_hop: bool
) -> None:
    """GraphJet's request, in lock-step: ego to own item, to user, to item, to user, to item.

    The roads, running sums over all edges, are laid once per view.
    """
    [*_, view] = views
    rank = RankParams(rounds=2)
    start, along = walk_of(view).start, roads(view.snapshot, view.admission.weights)

    def request() -> object:
        rng = np.random.default_rng(8)
        found = walks_of(view.snapshot, along, start, WALKS, rank, rng)
        return expected_stops(view.snapshot, found, rank) if last_hop else found

    assert benchmark(request) is not None


def test_trust_with_attribution(benchmark: BenchmarkFixture, small: list[View]) -> None:
    graph = small[0].snapshot
    heard = benchmark(attribution, graph.trust, graph.ego, TrustParams())
    assert heard.tau.sum() == pytest.approx(1)


def test_the_snapshot(
    benchmark: BenchmarkFixture, records: tuple[list[Act], list[Endorsement]]
) -> None:
    found = benchmark(snapshot, *records, graphs.peer(0), {}, PARAMS.window)
    assert found.rows.nnz == len(records[0])


def test_a_view_after_a_change_of_the_log(
    benchmark: BenchmarkFixture, records: tuple[list[Act], list[Endorsement]]
) -> None:
    """Everything a new record costs before the next list: snapshot, trust, admission."""
    ego, mode = graphs.peer(0), Mode.CLOSED
    found = benchmark(look, *records, {}, (), ego, mode, PARAMS, TrustParams())
    assert found.sponsors
