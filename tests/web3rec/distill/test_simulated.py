"""Users that a language model played."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from tests.web3rec.distill.questions import question
from web3rec.distill.simulated import Simulated, read_judgements, read_numbers
from web3rec.errors import DataError
from web3rec.types import ItemId

PEOPLE = {0: "1", 1: "2"}
ITEMS = {n: ItemId(letter) for n, letter in enumerate("abcd")}
PAGE: dict[str, Any] = {
    "user": 0,
    "recommended_id": [0, 1, 2],
    "align_id": [0, 1],
    "rating_id": [0],
    "rating": [4],
}


def pages(path: Path, *found: object) -> Path:
    path.write_text(
        "\n".join(each if isinstance(each, str) else json.dumps(each) for each in found)
    )
    return path


def test_a_page_is_worth_what_was_done_on_it(tmp_path: Path) -> None:
    """a fits and is rated 4 of 5, b fits, c does not, d was not shown."""
    read = read_judgements(pages(tmp_path / "p.jsonl", PAGE), PEOPLE, ITEMS)
    assert read.opinions == {"1": {"a": 0.8, "b": 0.5, "c": 0.0}}
    score = Simulated("s", read).score(question("abcd"))
    assert_array_equal(score, [0.8, 0.5, 0.0, np.nan])
    assert np.isnan(Simulated("s", read).score(question("ab", person="2"))).all()


def test_what_was_not_shown_counts_for_nothing(tmp_path: Path) -> None:
    invented = PAGE | {"align_id": [0, 3], "rating_id": [0, 3, 1, 2], "rating": [4, 5, 9]}
    read = read_judgements(pages(tmp_path / "p.jsonl", invented), PEOPLE, ITEMS)
    assert read.opinions == {"1": {"a": 0.8, "b": 0.0, "c": 0.0}}
    assert read.stranger == 4  # d fits, d is rated, 9 is no rating, c has none


def test_broken_pages_are_counted_and_the_rest_is_read(tmp_path: Path) -> None:
    broken = ["{", "[]", "7", {"user": 0}, PAGE | {"user": 99}, PAGE | {"user": [1]}]
    read = read_judgements(pages(tmp_path / "p.jsonl", *broken, PAGE), PEOPLE, ITEMS)
    assert (read.pages, read.malformed) == (7, 6)
    assert len(read.opinions["1"]) == 3


_any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=8,
)


@given(st.fixed_dictionaries(dict.fromkeys(PAGE, _any)), st.sampled_from([*PAGE, None]))
def test_any_page_is_opinions_in_range_or_none(
    tmp_path_factory: pytest.TempPathFactory, page: dict[str, object], kept: str | None
) -> None:
    path = tmp_path_factory.mktemp("any") / "p.jsonl"
    page = {**PAGE, **({} if kept is None else {kept: page[kept]})} if kept else page
    read = read_judgements(pages(path, page, PAGE), PEOPLE, ITEMS)
    assert all(0 <= value <= 1 for own in read.opinions.values() for value in own.values())


def test_files_that_are_none_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no page"):
        read_judgements(pages(tmp_path / "p.jsonl", "{}"), PEOPLE, ITEMS)
    for text in ("[1]", "{", '{"a": "b"}', '{"a": null}', '{"a": 1, "b": 1}'):
        with pytest.raises(DataError, match=r"n\.json"):
            read_numbers(pages(tmp_path / "n.json", text))
    assert read_numbers(pages(tmp_path / "n.json", '{"10": 0, "31": 1}')) == {0: "10", 1: "31"}
