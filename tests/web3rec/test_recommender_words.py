"""Asking with words: the way to a first list, through the embedding API and the log."""

from pathlib import Path
from statistics import mean

import pytest

from tests.web3rec.devices import FRIENDS, device, settled
from tests.web3rec.worlds import item
from web3rec import Batch, DataError, Event, Item, Mode, ParamError, Recommender
from web3rec.graph import Vocab
from web3rec.params import Params, SourceParams
from web3rec.rank.reasons import Contribution
from web3rec.rank.sources import Replies, own_catalogue
from web3rec.store import key_of
from web3rec.wording import reason

SHELF = [
    Item("b:1", "Kind of Blue", "Miles Davis", ("jazz", "modal")),
    Item("b:2", "Blue", "Joni Mitchell", ("folk",)),
    Item("b:3", "東京", "サカナクション", ("rock",)),
]


def found(rec: Recommender, *words: str) -> list[str]:
    return [str(one.item.id) for one in rec.recommend(words=words) if one.source == "words"]


def test_words_alone_make_a_list_of_the_own_catalogue(tmp_path: Path) -> None:
    with device(tmp_path) as rec:
        rec.add_items(SHELF)
        assert found(rec, "JAZZ") == ["b:1"]
        assert found(rec, "blue") == ["b:2", "b:1"]  # the whole title before a word of it
        assert found(rec, "東京") == ["b:3"]
        assert found(rec, "nothing such") == []
        batch = rec.recommend(words=["miles davis"])
        assert [len(batch), batch[0].item.id] == [3, "b:1"]
        assert batch[0].reason == "from your own catalogue: it fits your words"
        assert {c.role for c in batch[0].contributions} == {"self"}


def test_what_is_added_later_is_found(tmp_path: Path) -> None:
    with device(tmp_path) as rec:
        rec.add_items(SHELF)
        assert found(rec, "salsa") == []
        rec.add_items([Item("b:4", tags=("salsa",))])
        assert found(rec, "salsa") == ["b:4"]


@pytest.mark.slow
@pytest.mark.parametrize("mode", list(Mode))
def test_words_bring_up_what_they_mean_among_what_friends_hold(tmp_path: Path, mode: Mode) -> None:
    with settled(tmp_path, mode=mode) as rec:
        plain, asked = rec.recommend(), rec.recommend(words=["tag1"])
        assert place(asked) < place(plain)


def place(batch: Batch) -> float:
    """Where items with the tag stand, on average."""
    return mean(rank for rank, one in enumerate(batch) if "tag1" in one.item.tags)


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ("jazz", DataError),
        (["x" * 101], ParamError),
        ([3], ParamError),
        (["a"] * 17, ParamError),
    ],
)
def test_what_are_no_words_is_refused(
    tmp_path: Path, words: list[str], error: type[Exception]
) -> None:
    with device(tmp_path) as rec, pytest.raises(error, match="words"):
        rec.recommend(words=words)


def test_replies_are_what_was_said_to_lists(tmp_path: Path) -> None:
    """Acts of one's own accord are none, nor is having looked; forgetting takes them away."""
    with device(tmp_path) as rec:
        rec.record(Event.LIKE, "trk:1", batch="b1")
        rec.record(Event.SKIP, "trk:2", batch="b1")
        rec.record(Event.VIEW, "trk:3", batch="b1")
        rec.record(Event.NOT_INTERESTED, "trk:4", batch="b2")
        rec.record(Event.LIKE, "trk:5")
        rec.record(Event.SKIP, "trk:6")
        said = [(key_of("trk:1"), True), (key_of("trk:2"), False), (key_of("trk:4"), False)]
        assert rec.log.replies() == said
        rec.forget(item="trk:2")
        assert rec.log.replies() == [said[0], said[2]]
        rec.forget_all()
        assert rec.log.replies() == []


def test_replies_to_what_nobody_holds_any_more_teach_nothing() -> None:
    known = Vocab.of([item(1), item(2)])
    told = Replies.to(known, [(item(2), True), (item(9), False), (item(1), False)])
    assert told.items.tolist() == [1, 0]
    assert told.accepted.tolist() == [True, False]


def test_fresh_items_follow_the_replies_in_the_log(tmp_path: Path) -> None:
    params = Params(sources=SourceParams(fresh=1.0, near=1.0))  # own items are an interest each
    with settled(tmp_path, params=params) as rec:
        first = rec.recommend()
        again = rec.recommend()
        assert [one.score for one in again] == [one.score for one in first]
        rec.record(Event.SKIP, first[0].item.id, batch=first.id)
        after = rec.recommend()
        assert [one.score for one in after] != [one.score for one in first]


def test_the_own_catalogue_weighs_words_twice_as_much_as_likeness() -> None:
    shelf = {item(n): Item(f"a:{n}", tags=tags) for n, tags in enumerate([("x",), ("x",), ("y",)])}
    scores = own_catalogue(shelf, [item(0)], lambda key: key != item(0), 9, {item(2): 1.0})
    assert scores == [(item(2), (2 + 1 / 2) / 3), (item(1), 1 / 3)]


def test_reasons_for_words_name_who_pays() -> None:
    paid = (Contribution(FRIENDS[0].peer, "friend", 1.0),)
    said = reason("words", paid, None, lambda _key: "", lambda _peer: "Ann")
    assert said == "for your words: liked among people Ann vouches for"
