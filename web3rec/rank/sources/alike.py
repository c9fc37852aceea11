"""Item to item: what is held together with the ego's last items, by cosine among the admitted.

    cos(j, i) = sum_u w(u) [u holds j] [u holds i] / sqrt(d_j d_i)      d: admitted degree, >= 1
    s_i       = sum over own items j of recency^(newer acts) cos(j, i)

Two differences from the walk: how often somebody played something does not count, and an item that
many hold is divided by more. Local: only the listeners of the ego's items and what these hold are
read. Related: Sarwar et al., WWW 2001; Pinterest's PI2I.
"""

import numpy as np

from web3rec.params import SourceParams
from web3rec.rank.sources.sight import Sight
from web3rec.rank.sources.voices import Chorus, alone, spoken
from web3rec.types import Weights


def alike(sight: Sight, params: SourceParams) -> Chorus:
    """See the module. Cost: O(edges of the touched neighbourhood)."""
    graph = sight.snapshot
    own = graph.rows.row(graph.ego)[0]
    newer = graph.recency[own]
    recent = np.where(newer < params.last, params.fading**newer, 0.0)
    degree = np.maximum(1.0, sight.admission.degree)
    edges = graph.cols.gather(own)
    shared: Weights = np.bincount(
        edges.cols, weights=(recent / np.sqrt(degree[own]))[edges.owner], minlength=len(graph.users)
    ).astype(np.float64)
    speakers = shared * sight.others
    return alone(spoken("alike", graph, speakers, 1 / np.sqrt(degree), held=True))
