"""A model of sequences: items in the order they came, through two blocks of attention, to the next.

    x0 = E[history] sqrt(d) + P          newest item at the last position
    x  = x + attention(norm(x));  x = x + relu(norm(x) W1 + b1) W2 + b2      in each block
    score of an item = norm(x at the last position) . E[item]

It knows items by number, so everybody who runs it has to have its catalogue: some 52,000 weights
and the catalogue's vectors. A trained one is plain arrays and needs no torch.

What of it a device can run: a bundle holds no model that reads a catalogue by number, and no
encoder. Its item vectors E can ship, as `items.i8`, and the hybrid's own attention over them then
stands in for the blocks and is taught by this model's scores (`sequence_teacher`).

Source: Kang & McAuley, "Self-attentive sequential recommendation", ICDM 2018; with cross-entropy
over all items instead of one negative, as Klenitskiy & Vasilev, "Turning dross into gold loss",
RecSys 2023, found better.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from web3rec.errors import DataError, ParamError
from web3rec.types import ItemId, Weights

Matrix = npt.NDArray[np.float32]
EPSILON: Final = 1e-5
"""Added to a variance."""
_MATRICES: Final = ("query", "key", "value", "out", "up", "down")
_VECTORS: Final = ("up_bias", "down_bias", "norm1", "norm1_bias", "norm2", "norm2_bias")


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceParams:
    """Size of the model."""

    width: int = 64
    """Numbers of an item vector; 8 to 128, a multiple of `heads`."""
    blocks: int = 2
    """1 to 4."""
    heads: int = 2
    """Heads of attention; 1 to 8."""
    length: int = 50
    """Newest items that are read; 2 to 200."""

    def __post_init__(self) -> None:
        ranges = {"width": (8, 128), "blocks": (1, 4), "heads": (1, 8), "length": (2, 200)}
        for name, (least, most) in ranges.items():
            if not least <= getattr(self, name) <= most:
                raise ParamError(name, getattr(self, name), f"from {least} to {most}")
        if self.width % self.heads:
            raise ParamError("width", self.width, f"a multiple of heads, {self.heads}")

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Every array but `items`, by name; those of a block end in its number."""
        d = self.width
        found: dict[str, tuple[int, ...]] = {"positions": (self.length, d)}
        for block in range(self.blocks):
            found |= {f"{name}.{block}": (d, d) for name in _MATRICES}
            found |= {f"{name}.{block}": (d,) for name in _VECTORS}
        return found | {"norm": (d,), "norm_bias": (d,)}

    @property
    def weights(self) -> int:
        """How many weights there are beside the catalogue's."""
        return sum(int(np.prod(shape)) for shape in self.shapes.values())


@dataclass(frozen=True, slots=True, eq=False)
class SequenceModel:
    """A trained one."""

    params: SequenceParams
    ids: tuple[ItemId, ...]
    """The catalogue, none twice"""
    arrays: Mapping[str, Matrix] = field(repr=False)
    """`items` float32[len(ids), width] and those of `params.shapes`"""
    _number: Mapping[ItemId, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Raises DataError if an array is missing, not finite, or of another shape."""
        wanted = {"items": (len(self.ids), self.params.width), **self.params.shapes}
        if set(self.arrays) != set(wanted) or len(set(self.ids)) != len(self.ids):
            raise DataError(f"wanted arrays {sorted(wanted)}, got {sorted(self.arrays)}")
        for name, shape in wanted.items():
            array = self.arrays[name]
            if array.shape != shape or array.dtype != np.float32 or not np.isfinite(array).all():
                raise DataError(f"wanted {name} as finite float32 of {shape}, got {array.shape}")
        object.__setattr__(self, "_number", {item: n for n, item in enumerate(self.ids)})

    @property
    def size(self) -> int:
        """How many weights it has, the catalogue's included."""
        return sum(array.size for array in self.arrays.values())

    def numbers(self, items: Sequence[ItemId]) -> npt.NDArray[np.int64]:
        """int64[len(items)]: places in the catalogue; -1 where unknown."""
        return np.array([self._number.get(item, -1) for item in items], np.int64)

    def state(self, history: Sequence[ItemId]) -> Matrix | None:
        """What the history comes to.

        Args:
            history: oldest first; unknown items are left out, and all but the newest `length`.

        Returns:
            float32[width]; None if nothing of it is known.

        Cost: O(length * (weights + length * width)), some 2 ms.
        """
        known = self.numbers(history)
        known = known[known >= 0][-self.params.length :]
        if not known.size:
            return None
        a, d, n = self.arrays, self.params.width, known.size
        x = a["items"][known] * np.float32(np.sqrt(d)) + a["positions"][-n:]
        for block in range(self.params.blocks):
            x = x + self._attended(_normed(x, a[f"norm1.{block}"], a[f"norm1_bias.{block}"]), block)
            told = _normed(x, a[f"norm2.{block}"], a[f"norm2_bias.{block}"])
            up = np.maximum(told @ a[f"up.{block}"] + a[f"up_bias.{block}"], 0)
            x = x + up @ a[f"down.{block}"] + a[f"down_bias.{block}"]
        found: Matrix = _normed(x[-1], a["norm"], a["norm_bias"])
        return found

    def scores(self, history: Sequence[ItemId], items: Sequence[ItemId]) -> Weights:
        """How likely each item is next: logits, comparable within one history.

        Returns:
            float64[len(items)]; nan for items that are not in the catalogue, and for all if
            nothing of the history is.
        """
        found, where, state = np.full(len(items), np.nan), self.numbers(items), self.state(history)
        if state is not None:
            found[where >= 0] = self.arrays["items"][where[where >= 0]] @ state
        return found

    def _attended(self, x: Matrix, block: int) -> Matrix:
        n, heads = len(x), self.params.heads
        query, key, value = (
            (x @ self.arrays[f"{name}.{block}"]).reshape(n, heads, -1).transpose(1, 0, 2)
            for name in ("query", "key", "value")
        )
        reach = query @ key.transpose(0, 2, 1) / np.float32(np.sqrt(query.shape[-1]))
        reach = np.where(np.tri(n, dtype=bool), reach, -np.inf)
        share = np.exp(reach - reach.max(axis=-1, keepdims=True))
        share /= share.sum(axis=-1, keepdims=True)
        used = (share @ value).transpose(1, 0, 2).reshape(n, -1)
        found: Matrix = used @ self.arrays[f"out.{block}"]
        return found


def _normed(x: Matrix, weight: Matrix, bias: Matrix) -> Matrix:
    centred = x - x.mean(axis=-1, keepdims=True)
    spread = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + np.float32(EPSILON))
    found: Matrix = centred / spread * weight + bias
    return found
