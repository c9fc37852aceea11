"""Some people count less: a mean of losses by weight.

    L = sum over lists of v_l L_l / sum over lists of v_l

How much somebody counts is for a calibrator to say (`web3rec.distill.calibration`); this takes its
word as numbers.
Source: Zhang et al., "LoRec: large language model for robust sequential recommendation against
poisoning attacks", SIGIR 2024: weights of users on their losses.
"""

from typing import Any

Tensor = Any


def weighted_mean(losses: Tensor, votes: Tensor) -> Tensor:
    """The mean by weight; float32[b] twice, votes >= 0 -> float32[]; 0 if nobody counts."""
    return (losses * votes).sum() / votes.sum().clamp_min(1e-12)
