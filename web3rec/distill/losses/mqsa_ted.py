"""An item's vector should know what people turned to next, over all histories.

    q_i = softmax( T_i / max T_i / tau )     T_ij: how often j came right after i
    p_i = softmax( e_i . E sqrt(d) / tau )
    L_i = - sum over j of q_ij ln p_ij

Source: Zhu et al., "Collaboration and transition: distilling item transitions into multi-query
self-attention for sequential recommendation" (MQSA-TED), WSDM 2024.
"""

import itertools
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Tensor = Any


def transitions(
    histories: Iterable[Sequence[Sequence[int]]], items: int
) -> npt.NDArray[np.float32]:
    """How often each item came in the moment right after another.

    Args:
        histories: of each person the moments, oldest first; each some numbers of items, whose
            order means nothing.
        items: how many there are.

    Returns:
        float32[items, items]: T. A step from a moment of a items to one of b counts 1 in all,
        1 / (a b) for each pair.

    Cost: O(items^2) memory: for catalogues of some ten thousand items.
    """
    found = np.zeros((items, items), np.float32)
    for moments in histories:
        for before, after in itertools.pairwise(moments):
            found[np.ix_(list(before), list(after))] += 1 / (len(before) * len(after))
    return found


def transition_distillation(
    vectors: Tensor, everything: Tensor, following: Tensor, *, temperature: float = 0.1
) -> Tensor:
    """Each item's cross-entropy.

    Args:
        vectors: float32[b, d], e of some items.
        everything: float32[n, d], E of all.
        following: float32[b, n], T of those items, >= 0.
        temperature: tau, > 0.

    Returns:
        float32[b], >= 0; 0 where nothing followed.
    """
    most = following.amax(-1, keepdim=True)
    wanted = (following / most.clamp_min(1e-24) / temperature).softmax(-1)
    logits = vectors @ everything.T * vectors.shape[-1] ** 0.5
    return -(wanted * (logits / temperature).log_softmax(-1)).sum(-1) * (most[..., 0] > 0)
