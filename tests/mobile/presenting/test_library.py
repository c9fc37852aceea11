"""The library's search: any case, any accent, every word, where a word begins."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobile.presenting.library import Catalogue, Rows, folded
from web3rec import Item
from web3rec.rank.sources.tokens import phrase_of

SHELF = Catalogue(
    [
        Item("trk:1", "Ærø by Bicycle", "Søren", ("folk",)),
        Item("trk:2", "Night Train", "Quartet Nine", ("jazz", "hard bop")),
        Item("trk:3", "Training Day", "Mañana", ("soul",)),
        Item("trk:4", "Żółty tramwaj", "Night Owls", ("train songs",)),
        Item("trk:5"),
    ]
)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["trk:1", "trk:2", "trk:3", "trk:5", "trk:4"]),
        ("train", ["trk:3", "trk:2", "trk:4"]),
        ("NIGHT tra", ["trk:2", "trk:4"]),
        ("aero", ["trk:1"]),
        ("soren", ["trk:1"]),
        ("SØREN", ["trk:1"]),
        ("manana", ["trk:3"]),
        ("zolty", ["trk:4"]),
        ("hard bop", ["trk:2"]),
        ("icycle", []),
        ("!?", ["trk:1", "trk:2", "trk:3", "trk:5", "trk:4"]),
        ("trk 5", ["trk:5"]),
    ],
)
def test_what_a_query_finds_best_first(query: str, found: list[str]) -> None:
    assert [entry.item for entry in SHELF.found(query)] == found


@given(st.text(string.printable))
def test_plain_text_is_folded_as_all_text_is(text: str) -> None:
    words = phrase_of(text)
    assert folded(text) == (f" {words}" if words else "")


@given(st.lists(st.text("abc ", max_size=6), max_size=8), st.text("abc ", max_size=4))
def test_a_search_finds_exactly_what_begins_so(titles: list[str], query: str) -> None:
    """The oracle splits words and looks at each."""
    shelf = Catalogue(Item(f"x:{n}", title) for n, title in enumerate(titles))
    wanted = {
        f"x:{n}"
        for n, title in enumerate(titles)
        if all(
            any(word.startswith(part) for word in (title or f"x {n}").split())
            for part in query.split()
        )
    }
    assert {entry.item for entry in shelf.found(query)} == wanted


def test_rows_are_made_when_looked_at_and_equal_where_they_show_the_same() -> None:
    rows = Rows(SHELF.entries, {"trk:2"})
    assert len(rows) == 5
    assert [row.item for row in rows if row.liked] == ["trk:2"]
    assert rows[1] == list(rows)[1]
    assert list(rows[1:3]) == list(rows)[1:3]
    assert rows[-1].title == "Żółty tramwaj"
    assert rows == Rows(SHELF.entries, ["trk:2"])
    assert rows != Rows(SHELF.entries)
    assert rows != Rows(SHELF.entries[1:], ["trk:2"])
    assert hash(rows) == hash(Rows(SHELF.entries, ["trk:2"]))
    assert rows != [*rows]
