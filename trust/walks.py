"""Walks walked: the oracle of what is solved elsewhere, and the paths that explain it.

All walks step together, one array operation a step. Estimates use the expected last hop: a walk
that is at u says not where it happens to go next, but adds the chances of all places where it
could; so it speaks of all whom u trusts, and what is left to luck is one hop less.

Source of the last: e.g. Fogaras, Rácz, Csalogány & Sarlós, "Towards scaling fully personalized
PageRank", Internet Mathematics 2(3), 2005, whose walks speak of where they end; a conditional mean
in place of a sample never has the larger variance (Rao & Blackwell).
"""

from collections import Counter
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from trust.columns import Columns
from trust.digraph import Digraph, Indices, Weights
from trust.errors import TrustParamError
from trust.params import TrustParams

BATCHES: Final = 32
"""Parts whose scatter says how sure an estimate is."""


@dataclass(frozen=True, slots=True, eq=False)
class Walks:
    """Walks from one ego.

    Attributes:
        nodes: int32[longest, n_walks], where each walk is after each step; -1 once it has stopped.
            Row 0 is the ego. Read-only.
    """

    nodes: Indices

    @property
    def n_walks(self) -> int:
        return int(self.nodes.shape[1])


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """What walks say of where walks stop.

    Attributes:
        tau: float64[n], estimated stop-mass; unbiased.
        sigma: float64[n], standard error of tau, from the scatter between BATCHES parts.
        columns: which friend each column of phi stands for.
        phi: float64[n, n_columns], estimated stop-mass by the first hop; its rows sum to those of
            tau, less the walk that never left.
    """

    tau: Weights
    sigma: Weights
    columns: Columns
    phi: Weights


def sampled_walks(
    graph: Digraph, ego: int, params: TrustParams, n_walks: int, rng: np.random.Generator
) -> Walks:
    """Walk from ego until all walks have stopped.

    Args:
        graph: who trusts whom, as it shall be walked (`trust.meritrank.heard` for the ego's own
            blocks and cap).
        ego: where all begin; in [0, n).
        params: alpha is used.
        n_walks: >= BATCHES.
        rng: every choice comes from it, in an order that depends on the arguments alone.

    Raises:
        GraphError: ego is out of range.
        TrustParamError: too few walks.

    Cost: about n_walks / alpha steps of log(n_edges); memory 4 bytes for each walk and step of the
    longest, at most ln(1e-12) / ln(1 - alpha) of them: what still walks then is cut off.
    """
    graph.check_node(ego)
    if not n_walks >= BATCHES:
        raise TrustParamError("n_walks", n_walks, f"at least {BATCHES}")
    begins, ends = graph.starts[:-1], graph.starts[1:]
    upto = np.cumsum(graph.shares())  # a row of the graph is a stretch of length 1
    before = np.concatenate([[0.0], upto])[begins]
    at = np.full(n_walks, ego, np.int32)
    walking = np.arange(n_walks)
    rows = [at]
    for _ in range(int(np.ceil(np.log(1e-12) / np.log1p(-params.alpha)))):
        here = at[walking]
        goes = (ends[here] > begins[here]) & (rng.random(walking.size) >= params.alpha)
        walking, here = walking[goes], here[goes]
        if not walking.size:
            break
        chosen = np.searchsorted(upto, before[here] + rng.random(walking.size), side="right")
        chosen = np.clip(chosen, begins[here], ends[here] - 1)  # the sum of a row is not quite 1
        at = np.full(n_walks, -1, np.int32)
        at[walking] = graph.targets[chosen]
        rows.append(at)
    nodes: Indices = np.stack(rows)
    nodes.flags.writeable = False
    return Walks(nodes)


def estimated(walked: Walks, graph: Digraph, params: TrustParams) -> Estimate:
    """Say from walks where walks stop, with the expected last hop.

    Args:
        walked: from `sampled_walks` on this graph.
        graph: as it was walked.
        params: alpha and max_sponsors are used, with the values that were walked with.

    Cost: O(n_edges) for each column and each of BATCHES; memory 8 n n_columns bytes.
    """
    ego = int(walked.nodes[0, 0])
    columns = Columns.of(graph, ego, params.max_sponsors)
    n, n_walks = graph.n, walked.n_walks
    stops = np.where(np.diff(graph.starts) > 0, params.alpha, 1.0)
    sources, chances = graph.sources(), (1 - params.alpha) * graph.shares()

    def stopped(seen: npt.NDArray[np.integer], n_seen: int) -> Weights:
        """Stop-mass from where walks were, n_seen of them: one expected hop on."""
        visits = np.bincount(seen, minlength=n)[:n] / n_seen
        hop = np.bincount(graph.targets, chances * visits[sources], minlength=n)
        return stops * hop

    never_left = np.zeros(n)
    never_left[ego] = stops[ego]
    parts = np.array_split(np.arange(n_walks), BATCHES)
    each = np.stack([stopped(_seen(walked.nodes[:, part]), part.size) for part in parts])
    sizes = np.array([part.size for part in parts])
    tau = sizes @ each / n_walks
    scatter = np.square(each - tau).sum(axis=0)
    sigma = np.sqrt(scatter / (BATCHES - 1) / BATCHES)

    phi = np.zeros((n, len(columns)))
    if columns:
        column_of = np.zeros(n, np.intp)
        column_of[columns.friends] = columns.columns
        left = walked.nodes[1] >= 0 if len(walked.nodes) > 1 else np.zeros(n_walks, np.bool_)
        for column in range(len(columns)):
            mine = left.copy()
            mine[left] = column_of[walked.nodes[1, left]] == column
            phi[:, column] = stopped(_seen(walked.nodes[1:, mine]), n_walks)
        # The first hop is known without walking: to each friend, by its share.
        held = (1 - params.alpha) * columns.held
        phi[columns.friends, columns.columns] += stops[columns.friends] * held
    return Estimate(tau + never_left, sigma, columns, phi)


def usual_path(walked: Walks, user: int) -> tuple[int, ...]:
    """The path on which walks most often first came to a user: ego, …, user; () if none did.

    Of equally frequent ones the shortest, then that of the lowest numbers. Cost: O(visits).
    """
    arrived = np.argmax(walked.nodes == user, axis=0)
    came = np.flatnonzero(walked.nodes[arrived, np.arange(walked.n_walks)] == user)
    paths = Counter(tuple(walked.nodes[: arrived[w] + 1, w].tolist()) for w in came.tolist())
    if not paths:
        return ()
    return min(paths, key=lambda path: (-paths[path], len(path), path))


def _seen(nodes: Indices) -> npt.NDArray[np.int32]:
    return nodes[nodes >= 0]
