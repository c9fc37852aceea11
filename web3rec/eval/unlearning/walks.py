"""The graph part: the product's own snapshot, and lists by two steps through it.

The snapshot is built whole by `graph.snapshot`, and changed by `graph.changed` as a device does it
when somebody forgets; both give the same arrays bit for bit. There is nothing to be learnt beyond
it, so what is scored is a walk from the past to whoever shares it and on to what they have,
RP3beta: the arrays of the snapshot, multiplied when a list is wanted.

Source: Paudel et al., "Updatable, accurate, diverse, and scalable recommendations for interactive
applications", TiiS 2017.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.sparse import csr_matrix

from web3rec.eval.arena import NOON, person_key
from web3rec.eval.unlearning.held import Held, Numbers, Sparse
from web3rec.eval.unlearning.inference import Dense
from web3rec.graph import (
    KINDS,
    Acts,
    Endorsements,
    Packed,
    Said,
    Snapshot,
    Vocab,
    changed,
    snapshot,
)
from web3rec.params import WindowParams
from web3rec.records.model import Kind

BETA: Final = 0.3
"""How far popularity is taken back."""
WINDOW: Final = WindowParams(per_author=10_000)
"""Nobody's acts are dropped."""
EGO: Final = person_key(0)


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """A snapshot of pairs."""

    held: Held
    snapshot: Snapshot

    def same(self, other: "Graph") -> bool:
        """Whether every array is, bit for bit."""
        mine, theirs = self.snapshot, other.snapshot
        return bool(
            mine.users == theirs.users
            and mine.items == theirs.items
            and all(
                getattr(a, name).tobytes() == getattr(b, name).tobytes()
                for a, b in ((mine.rows, theirs.rows), (mine.cols, theirs.cols))
                for name in ("starts", "cols", "weights")
            )
        )


def learnt(held: Held) -> Graph:
    """Build the snapshot from nothing. Cost: .3 µs a pair."""
    return Graph(held, snapshot(_acts(held), _NOBODY, EGO, {}, WINDOW))


def forget(graph: Graph, gone: Held) -> Graph:
    """The snapshot of what remains, by way of those who forget. Cost: that of `graph.changed`."""
    touched = np.zeros(graph.held.n_users, bool)
    touched[gone.users] = True
    after = graph.held.less(gone)
    authors = Vocab.of([person_key(int(user)) for user in np.flatnonzero(touched)])
    said = Said.by(authors, _acts(after.by(touched)), _NOBODY, WINDOW)
    return Graph(after, changed(graph.snapshot, said, {}))


@dataclass(frozen=True, slots=True, eq=False)
class Walker:
    """Scores by two steps."""

    reach: Dense
    """float64[items, items]: from each item to each other; nothing to itself"""

    @staticmethod
    def of(graph: Graph) -> "Walker":
        """Cost: O(pairs^2 / users), and items^2 numbers."""
        shot, n_items = graph.snapshot, graph.held.n_items
        known = np.array([int.from_bytes(key, "big") for key in shot.items.terms], np.int64)
        rows = csr_matrix(
            (shot.rows.weights.astype(np.float64), shot.rows.cols, shot.rows.starts),
            (shot.rows.n_rows, shot.rows.n_cols),
        )
        ones = csr_matrix(
            (np.ones(shot.cols.nnz), shot.cols.cols, shot.cols.starts),
            (shot.cols.n_rows, shot.cols.n_cols),
        )
        degree = np.diff(shot.cols.starts).astype(np.float64)
        found = (ones @ rows).toarray()
        found /= degree[:, None] * degree[None, :] ** BETA
        found[np.diag_indices_from(found)] = 0
        reach = np.zeros((n_items, n_items))
        reach[np.ix_(known, known)] = found
        return Walker(reach)

    def scores(self, past: Sparse) -> Dense:
        """float64[rows, items]"""
        found: Dense = np.asarray(past @ self.reach)
        return found


def _acts(held: Held) -> Acts:
    """A listen for each pair; keys are those of `eval.arena`."""
    count = len(held)
    users, items = held.users, held.items
    return Acts.packed(
        Packed.of_rows(_bytes(users, 32)),
        Packed.of_rows(_bytes(items, 16)),
        n=np.arange(count),
        kind=np.full(count, KINDS.index(Kind.LISTEN), np.uint8),
        weight=np.ones(count, np.uint8),
        t=np.full(count, NOON),
    )


def _bytes(numbers: Numbers, length: int) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    """uint8[n, length]: big-endian."""
    found = np.zeros((len(numbers), length), np.uint8)
    found[:, -8:] = numbers.astype(">i8").view(np.uint8).reshape(len(numbers), 8)
    return found


_NOBODY: Final = Endorsements.of([])
