"""A thing's vector from acts and its vector from texts are to be told to belong together.

    L_i = - ln  exp(cos(e_i, s_i) / t) / sum over j of exp(cos(e_i, s_j) / t)

where s are all things' text vectors, brought to the width of e, and not those of a batch alone: a
lower bound of what either view tells of the other.
Source: Ren et al., "Representation learning with large language models for recommendation"
(RLMRec), WWW 2024, the contrastive variant; InfoNCE: van den Oord, Li & Vinyals, 2018.
"""

from typing import Any

Tensor = Any


def cross_view(
    acts: Tensor, texts: Tensor, everything: Tensor, *, temperature: float = 0.2
) -> Tensor:
    """InfoNCE across views.

    Args:
        acts: float32[b, d], e.
        texts: float32[b, d], s of the same things.
        everything: float32[n, d], s of all things; those of the batch are among them.
        temperature: t, > 0.

    Returns:
        float32[b]; >= 0, as each thing's own text is among all.
    """
    own, mine, all_of = (_unit(tensor) for tensor in (acts, texts, everything))
    right = (own * mine).sum(-1) / temperature
    return (own @ all_of.T / temperature).logsumexp(-1) - right


def _unit(tensor: Tensor) -> Tensor:
    return tensor / tensor.norm(dim=-1, keepdim=True).clamp_min(1e-12)
