"""Why a bundle is not used: one word for programs, one sentence for people.

A bundle is a stranger's bytes, so opening one never raises: it gives a `Refusal`. Inside this
package `Unfit` carries the reason up to the door and goes no further.
"""

from dataclasses import dataclass
from enum import StrEnum


class Ground(StrEnum):
    """What is wrong; the X of docs/bundles.md in brackets."""

    SIZE = "size"
    """Larger than 8 MiB, or than the part that it says."""
    LAYOUT = "layout"
    """Not the bytes of a bundle."""
    MANIFEST = "manifest"
    """Not the one spelling of a manifest, or a value outside its range."""
    PUBLISHER = "publisher"
    """Signed by somebody whom the user did not pin (X3)."""
    SIGNATURE = "signature"
    """Not signed by whom it names (X3)."""
    HASH = "hash"
    """A file is not the one that was signed (X3)."""
    DOWNGRADE = "downgrade"
    """Older than what is or was installed under that name (X3)."""
    QUALITY = "quality"
    """By its own account worse than the graph, or than itself before quantising (X5)."""
    BASIS = "basis"
    """Its item vectors are written in another basis than the model was trained in."""
    EXTERNAL = "external"
    """The model points to a file outside itself (X1)."""
    OPERATOR = "operator"
    """The model uses an operator, or a field, that is not on the list (X2)."""
    SHAPE = "shape"
    """Inputs, outputs or tensors are not as declared, or too large."""
    WEIGHTS = "weights"
    """weights.npz is not the list of layers that the manifest declares."""
    VECTORS = "vectors"
    """items.i8 is not a table of item vectors."""
    INPUTS = "inputs"
    """It wants columns that this device does not have."""
    UNASKED = "unasked"
    """A peer offers another model than the one in use, or one that was removed."""
    BACKEND = "backend"
    """Nothing here can run it."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A bundle that is not used."""

    ground: Ground
    """What is wrong."""
    said: str
    """The same for a person: what was found, what was wanted; no key, no item."""

    def __str__(self) -> str:
        return f"{self.ground}: {self.said}"


class Unfit(Exception):  # noqa: N818 - never leaves this package: it becomes a Refusal
    """Carries a refusal up to the door."""

    def __init__(self, ground: Ground, said: str) -> None:
        """Why."""
        super().__init__(said)
        self.refusal = Refusal(ground, said)
