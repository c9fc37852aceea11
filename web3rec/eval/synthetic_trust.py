"""Trust edges for data sets that have none. SYNTHETIC: nobody ever stated them.

Drawn from who liked the same things early on, so that taste and trust agree about as friends do,
and from each person's earlier acts only, so that a hidden latest fifth is not in them. Whatever
is measured on such a graph must say so. (A real node never makes trust from co-listening: it is
free to fake. This stands in for friendships, it is not how they are found.)
"""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from web3rec.adapters import Act, TrustEdge
from web3rec.errors import ParamError

_BLOCK = 1_024


def synthetic_trust(
    acts: Iterable[Act], *, friends: int = 6, share: float = 0.5, common: int = 3
) -> tuple[TrustEdge, ...]:
    """Directed edges from each person to those most similar in their earlier items.

    Similarity is the cosine of two sets: items in common / sqrt(size * size). Counted in whole
    numbers, so the same acts give the same edges on every machine; ties by name.

    Args:
        acts: everyone's, in any order; local kinds are left out. An item's time is that of the
            person's first act with it, ties by id, as in `splits.hold_out`: what that hides is
            never used here. Without times it may be: then give the acts that stay of a split.
        friends: edges from each person at most, >= 1.
        share: of each person's items, the earliest, rounded up; in (0, 1].
        common: items two people must have in common, >= 1 (guess).

    Returns:
        Edges sorted by (source, falling weight, target). Weights are similarities as a share of
        the person's best, rounded up to eighths (what a trust record can say): 1/8 to 1.

    Raises:
        ParamError: a number out of range.

    Cost: O(people^2 * items) by dense float32 blocks: .1 s for 610 people and 9,000 items, 4 bytes
        of memory for each (person, item).
    """
    if friends < 1:
        raise ParamError("friends", friends, "at least 1")
    if not 0 < share <= 1:
        raise ParamError("share", share, "in (0, 1]")
    if common < 1:
        raise ParamError("common", common, "at least 1")
    people, liked = _early_items(acts, share)
    sizes = liked.sum(axis=1, dtype=np.float64)
    edges = []
    for start in range(0, len(people), _BLOCK):
        block = liked[start : start + _BLOCK]
        shared = (block @ liked.T).astype(np.float64)  # exact: counts below 2 ** 24
        shared[np.arange(len(block)), start + np.arange(len(block))] = 0
        scale = np.sqrt(np.outer(sizes[start : start + _BLOCK], sizes))
        cosine = np.where(shared >= common, shared / np.maximum(scale, 1), 0)
        best = np.argsort(-cosine, axis=1, kind="stable")[:, :friends]
        for row, nearest in enumerate(best):
            similar = cosine[row, nearest]
            eighths = np.ceil(8 * similar / max(similar[0], 1e-300) - 1e-9).astype(int)
            edges += [
                TrustEdge(people[start + row], people[other], weight / 8)
                for other, weight in zip(nearest.tolist(), eighths.tolist(), strict=True)
                if weight > 0
            ]
    return tuple(sorted(edges, key=lambda e: (e.source, -e.weight, e.target)))


def _early_items(acts: Iterable[Act], share: float) -> tuple[list[str], npt.NDArray[np.float32]]:
    """-> (names in order, float32[people, items] of 0 and 1: each person's earliest items)."""
    first: dict[str, dict[str, int]] = {}
    for act in acts:
        if not act.kind.is_local:
            at, known = act.at or 0, first.setdefault(act.user, {})
            known[act.item] = min(at, known.get(act.item, at))
    people = sorted(first)
    early = []
    for person in people:
        order = sorted((at, item) for item, at in first[person].items())
        early.append([item for _, item in order[: int(np.ceil(share * len(order)))]])
    column = {item: n for n, item in enumerate(sorted({i for items in early for i in items}))}
    liked = np.zeros((len(people), len(column)), np.float32)
    for row, items in enumerate(early):
        liked[row, [column[item] for item in items]] = 1
    return people, liked
