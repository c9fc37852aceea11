"""What trust computes, said again slowly: dense matrices and whole-graph linear solves."""

from collections.abc import Collection

import numpy as np

from trust import Digraph, Weights


def transition(graph: Digraph) -> Weights:
    """Dense T; empty rows stay empty."""
    dense: Weights = np.zeros((graph.n, graph.n))
    for u, v, w in zip(*graph.edges(), strict=True):
        dense[u, v] = w
    for u in range(graph.n):
        dense[u] /= dense[u].sum() or 1.0
    return dense


def visits(graph: Digraph, start: Weights, alpha: float) -> Weights:
    """Expected visits: n = start + (1 - alpha) T' n."""
    system = np.eye(graph.n) - (1 - alpha) * transition(graph).T
    return np.linalg.solve(system, start).astype(np.float64)


def unit(graph: Digraph, node: int) -> Weights:
    start: Weights = np.zeros(graph.n)
    start[node] = 1
    return start


def stops(graph: Digraph, start: Weights, alpha: float) -> Weights:
    """tau: of each visit alpha stops, and all of it where nobody is trusted."""
    dead_end = np.diff(graph.starts) == 0
    stopped: Weights = visits(graph, start, alpha) * np.where(dead_end, 1.0, alpha)
    return stopped


def entry_chance(graph: Digraph, ego: int, region: Collection[int], alpha: float) -> float:
    """C: the chance that a walk ever enters the region, on the graph with all its edges.

    Two copies of the graph: the walk begins in the first, and moves to the second for good with
    its first step into the region. C is what stops in the second.
    """
    n = graph.n
    shares, inside = transition(graph), np.isin(np.arange(n), list(region))
    doubled = np.zeros((2 * n, 2 * n))
    doubled[:n, :n] = shares * ~inside
    doubled[:n, n:] = shares * inside
    doubled[n:, n:] = shares
    seen = np.linalg.solve(np.eye(2 * n) - (1 - alpha) * doubled.T, np.eye(2 * n)[ego])
    stop = np.where(np.diff(graph.starts) == 0, 1.0, alpha)
    return float((seen[n:] * stop).sum())
