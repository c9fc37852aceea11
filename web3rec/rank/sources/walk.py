"""The main source: what personalised SALSA reached."""

import numpy as np
import numpy.typing as npt

from web3rec.graph import Snapshot
from web3rec.params import RankParams
from web3rec.rank.admission import Admission
from web3rec.rank.candidates import Candidates, attributed, best
from web3rec.rank.salsa import Salsa, discount
from web3rec.rank.vouching import Vouching


def walked(
    snapshot: Snapshot,
    admission: Admission,
    salsa: Salsa,
    vouching: Vouching,
    allowed: npt.NDArray[np.bool_],
    params: RankParams,
) -> Candidates:
    """The best allowed items of the walk, with s_ib. Cost: O(items + listeners of those kept)."""
    items = best(salsa.scores, allowed, params.candidates)
    parts = attributed(snapshot, items, salsa.speakers, vouching)
    parts *= discount(admission.degree[items], params.eta)[:, None]
    return Candidates(items, salsa.scores[items], parts, "taste")
