"""The hybrid student as a `Reranker`, and what it reads of a list.

The model itself, what it computes and its limits: `web3rec.rerank.bundle.hybrid`. This is what
training and validation use; a device uses the bundle's backends, which give the same (1e-5).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from web3rec.errors import ParamError
from web3rec.rerank.bundle.hybrid import HybridWeights, scores
from web3rec.rerank.features import Features
from web3rec.rerank.model import ModelError
from web3rec.types import ItemKey, Weights

Matrix = npt.NDArray[np.float32]
Vectors = Mapping[ItemKey, Matrix]
"""Item vectors, float32[d] each, by the key that bundles know items by (`store.key_of`)."""
VectorsOf = Callable[[str], Vectors]
"""The vectors to learn with from a person's list: those fitted without the person's targets, in
one basis for all people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HybridParams:
    """Size of the student; its weights are d (2h + p) + (c + 3 + p)(e + 1) and some."""

    attention: int = 16
    """h, numbers in which candidates look for what they resemble in the history; 1 to 64."""
    blend: int = 16
    """p, mixed numbers of candidate and history that are read beside their sums; 0 to 64."""
    hidden: int = 64
    """e; 1 to 256."""

    def __post_init__(self) -> None:
        for name, least, most in (("attention", 1, 64), ("blend", 0, 64), ("hidden", 1, 256)):
            if not least <= getattr(self, name) <= most:
                raise ParamError(name, getattr(self, name), f"from {least} to {most}")


class Inputs(NamedTuple):
    """What the model reads of one list; see `rerank.bundle.hybrid`."""

    x: Matrix
    """float32[n, c]"""
    items: Matrix
    """float32[n, d]"""
    history: Matrix
    """float32[m, d], m >= 1"""
    newer: Matrix
    """float32[m]"""


def inputs(features: Features, vectors: Vectors, width: int) -> Inputs:
    """Look a list's vectors up, as a device does.

    Raises:
        ModelError: the features do not say which items they are of.
    """
    if features.content is None:
        raise ModelError("this model reads item vectors, and was not told which items these are")
    content, nothing = features.content, np.zeros(width, np.float32)
    known = [n for n, key in enumerate(content.history) if key in vectors]
    history = [vectors[content.history[n]] for n in known] or [nothing]
    newer = content.newer[known] if known else np.zeros(1)
    items = [vectors.get(key, nothing) for key in content.items]
    return Inputs(
        features.values,
        np.array(items, np.float32).reshape(len(features), width),
        np.array(history, np.float32),
        newer.astype(np.float32),
    )


def of_length_one(vectors: Vectors) -> dict[ItemKey, Matrix]:
    """The same directions, each of length 1; zeros stay zeros.

    What is often held has long vectors, and the sums of a list then say how popular things are,
    which columns say already. Worth 3 to 4 % of NDCG@10 on both MovieLens (docs/decisions/0030),
    and one scale for all rounds short and long alike.
    """
    found = {}
    for key, vector in vectors.items():
        length = float(np.linalg.norm(vector.astype(np.float64)))
        found[key] = (vector / length if length > 0 else vector).astype(np.float32)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Hybrid:
    """A trained student with its vectors; a `Reranker` in float32."""

    weights: HybridWeights = field(repr=False)
    vectors: Vectors = field(repr=False)

    def scores(self, features: Features) -> Weights:
        """float64[n]. Raises ModelError if the features do not say which items they are of."""
        if not len(features):
            return np.zeros(0)
        return scores(self.weights, *inputs(features, self.vectors, self.weights.width)).astype(
            np.float64
        )
