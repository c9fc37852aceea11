"""A device that lacks some packages: as if they had never been installed."""

import sys
from collections.abc import Collection, Iterator, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from importlib.metadata import Distribution, DistributionFinder
from types import ModuleType


class Lacking:
    """Python's own finder of what is installed, blind to some of it."""

    def __init__(self, packages: Collection[str], tops: Collection[str]) -> None:
        self._packages, self._tops = frozenset(packages), frozenset(tops)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None, /
    ) -> ModuleSpec | None:
        if name.split(".", 1)[0] in self._tops:
            return None
        return PathFinder.find_spec(name, path, target)

    def find_distributions(
        self, context: DistributionFinder.Context | None = None
    ) -> Iterator[Distribution]:
        asked = context or DistributionFinder.Context()
        for found in PathFinder.find_distributions(asked):
            if found.name.lower() not in self._packages:
                yield found

    def invalidate_caches(self) -> None:
        PathFinder.invalidate_caches()


def hide(packages: Collection[str], tops: Collection[str]) -> None:
    """From now on these are not installed in this process.

    Args:
        packages: by the index' names.
        tops: what they are imported by.
    """
    sys.meta_path[:] = [
        Lacking(packages, tops) if finder is PathFinder else finder for finder in sys.meta_path
    ]
