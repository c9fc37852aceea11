"""A first list by three words, on a world small enough to see through."""

import numpy as np

from web3rec.adapters import Act, Dataset, TrustEdge
from web3rec.adapters.hetrec import Tagging, top_tags
from web3rec.eval.cold_start import SETTINGS, cold_starts, drawn, own_words
from web3rec.types import Event, Item, ItemId

JAZZ = [ItemId(f"jazz:{n}") for n in range(4)]
POP = [ItemId(f"pop:{n}") for n in range(4)]
TAGS = ("cool", "jazz", "modal")


def listening(user: str, items: list[ItemId]) -> list[Act]:
    return [Act(user, item, Event.LISTEN) for item in items]


def world(teller: str = "bea") -> tuple[Dataset, list[Tagging]]:
    """ann and bea hold jazz, seven others pop; ann alone gives tags of her own to everything."""
    fans = [f"fan{n}" for n in range(7)]
    acts = listening("ann", JAZZ) + listening("bea", JAZZ)
    for fan in fans:
        acts += listening(fan, POP)
    taggings = [Tagging("ann", item, tag, n) for item in JAZZ[:1] for n, tag in enumerate(TAGS)]
    taggings += [Tagging(teller, item, tag, n) for item in JAZZ for n, tag in enumerate(TAGS)]
    people = ("ann", "bea", *fans)
    items = tuple(Item(item, tags=("hint",)) for item in (*JAZZ, *POP))
    trust = tuple(TrustEdge("ann", friend) for friend in ("bea", *fans))
    return Dataset("small", people, items, tuple(acts), trust), taggings


def test_words_find_what_popularity_does_not() -> None:
    data, taggings = world()
    (found,) = cold_starts(data, taggings, ["ann"], limit=4)
    assert found.words == TAGS
    assert found.popular == 0
    assert found.asked["open"] == found.asked["friendless"] == 1
    assert found.silent["friendless"] == 0
    assert tuple(found.asked) == tuple(found.silent) == SETTINGS


def test_ones_own_tags_describe_nothing_to_oneself() -> None:
    """If ann alone said what is jazz, her words mean nothing to her: the list is that without."""
    data, taggings = world(teller="ann")
    (found,) = cold_starts(data, taggings, ["ann"], limit=4)
    assert found.asked == found.silent


def test_words_are_the_most_given_tags() -> None:
    given = [Tagging("ann", JAZZ[n], "jazz", 1) for n in range(3)]
    given += [Tagging("ann", JAZZ[0], tag, 2) for tag in ("b", "a", "c")]
    assert own_words(given) == {"ann": ("jazz", "a", "b")}
    assert own_words(given[:4]) == {}


def test_of_tags_given_equally_often_the_lower_number_comes_first() -> None:
    given = [Tagging("x", JAZZ[0], word, n) for n, word in ((3, "a"), (1, "z"), (2, "m"), (2, "m"))]
    assert top_tags(given) == {JAZZ[0]: ("m", "z", "a")}


def test_people_are_drawn_among_those_with_words_and_items() -> None:
    data, taggings = world()
    rng = np.random.default_rng(0)
    assert sorted(drawn(data, taggings, 9, rng, least=4)) == ["ann", "bea"]
    assert drawn(data, taggings, 9, rng, without=["bea"], least=4) == ["ann"]
    assert drawn(data, taggings, 9, rng, least=5) == []
