"""The ego's friends as columns of the attribution: who is in which, and where its walk begins."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trust.digraph import Digraph, Indices, Weights


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """The ego's friends, dealt into columns.

    Attributes:
        friends: int32[n_friends], largest share first, then lowest index.
        held: float64[n_friends], T_rb of each.
        columns: int32[n_friends], the column each is in.
        shares: float64[n_columns], summed shares of the friends in a column.
    """

    friends: Indices
    held: Weights
    columns: Indices
    shares: Weights

    @staticmethod
    def of(graph: Digraph, ego: int, most: int) -> "Columns":
        """The friends of ego in at most `most` columns, as evenly as they go."""
        friends, held = graph.friends(ego), graph.row_shares(ego)
        order = np.lexsort((friends, -held))
        friends, held = friends[order], held[order]
        return Columns(friends, held, *dealt(held, most))

    def __len__(self) -> int:
        return self.shares.size

    @property
    def leading(self) -> Indices:
        """int32[n_columns]: the first friend dealt into each column."""
        _, first = np.unique(self.columns, return_index=True)
        return self.friends[first]

    def blocks(self, width: int) -> Iterator[slice]:
        """The columns, `width` at a time."""
        for begin in range(0, len(self), width):
            yield slice(begin, min(begin + width, len(self)))

    def start(self, block: slice, lanes: npt.NDArray[np.intp], width: int) -> Weights:
        """float64[n, width], by lane: one walk a column of the block, from its friends."""
        start = np.zeros((lanes.size, width))
        inside = (self.columns >= block.start) & (self.columns < block.stop)
        columns = self.columns[inside]
        start[lanes[self.friends[inside]], columns - block.start] = (
            self.held[inside] / self.shares[columns]
        )
        return start


def dealt(shares: Weights, n_columns: int) -> tuple[Indices, Weights]:
    """Deal friends, largest share first, into columns: each into the least loaded, ties leftmost.

    Returns:
        int32[n_friends], each one's column; float64[<= n_columns], each column's summed share.

    No column ends above the mean load plus one of the dealt shares (Graham, "Bounds on
    multiprocessing timing anomalies", SIAM J. Appl. Math. 17(2), 1969), so no pool can become a
    sponsor much larger than the others. Cost: O(n_friends log n_columns).
    """
    heap = [(0.0, column) for column in range(min(n_columns, shares.size))]
    columns: Indices = np.zeros(shares.size, np.int32)
    loads: Weights = np.zeros(len(heap))
    for friend, share in enumerate(shares.tolist()):
        load, column = heap[0]
        columns[friend] = column
        loads[column] = load + share
        heapq.heapreplace(heap, (load + share, column))
    return columns, loads
