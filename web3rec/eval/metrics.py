"""How good is one ranked list? Accuracy against hidden items, and what spam got of it.

Knows lists and sets only. Positions are discounted by 1 / log2(position + 1), position 1 first.
Source: Järvelin & Kekäläinen, "Cumulated gain-based evaluation", ACM TOIS 20(4), 2002; gains are
0 or 1 here. A list shorter than k keeps its empty positions: they can hold neither hit nor spam.
"""

from collections.abc import Collection, Hashable, Sequence

import numpy as np

from web3rec.errors import ParamError
from web3rec.types import Weights


def discount(k: int) -> Weights:
    """float64[k], falling from 1: the attention that position 1..k gets."""
    if k < 1:
        raise ParamError("k", k, "at least 1 position")
    weights: Weights = 1 / np.log2(np.arange(k) + 2.0)
    return weights


def ndcg_at(ranked: Sequence[Hashable], relevant: Collection[Hashable], k: int) -> float:
    """Discounted hits in the first k positions, as a share of the best that was possible.

    Args:
        ranked: the list, best first, no item twice; may be shorter than k.
        relevant: the hidden items, as a set or the like; not empty.
        k: positions that count, >= 1.

    Returns:
        In [0, 1]; 1 if the first min(k, len(relevant)) positions are all hits.

    Raises:
        ParamError: `relevant` is empty (then no list is better than another), or k < 1.
    """
    weights = discount(k)
    possible = weights[: _some(relevant)].sum()
    return float(weights[: len(ranked)] @ _hits(ranked, relevant, k) / possible)


def recall_at(ranked: Sequence[Hashable], relevant: Collection[Hashable], k: int) -> float:
    """The share of the hidden items among the first k; in [0, 1]. Arguments as for `ndcg_at`."""
    return float(_hits(ranked, relevant, k).sum() / _some(relevant))


def hit_at(ranked: Sequence[Hashable], relevant: Collection[Hashable], k: int) -> float:
    """1.0 if any hidden item is among the first k, else 0.0; its mean is the hit rate."""
    _some(relevant)
    return float(_hits(ranked, relevant, k).any())


def average_precision_at(
    ranked: Sequence[Hashable], relevant: Collection[Hashable], k: int
) -> float:
    """The precision at each hit of the first k, summed, over all hidden items; in [0, 1].

    Its mean is MAP. Hidden items that are not found count as precision 0, also where there are
    more of them than k.
    """
    hits = _hits(ranked, relevant, k)
    found = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    return float(found @ hits / _some(relevant))


def spam_slots_at(is_spam: Sequence[bool], k: int) -> int:
    """How many of the first k positions are spam; in [0, k]."""
    return int(_first(is_spam, k).sum())


def exposure_at(is_spam: Sequence[bool], k: int) -> float:
    """The share of the attention of k positions that falls on spam.

    Args:
        is_spam: for each position of the list, best first, if what stands there is spam.
        k: positions that count, >= 1.

    Returns:
        In [0, 1]: the discounted spam over the discount of all k positions, filled or not.
    """
    weights, spam = discount(k), _first(is_spam, k)
    return float(weights[: len(spam)] @ spam / weights.sum())


def _hits(ranked: Sequence[Hashable], relevant: Collection[Hashable], k: int) -> Weights:
    return _first([item in relevant for item in ranked[:k]], k)


def _first(flags: Sequence[bool], k: int) -> Weights:
    if k < 1:
        raise ParamError("k", k, "at least 1 position")
    return np.asarray(flags[:k], np.float64)


def _some(relevant: Collection[Hashable]) -> int:
    if not relevant:
        raise ParamError("relevant", relevant, "at least one hidden item")
    return len(relevant)
