"""What everybody holds, in order, as two arrays: all that calibration looks at.

Numbers for people and items; no kinds, no weights, no times, so that an attacker cannot hide in
how an act was said.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from web3rec.adapters import Dataset
from web3rec.errors import DataError
from web3rec.types import Indices, ItemId


@dataclass(frozen=True, slots=True, eq=False)
class Profiles:
    """People's items, end to end, oldest first where times are known."""

    people: tuple[str, ...]
    starts: npt.NDArray[np.int64]
    """int64[people + 1]: where each one's items begin; nobody has none"""
    items: Indices
    """int32, in [0, n_items); of one person none twice"""
    n_items: int
    timed: bool
    """Whether the order means anything"""

    def __post_init__(self) -> None:
        if len(self.starts) != len(self.people) + 1 or (np.diff(self.starts) < 1).any():
            raise DataError("wanted at least one item of every person")

    @staticmethod
    def of(dataset: Dataset) -> "Profiles":
        """Everybody who has done something that is not local, in the data set's order.

        An item counts when it was last touched; of one moment, by its number.

        Raises:
            DataError: nobody has.

        Cost: O(acts log acts).
        """
        number = {ItemId(item.id): n for n, item in enumerate(dataset.items)}
        last: dict[str, dict[int, int]] = {}
        timed = False
        for act in dataset.acts:
            if not act.kind.is_local:
                mine, item = last.setdefault(act.user, {}), number[act.item]
                mine[item] = max(mine.get(item, 0), act.at or 0)
                timed = timed or act.at is not None
        people = tuple(person for person in dataset.people if person in last)
        if not people:
            raise DataError("nobody has done anything", where=dataset.name)
        rows = [[item for _, item in sorted((at, i) for i, at in last[p].items())] for p in people]
        return Profiles.of_rows(people, rows, len(number), timed=timed)

    @staticmethod
    def of_rows(
        people: Sequence[str], rows: Sequence[Sequence[int] | Indices], n_items: int, *, timed: bool
    ) -> "Profiles":
        """From everybody's items, oldest first."""
        lengths = np.array([len(row) for row in rows], np.int64)
        starts = np.append(0, np.cumsum(lengths))
        items = np.concatenate([np.asarray(row, np.int32) for row in rows])
        return Profiles(tuple(people), starts, items, n_items, timed)

    def joined(self, rows: Sequence[Indices]) -> "Profiles":
        """With more people, without names, after the others."""
        if not rows:
            return self
        names = tuple(f"\0{n}" for n in range(len(rows)))
        more = Profiles.of_rows(names, rows, self.n_items, timed=self.timed)
        return Profiles(
            self.people + more.people,
            np.append(self.starts, more.starts[1:] + self.starts[-1]),
            np.append(self.items, more.items),
            self.n_items,
            self.timed,
        )

    def row(self, person: int) -> Indices:
        """int32: one person's items, oldest first."""
        return self.items[self.starts[person] : self.starts[person + 1]]

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """int64[people], >= 1"""
        return np.diff(self.starts)

    @property
    def holders(self) -> npt.NDArray[np.int64]:
        """int64[n_items]: how many people hold each."""
        return np.bincount(self.items, minlength=self.n_items)

    def matrix(self) -> Any:
        """scipy.sparse.csr_matrix of float64, people by items, 1 where held; items in order."""
        held = csr_matrix(
            (np.ones(len(self.items)), self.items.copy(), self.starts),  # it is sorted in place
            shape=(len(self.people), self.n_items),
        )
        held.sort_indices()
        return held
