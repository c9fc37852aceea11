"""The curve between real and made up: its slope, what it separates, and what entropy does."""

import numpy as np
import pytest
from scipy.optimize import minimize

from tests.web3rec.distill.calibration.crowds import profiles, tastes
from web3rec.distill.calibration.calibrator import Calibrator
from web3rec.distill.calibration.imposters import FILLERS, LEAST, PUSHED, STYLES, imposters


def test_two_heaps_are_told_apart() -> None:
    rng = np.random.default_rng(0)
    real, made_up = rng.normal(0, 1, (200, 2)), rng.normal(3, 1, (20, 2))
    curve = Calibrator.learnt(real, made_up, entropy=0.05, l2=1.0)
    assert curve.logits(made_up).min() > np.quantile(curve.logits(real), 0.75)
    far = curve.logits(np.array([[1e9, 1e9], [-1e9, 0.0]]))
    assert np.isfinite(far).all()


def test_a_column_that_says_nothing_is_left_alone() -> None:
    rng = np.random.default_rng(1)
    real, made_up = rng.normal(0, 1, (50, 1)), rng.normal(3, 1, (50, 1))
    flat = Calibrator.learnt(
        np.column_stack((real, np.ones(50))),
        np.column_stack((made_up, np.ones(50))),
        entropy=0,
        l2=1.0,
    )
    alone = Calibrator.learnt(real, made_up, entropy=0, l2=1.0)
    assert flat.logits(np.column_stack((real, np.ones(50)))) == pytest.approx(
        alone.logits(real), abs=1e-4
    )


def test_the_least_loss_is_found_by_hand_written_descent_too() -> None:
    """One column, no entropy: against SciPy without our slope."""
    rng = np.random.default_rng(2)
    real, made_up = rng.normal(0, 1, (30, 1)), rng.normal(1, 1, (15, 1))
    found = Calibrator.learnt(real, made_up, entropy=0.3, l2=2.0)
    x = np.concatenate((real, made_up))
    x = np.clip((x - found.middle) / found.width, -5, 5)[:, 0]
    rows = np.column_stack((np.ones(45), x, x**2 / 5))
    label = np.repeat((0.0, 1.0), (30, 15))
    counts = np.where(label > 0, 45 / 30, 45 / 60)

    def loss(b: np.ndarray) -> float:
        p = 1 / (1 + np.exp(-(rows @ b)))
        wrong = -(label * np.log(p) + (1 - label) * np.log(1 - p))
        unsure = -(p * np.log(p) + (1 - p) * np.log(1 - p)) * (1 - label)
        return float(counts @ (wrong + 0.3 * unsure) + b[1:] @ b[1:])

    best = minimize(loss, np.zeros(3), method="BFGS")
    assert found.curve == pytest.approx(best.x, abs=1e-3)


def test_entropy_makes_it_decide() -> None:
    """On who was taken for real, in the middle between both heaps."""
    rng = np.random.default_rng(3)
    real, made_up = rng.normal(0, 1, (100, 1)), rng.normal(1, 1, (100, 1))
    plain = np.abs(Calibrator.learnt(real, made_up, entropy=0, l2=1.0).logits(real)).mean()
    bold = np.abs(Calibrator.learnt(real, made_up, entropy=0.5, l2=1.0).logits(real)).mean()
    assert bold > plain


@pytest.mark.parametrize("style", STYLES)
def test_imposters_have_items_that_somebody_has_none_twice_and_push_last(style: str) -> None:
    crowd = profiles(tastes(40, 60, np.random.default_rng(4)), 80)
    found = imposters(crowd, 30, style, np.random.default_rng(5))
    size = max(LEAST, round(30 / (2 * len(FILLERS))))
    assert len(found) == 2 * len(FILLERS) * size
    for row in found:
        assert len(set(row.tolist())) == len(row)
        assert crowd.holders[row].min() > 0
    for at in range(0, len(found), size):
        assert len({int(i) for row in found[at : at + size] for i in row[-3:]}) <= PUSHED


@pytest.mark.parametrize("style", STYLES)
def test_a_catalogue_of_one_item_has_imposters_too(style: str) -> None:
    crowd = profiles([np.array([0], np.int32)], 1)
    found = imposters(crowd, 1, style, np.random.default_rng(0))
    assert all(row.tolist() == [0] for row in found)
