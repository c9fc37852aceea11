"""Everything that is offered to the budgets, in one order: what came earlier stands above."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from web3rec.rank.candidates import Candidates
from web3rec.types import Indices, Weights


@dataclass(frozen=True, slots=True, eq=False)
class Proposed:
    """Candidates of several sources as one ranked order, earlier sources above later ones."""

    items: Indices
    scores: Weights
    by_sponsor: npt.NDArray[np.float64]
    source: tuple[str, ...]

    def picked(self, at: Indices) -> list[tuple[int, float, Weights, str]]:
        return [
            (int(self.items[k]), float(self.scores[k]), self.by_sponsor[k], self.source[k])
            for k in at
        ]


def in_order(*sources: Candidates) -> Proposed:
    """Join sources: an item stays with the first that proposed it, scores never rise.

    A later source's scores are scaled below the last of the earlier one; its parts with them.
    """
    items: list[Indices] = []
    scores: list[Weights] = []
    parts: list[npt.NDArray[np.float64]] = []
    names: list[str] = []
    taken: set[int] = set()
    below = np.inf
    for source in sources:
        new = np.array([item not in taken for item in source.items.tolist()], bool)
        if not new.any():
            continue
        best = float(source.scores[new][0])
        scale = 1.0 if best <= below else below / best / 2
        items.append(source.items[new])
        scores.append(source.scores[new] * scale)
        parts.append(source.by_sponsor[new] * scale)
        names += [name for name, is_new in zip(source.sources, new, strict=True) if is_new]
        taken |= set(source.items[new].tolist())
        below = float(scores[-1][-1])
    if not items:
        sponsors = sources[0].by_sponsor.shape[1] if sources else 0
        return Proposed(np.zeros(0, np.int32), np.zeros(0), np.zeros((0, sponsors)), ())
    return Proposed(
        np.concatenate(items), np.concatenate(scores), np.concatenate(parts), tuple(names)
    )
