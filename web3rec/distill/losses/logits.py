"""The student should be as sure as the teacher is, among what the teacher holds best.

    L = T^2 KL( softmax(t / T) || softmax(s / T) )    over the teacher's `top` candidates

Below its best, a teacher's order is noise, and most of a list's candidates are below.
Sources: Hinton, Vinyals & Dean, "Distilling the knowledge in a neural network", 2015 (T^2 keeps
the gradients' size); Reddi et al., "RankDistil", AISTATS 2021, for the best alone.
"""

from typing import Any

Tensor = Any


def top_logits(
    student: Tensor, teacher: Tensor, *, top: int = 100, temperature: float = 1.0
) -> Tensor:
    """Each list's divergence.

    Args:
        student: float32[b, n]
        teacher: float32[b, n]; nan or -inf where it has no opinion: neither is the student then
            asked for one.
        top: how many of the teacher's best count, >= 2.
        temperature: T, > 0; above 1 the order of the lesser ones counts for more.

    Returns:
        float32[b], >= 0; 0 where the teacher has fewer than 2 opinions.
    """
    heard = teacher.nan_to_num(float("-inf"), neginf=float("-inf"))
    best, place = heard.topk(min(top, heard.shape[-1]), dim=-1)
    said = best > float("-inf")
    enough = said.sum(-1) >= 2
    said = said | ~enough[..., None]  # a row of -inf alone has no softmax
    best = best.where(enough[..., None], best.new_zeros(()))
    wanted = (best / temperature).masked_fill(~said, float("-inf")).log_softmax(-1)
    own = student.gather(-1, place) / temperature
    given = own.masked_fill(~said, float("-inf")).log_softmax(-1)
    gap = (wanted - given).masked_fill(~said, 0.0)
    return temperature**2 * (wanted.exp() * gap).sum(-1) * enough
