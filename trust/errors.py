"""Every error this package raises, and when.

    TrustError                 also a ValueError
    ├── TrustParamError        a number outside its range
    └── GraphError             edges that are not a weighted digraph, or a node it does not have

All are the caller's mistakes. Nothing here reads a stranger's bytes.
"""


class TrustError(ValueError):
    """The root: catch this to catch everything trust raises on purpose."""


class TrustParamError(TrustError):
    """A parameter outside its range."""

    def __init__(self, name: str, got: object, wanted: str) -> None:
        """Say which parameter, what it must be and what it was."""
        super().__init__(f"{name} must be {wanted}, got {got!r}")
        self.name = name


class GraphError(TrustError):
    """Edges that are not a weighted digraph, or a node that is not in it."""
