"""The chance that the ego's walk ever reaches a node: MeritRank's other score.

Unlike visits, a hit counts once, so a node cannot raise its own by what it does after the walk has
arrived. For explanations and comparison with other implementations; nothing on the way to a list
needs it. All nodes of a small graph are solved densely, a few of a large one by walking.

Source: the hitting form of personalised PageRank, h_j = G_rj / G_jj with G = (I - c T)^-1; e.g.
Norris, "Markov Chains", 1997, section 1.3 (chances of hitting) with a chance 1 - c of dying.
"""

import numpy as np
import numpy.typing as npt

from trust.digraph import Digraph, Weights
from trust.errors import TrustParamError
from trust.settling import Settler
from trust.steps import Steps


def hit_probabilities(graph: Digraph, ego: int, continuation: float = 0.85) -> Weights:
    """Find the chance that a walk from ego visits each node at least once before it stops.

    Args:
        graph: who trusts whom.
        ego: where the walk starts; in [0, n).
        continuation: chance of going on at each node, 1 - alpha; in (0, 1).

    Returns:
        float64[n], in [0, 1]; 1 at the ego, 0 where no walk arrives. Divide by the sum for scores.

    Raises:
        GraphError: ego is out of range.
        TrustParamError: continuation is outside (0, 1).

    Cost: O(n^3) time, 16 n^2 bytes: a second or so at 2,000 nodes.
    """
    _check(graph, ego, continuation)
    step = np.zeros((graph.n, graph.n))
    step[graph.sources(), graph.targets] = graph.shares()
    visits = np.linalg.inv(np.eye(graph.n) - continuation * step)
    # The matrix is an M-matrix, so all of its inverse is >= 0 but for rounding.
    hits: Weights = np.clip(visits[ego] / np.diagonal(visits), 0.0, 1.0)
    return hits


def hits_of(
    graph: Digraph,
    ego: int,
    nodes: npt.ArrayLike,
    continuation: float = 0.85,
    tol: float = 1e-9,
) -> Weights:
    """Find the chance that a walk from ego ever visits some nodes: `hit_probabilities` of those.

    Args:
        graph: who trusts whom.
        ego: where the walk starts; in [0, n).
        nodes: int[k], each in [0, n).
        continuation: chance of going on at each node, 1 - alpha; in (0, 1).
        tol: largest error of a chance; in (0, 1).

    Returns:
        float64[k], in [0, 1].

    Raises:
        GraphError: ego or a node is out of range.
        TrustParamError: continuation or tol is outside (0, 1).

    Cost: as one column of `trust.attribution` for each node, and one for the ego.
    """
    _check(graph, ego, continuation)
    if not 0 < tol < 1:
        raise TrustParamError("tol", tol, "in (0, 1)")
    wanted = np.asarray(nodes, np.intp).reshape(-1)
    for node in wanted.tolist():
        graph.check_node(node)
    steps = Steps.on(graph, 1 - continuation)
    # Visits are off by what is missing over alpha; both of them, and G_jj is at least 1.
    aim = tol * (1 - continuation) / 4
    rounds = 10 + int(np.log(aim / 2) / np.log(continuation))
    settler = Settler(steps, wanted.size + 1)
    begins = steps.lanes[np.concatenate([[ego], wanted])]
    own, arrived = np.zeros(0), np.zeros(begins.size)
    for begin in range(0, begins.size, settler.width):
        lanes = begins[begin : begin + settler.width]
        start = np.zeros((graph.n, settler.width))
        start[lanes, np.arange(lanes.size)] = 1
        visits = settler.settle(start, aim, rounds).visits
        if not begin:
            own = visits[begins, 0].copy()
        arrived[begin : begin + lanes.size] = visits[lanes, np.arange(lanes.size)]
    hits: Weights = np.clip(own[1:] / arrived[1:], 0.0, 1.0)
    return hits


def _check(graph: Digraph, ego: int, continuation: float) -> None:
    graph.check_node(ego)
    if not 0 < continuation < 1:
        raise TrustParamError("continuation", continuation, "in (0, 1)")
