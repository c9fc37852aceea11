"""Item vectors in closed form: the graph's main axes, each as far as it stands out.

    W = D_u^-people X D_i^-items = U S Q'      vector_i = d_i^tilt Q_i S / sqrt(S^2 + ridge m)

with m the mean of S^2 over all axes. They know nothing that learnt vectors (`fitting`) do not, but
err elsewhere: side by side in one table the two are better than either (docs/decisions/0029).

Signs of axes are arbitrary and inner products do not show them; nothing may be learnt to read a
single number. Source: Shen et al., "How powerful is graph convolution for recommendation?" (GF-CF),
CIKM 2021, with the degrees' exponents of LightGCN++ set free.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import diags_array
from scipy.sparse.linalg import svds

from web3rec.embeddings.propagation import Matrix, degrees, pattern
from web3rec.errors import DataError, ParamError
from web3rec.graph import Csr


@dataclass(frozen=True, slots=True, kw_only=True)
class SpectralParams:
    """Chosen on `valid` of the LightGCN++ split of Last.fm among 100 settings."""

    width: int = 64
    """Axes; 1 to 256. 128 were no better."""
    people: float = 0.5
    """In [0, 1]; .3 and .5 are alike."""
    items: float = 0.25
    """In [0, 1]."""
    ridge: float = 1.0
    """>= 0."""
    tilt: float = 0.1
    """In [-1, 1]; above 0, what more people have comes first more often."""

    def __post_init__(self) -> None:
        if not 1 <= self.width <= 256:
            raise ParamError("width", self.width, "from 1 to 256")
        for name, least in (("people", 0.0), ("items", 0.0), ("tilt", -1.0)):
            if not least <= getattr(self, name) <= 1:
                raise ParamError(name, getattr(self, name), f"in [{least:g}, 1]")
        if not 0 <= self.ridge < float("inf"):
            raise ParamError("ridge", self.ridge, ">= 0")


def spectral(rows: Csr, params: SpectralParams) -> Matrix:
    """The vectors of a graph's items.

    Args:
        rows: users by items; who has what, weights are not looked at.
        params: how.

    Returns:
        float32[items, width]: zeros for items that nobody has, and in axes that a small graph does
        not have.

    Raises:
        DataError: fewer than two people or items.

    Cost: O(nnz * width) some tens of times: 2 s for 1,900 users and 14,000 items.
    """
    width = min(params.width, min(rows.n_rows, rows.n_cols) - 1)
    if width < 1 or not rows.nnz:
        raise DataError("axes want two people and two items at least: give more data")
    held = pattern(rows).astype(np.float64)
    by_user, by_item = degrees(held)
    scaled = diags_array(by_user**-params.people) @ held @ diags_array(by_item**-params.items)
    start = np.ones(min(scaled.shape))
    _, values, right = svds(scaled.tocsr(), k=width, v0=start, solver="arpack")
    order = np.argsort(-values, kind="stable")
    power = values[order] ** 2
    mean = float(scaled.power(2).sum()) / min(scaled.shape)
    known = np.bincount(rows.cols, minlength=rows.n_cols) > 0
    found = right[order].T * np.sqrt(power / (power + params.ridge * mean))
    found *= (by_item**params.tilt * known)[:, None]
    return np.pad(found, ((0, 0), (0, params.width - width))).astype(np.float32)
