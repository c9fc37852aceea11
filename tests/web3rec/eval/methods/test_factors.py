"""The factorisations learn, and one seed gives one list."""

import numpy as np
import pytest

from tests.web3rec.eval import boards
from web3rec.adapters import Act, Dataset
from web3rec.eval.arena import Arena
from web3rec.eval.methods import Settings, method
from web3rec.types import Event, Item, ItemId

pytestmark = pytest.mark.slow


def two_camps() -> Arena:
    """Forty people: half have eight of ten even items, half eight of ten odd ones."""
    rng = np.random.default_rng(1)
    items = tuple(Item(ItemId(f"i{n:02}")) for n in range(20))
    people = tuple(f"p{n:02}" for n in range(40))
    acts = tuple(
        Act(person, ItemId(items[2 * one + n % 2].id), Event.LISTEN)
        for n, person in enumerate(people)
        for one in rng.permutation(10)[:8].tolist()
    )
    return Arena.of(Dataset("camps", people, items, acts))


@pytest.mark.parametrize("name", ["als", "bpr"])
def test_each_camp_is_shown_what_is_left_of_its_own(name: str) -> None:
    arena = two_camps()
    ranker = method(name)(arena, Settings(seed=3))
    again = method(name)(arena, Settings(seed=3))
    for n, person in enumerate(arena.people):
        found = ranker.ranked(person, 2).tolist()
        assert [item % 2 for item in found] == [n % 2, n % 2]
        assert again.ranked(person, 20).tolist() == ranker.ranked(person, 20).tolist()
        assert len(ranker.ranked(person, 20)) == 12, "everything but the eight it has"


def test_the_seed_matters() -> None:
    arena = boards.arena([(p, i) for p in range(6) for i in range(7) if (p + i) % 3])
    orders = {
        tuple(method("bpr")(arena, Settings(seed=seed)).ranked("p3", 7).tolist())
        for seed in range(6)
    }
    assert len(orders) > 1
