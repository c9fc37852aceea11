"""Distillation of logits: by hand, 0 at the teacher's own, silent where the teacher is."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from web3rec.distill.losses.logits import top_logits

torch = pytest.importorskip("torch", reason="needs the extra distill")
NAN = float("nan")


def test_two_candidates_by_hand() -> None:
    """The teacher says 3/4 to 1/4, the student 1/2 each: 3/4 ln 3/2 + 1/4 ln 1/2. The third is not
    among the teacher's two best, the fourth it does not know."""
    teacher = torch.tensor([[math.log(3), 0.0, -5.0, NAN]])
    student = torch.tensor([[0.0, 0.0, 7.0, 7.0]])
    wanted = 0.75 * math.log(1.5) + 0.25 * math.log(0.5)
    assert float(top_logits(student, teacher, top=2)[0]) == pytest.approx(wanted)


def test_temperature_by_hand() -> None:
    """At T = 2, ln 9 counts as ln 3: four times the divergence above."""
    teacher, student = torch.tensor([[math.log(9), 0.0]]), torch.zeros(1, 2)
    wanted = 4 * (0.75 * math.log(1.5) + 0.25 * math.log(0.5))
    assert float(top_logits(student, teacher, temperature=2.0)[0]) == pytest.approx(wanted)


@given(st.integers(0, 2**32), st.floats(0.5, 4), st.integers(2, 9))
def test_it_is_least_at_the_teachers_own_up_to_a_constant(
    seed: int, temperature: float, top: int
) -> None:
    rng = np.random.default_rng(seed)
    teacher = torch.tensor(rng.normal(size=(3, 6)), dtype=torch.float32)
    own = top_logits(teacher + 5, teacher, top=top, temperature=temperature)
    other = torch.tensor(rng.normal(size=(3, 6)), dtype=torch.float32)
    assert float(own.abs().max()) < 1e-4
    assert bool((top_logits(other, teacher, top=top, temperature=temperature) > -1e-5).all())


def test_a_teacher_without_two_opinions_teaches_nothing() -> None:
    student = torch.tensor([[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]], requires_grad=True)
    teacher = torch.tensor([[NAN, NAN, NAN], [NAN, 4.0, -float("inf")]])
    loss = top_logits(student, teacher)
    loss.sum().backward()
    assert loss.tolist() == [0, 0]
    assert student.grad.tolist() == [[0, 0, 0], [0, 0, 0]]
