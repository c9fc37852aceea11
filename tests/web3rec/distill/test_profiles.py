"""What was written about items."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from tests.web3rec.distill.questions import items, question
from web3rec.distill.profiles import LONGEST, Alike, Profiles, read_keys, read_profiles, words
from web3rec.distill.teacher import History, Question
from web3rec.errors import DataError
from web3rec.types import ItemId


def alike(**texts: str) -> Alike:
    return Alike("p", Profiles({ItemId(name): text for name, text in texts.items()}, 0))


def test_a_worked_case() -> None:
    """Of 4 paragraphs two say dark and two say jazz, each with one word that nobody else has:
    log 2 and log 4, so two that share the one have the cosine 1 / (1 + 2^2) = .2.
    """
    teacher = alike(x="dark one", a="dark two", b="jazz three", y="jazz four")
    assert_allclose(teacher.score(question("ab", "x")), [0.2, 0])
    assert_allclose(teacher.score(question("ab", "xy")), [0.1, 0.1])


def test_a_word_that_everybody_has_tells_nothing() -> None:
    teacher = alike(x="music", a="music", b="music loud")
    assert np.isnan(teacher.score(question("ab", "x"))).all()


def test_there_is_no_opinion_on_the_unwritten() -> None:
    teacher = alike(x="dark one", a="dark two", z="bright")
    assert_allclose(teacher.score(question("ab", "xy")) > 0, [True, False])
    assert np.isnan(teacher.score(question("ab", "xy"))[1])
    assert np.isnan(teacher.score(question("ab", "y"))).all()


@given(
    st.dictionaries(st.sampled_from("abcxyz"), st.text(alphabet="abc ", max_size=30), min_size=1)
)
def test_scores_are_the_mean_of_cosines(texts: dict[str, str]) -> None:
    """The oracle: dense vectors, one product."""
    bags = {name: words(text) for name, text in texts.items()}
    every = sorted({word for bag in bags.values() for word in bag})
    count = np.array([[bag.count(word) for word in every] for bag in bags.values()], np.float64)
    count = count.reshape(len(bags), len(every))
    idf = np.log(len(bags) / np.maximum((count > 0).sum(0), 1))
    rows = np.where(count > 0, 1 + np.log(np.maximum(count, 1)), 0) * idf
    length = np.linalg.norm(rows, axis=1)
    unit = dict(zip(bags, rows / np.where(length, length, 1)[:, None], strict=True))
    has = {name for name, long in zip(bags, length, strict=True) if long}
    wanted = [
        np.mean([unit[c] @ unit[own] for own in "xyz" if own in has])
        if c in has and has & set("xyz")
        else np.nan
        for c in "abc"
    ]
    score = alike(**texts).score(Question(History("1", items(*"xyz")), items(*"abc")))
    assert_allclose(score, wanted, atol=1e-9)


def test_paragraphs_are_read_by_key_and_what_is_unusable_is_counted(tmp_path: Path) -> None:
    (tmp_path / "map.txt").write_text("51 0\n52 1\n")
    table = {"0": "A band.", "1": "  ", "7": "nobody's", "2": 3}
    (tmp_path / "p.json").write_text(json.dumps(table))
    keys = read_keys(tmp_path / "map.txt")
    assert keys == {"0": "51", "1": "52"}
    assert read_profiles(tmp_path / "p.json", keys) == Profiles({ItemId("51"): "A band."}, 3)


def test_files_that_are_none_are_refused(tmp_path: Path) -> None:
    for text in ("[]", "{", "[" * 100_000):
        (tmp_path / "p.json").write_text(text)
        with pytest.raises(DataError, match=r"p\.json"):
            read_profiles(tmp_path / "p.json", {})
    for text in ("51 0 1\n", "51\n", "51 0\n52 0\n"):
        (tmp_path / "map.txt").write_text(text)
        with pytest.raises(DataError, match=r"map\.txt:"):
            read_keys(tmp_path / "map.txt")


def test_endless_paragraphs_are_read_to_a_point() -> None:
    assert len(words("ab " * 1_000_000)) == (LONGEST + 1) // 3
