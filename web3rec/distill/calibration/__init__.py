"""Who may have been made up to be learnt from? Weights for training on data that anybody can join.

    Profiles ─► statistics ─► calibrator, taught by imposters of our own ─► doubt ─► weights
                                                    trust, where known ─────┘

    weights = calibrated(dataset).by_person  # "p1" -> 0.97
    votes(people, weights)  # of lessons, for `training.trained(votes=...)`
    heard(dataset, weights)  # without the doubted: for fits that know no weights

Weights go wherever people are counted: onto rows when item vectors or item-to-item models are
fitted, onto lists when a student learns. Follows Zhang et al., "LoRec: large language model for
robust sequential recommendation against poisoning attacks", SIGIR 2024, with plain statistics for
its transformer and without the language model. NumPy and SciPy (extra distill); pure.
"""

from web3rec.distill.calibration.profiles import Profiles
from web3rec.distill.calibration.trust import trust_of
from web3rec.distill.calibration.weighing import (
    Calibration,
    CalibrationParams,
    calibrated,
    heard,
    votes,
)

__all__ = [
    "Calibration",
    "CalibrationParams",
    "Profiles",
    "calibrated",
    "heard",
    "trust_of",
    "votes",
]
