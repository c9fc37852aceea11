"""What acts weigh, so that an attacker can dose them: the numbers of `graph.snapshot`."""

from typing import Final

import numpy as np
import numpy.typing as npt

from web3rec.graph import KIND_VALUE
from web3rec.records.model import MAX_WEIGHT, Kind
from web3rec.types import Event, Weights

KINDS: Final = tuple(Event(kind.value) for kind in KIND_VALUE)
"""The kinds that travel, shallow to deep; columns name a kind by its place here."""
DEEPEST: Final = len(KINDS) - 1


def worth(kind: Event, weight: int) -> float:
    """What one lone act weighs in its author's row before the row is normalised; 0 if local."""
    if kind.is_local:
        return 0.0
    return float(np.log1p(KIND_VALUE[Kind(kind.value)] * 4.0 ** (weight - 1)))


WORTH: Final[Weights] = np.array(
    [[np.nan] + [worth(kind, weight) for weight in range(1, MAX_WEIGHT + 1)] for kind in KINDS]
)
"""float64[kinds, 1 + 8]: `worth` by place in KINDS and by weight; there is no weight 0."""


def worths(kind: npt.NDArray[np.int8], weight: npt.NDArray[np.int8]) -> Weights:
    """float64[acts]: the worth of acts in columns."""
    found: Weights = WORTH[kind, weight]
    return found
