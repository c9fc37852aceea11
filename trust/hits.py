"""The chance that the ego's walk ever reaches a node: MeritRank's other score, solved densely.

Unlike visits, a hit counts once, so a node cannot raise its own by what it does after the walk has
arrived. For small graphs, explanations and comparison with other implementations; nothing on the
way to a list needs it.

Source: the hitting form of personalised PageRank, h_j = G_rj / G_jj with G = (I - c T)^-1; e.g.
Norris, "Markov Chains", 1997, section 1.3 (chances of hitting) with a chance 1 - c of dying.
"""

import numpy as np

from trust.digraph import Digraph, Weights
from trust.errors import TrustParamError


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
    graph.check_node(ego)
    if not 0 < continuation < 1:
        raise TrustParamError("continuation", continuation, "in (0, 1)")
    step = np.zeros((graph.n, graph.n))
    step[graph.sources(), graph.targets] = graph.shares()
    visits = np.linalg.inv(np.eye(graph.n) - continuation * step)
    # The matrix is an M-matrix, so all of its inverse is >= 0 but for rounding.
    hits: Weights = np.clip(visits[ego] / np.diagonal(visits), 0.0, 1.0)
    return hits
