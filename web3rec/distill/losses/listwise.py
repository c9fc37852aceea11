"""A list's hits should take the softmax of its scores among them, evenly.

    L = - sum over hits h of  ln softmax(score)_h / hits

Source: Cao et al., "Learning to rank: from pairwise approach to listwise approach", ICML 2007
(ListNet's top-one probability); `rerank.linear` minimises the same.
"""

from typing import Any

Tensor = Any


def softmax_ce(scores: Tensor, hits: Tensor, there: Tensor) -> Tensor:
    """Each list's cross-entropy.

    Args:
        scores: float32[b, n].
        hits: bool[b, n]: the candidates that were right.
        there: bool[b, n]: which places hold a candidate at all.

    Returns:
        float32[b], >= 0; 0 for a list without a hit.
    """
    chance = scores.masked_fill(~there, float("-inf")).log_softmax(-1)
    right = hits & there
    said = chance.masked_fill(~right, 0.0).sum(-1)
    return -said / right.sum(-1).clamp_min(1)
