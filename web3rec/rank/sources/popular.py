"""The fallback: what many admitted people hold, for egos whose walk reaches too little."""

import numpy as np

from web3rec.graph import Snapshot
from web3rec.rank.admission import Admission
from web3rec.rank.sources.voices import Chorus, alone, spoken
from web3rec.types import Weights


def popular_among_admitted(snapshot: Snapshot, admission: Admission) -> Chorus:
    """Items by what the admitted hold of them, sum_u w(u) a(u,i), the ego left out. O(nnz)."""
    speakers: Weights = admission.weights.copy()
    speakers[snapshot.ego] = 0
    return alone(spoken("popular", snapshot, speakers, np.ones(len(snapshot.items))))
