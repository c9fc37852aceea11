"""What stays, what is hidden, and who is kept from the student."""

from pathlib import Path

import pytest

from tests.web3rec.distill.stages.kitchens import PEOPLE, PLAIN, Kitchen
from web3rec.distill.stages.material import TEST, TRAIN, VALID, material
from web3rec.errors import DataError

PARTS = PLAIN.replace(
    'format = "pairs"\npath = "plays.tsv"',
    'format = "parts"\ntrain = "train.tsv"\ntest = "test.tsv"\nprefix = "x:"\ntimes = false',
)


@pytest.fixture
def kitchen(tmp_path: Path) -> Kitchen:
    return Kitchen.at(tmp_path)


def test_nobodys_hidden_items_are_in_what_stays(kitchen: Kitchen) -> None:
    found = material(kitchen.bench(PLAIN).written)
    had = {(act.user, act.item) for act in found.stay.acts}
    assert len(found.hidden) == PEOPLE
    for person, own in found.hidden.items():
        assert own
        assert not any((person, item) in had for item in own)


def test_people_are_dealt_into_three_parts(kitchen: Kitchen) -> None:
    part = material(kitchen.bench(PLAIN).written).part
    counts = [sum(each == n for each in part.values()) for n in (TRAIN, VALID, TEST)]
    assert counts == [PEOPLE - 2 * round(PEOPLE / 4), round(PEOPLE / 4), round(PEOPLE / 4)]
    again = material(kitchen.bench(PLAIN).written).part
    other = material(kitchen.bench(PLAIN.replace("seed = 1", "seed = 2")).written).part
    assert part == again != other


def test_a_fitted_teacher_is_shown_the_answers_of_those_who_learn_alone(kitchen: Kitchen) -> None:
    found = material(kitchen.bench(PLAIN).written)
    shown, targets = found.learning()
    assert set(targets) == {person for person, part in found.part.items() if part == TRAIN}
    more = {(act.user, act.item) for act in shown.acts[len(found.stay.acts) :]}
    assert more == {(person, item) for person, own in targets.items() for item in own}


def test_of_two_tables_the_second_is_what_is_hidden(kitchen: Kitchen) -> None:
    """Ids get their prefix; what somebody has in both counts as known; ratings are no plays."""
    rows = [(f"p{n}", f"i{k}") for n in range(40) for k in range(5)]
    (kitchen.folder / "train.tsv").write_text("".join(f"{u}\t{i}\t5.5\n" for u, i in rows))
    hidden = "".join(f"p{n}\ti9\t3\np{n}\ti0\t3\n" for n in range(40))
    (kitchen.folder / "test.tsv").write_text(hidden + "stranger\ti1\t1\n")
    found = material(kitchen.bench(PARTS).written)
    assert set(map(frozenset, found.hidden.values())) == {frozenset({"x:i9"})}
    assert "stranger" not in found.hidden
    assert {(act.weight, act.at) for act in found.stay.acts} == {(1, None)}
    assert {item.id for item in found.stay.items} >= {"x:i0", "x:i9"}


def test_a_split_of_others_is_taken_as_it_is(kitchen: Kitchen) -> None:
    folder = kitchen.folder / "split"
    folder.mkdir()
    for part, item in (("train", "a b c"), ("valid", "d"), ("test", "e")):
        (folder / f"{part}.txt").write_text("".join(f"u{n} {item}\n" for n in range(40)))
    text = PLAIN.replace('format = "pairs"\npath = "plays.tsv"', 'format = "split"\npath = "split"')
    found = material(kitchen.bench(text).written)
    assert set(found.hidden.values()) == {frozenset({"d"})}, "the test part is nobody's business"


def test_too_few_people_are_said(kitchen: Kitchen) -> None:
    (kitchen.folder / "plays.tsv").write_text("p1\ta\t1\np1\tb\t1\np2\ta\t1\n")
    with pytest.raises(DataError, match="1 people have something hidden, wanted 40"):
        material(kitchen.bench(PLAIN).written)


def test_a_catalogue_of_other_ids_is_said(kitchen: Kitchen) -> None:
    folder = kitchen.folder / "ml"
    folder.mkdir()
    (folder / "movies.csv").write_text("movieId,title,genres\n1,Up (2009),Drama\n")
    (folder / "ratings.csv").write_text("userId,movieId,rating,timestamp\n1,1,5,1\n")
    text = PLAIN.replace('path = "plays.tsv"', 'path = "plays.tsv"\ncatalogue = "ml"')
    with pytest.raises(DataError, match=r"check data\.prefix"):
        material(kitchen.bench(text).written)
