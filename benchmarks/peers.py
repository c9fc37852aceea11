"""Other people's libraries, asked for the same: each as they document it, on one core.

A peer is a function from a graph to a request. What it builds before (its own form of the graph, a
trained model) is counted apart from the request. Imports stay inside: each runs in a process of
its own, and only what `make bench` installs is needed.

- personalised PageRank at damping .85 from the ego: over people and items (both directions), or
  over the trust graph. igraph, scikit-network, rustworkx, networkx, fast-pagerank.
- a trained recommender: implicit's cosine neighbours and ALS, fit once, then asked for 20 items.
"""

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from benchmarks.load import Load

DAMPING: Final = 0.85
Request = Callable[[], object]


def igraph_pagerank(load: Load) -> Request:
    import igraph

    n, sources, targets, weights, directed = load.as_edges()
    graph = igraph.Graph(n=n, edges=np.c_[sources, targets], directed=directed)
    graph.es["weight"] = weights

    def request() -> object:
        return graph.personalized_pagerank(
            directed=directed, damping=DAMPING, reset_vertices=[load.ego], weights="weight"
        )

    return request


def scikit_network_pagerank(load: Load) -> Request:
    """As it comes: ten iterations, which leaves up to .85 ** 10 = 20 % of the mass unsettled."""
    return _scikit_network(load, 10)


def scikit_network_settled(load: Load) -> Request:
    """Up to 100 iterations: until its own tolerance of 1e-6 is met, as the others settle too."""
    return _scikit_network(load, 100)


def _scikit_network(load: Load, n_iter: int) -> Request:
    from sknetwork.ranking import PageRank

    matrix = load.as_matrix()
    ranker = PageRank(damping_factor=DAMPING, n_iter=n_iter)
    return lambda: ranker.fit_predict(matrix, weights={load.ego: 1})


def fast_pagerank_power(load: Load) -> Request:
    from fast_pagerank import pagerank_power

    matrix = load.as_matrix()
    start = np.zeros(matrix.shape[0])
    start[load.ego] = 1
    return lambda: pagerank_power(matrix, p=DAMPING, personalize=start, tol=1e-6)


def rustworkx_pagerank(load: Load) -> Request:
    import rustworkx

    n, sources, targets, weights, directed = load.as_edges()
    graph = rustworkx.PyDiGraph()
    graph.add_nodes_from(range(n))
    edges = list(zip(sources.tolist(), targets.tolist(), weights.tolist(), strict=True))
    graph.add_edges_from(edges)
    if not directed:
        graph.add_edges_from([(v, u, w) for u, v, w in edges])
    del edges

    def request() -> object:
        return rustworkx.pagerank(
            graph, alpha=DAMPING, weight_fn=float, personalization={load.ego: 1.0}
        )

    return request


def networkx_pagerank(load: Load) -> Request:
    import networkx as nx

    n, sources, targets, weights, directed = load.as_edges()
    graph: Any = nx.DiGraph() if directed else nx.Graph()
    graph.add_nodes_from(range(n))
    graph.add_weighted_edges_from(
        zip(sources.tolist(), targets.tolist(), weights.tolist(), strict=True)
    )
    return lambda: nx.pagerank(graph, alpha=DAMPING, personalization={load.ego: 1})


def implicit_cosine(load: Load) -> Request:
    from implicit.nearest_neighbours import CosineRecommender

    return _recommender(CosineRecommender(K=20, num_threads=1), load)


def implicit_als(load: Load) -> Request:
    from implicit.cpu.als import AlternatingLeastSquares

    return _recommender(
        AlternatingLeastSquares(factors=64, iterations=15, num_threads=1, random_state=0), load
    )


PAGERANK: Final = {
    "igraph": igraph_pagerank,
    "scikit-network, 10 iterations": scikit_network_pagerank,
    "scikit-network": scikit_network_settled,
    "fast-pagerank": fast_pagerank_power,
    "rustworkx": rustworkx_pagerank,
    "networkx": networkx_pagerank,
}
TRAINED: Final = {"implicit cosine": implicit_cosine, "implicit ALS": implicit_als}


def _recommender(model: Any, load: Load) -> Request:
    taste = load.taste()
    model.fit(taste, show_progress=False)
    return lambda: model.recommend(load.ego, taste[load.ego], N=20)
