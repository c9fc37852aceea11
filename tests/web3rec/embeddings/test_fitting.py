"""Learning item vectors."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as runs
from hypothesis import strategies as st

from tests.web3rec.embeddings.worlds import graph, graphs, two_crowds
from web3rec.embeddings.fitting import LARGEST, Adam, FittingParams, Likelihood, fitted
from web3rec.embeddings.propagation import PropagationParams, unit
from web3rec.errors import DataError, ParamError
from web3rec.graph import Csr

SMALL = FittingParams(width=8, epochs=12, batch=16, rate=0.05)


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_the_loss_of_one_person_by_hand() -> None:
    """One of two items of like length, at right angles: u = v0 / |v0|, so scores are |v0| and 0."""
    params = FittingParams(width=2, propagation=PropagationParams(own=1))
    likely = Likelihood.of(graph([(0, 0)], 1, 2), params)
    loss, _ = likely.slope(np.array([[2, 0], [0, 2]], np.float32), np.array([0]))
    assert loss == pytest.approx(np.log(np.exp(2) + 1) - 2)


@given(graphs(), st.integers(0, 2**32), st.floats(0.3, 3))
def test_the_slope_is_what_small_steps_say(held: Csr, seed: int, temperature: float) -> None:
    """In float64, along a drawn direction."""
    draw = np.random.default_rng(seed)
    likely = Likelihood.of(held, FittingParams(width=4, temperature=temperature))
    people = np.flatnonzero(np.diff(held.starts))
    drawn: list[Any] = [draw.normal(size=(held.n_cols, 4)) for _ in range(2)]
    free, way = drawn
    ahead, behind = (likely.slope(free + step * way, people)[0] for step in (1e-5, -1e-5))
    slope = likely.slope(free, people)[1]
    assert float((slope * way).sum()) == pytest.approx((ahead - behind) / 2e-5, rel=1e-2, abs=1e-3)


def test_tastes_are_told_apart() -> None:
    """People of two tastes: items of one point one way, whoever was drawn to have them."""
    found = unit(fitted(two_crowds(60, 20, 6, 0), SMALL, rng()).vectors)
    near = found @ found.T
    alike = np.arange(20)[:, None] % 2 == np.arange(20) % 2
    np.fill_diagonal(alike, val=False)
    other = np.arange(20)[:, None] % 2 != np.arange(20) % 2
    assert near[alike].mean() > near[other].mean() + 0.3


def test_learning_makes_what_people_have_likelier() -> None:
    told: list[tuple[int, int, float]] = []
    fitted(two_crowds(60, 20, 6, 0), SMALL, rng(), tell=lambda *now: told.append(now))
    assert [now[:2] for now in told] == [(n + 1, 12) for n in range(12)]
    assert told[-1][2] < told[0][2] - 0.1


def test_one_seed_makes_the_same_vectors_to_the_bit() -> None:
    held = two_crowds(30, 12, 4, 1)
    one, two = (fitted(held, SMALL, rng()).vectors for _ in range(2))
    assert one.tobytes() == two.tobytes()
    other = fitted(held, SMALL, np.random.default_rng(1)).vectors
    assert one.tobytes() != other.tobytes()


def test_items_that_nobody_has_have_no_vector() -> None:
    held = graph([(0, 0), (0, 2), (1, 0), (1, 2)], 2, 4)
    found = fitted(held, SMALL, rng())
    assert np.abs(found.vectors).max(axis=1).astype(bool).tolist() == [True, False, True, False]


@runs(max_examples=10)
@given(st.integers(0, 2**32))
def test_going_on_from_a_fit_keeps_its_basis(seed: int) -> None:
    """A few more acts move vectors a little; a fit of its own lies in another basis."""
    held = two_crowds(40, 16, 5, seed)
    first = fitted(held, SMALL, rng())
    after = FittingParams(width=8, epochs=1, batch=64, rate=0.01)
    on = fitted(held, after, np.random.default_rng(1), start=first.free)
    anew = fitted(held, SMALL, np.random.default_rng(1))
    near = (unit(on.vectors) * unit(first.vectors)).sum(axis=1).mean()
    assert near > 0.95
    assert near > (unit(anew.vectors) * unit(first.vectors)).sum(axis=1).mean()


def test_adams_first_step_is_one_rate_long_against_the_slope() -> None:
    weights = np.zeros((1, 3), np.float32)
    adam = Adam(np.float32(0.1), np.zeros_like(weights), np.zeros_like(weights))
    adam.step(weights, np.array([[5, -0.01, 0]], np.float32))
    assert weights == pytest.approx(np.array([[-0.1, 0.1, 0]]), abs=1e-6)


def test_torch_takes_the_same_steps() -> None:
    torch = pytest.importorskip("torch", reason="needs torch, of the extra distill")
    draw = np.random.default_rng(3)
    start = draw.normal(size=(4, 3)).astype(np.float32)
    slopes = [draw.normal(size=(4, 3)).astype(np.float32) for _ in range(5)]
    ours, theirs = start.copy(), torch.nn.Parameter(torch.from_numpy(start.copy()))
    adam = Adam(np.float32(0.05), np.zeros_like(ours), np.zeros_like(ours))
    other = torch.optim.Adam([theirs], lr=0.05)
    for slope in slopes:
        adam.step(ours, slope)
        theirs.grad = torch.from_numpy(slope)
        other.step()
    assert ours == pytest.approx(theirs.detach().numpy(), abs=1e-5)


def test_what_cannot_be_fitted_is_said() -> None:
    with pytest.raises(DataError, match="nobody has anything"):
        fitted(graph([], 2, 2), SMALL, rng())
    with pytest.raises(DataError, match="lower `batch`"):
        fitted(graph([(0, 0)], 1, LARGEST // 16 + 1), SMALL, rng())
    with pytest.raises(DataError, match="finite start"):
        fitted(graph([(0, 0)], 1, 2), SMALL, rng(), start=np.zeros((2, 3), np.float32))


@pytest.mark.parametrize("name", ["width", "epochs", "batch", "rate", "temperature"])
def test_numbers_out_of_range_are_named(name: str) -> None:
    wrong: dict[str, Any] = {name: 0}
    with pytest.raises(ParamError, match=name):
        FittingParams(**wrong)
