"""Hidden states like the teacher's after every block, in direction and in length.

    D_cos = mean over blocks of (1 - cos(student, teacher))
    D_norm = mean over blocks of (|student| - |teacher|)^2
    D_exits = sum over blocks but the last of the loss of an answer given there

A teacher of more layers than its student is read after as many layers as make one block.
Source: Xu et al., "SLMRec: distilling large language models into small for sequential
recommendation", ICLR 2025. They sum over blocks, here it is the mean, so that weights do not hang
on how many there are. Where widths differ, whoever calls brings them to one (`leader`).
"""

from collections.abc import Sequence
from typing import Any

Tensor = Any


def block_cosine(student: Sequence[Tensor], teacher: Sequence[Tensor]) -> Tensor:
    """D_cos. For each block float32[b, d] twice -> float32[b], in [0, 2]."""
    return sum(1 - _cosine(s, t) for s, t in zip(student, teacher, strict=True)) / len(student)


def block_norm(student: Sequence[Tensor], teacher: Sequence[Tensor]) -> Tensor:
    """D_norm. For each block float32[b, d] twice -> float32[b], >= 0."""
    gaps = (
        (s.norm(dim=-1) - t.norm(dim=-1)).square() for s, t in zip(student, teacher, strict=True)
    )
    return sum(gaps) / len(student)


def exits(losses: Sequence[Tensor], weight: float) -> Tensor:
    """The last block's loss and `weight` times the sum of the others'; float32[b] each."""
    return losses[-1] + weight * sum(losses[:-1], losses[-1].new_zeros(()))


def _cosine(left: Tensor, right: Tensor) -> Tensor:
    length = (left.norm(dim=-1) * right.norm(dim=-1)).clamp_min(1e-12)
    return (left * right).sum(-1) / length
