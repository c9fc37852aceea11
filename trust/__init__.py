"""Trust: a weighted digraph, an ego, and what MeritRank says about who may be heard.

Does not know what a recommendation is. NumPy only.

    graph = Digraph.from_edges(3, [0, 0, 1], [1, 2, 2], [1.0, 1.0, 1.0])
    attribution(graph, 0, TrustParams()).tau   # whom to hear, and phi: through which friend

    known = standing(graph, 0, TrustParams())
    graph = edited(graph, [2], [0], [1.0])
    known = renewed(known, graph, 0, TrustParams())
    known.attribution   # the same as from scratch, for less
"""

from trust.decay import faded
from trust.digraph import Digraph, Indices, Weights
from trust.edits import edited
from trust.errors import GraphError, TrustError, TrustParamError
from trust.hits import hit_probabilities, hits_of
from trust.incremental import Standing, renewed, standing
from trust.meritrank import Attribution, StopMass, attribution, stop_mass
from trust.params import TrustParams
from trust.walks import Estimate, Walks, estimated, sampled_walks, usual_path

__all__ = [
    "Attribution",
    "Digraph",
    "Estimate",
    "GraphError",
    "Indices",
    "Standing",
    "StopMass",
    "TrustError",
    "TrustParamError",
    "TrustParams",
    "Walks",
    "Weights",
    "attribution",
    "edited",
    "estimated",
    "faded",
    "hit_probabilities",
    "hits_of",
    "renewed",
    "sampled_walks",
    "standing",
    "stop_mass",
    "usual_path",
]
