"""Lists that a language model wrote: whatever it wrote is read, what can be used is kept."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from tests.web3rec.distill.questions import items, question
from web3rec.distill.files import Dropped, Ranked, Rankings, read_rankings
from web3rec.distill.teacher import History, Question
from web3rec.errors import DataError
from web3rec.types import ItemId

TABLE = """userId\tartist\tartistId\trank
1\tBlur\tb\t2
1\tAir\ta\t1
1\tAir again\ta\t3
1\tNobody\t\t4
2\tPulp\tp\tfirst
broken line
1\tCake\tc\t17
"""


def written(path: Path, text: str) -> Path:
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


@pytest.mark.parametrize("name", ["lists.tsv", "lists.tsv.gz"])
def test_lists_are_ordered_by_place_and_what_is_unusable_is_counted(
    name: str, tmp_path: Path
) -> None:
    found = read_rankings(written(tmp_path / name, TABLE))
    assert found.lists == {"1": ("a", "b", "c")}
    assert found.rows == 7
    assert found.dropped == Dropped(malformed=2, unnamed=1, repeated=1)


def test_rows_without_a_head_are_read_alike(tmp_path: Path) -> None:
    found = read_rankings(written(tmp_path / "x.tsv", "7\t30\t2\r\n7\t40\t1\r\n\r\n"))
    assert found == Rankings({"7": (ItemId("40"), ItemId("30"))}, 2)


def test_only_what_was_offered_is_kept_and_the_rest_is_counted(tmp_path: Path) -> None:
    read = read_rankings(written(tmp_path / "x.tsv", TABLE))
    kept = read.among({"1": [ItemId("c"), ItemId("b"), ItemId("z")]})
    assert kept.lists == {"1": ("b", "c")}
    assert kept.dropped == read.dropped + Dropped(stranger=1)
    assert read.among({}).lists == {"1": ()}


def test_places_are_worth_the_attention_they_get() -> None:
    """The list says q, c, s, a: of the candidates a, b, c the first is c, then a; b is unknown."""
    teacher = Ranked("t", Rankings({"1": tuple(map(ItemId, "qcsa"))}, 4))
    assert_allclose(teacher.score(question("abc")), [1 / np.log2(3), np.nan, 1])
    assert np.isnan(teacher.score(question("abc", person="2"))).all()


@given(st.permutations("abcdefghij"), st.integers(0, 10))
def test_the_order_of_the_list_is_the_order_of_the_scores(order: list[str], many: int) -> None:
    listed = order[:many]
    teacher = Ranked("t", Rankings({"1": tuple(map(ItemId, listed))}, many))
    score = teacher.score(Question(History("1", ()), items(*"abcdefghij")))
    known = [n for n in np.argsort(-score) if np.isfinite(score[n])]
    assert ["abcdefghij"[n] for n in known] == listed


@given(st.binary(max_size=300) | st.text(alphabet="12ab\t\n.-", max_size=200).map(str.encode))
def test_whatever_a_file_says_is_lists_or_a_plain_refusal(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.mktemp("any") / "x.tsv"
    path.write_bytes(data)
    try:
        found = read_rankings(path)
    except DataError:
        return
    used = sum(map(len, found.lists.values()))
    drop = found.dropped
    assert used + drop.malformed + drop.unnamed + drop.repeated + drop.beyond == found.rows


def test_files_that_are_none_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"gone\.tsv: cannot be read"):
        read_rankings(tmp_path / "gone.tsv")
    damaged = written(tmp_path / "cut.tsv.gz", TABLE * 50)
    damaged.write_bytes(damaged.read_bytes()[:-12])
    with pytest.raises(DataError, match="cannot be read"):
        read_rankings(damaged)
    (tmp_path / "plain.tsv.gz").write_text(TABLE)
    with pytest.raises(DataError, match="cannot be read"):
        read_rankings(tmp_path / "plain.tsv.gz")
    with pytest.raises(DataError, match="no row"):
        read_rankings(written(tmp_path / "empty.tsv", ""))
