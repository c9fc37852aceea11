"""What items are called here."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web3rec.store.logs import (
    ANN,
    BOB,
    FOLK,
    JAZZ,
    MIDNIGHT,
    HandClock,
    act,
    open_log,
    scratch,
)
from web3rec.errors import CorruptStore, DataError
from web3rec.records import ItemMeta, Kind, Record, Signed, SigningKey, item_key, seal
from web3rec.records.model import DEFAULT_LIFETIME
from web3rec.store import key_of
from web3rec.store.catalogue import MAX_TAG_TEXT, MAX_TAGS, MAX_TEXT, nameless
from web3rec.types import Item, ItemKey

BLUE_TRAIN = Item(JAZZ, "Blue Train", "Coltrane", ("jazz", "1957"))


def described(key: SigningKey, n: int, item: bytes | str, title: str) -> Signed:
    meta = ItemMeta(title, "somebody", ("tag",))
    body = Record(key.peer, n, MIDNIGHT, MIDNIGHT + DEFAULT_LIFETIME, Kind.ITEM, item, 1, meta)
    return seal(body, key)


def test_a_description_is_kept_whole_and_a_later_one_replaces_it(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    assert log.add_items([BLUE_TRAIN, Item(FOLK)]) == 2
    assert log.items() == {key_of(JAZZ): BLUE_TRAIN, key_of(FOLK): Item(FOLK)}
    log.add_items([Item(" TRK:jazz", "Blue Train (1957)")])
    assert log.items()[key_of(JAZZ)] == Item(JAZZ, "Blue Train (1957)")
    log.close()
    log = open_log(tmp_path)
    assert log.items()[key_of(JAZZ)].title == "Blue Train (1957)"
    log.close()


def test_what_the_ego_touched_has_a_name_but_is_not_in_the_catalogue(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.write_acts([act(JAZZ)])
    assert log.items() == {}
    assert log.items(described=False) == {key_of(JAZZ): Item(JAZZ)}
    assert log.some_items([key_of(JAZZ), key_of(FOLK)]) == {key_of(JAZZ): Item(JAZZ)}
    log.add_items([BLUE_TRAIN])
    assert log.items() == {key_of(JAZZ): BLUE_TRAIN}
    log.close()


def test_who_changes_the_answer_does_not_change_the_catalogue(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.add_items([BLUE_TRAIN])
    log.items().clear()
    assert len(log.items()) == 1
    log.close()


def test_some_items_may_be_many(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.add_items(Item(f"trk:{n}") for n in range(1200))
    wanted = [key_of(f"trk:{n}") for n in range(0, 2000, 1)]
    assert len(log.some_items(wanted)) == 1200
    assert log.some_items([]) == {}
    log.close()


def test_long_texts_are_cut(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.add_items([Item(JAZZ, "t" * 999, "c" * 999, tuple(f"{n}" * 60 for n in range(99)))])
    (kept,) = log.items().values()
    assert (len(kept.title), len(kept.creator)) == (MAX_TEXT, MAX_TEXT)
    assert len(kept.tags) == MAX_TAGS
    assert max(map(len, kept.tags)) == MAX_TAG_TEXT
    log.close()


@pytest.mark.parametrize(
    "item",
    [
        Item(""),
        Item("*"),
        Item(JAZZ, tags="jazz"),  # type: ignore[arg-type]
        Item(JAZZ, tags=7),  # type: ignore[arg-type]
        Item(JAZZ, tags=(7,)),  # type: ignore[arg-type]
        Item(JAZZ, title=None),  # type: ignore[arg-type]
        Item(JAZZ, creator="\ud800"),
    ],
)
def test_a_wrong_item_is_refused_with_all_that_came_with_it(tmp_path: Path, item: Item) -> None:
    log = open_log(tmp_path)
    with pytest.raises(DataError):
        log.add_items([BLUE_TRAIN, item])
    assert log.items() == {}
    log.close()


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(st.builds(Item, st.just(JAZZ), texts, texts, st.lists(texts, max_size=4).map(tuple)))
def test_any_text_comes_back_as_it_was(item: Item) -> None:
    with scratch() as path:
        log = open_log(path)
        log.add_items([item])
        assert list(log.items().values()) == [item]
        log.close()


def test_what_peers_call_items_by_hash_or_by_uri(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.ingest([described(ANN, 1, JAZZ, "Blue"), described(BOB, 1, item_key(JAZZ), "Train")])
    found = {author: item for _, author, _, item in log.descriptions()}
    assert found[ANN.peer] == Item(JAZZ, "Blue", "somebody", ("tag",))
    assert found[BOB.peer] == Item(f"hash:{item_key(JAZZ).hex()}", "Train", "somebody", ("tag",))
    assert len(log.descriptions([item_key(JAZZ)])) == 2
    assert log.descriptions([item_key(FOLK)]) == log.descriptions([]) == []
    log.close()


def test_descriptions_expire_like_everything_of_others(tmp_path: Path) -> None:
    clock = HandClock()
    log = open_log(tmp_path, clock)
    log.ingest([described(ANN, 1, JAZZ, "Blue")])
    clock.pass_days(31)
    assert log.descriptions() == []
    log.close()


def test_a_nameless_item_shows_its_hash_and_can_be_named_by_it() -> None:
    key = ItemKey(bytes(range(16)))
    item = nameless(key)
    assert item.title == "unknown item 00010203"
    assert key_of(item.id) == key


def test_an_item_record_that_does_not_read_as_one_is_damage(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.ingest([described(ANN, 1, JAZZ, "Blue")])
    with log._db.writing() as sql:
        sql.execute("UPDATE records SET envelope = x'00'")
    with pytest.raises(CorruptStore, match="doctor"):
        log.descriptions()
    log.close()
