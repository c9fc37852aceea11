"""The fallback: what many admitted people hold, for egos whose walk reaches too little."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from web3rec.graph import Snapshot
from web3rec.params import RankParams
from web3rec.rank.admission import Admission
from web3rec.rank.candidates import Candidates, attributed, best
from web3rec.rank.steps import step
from web3rec.rank.vouching import Vouching
from web3rec.types import Weights


@dataclass(frozen=True, slots=True, eq=False)
class Popularity:
    """What everyone who may speak says, the ego left out."""

    speakers: Weights
    """float64[users]: w(u), how loudly each speaks here; 0 for the ego"""
    said: Weights
    """float64[items]: sum_u w(u) a(u,i)"""


def popularity(snapshot: Snapshot, admission: Admission) -> Popularity:
    """Ask everyone but the ego. Cost: O(nnz)."""
    speakers: Weights = admission.weights.copy()
    speakers[snapshot.ego] = 0
    return Popularity(speakers, step(snapshot.rows, snapshot.cols, speakers))


def popular_among_admitted(
    snapshot: Snapshot,
    among: Popularity,
    vouching: Vouching,
    allowed: npt.NDArray[np.bool_],
    params: RankParams,
) -> Candidates:
    """Items by what the admitted hold of them. Cost: O(items + listeners of those kept)."""
    items = best(among.said, allowed, params.candidates)
    parts = attributed(snapshot, items, among.speakers, vouching)
    return Candidates(items, among.said[items], parts, "popular")
