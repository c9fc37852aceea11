"""A curve between real histories and made-up ones: logistic, with squares and products.

    loss = sum_u k_u ( -ln P(label of u) + entropy . H(P_u) [u is real] ) + l2 / 2 |b|^2

Those taken for real may have been made up as well; the entropy term H lets the curve decide on
them rather than call all of them one half. k_u weighs both sides alike.
Source: the calibrator's loss of LoRec (SIGIR 2024); its transformer is replaced by statistics.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from web3rec.types import Weights

Matrix = npt.NDArray[np.float64]
FARTHEST: Final = 5.0
"""Deviations beyond which a number is no stranger."""


@dataclass(frozen=True, slots=True, eq=False)
class Calibrator:
    """A learnt curve."""

    middle: Weights
    """float64[columns]: medians of the real"""
    width: Weights
    """float64[columns], > 0: their spread, by the median of distances"""
    curve: Weights
    """float64[1 + columns + columns (columns + 1) / 2]"""

    @staticmethod
    def learnt(real: Matrix, made_up: Matrix, *, entropy: float, l2: float) -> "Calibrator":
        """Tell them apart.

        Args:
            real: float64[people, columns], finite; most of them are.
            made_up: float64[people, columns].
            entropy: of the real, >= 0.
            l2: > 0.

        Cost: O(people * columns^2) a step of L-BFGS; tens of steps.
        """
        middle = np.median(real, axis=0)
        width = 1.4826 * np.median(np.abs(real - middle), axis=0) + 1e-6
        rows = np.vstack((_terms(real, middle, width), _terms(made_up, middle, width)))
        label = np.repeat((0.0, 1.0), (len(real), len(made_up)))
        counts = np.where(label > 0, 0.5 / max(1, len(made_up)), 0.5 / max(1, len(real)))
        counts *= len(rows)

        def loss(curve: Weights) -> tuple[float, Weights]:
            logit = rows @ curve
            chance = 1 / (1 + np.exp(-np.clip(logit, -500, 500)))
            wrong = np.logaddexp(0, np.where(label > 0, -logit, logit))
            # H of a logit z is ln(1 + e^z) - z P; its slope is -z P (1 - P)
            unsure = np.where(label > 0, 0.0, np.logaddexp(0, logit) - logit * chance)
            slope = (
                chance
                - label
                - entropy * np.where(label > 0, 0.0, 1) * (logit * chance * (1 - chance))
            )
            free = curve.copy()
            free[0] = 0
            total = float(counts @ (wrong + entropy * unsure) + l2 / 2 * free @ free)
            return total, rows.T @ (counts * slope) + l2 * free

        found = minimize(loss, np.zeros(rows.shape[1]), jac=True, method="L-BFGS-B")
        return Calibrator(middle, width, np.asarray(found.x, np.float64))

    def logits(self, rows: Matrix) -> Weights:
        """float64[people]: higher is likelier made up."""
        found: Weights = _terms(rows, self.middle, self.width) @ self.curve
        return found


def _terms(rows: Matrix, middle: Weights, width: Weights) -> Matrix:
    """A 1, the columns in deviations, and their squares and products."""
    x = np.clip((rows - middle) / width, -FARTHEST, FARTHEST)
    a, b = np.triu_indices(x.shape[1])
    return np.column_stack((np.ones(len(x)), x, x[:, a] * x[:, b] / FARTHEST))
