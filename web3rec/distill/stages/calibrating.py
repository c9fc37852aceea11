"""How much each person's lesson counts in training: against data that somebody poisoned."""

from dataclasses import dataclass

import numpy as np

from web3rec.distill.recipe import Recipe
from web3rec.distill.stages.classroom import Classroom
from web3rec.rerank.bundle.items import ItemVectors
from web3rec.types import Weights


@dataclass(frozen=True, slots=True)
class Calibration:
    """Weights of the people who learn."""

    votes: Weights
    """float64[training lessons], in [0, 1]"""
    said: str
    """In a line, for people; empty if nothing was done"""

    def manifest(self) -> dict[str, object]:
        """Plain values only, ready for JSON."""
        return {
            "people": len(self.votes),
            "less": int((self.votes < 1).sum()),
            "mean": float(self.votes.mean()) if len(self.votes) else 1.0,
        }


def calibrated(recipe: Recipe, room: Classroom, table: ItemVectors | None) -> Calibration:
    """Everybody alike."""
    del recipe, table
    return Calibration(np.ones(len(room.train)), "")
