"""MeritRank's two other decays: by age (epoch), and by connectivity. Neither is a guarantee.

Age. An edge loses weight by half-life. That is freshness, not security: in MeritRank's own
experiments it makes some attacks worse, since an attacker's edges are always the newest.

Connectivity. Whoever the ego's walks visit almost only by way of one other node x may hang on a
bridge that x sold. With G the expected visits, G_xj those to j of a walk from x, and h_x the chance
that the ego's walk ever comes to x, the part of the visits to j that come after x is

    kappa(x, j) = h_x G_xj / G_rj        h_x = G_rx / G_xx        (1: x dominates j)

and a node for whom some x other than the ego has kappa > theta keeps 1 - beta of its trust. Off by
default, for two reasons, both tested or measured:

- It is switched off by a second bridge that carries 1 - theta of the flow: with theta .99, one
  that carries 1 % (`test_a_second_bridge_with_one_percent_of_the_flow_switches_it_off`).
- It punishes honest people who are known through one other. Among the 1,842 people of HetRec
  Last.fm's friend graph, all honest, it takes trust from 11.8 % of them at theta .999, 11.9 % at
  .99, 13.3 % at .9 and 38.7 ± 3.1 % at .5; and 9.5, 9.6, 10.9 and 33.1 ± 3.3 % of the artists are
  spoken for by nobody else. (12 egos with three or more friends, seed 0, ± standard error.)

Source: Nasrulin, Ishmaev & Pouwelse, "MeritRank", 2022 (arXiv 2207.09950), sections on epoch and
connectivity decay, whose walks are samples; kappa in place of samples is ours.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from trust.digraph import Digraph, Weights
from trust.edits import reached
from trust.errors import GraphError, TrustParamError
from trust.params import TrustParams

MOST_REACHED: Final = 4_000
"""Nodes up to which connectivity is computed: a dense inverse, 8 s and 400 MB there."""
_OLDEST: Final = 60.0
"""Half-lives after which an edge fades no further: 1e-18 of its weight is nothing, yet far from the
smallest number, so that shares of it remain shares."""


def faded(
    sources: npt.ArrayLike, weights: npt.ArrayLike, times: npt.ArrayLike, half_life: float
) -> Weights:
    """Weights of edges that fade with age.

    `w * 2 ** -(age / half_life)`, age counted from the newest edge of the same source: a factor
    common to a row changes nothing, so no clock is needed and nothing changes as time passes.

    Args:
        sources: int[n_edges], who trusts; >= 0.
        weights: float[n_edges], > 0.
        times: float or int[n_edges], when the edge was drawn; finite, any unit and landmark.
        half_life: in the unit of times; > 0, infinite for never.

    Returns:
        float64[n_edges], > 0.

    Raises:
        TrustParamError: half_life is not above 0.
        GraphError: lists of unequal length, or a time that is not finite.
    """
    if not half_life > 0:
        raise TrustParamError("half_life", half_life, "above 0")
    sources, weights, times = np.asarray(sources), np.asarray(weights), np.asarray(times)
    if not sources.shape == weights.shape == times.shape or not np.isfinite(times).all():
        raise GraphError("want one source, weight and finite time for each edge")
    if not sources.size:
        return np.zeros(0)
    newest = np.full(int(sources.max()) + 1, times.min())
    np.maximum.at(newest, sources, times)
    with np.errstate(over="ignore"):  # infinitely many half-lives are very many
        ages = (newest[sources] - times) / half_life
    return np.asarray(weights * np.exp2(-np.minimum(ages, _OLDEST)), np.float64)


def bridged(graph: Digraph, ego: int, params: TrustParams) -> npt.NDArray[np.bool_]:
    """bool[n]: whom the ego's walks visit almost only by way of one other node.

    Args:
        graph: what is walked (see `trust.meritrank.heard`).
        ego: where walks start; in [0, n).
        params: alpha and theta are used.

    Raises:
        GraphError: ego is out of range, or it reaches more than MOST_REACHED nodes.

    Cost: O(r^3) time and 24 r^2 bytes, for r nodes that are reached.
    """
    there = np.flatnonzero(reached(graph, ego, graph.n))
    if there.size > MOST_REACHED:
        raise GraphError(
            f"connectivity is for at most {MOST_REACHED} reached nodes, got {there.size}: "
            "leave beta at 0"
        )
    number = np.full(graph.n, -1)
    number[there] = np.arange(there.size)
    sources, targets, _ = graph.edges()
    inside = number[sources] >= 0  # and so are their targets
    flow = np.eye(there.size)
    flow[number[sources[inside]], number[targets[inside]]] = (
        -(1 - params.alpha) * graph.shares()[inside]
    )
    visits = np.linalg.inv(flow)
    own = visits[number[ego]].copy()
    # Row x: the part of each node's visits that come after x.
    visits *= (own / np.diagonal(visits))[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):  # visits too few for a number: not bridged
        visits /= own
    np.fill_diagonal(visits, 0)
    visits[number[ego]] = 0
    found = np.zeros(graph.n, np.bool_)
    found[there] = (visits > params.theta).any(axis=0)
    found[ego] = False
    return found
