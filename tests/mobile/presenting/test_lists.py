"""Rows keep their places, tags are counted, and whoever is on the sheet gets whole percents."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from mobile.presenting.lists import brief, frequent_tags, placed, row_of
from mobile.presenting.why import PARTS, ordered_by, parts_of, percents, why_of
from mobile.viewmodel import Part, StepKind
from web3rec import Batch, Item, Model, Recommendation
from web3rec.rank.reasons import Contribution, Path
from web3rec.records import did_key
from web3rec.types import ItemKey, Millis, PeerId

ANN, BOB, CAT = (PeerId(bytes([n]) * 32) for n in (1, 2, 3))
KEY = ItemKey(b"k" * 16)
ONE = Recommendation(
    Item("trk:1", "Rain", "Quartet"), KEY, 1.0, "because", "taste",
    (Contribution(ANN, "friend", 0.7), Contribution(None, "pool", 0.3)), Path(KEY, CAT, ANN),
)  # fmt: skip
BATCH = Batch("b", Millis(0), (ONE,), protected=True, overruns=0)


def called(peer: PeerId) -> str:
    return {ANN: "friend 1", BOB: "friend 2"}.get(peer, "somebody")


@given(
    st.lists(st.sampled_from("abcdefgh"), unique=True),
    st.dictionaries(st.sampled_from("abcxyz"), st.integers(0, 9), max_size=3),
    st.sets(st.sampled_from("abcdxy"), max_size=3),
)
def test_pins_have_their_places_the_others_their_order_and_the_gone_are_gone(
    order: list[str], pins: dict[str, int], gone: set[str]
) -> None:
    found = placed(order, pins, gone)
    assert len(found) == len(set(found))
    assert set(found) == (set(order) | set(pins)) - gone
    assert [one for one in found if one not in pins] == [
        one for one in order if one not in pins and one not in gone
    ]
    places = list(pins.values())
    for one, place in pins.items():
        if one not in gone and places.count(place) == 1 and place < len(found):
            later = [other for other, at in pins.items() if at > place and other not in gone]
            assert found.index(one) == place or len(found) - len(later) <= place


def test_an_item_without_a_title_is_shown_by_its_id() -> None:
    bare = Recommendation(Item("trk:9"), KEY, 1.0, "x", "taste", (), None)
    assert row_of(bare).title == "trk:9"
    assert row_of(ONE) == row_of(ONE)


def test_the_line_of_a_row_begins_with_what_it_goes_with_and_names_only_who_vouches() -> None:
    def line(path: Path | None, source: str = "taste") -> str:
        one = replace(ONE, path=path, source=source)
        return brief(one, lambda key: "Paper Boats" if key == KEY else "?", called)

    assert line(Path(KEY, CAT, ANN)) == "With “Paper Boats”, through friend 1"
    assert line(Path(KEY, BOB, BOB)) == "With “Paper Boats”, through friend 2"
    assert line(Path(KEY, CAT, None)) == "With “Paper Boats”, through your other friends"
    assert line(None) == "because"
    assert line(Path(KEY, CAT, ANN), source="words") == "because"
    nobody = replace(ONE, path=Path(KEY, CAT, None), contributions=ONE.contributions[:1])
    assert brief(nobody, lambda _: "?", called) == "because"


def test_tags_stand_by_how_many_items_have_them_and_chosen_ones_are_among_them() -> None:
    items = [Item("a", tags=("x", "y")), Item("b", tags=("x", "x")), Item("c", tags=("z",))]
    assert [(one.tag, one.items) for one in frequent_tags(items)] == [("x", 2), ("y", 1), ("z", 1)]
    few = frequent_tags(items, ["z"], most=1)
    assert [(one.tag, one.chosen) for one in few] == [("x", False), ("z", True)]
    assert frequent_tags([]) == ()


@given(st.lists(st.floats(1e-9, 1e9), min_size=1, max_size=20))
def test_percents_sum_to_100_and_nobody_has_none(amounts: list[float]) -> None:
    found = percents(amounts)
    assert sum(found) == 100
    assert min(found) >= 1
    assert all(
        b <= a
        for (x, a), (y, b) in zip(
            sorted(zip(amounts, found, strict=True), reverse=True),
            sorted(zip(amounts, found, strict=True), reverse=True)[1:],
            strict=False,
        )
        if x > y
    )


def test_more_than_three_are_told_as_three() -> None:
    many = tuple(Contribution(ANN, "friend", 4.0 - n) for n in range(4))
    parts = parts_of(many, called)
    assert len(parts) == PARTS
    assert parts[-1].label == "2 others together"
    assert parts_of((Contribution(None, "self", 2.0),), called) == (Part("your own library", 100),)


def test_the_path_goes_from_you_by_your_item_and_a_friend_to_who_it_vouches_for() -> None:
    own = Item("trk:0", "Paper Boats")
    sheet = why_of(ONE, BATCH, own, called)
    assert [(step.kind, step.label) for step in sheet.path] == [
        (StepKind.YOU, "you"),
        (StepKind.OWN_ITEM, "Paper Boats"),
        (StepKind.FRIEND, "friend 1"),
        (StepKind.PERSON, "somebody friend 1 vouches for"),
        (StepKind.ITEM, "Rain"),
    ]
    assert (sheet.own_item, sheet.peer, sheet.peer_label) == ("trk:0", did_key(ANN), "friend 1")
    assert sum(part.percent for part in sheet.parts) == 100


def test_a_friend_s_own_taste_needs_nobody_else_and_the_pool_has_no_name() -> None:
    own = Item("trk:0", "Paper Boats")

    def kinds(path: Path | None) -> list[StepKind]:
        one = Recommendation(ONE.item, KEY, 1.0, "", "taste", ONE.contributions, path)
        return [step.kind for step in why_of(one, BATCH, own, called).path]

    you, mine, item = StepKind.YOU, StepKind.OWN_ITEM, StepKind.ITEM
    assert kinds(Path(KEY, BOB, BOB)) == [you, mine, StepKind.FRIEND, item]
    assert kinds(Path(KEY, CAT, None)) == [you, mine, StepKind.PERSON, item]
    assert kinds(None) == []


def test_what_ordered_a_list_is_told_in_a_line() -> None:
    def by(model: Model | None) -> str:
        return ordered_by(Batch("b", Millis(0), (), protected=True, overruns=0, model=model))

    assert by(None) == "Ordered by the graph itself."
    assert by(Model("own", 0, None)) == "Ordered by what this device learnt for itself."
    assert by(Model("demo", 3, ANN)) == "Ordered by the model demo 3."
