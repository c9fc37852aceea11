"""What web3rec itself does, as contenders: the same shape as `benchmarks.peers`."""

from collections.abc import Callable
from dataclasses import replace
from itertools import cycle
from typing import Any, Final

import numpy as np

from benchmarks.graphs import NOW, as_ego, egos, item, peer, view
from benchmarks.load import Load
from trust import Digraph, TrustParams, attribution, renewed, standing, stop_mass
from web3rec.graph import Acts, Endorsements, Packed, Said, Snapshot, changed, snapshot
from web3rec.params import Params, RankParams, SourceParams, WindowParams
from web3rec.pipeline import Request as Wish
from web3rec.pipeline import listing
from web3rec.rank.salsa import own_start
from web3rec.rank.walks import roads, stops, walked

Request = Callable[[], object]
EVERYTHING: Final = WindowParams(per_author=10_000)
NOBODY: Final = Endorsements.of([])
EGOS: Final = {True: 40, False: 7}
"""People whose lists are timed in turn, by whether the graph is small: neighbourhoods differ, and
where budgets turn many items away a list takes several times longer. The median is reported."""
SMALL: Final = 10_000
"""People, up to which a graph is small: there a view is made in milliseconds, on g in seconds."""


def one_round(load: Load) -> Request:
    """A list of 20 with attribution, budgets and reasons; all sources that are on by default."""
    return _lists(load, Params())


def walk_alone(load: Load) -> Request:
    """The same without item to item: personalised SALSA, one round trip, and nothing beside it."""
    return _lists(load, Params(sources=SourceParams(alike=0)))


def three_rounds(load: Load) -> Request:
    params = Params()
    return _lists(load, replace(params, rank=replace(params.rank, rounds=3)))


def trust_after(edges: int) -> Callable[[Load], Request]:
    """tau and Phi once that many of everybody's edges, drawn at random, weigh otherwise."""

    def prepared(load: Load) -> Request:
        graph, params = load.digraph(), TrustParams()
        known = standing(graph, load.ego, params)
        sources, targets, weights = graph.edges()
        changed = weights.copy()
        some = np.random.default_rng(5).choice(weights.size, edges, replace=False)
        changed[some] *= 2
        after = Digraph.from_edges(graph.n, sources, targets, changed)
        return lambda: renewed(known, after, load.ego, params)

    return prepared


def window_built(load: Load) -> Request:
    """From columns of acts, ids as bytes, to both directions of the graph."""
    acts = _columns(load, slice(None))
    return lambda: snapshot(acts(), NOBODY, peer(load.ego), {}, EVERYTHING)


def window_after(records: int) -> Callable[[Load], Request]:
    """The next snapshot after that many acts, drawn at random, of as many people."""

    def prepared(load: Load) -> Request:
        graph = snapshot(_columns(load, slice(None))(), NOBODY, peer(load.ego), {}, EVERYTHING)
        chosen = np.random.default_rng(4).choice(load.user.size, records, replace=False)
        theirs = np.flatnonzero(np.isin(load.user, load.user[chosen]))
        acts = _columns(load, theirs[:-1])

        def following() -> Snapshot:
            told = acts()
            return changed(graph, Said.by(told.authors, told, NOBODY, EVERYTHING), {})

        return following

    return prepared


def walks(load: Load) -> Request:
    """GraphJet's request: 10,000 walks of 5 round trips from the ego's items, in lock-step."""
    seen = view(as_ego(load.snapshot(), load.ego))
    params = RankParams(rounds=3)
    along = roads(seen.snapshot, seen.admission.weights)
    start = own_start(seen.snapshot, params)
    rng = np.random.default_rng(6)

    def request() -> object:
        walked_ = walked(seen.snapshot, along, start, 10_000, params, rng)
        return stops(walked_, len(seen.snapshot.items))

    return request


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


def _columns(load: Load, some: Any) -> Callable[[], Acts]:
    """What a stream of acts brings, before anything is numbered or sorted."""
    users = np.array([list(peer(n)) for n in range(load.users)], np.uint8)
    items = np.array([list(item(n)) for n in range(load.items)], np.uint8)
    who, what = users[load.user[some]], items[load.item[some]]
    n = np.arange(load.user.size)[some]
    kind, weight, t = np.zeros(n.size, np.uint8), np.ones(n.size, np.uint8), np.full(n.size, NOW)
    return lambda: Acts.packed(
        Packed.of_rows(who), Packed.of_rows(what), n=n, kind=kind, weight=weight, t=t
    )


def _lists(load: Load, params: Params, limit: int = 20) -> Request:
    graph = load.snapshot()
    views = [view(as_ego(graph, ego), params) for ego in egos(graph, EGOS[load.users <= SMALL])]
    turn = cycle(views)
    wish = Wish(limit, frozenset())
    return lambda: listing(next(turn), wish, {}, params)


LIST: Final = "list, one round"
TRUST: Final = "trust"
BESIDE_PAGERANK: Final = ("list, the walk alone", LIST, "list, three rounds")
"""Cases that answer what personalised PageRank over people and items answers: what next?"""
FRESH: Final = "trust and list anew"
MANY: Final = 1_000
ALONE: Final = (
    "trust, attributed",
    "trust, 50 edges later",
    "trust, 1,000 edges later",
    "window built",
    "window, 1,000 acts later",
    "10,000 walks",
)
"""Cases that nobody else offers."""
OURS: Final = {
    LIST: one_round,
    "list, the walk alone": walk_alone,
    "list, three rounds": three_rounds,
    FRESH: fresh_list,
    TRUST: trust_scores,
    "trust, attributed": trust_attributed,
    "trust, 50 edges later": trust_after(50),
    "trust, 1,000 edges later": trust_after(MANY),
    "window built": window_built,
    "window, 1,000 acts later": window_after(MANY),
    "10,000 walks": walks,
    **{f"list of {limit}": list_of(limit) for limit in (5, 10, 20, 50, 100)},
}
