"""What web3rec itself does, as contenders: the same shape as `benchmarks.peers`."""

from collections.abc import Callable
from dataclasses import replace
from itertools import cycle
from typing import Final

from benchmarks.graphs import as_ego, egos, view
from benchmarks.load import Load
from trust import TrustParams, attribution, stop_mass
from web3rec.params import Params
from web3rec.pipeline import Request as Wish
from web3rec.pipeline import listing

Request = Callable[[], object]
EGOS: Final = 7
"""People whose lists are timed in turn: neighbourhoods differ. The median request is reported."""


def one_round(load: Load) -> Request:
    """A list of 20 with attribution, budgets and reasons."""
    return _lists(load, Params())


def three_rounds(load: Load) -> Request:
    params = Params()
    return _lists(load, replace(params, rank=replace(params.rank, rounds=3)))


def fresh_list(load: Load) -> Request:
    """What a change of the whole graph costs until the next list: trust, admission, the list."""
    graph = as_ego(load.snapshot(), load.ego)
    wish = Wish(20, frozenset())
    return lambda: listing(view(graph), wish, {}, Params())


def list_of(limit: int) -> Callable[[Load], Request]:
    def prepared(load: Load) -> Request:
        return _lists(load, Params(), limit)

    return prepared


def trust_scores(load: Load) -> Request:
    """tau alone, to an L1 error of 1e-9."""
    graph = load.digraph()
    return lambda: stop_mass(graph, load.ego, TrustParams())


def trust_attributed(load: Load) -> Request:
    """tau and Phi: through which friend."""
    graph = load.digraph()
    return lambda: attribution(graph, load.ego, TrustParams())


def _lists(load: Load, params: Params, limit: int = 20) -> Request:
    graph = load.snapshot()
    views = [view(as_ego(graph, ego), params) for ego in egos(graph, EGOS)]
    turn = cycle(views)
    wish = Wish(limit, frozenset())
    return lambda: listing(next(turn), wish, {}, params)


LIST: Final = "list, one round"
TRUST: Final = "trust"
BESIDE_PAGERANK: Final = (LIST, "list, three rounds")
"""Cases that answer what personalised PageRank over people and items answers: what next?"""
FRESH: Final = "trust and list anew"
ALONE: Final = ("trust, attributed",)
"""Cases that nobody else offers."""
OURS: Final = {
    LIST: one_round,
    "list, three rounds": three_rounds,
    FRESH: fresh_list,
    TRUST: trust_scores,
    "trust, attributed": trust_attributed,
    **{f"list of {limit}": list_of(limit) for limit in (5, 10, 20, 50, 100)},
}
