"""What many admitted people hold: for egos whose walk reaches too little, and for catalogues in
which taste tells less than popularity.
"""

import numpy as np

from web3rec.graph import Snapshot
from web3rec.rank.admission import Admission
from web3rec.rank.sources.voices import Chorus, Voices, alone, spoken
from web3rec.types import Weights


def popular_among_admitted(snapshot: Snapshot, admission: Admission) -> Chorus:
    """Items by what the admitted hold of them, sum_u w(u) a(u,i), the ego left out. O(nnz)."""
    speakers: Weights = admission.weights.copy()
    speakers[snapshot.ego] = 0
    return alone(spoken("popular", snapshot, speakers, np.ones(len(snapshot.items))))


def counted(snapshot: Snapshot, admission: Admission) -> Voices:
    """Items by how many of the admitted hold them, however much: d_i, the ego left out. O(items).

    Everyone's say of an item is at most its admission, so Sybils add no more than law A1 lets in.
    """
    speakers: Weights = admission.weights.copy()
    speakers[snapshot.ego] = 0
    degree: Weights = admission.degree.copy()
    degree[snapshot.rows.row(snapshot.ego)[0]] -= 1
    return Voices("popular", speakers, np.maximum(0.0, degree), np.ones(len(degree)), held=True)
