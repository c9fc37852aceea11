"""Teachers as recipes name them: made of their files, asked, and asked again where they stopped."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from tests.web3rec.distill.servers import Model, _Handler, serving, status
from tests.web3rec.distill.stages.kitchens import PLAIN, Kitchen
from web3rec.distill import ensemble
from web3rec.distill.stages import classroom, label
from web3rec.distill.stages.material import TRAIN, VALID
from web3rec.distill.stages.running import STEPS, cooked
from web3rec.distill.teacher import Question
from web3rec.errors import DataError
from web3rec.types import Weights

pytestmark = pytest.mark.slow
FEW = PLAIN.replace("candidates = 60", "candidates = 6\npeople = 40")


@pytest.fixture
def kitchen(tmp_path: Path) -> Kitchen:
    return Kitchen.at(tmp_path)


def labelled(kitchen: Kitchen, teacher: str) -> list[tuple[str, list[str], Weights]]:
    """(person, candidates, labels) of those who learn."""
    bench = kitchen.bench(FEW + f'[[teachers]]\nname = "t"\n{teacher}')
    cooked(STEPS["label"], bench)
    room = classroom.load(bench.workshop)
    (voice,) = label.heard(bench.workshop, room, bench.recipe, TRAIN)
    return [
        (lesson.person, [item.id for item in lesson.question.candidates], said)
        for lesson, said in zip(room.train, voice.labels, strict=True)
    ]


def test_lists_are_matched_by_person_and_prefixed_id(kitchen: Kitchen) -> None:
    rows = [f"p{n}\t{track}\t1\n" for n in range(130) for track in ("5", "05")]
    (kitchen.folder / "lists.tsv").write_text("".join(rows))  # there is no a0t5 in town
    told = 'kind = "files"\npath = "lists.tsv"\nprefix = "a0t"\n'
    heard = labelled(kitchen, told)
    assert any("a0t05" in candidates for _, candidates, _ in heard)
    for _, candidates, said in heard:
        assert_array_equal(np.isfinite(said), [item == "a0t05" for item in candidates])


def test_profiles_say_who_is_like_the_history(kitchen: Kitchen) -> None:
    albums = [f"a{album}t{track:02}" for album in range(6) for track in range(14)]
    (kitchen.folder / "keys.txt").write_text("".join(f"{item} {item}\n" for item in albums))
    texts = {item: f"a song of the kind number{item[1]}" for item in albums}
    (kitchen.folder / "texts.json").write_text(json.dumps(texts))
    told = 'kind = "profiles"\npath = "texts.json"\nkeys = "keys.txt"\n'
    heard = labelled(kitchen, told)
    assert all(np.isfinite(said).all() for _, _, said in heard)
    assert any(len(set(np.round(said, 6))) > 1 for _, _, said in heard)


def test_simulated_users_speak_of_what_they_were_shown(kitchen: Kitchen) -> None:
    names = {f"p{n}": n for n in range(130)}
    tracks = {f"a0t{n:02}": n for n in range(14)}
    (kitchen.folder / "people.json").write_text(json.dumps(names))
    (kitchen.folder / "items.json").write_text(json.dumps(tracks))
    pages = [
        json.dumps({"user": n, "recommended_id": list(range(14)), "align_id": [3]})
        for n in range(130)
    ]
    (kitchen.folder / "pages.jsonl").write_text("\n".join(pages))
    told = (
        'kind = "simulated"\npath = "pages.jsonl"\npeople = "people.json"\nitems = "items.json"\n'
    )
    for _, candidates, said in labelled(kitchen, told):
        for item, value in zip(candidates, said.tolist(), strict=True):
            if item in tracks:
                assert value == (0.5 if item == "a0t03" else 0.0)
            else:
                assert np.isnan(value)


def test_texts_need_something_to_read(kitchen: Kitchen) -> None:
    """The town's items have no titles."""
    with pytest.raises(DataError):
        labelled(kitchen, 'kind = "texts"\n')


def test_an_endpoint_that_breaks_off_costs_only_the_rows_not_there_yet(kitchen: Kitchen) -> None:
    model = Model()
    with serving(model) as url:
        told = f'kind = "endpoint"\nurl = "{url}"\nmodel = "m"\nshuffles = 1\nat_once = 1\n'
        model.faults = [_fine] * 11 + 3 * [status(400)]
        with pytest.raises(DataError, match="what was answered is kept"):
            labelled(kitchen, told)
        assert len(model.requests) == 14
        heard = labelled(kitchen, told)
    lessons = 40 * 3 // 4  # those who learn and those everything is chosen on
    assert len(heard) == 20
    assert all(np.isfinite(said).all() for _, _, said in heard)
    # A probe each time, and every list once; three were refused before.
    assert len(model.requests) == lessons + 2 + 3


def _fine(own: _Handler) -> None:
    """No fault: it answers as its model does."""
    own.answer(json.dumps(own.model.reply(own.model.requests[-1])).encode())


def test_a_key_that_the_environment_has_not_is_said(kitchen: Kitchen) -> None:
    told = 'kind = "endpoint"\nurl = "http://127.0.0.1:9/v1"\nmodel = "m"\nkey_env = "NO_KEY"\n'
    with pytest.raises(DataError, match="the environment has no NO_KEY"):
        labelled(kitchen, told)


def test_nobody_is_asked_about_those_who_are_looked_at_once(
    kitchen: Kitchen, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    whole = ensemble.Ensemble.score

    def noting(self: ensemble.Ensemble, question: Question) -> Weights:
        asked.append(question.history.person)
        return whole(self, question)

    monkeypatch.setattr(ensemble.Ensemble, "score", noting)
    labelled(kitchen, 'kind = "ensemble"\nfolds = 2\n')
    room = classroom.load(kitchen.bench(FEW).workshop)
    part = dict(zip([x.person for x in room.lessons], room.part.tolist(), strict=True))
    assert {part[person] for person in asked} == {TRAIN, VALID}


def test_labels_of_another_recipe_are_not_taken_for_this_ones(kitchen: Kitchen) -> None:
    labelled(kitchen, 'kind = "ensemble"\nfolds = 2\n')
    bench = kitchen.bench(FEW + '[[teachers]]\nname = "other"\nkind = "ensemble"\n')
    with pytest.raises(DataError, match="run `distill label` again"):
        label.heard(bench.workshop, classroom.load(bench.workshop), bench.recipe, TRAIN)
