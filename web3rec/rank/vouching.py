"""Through which of the ego's friends each user's trust arrives.

    share_ub = Phi_ub / tau(u)

Kept as Phi and tau, and divided where it is asked for: a list asks for a few thousand users, a
view knows all of them.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from web3rec.types import Indices, Weights


@dataclass(frozen=True, slots=True, eq=False)
class Vouching:
    """Who vouches for whom, and how much."""

    phi: npt.NDArray[np.float64]
    """float64[users, sponsors]: whose word each user's trust is, see `trust.crediting`; no columns
    where nobody vouches"""
    tau: Weights
    """float64[users]"""

    @property
    def n_sponsors(self) -> int:
        columns: int = self.phi.shape[1]
        return columns

    def shares(self, users: Indices) -> npt.NDArray[np.float64]:
        """float64[len(users), sponsors]: rows sum to 1 for whoever trust reaches, else to 0.

        The ego's own sum to less: part of its trust never left it.
        """
        phi, tau = self.phi.take(users, axis=0), self.tau.take(users)[:, None]
        share: npt.NDArray[np.float64] = np.divide(phi, tau, out=np.zeros_like(phi), where=tau > 0)
        return share

    def per_trust(self, mass: Weights) -> Weights:
        """float64[users]: mass / tau, so that the part through b is this times Phi_ub."""
        part: Weights = np.divide(mass, self.tau, out=np.zeros(len(mass)), where=self.tau > 0)
        return part
