"""What `web3rec eval unlearn` measures."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from web3rec.errors import ParamError
from web3rec.eval.unlearning.cases import KINDS, WAYS, Kind, Way

MODELS: Final = ("graph", "ease", "vectors")
USUAL: Final = ("graph", "ease")
"""Those that take minutes; vectors take minutes for each wish."""
METHODS: Final = ("retrain", "sisa", "ours", "hide", "influence")
"""The last of vectors alone."""
SHARES: Final = (0.001, 0.01, 0.05)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is measured."""

    shares: tuple[float, ...] = SHARES
    """Of users or interactions, each in (0, 1)."""
    kinds: tuple[Kind, ...] = KINDS
    ways: tuple[Way, ...] = WAYS
    models: tuple[str, ...] = USUAL
    methods: tuple[str, ...] = METHODS
    """Without `retrain`, it is done all the same, since the others are compared to it."""
    ridge: float | None = None
    """Of the closed-form model, > 0; by default chosen on a part of what is learnt from."""
    shards: int = 4
    """Of SISA; >= 1."""
    asked: int = 1_000
    """People whose lists are measured at most, drawn; >= 1."""
    seed: int = 0
    """Of all chance; >= 0."""

    def __post_init__(self) -> None:
        for name in ("shards", "asked"):
            if not getattr(self, name) >= 1:
                raise ParamError(name, getattr(self, name), "at least 1")
        for share in self.shares:
            if not 0 < share < 1:
                raise ParamError("shares", share, "in (0, 1)")

    def rng(self, *numbers: int) -> np.random.Generator:
        """A generator of this seed and these numbers alone."""
        return np.random.default_rng([self.seed, *numbers])
