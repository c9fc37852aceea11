"""Crowds with tastes, and attackers among them."""

import numpy as np

from web3rec.distill.calibration import Profiles
from web3rec.types import Indices


def tastes(people: int, items: int, rng: np.random.Generator) -> list[Indices]:
    """Four crowds, each fond of its own quarter of the catalogue, popular items more."""
    fame = 1 / (1 + np.arange(items)) ** 0.7
    found = []
    for n in range(people):
        fond = fame * np.where(np.arange(items) % 4 == n % 4, 8.0, 1.0)
        size = int(rng.integers(8, 24))
        row = rng.choice(items, size=size, replace=False, p=fond / fond.sum())
        found.append(row.astype(np.int32))
    return found


def profiles(rows: list[Indices], items: int, *, timed: bool = False) -> Profiles:
    return Profiles.of_rows([f"p{n}" for n in range(len(rows))], rows, items, timed=timed)
