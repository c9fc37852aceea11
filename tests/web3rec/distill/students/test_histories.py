"""Moments: what has one time has no order."""

import numpy as np

from web3rec.adapters import Act, Dataset
from web3rec.distill.students.histories import histories, sequence
from web3rec.types import Event, Item, ItemId, Millis


def data(*acts: tuple[str, str, int | None]) -> Dataset:
    items = tuple(Item(name) for name in sorted({item for _, item, _ in acts}))
    people = tuple(dict.fromkeys(user for user, _, _ in acts))
    return Dataset(
        "toy",
        people,
        items,
        tuple(
            Act(user, ItemId(item), Event.LIKE, 1, None if at is None else Millis(at))
            for user, item, at in acts
        ),
    )


def test_moments_by_hand() -> None:
    """P touches b and a at once, then c, then a again; what is hidden is not there at all."""
    told = data(("P", "b", 1), ("P", "a", 1), ("P", "c", 2), ("P", "a", 3), ("Q", "c", 9))
    assert histories(told) == {"P": (("b",), ("c",), ("a",)), "Q": (("c",),)}
    assert histories(told, {"P": {ItemId("c")}, "Q": {ItemId("c")}}) == {"P": (("b",), ("a",))}


def test_acts_without_a_time_are_one_moment() -> None:
    assert histories(data(("P", "b", None), ("P", "a", None))) == {"P": (("a", "b"),)}


def test_an_order_is_drawn_within_moments_and_not_across() -> None:
    moments = ((ItemId("a"), ItemId("b"), ItemId("c")), (ItemId("d"),))
    rng = np.random.default_rng(0)
    drawn = [sequence(moments, rng) for _ in range(40)]
    assert all(own[3] == "d" for own in drawn)
    assert {tuple(own[:3]) for own in drawn} >= {("a", "b", "c"), ("c", "b", "a")}
