"""The linear student: convex, so the same every time, and NumPy is enough.

    loss(w) = sum over lists l  v_l sum_i  wanted_li  -ln softmax(score)_li  +  l2 / 2 |w - w0|^2

as in `web3rec.rerank.linear`, but for what is wanted: there hits alone, here teachers' words too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from web3rec.distill.lessons import Lesson
from web3rec.errors import DataError
from web3rec.rerank.bundle.manifest import Layer
from web3rec.rerank.bundle.onnx_writing import Draft
from web3rec.rerank.bundle.weights import Array
from web3rec.rerank.features import NAMES, Features
from web3rec.rerank.linear import CONSTANT, Linear, LinearParams, Lists, least, scaled
from web3rec.types import Weights

LAYERS: Final[tuple[Layer, ...]] = ("scale", "linear")


@dataclass(frozen=True, slots=True, eq=False)
class LinearPupil:
    """A trained linear student."""

    head: Linear
    kind: str = "linear"

    def scores(self, features: Features) -> Weights:
        """float64[n]."""
        return self.head.scores(features)

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """For `of`."""
        return {"weights": self.head.weights, "mean": self.head.mean, "scale": self.head.scale}

    @staticmethod
    def of(arrays: Mapping[str, npt.NDArray[Any]]) -> "LinearPupil":
        """From `arrays`. Raises DataError: they are none."""
        try:
            return LinearPupil(Linear(arrays["weights"], arrays["mean"], arrays["scale"]))
        except KeyError as error:
            raise DataError(f"wanted an array {error} of a linear student") from None

    @property
    def size(self) -> int:
        """How many weights were learnt."""
        return len(NAMES)

    def layers(self) -> tuple[tuple[Layer, ...], dict[str, Array]]:
        """The layers of weights.npz, float32."""
        scale = (1 / self.head.scale).astype(np.float32)
        shift = (-self.head.mean / self.head.scale).astype(np.float32)
        weight = self.head.weights.astype(np.float32)[:, None]
        held: dict[str, Array] = {"0.weight": scale, "0.bias": shift}
        return LAYERS, held | {"1.weight": weight, "1.bias": np.zeros(1, np.float32)}

    def onnx(self) -> bytes:
        """The same layers as model.onnx; the same bytes every time."""
        _, held = self.layers()
        draft = Draft(dict(held))
        x = draft.add("Add", [draft.add("Mul", ["features", "0.weight"]), "0.bias"])
        score = draft.add("Add", [draft.add("MatMul", [x, "1.weight"]), "1.bias"])
        last = draft.add("Squeeze", [score, draft.axes(1)])
        return draft.finished({"features": ("n", len(NAMES))}, last)


def fitted(
    lessons: Sequence[Lesson], wanted: Sequence[Weights], votes: Weights, l2: float
) -> LinearPupil:
    """Train it.

    Args:
        lessons: lists; those that nothing is wanted of are left out.
        wanted: float64[candidates] each, >= 0.
        votes: float64[lessons], how much each counts; >= 0.
        l2: pull towards the graph's order, in lists; > 0.

    Raises:
        DataError: nothing is wanted of any list.
    """
    told = [n for n, own in enumerate(wanted) if own.sum() > 0 and votes[n] > 0]
    if not told:
        raise DataError("nothing is right in any list: nothing can be learnt")
    tables = [lessons[n].features for n in told]
    rows = np.concatenate([table.values for table in tables]).astype(np.float64)
    mean, spread = rows.mean(axis=0), rows.std(axis=0)
    scale = np.where(spread > CONSTANT, spread, 1.0)
    lengths = np.array([len(table) for table in tables], np.int64)
    heavy = [votes[n] * wanted[n] for n in told]
    lists = Lists(
        np.concatenate([scaled(table, mean, scale) for table in tables]),
        np.cumsum(lengths) - lengths,
        np.concatenate(heavy),
        np.array([own.sum() for own in heavy]),
    )
    params = LinearParams(l2=l2)
    return LinearPupil(Linear(least(lists, params.prior, params), mean, scale))
