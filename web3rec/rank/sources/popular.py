"""The fallback: what many admitted people hold, for egos whose walk reaches too little."""

import numpy as np
import numpy.typing as npt

from web3rec.graph import Snapshot
from web3rec.params import RankParams
from web3rec.rank.admission import Admission
from web3rec.rank.candidates import Candidates, attributed, best
from web3rec.types import Weights


def popular_among_admitted(
    snapshot: Snapshot,
    admission: Admission,
    sponsor_share: npt.NDArray[np.float64],
    allowed: npt.NDArray[np.bool_],
    params: RankParams,
) -> Candidates:
    """Items by what the admitted hold of them, sum_u w(u) a(u,i). Cost: O(nnz)."""
    voice = others(snapshot, admission)
    row_of = np.repeat(np.arange(len(snapshot.users)), np.diff(snapshot.rows.starts))
    scores: Weights = np.bincount(
        snapshot.rows.cols,
        weights=voice[row_of] * snapshot.rows.weights,
        minlength=len(snapshot.items),
    ).astype(np.float64)
    items = best(scores, allowed, params.candidates)
    return Candidates(
        items, scores[items], attributed(snapshot, items, voice, sponsor_share), "popular"
    )


def others(snapshot: Snapshot, admission: Admission) -> Weights:
    """float64[users]: how loudly each speaks here: its admission; the ego not at all."""
    voice: Weights = admission.weights.copy()
    voice[snapshot.ego] = 0
    return voice
