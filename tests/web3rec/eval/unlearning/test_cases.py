"""Wishes to forget."""

import numpy as np
import pytest

from tests.web3rec.eval.unlearning.towns import town
from web3rec.errors import DataError, ParamError
from web3rec.eval.unlearning.cases import (
    FILLER,
    KINDS,
    MIDDLE,
    TARGETS,
    TURNED,
    WAYS,
    Kind,
    Way,
    case,
)

TOWN = town(users=50)


def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def test_users_are_forgotten_whole() -> None:
    wish = case(TOWN, "users", "random", 0.1, rng())
    assert (wish.users, wish.before, wish.targets) == (5, TOWN, ())
    assert set(wish.after.users.tolist()).isdisjoint(wish.forgotten.users.tolist())


def test_interactions_are_forgotten_one_by_one() -> None:
    wish = case(TOWN, "interactions", "random", 0.1, rng())
    assert len(wish.forgotten) == round(len(TOWN) * 0.1)
    assert len(wish.after) == len(TOWN) - len(wish.forgotten)


def test_imposters_have_the_targets_and_are_all_that_is_forgotten() -> None:
    wish = case(TOWN, "users", "poisoned", 0.1, rng())
    assert len(wish.targets) == TARGETS
    assert np.array_equal(wish.after.codes, TOWN.codes)
    assert (wish.forgotten.users >= TOWN.n_users).all()
    assert wish.users == 5
    for user in range(TOWN.n_users, TOWN.n_users + 5):
        own = wish.forgotten.items[wish.forgotten.users == user]
        assert set(wish.targets) < set(own.tolist())
        assert len(own) == TARGETS + FILLER


def test_turned_people_get_targets_they_had_not() -> None:
    wish = case(TOWN, "interactions", "poisoned", 0.05, rng())
    assert set(wish.forgotten.items.tolist()) <= set(wish.targets)
    assert not TOWN.has(wish.forgotten.codes).any()
    assert len(wish.forgotten) == round(len(TOWN) * 0.05)
    assert np.array_equal(wish.after.codes, TOWN.codes)
    many = case(TOWN, "interactions", "poisoned", 0.1, rng())
    assert len(many.targets) > TARGETS, "no target goes to more than a share of the people"
    assert len(many.forgotten) / len(many.targets) <= TURNED * 50


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", WAYS)
def test_the_same_seed_is_the_same_wish(kind: Kind, way: Way) -> None:
    one, two = (case(TOWN, kind, way, 0.1, rng()) for _ in range(2))
    assert np.array_equal(one.forgotten.codes, two.forgotten.codes)
    assert one.targets == two.targets


def test_targets_are_what_some_have() -> None:
    wish = case(TOWN, "users", "poisoned", 0.1, rng())
    listeners = TOWN.listeners()
    low, high = np.quantile(listeners, MIDDLE)
    assert ((low <= listeners[list(wish.targets)]) & (listeners[list(wish.targets)] <= high)).all()


def test_what_cannot_be_forgotten_is_refused() -> None:
    with pytest.raises(ParamError, match="share"):
        case(TOWN, "users", "random", 1.0, rng())
    with pytest.raises(DataError, match="nobody would be left"):
        case(TOWN, "users", "random", 0.999, rng())
