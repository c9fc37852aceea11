"""Teachers from plain arguments: each kind speaks, and goes by a name of its own."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from tests.web3rec.distill.questions import items
from tests.web3rec.distill.servers import Model, serving, status
from web3rec.adapters import Act, Dataset
from web3rec.distill import kinds
from web3rec.distill.asking import Refused
from web3rec.distill.cache import Cache
from web3rec.distill.prompts import Mode
from web3rec.distill.teacher import History, Question
from web3rec.errors import DataError
from web3rec.types import Event, Item, ItemId

ASKED = Question(History("p", items("a", "b")), items("c", "d"))
LIKED = {"p": "abc", "q": "abd", "r": "cde", "s": "acd"}
WORDS = ("dark jazz", "dark jazz", "dark pop", "loud pop", "loud pop")
TEXTS = {ItemId(item): text for item, text in zip("abcde", WORDS, strict=True)}
TARGETS = {"p": {ItemId("c")}, "s": {ItemId("d")}}


def toy() -> Dataset:
    acts = tuple(Act(p, ItemId(i), Event.LIKE, 1) for p, own in LIKED.items() for i in own)
    return Dataset("toy", tuple(LIKED), tuple(Item(ItemId(i)) for i in "abcde"), acts)


def test_files_become_teachers_and_another_file_is_another_teacher(tmp_path: Path) -> None:
    rankings = tmp_path / "lists.tsv"
    rankings.write_text("p\td\t1\np\tc\t2\n")
    first = kinds.rankings(rankings)
    assert first.score(ASKED)[1] > first.score(ASKED)[0]
    rankings.write_text("p\tc\t1\np\td\t2\n")
    assert kinds.rankings(rankings).id != first.id

    written, keys = tmp_path / "profiles.json", tmp_path / "keys.txt"
    written.write_text(json.dumps({"1": "dark jazz", "2": "dark night", "3": "pop", "4": "rock"}))
    keys.write_text("a 1\nc 2\nd 3\ne 4\n")
    assert_array_equal(kinds.profiles(written, keys).score(ASKED) > 0, [True, False])

    pages, people, numbers = (tmp_path / name for name in ("pages", "people", "items"))
    pages.write_text(json.dumps({"user": 1, "recommended_id": [3, 4], "align_id": [4]}) + "\n")
    people.write_text('{"p": 1}')
    numbers.write_text('{"c": 3, "d": 4}')
    assert_array_equal(kinds.judgements(pages, people, numbers).score(ASKED), [0, 0.5])


def test_a_file_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="none"):
        kinds.rankings(tmp_path / "none")


@pytest.mark.network
def test_an_endpoint_is_asked_what_it_can_do(tmp_path: Path) -> None:
    taste = {"c": 0.0, "d": 3.0}
    with Cache(tmp_path / "cache.db") as cache, serving(Model(taste, letters=False)) as url:
        teacher = kinds.endpoint(url, "m", cache)
        assert teacher.mode is Mode.YES_NO
        assert teacher.score(ASKED)[1] - teacher.score(ASKED)[0] == pytest.approx(3)
        teacher.line.close()


@pytest.mark.network
def test_an_endpoint_that_does_not_want_us_is_hung_up_on(tmp_path: Path) -> None:
    with (
        Cache(tmp_path / "cache.db") as cache,
        serving(Model(faults=[status(403)])) as url,
        pytest.raises(Refused, match="403"),
    ):
        kinds.endpoint(url, "m", cache, key="wrong")


def test_texts_and_methods_are_fitted_without_the_targets() -> None:
    """With the targets taken out of the data beforehand, the same numbers."""
    pytest.importorskip("scipy", reason="needs SciPy of the extra distill")
    whole = toy()
    gone = [(p, i) for p, own in TARGETS.items() for i in own]
    acts = tuple(act for act in whole.acts if (act.user, act.item) not in gone)
    less = Dataset("toy", whole.people, whole.items, acts)
    one, other = kinds.texts(TEXTS, whole, TARGETS), kinds.texts(TEXTS, less, {})
    assert one.id == other.id
    assert np.isfinite(one.score(ASKED)).all()
    crowd = kinds.ensemble(whole, TARGETS, folds=2)
    assert np.isfinite(crowd.score(ASKED)).any()
    assert crowd.id == kinds.ensemble(whole, TARGETS, folds=2).id


@pytest.mark.slow
def test_models_in_folders_become_teachers(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="needs torch of the extra distill")
    pytest.importorskip("transformers", reason="needs transformers of the extra distill")
    from tests.web3rec.distill import tiny  # noqa: PLC0415 - needs both

    with Cache(tmp_path / "cache.db") as cache:
        speaks = kinds.local(tiny.causal(tmp_path / "speaks"), cache, shuffles=1)
        assert np.isfinite(speaks.score(ASKED)).all()
        told: list[tuple[int, int]] = []
        reads = kinds.encoder(
            tiny.encoder(tmp_path / "reads"),
            TEXTS,
            toy(),
            TARGETS,
            cache,
            told=lambda *step: told.append(step),
        )
        assert np.isfinite(reads.score(ASKED)).all()
        assert told[-1] == (3, 3)  # three different texts
        assert len({speaks.id, reads.id, kinds.texts(TEXTS, toy(), TARGETS).id}) == 3
