"""Features like the teacher's, and profiles next to what they are profiles of.

    feature:  L = mean over numbers of (student W - teacher)^2
    profile:  L_i = - ln  exp(cos(p_i, m_i) / t) / sum over j of exp(cos(p_i, m_j) / t)

Source: Liu et al., "Large language model distilling medication recommendation model" (LEADER),
2024: mean square between the language model's hidden state and the student's, brought to its width;
a contrast that lets a patient's profile stand in where there is no history. Here: a person's text
beside the vector of its history, or an item's text beside its vector.
"""

from typing import Any

Tensor = Any


def feature_mse(student: Tensor, teacher: Tensor) -> Tensor:
    """Mean square of the differences; float32[b, d] twice -> float32[b]."""
    return (student - teacher).square().mean(-1)


def profile_alignment(profiles: Tensor, histories: Tensor, *, temperature: float = 0.1) -> Tensor:
    """How much less alike a profile is to its own history than to those of the others.

    Args:
        profiles: float32[b, d]
        histories: float32[b, d], of the same b; none is all zeros.
        temperature: t, > 0.

    Returns:
        float32[b], >= 0.
    """
    left = profiles / profiles.norm(dim=-1, keepdim=True).clamp_min(1e-12)
    right = histories / histories.norm(dim=-1, keepdim=True).clamp_min(1e-12)
    return -(left @ right.T / temperature).log_softmax(-1).diagonal()
