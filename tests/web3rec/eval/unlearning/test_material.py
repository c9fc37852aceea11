"""A data set as pairs."""

import numpy as np
import pytest

from web3rec.adapters import Act, Dataset, Split
from web3rec.errors import DataError, ParamError
from web3rec.eval.unlearning.material import material
from web3rec.types import Event, Item, ItemId

NAMES = tuple(f"p{n}" for n in range(6))


def data() -> Dataset:
    """Person n has items 0..n + 1; item 8 nobody has; a skip is no act."""
    acts = [Act(p, ItemId(str(i)), Event.LISTEN) for n, p in enumerate(NAMES) for i in range(n + 2)]
    items = tuple(Item(ItemId(str(i))) for i in range(9))
    skip = Act("p0", ItemId("8"), Event.SKIP)
    return Dataset("tiny", NAMES, items, (*acts, skip), rows=len(acts))


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_a_split_is_taken_as_it_is_but_for_what_nobody_has_to_learn_from() -> None:
    test = {"p0": frozenset({ItemId("5"), ItemId("8")}), "p5": frozenset({ItemId("7")})}
    found = material(Split(data(), {}, test), rng())
    assert (found.train.n_users, found.train.n_items, len(found.train)) == (6, 7, 27)
    assert found.test.codes.tolist() == [5], "7 and 8 nobody has"
    assert "the 7 that most have" in found.notes[-1]


def test_of_other_data_a_part_is_held_back() -> None:
    found = material(data(), rng())
    assert len(found.test) + len(found.train) <= 27
    assert len(found.test) > 0
    assert not found.train.has(found.test.codes).any()
    again = material(data(), rng())
    assert np.array_equal(found.train.codes, again.train.codes)


def test_people_and_items_can_be_fewer() -> None:
    found = material(data(), rng(), users=3, items=4)
    assert (found.train.n_users, found.train.n_items) == (3, 4)
    assert "3 people drawn" in " ".join(found.notes)
    with pytest.raises(ParamError, match="users"):
        material(data(), rng(), users=1)
    nothing = Split(data(), {}, {})
    with pytest.raises(DataError, match="nothing held back"):
        material(nothing, rng())
