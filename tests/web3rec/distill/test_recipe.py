"""Recipes: strict, and found wherever they lie."""

from pathlib import Path

import pytest

from web3rec.distill.recipe import DataPart, SplitPart, TeacherPart
from web3rec.distill.recipe_toml import Written, read_recipe
from web3rec.errors import DataError, ParamError

ROOT = Path(__file__).resolve().parents[3]
LEAST = '[data]\nformat = "pairs"\npath = "plays.tsv"\n[bundle]\nname = "toy"\n'


def read(folder: Path, text: str) -> Written:
    path = folder / "recipe.toml"
    path.write_text(text)
    return read_recipe(path)


@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "recipes").glob("*.toml")))
def test_every_recipe_we_ship_can_be_read(name: str) -> None:
    found = read_recipe(ROOT / "recipes" / name).recipe
    assert found.bundle.name == name.removesuffix(".toml")
    assert found.calibration.on


def test_what_is_not_said_has_its_usual_value(tmp_path: Path) -> None:
    found = read(tmp_path, LEAST).recipe
    assert (found.seed, found.lessons.candidates, found.student.kind) == (0, 200, "linear")
    assert found.teachers == ()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            "[lessons]\ncandidate = 5\n",
            "unknown key 'candidate' in [lessons]; allowed: candi",
        ),
        ("[lesson]\n", "unknown key 'lesson'; allowed: seed, [data],"),
        ("[split]\nvalid = 1.5\n", "split.valid must be in (0, 1), got 1.5"),
        ("[split]\nvalid = nan\n", "split.valid must be in (0, 1), got nan"),
        ("[lessons]\ncandidates = 2.0\n", "'candidates' in [lessons] must be a whole number"),
        ("[quantize]\non = 1\n", "'on' in [quantize] must be true or false, got 1"),
        ("[shards]\ncount = 2\n[vectors]\nkind = 'svd'\n", "vectors.kind must be none with shards"),
        ("[student]\nkind = 'deep'\n", "student.kind must be one of linear, hybrid"),
        ("[student]\nkind = 'hybrid'\n", "vectors.kind must be another one"),
        ("[[teachers]]\nkind = 'files'\n", "wanted the key 'name' in [[teachers]]"),
        ("[[teachers]]\nname = 'x'\nkind = 'files'\n", "teachers.path must be given"),
        (
            "[[teachers]]\nname = 'x'\nkind = 'ensemble'\nurl = 'http://x'\n",
            "unknown key 'url' of a teacher of kind ensemble; allowed: name, kind, silence, met",
        ),
        (
            "[[teachers]]\nname = 'x'\nkind = 'ensemble'\nmethods = { ease = 'much' }\n",
            "'methods' in [[teachers]] must be a table of numbers",
        ),
        (
            2 * "[[teachers]]\nname = 'x'\nkind = 'ensemble'\n",
            "teachers must be at most 7, no name twice",
        ),
        ("[[teachers]]\nname = 'X y'\nkind = 'ensemble'\n", "teachers.name must be 1 to 40 of"),
        ("[teachers]\nname = 'x'\n", "teachers are tables [[teachers]]"),
        ("[split]\nvalid = \n", "this is no recipe in TOML"),
    ],
)
def test_a_slip_of_the_pen_is_an_error_that_names_it(tmp_path: Path, more: str, said: str) -> None:
    with pytest.raises(DataError) as error:
        read(tmp_path, LEAST + more)
    assert said in str(error.value)
    assert str(tmp_path / "recipe.toml") in str(error.value)


def test_data_and_bundle_have_to_be_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"wanted a table \[data\]"):
        read(tmp_path, "seed = 1")
    with pytest.raises(DataError, match=r"wanted the key 'format' in \[data\]"):
        read(tmp_path, "[data]\n[bundle]\nname = 'x'\n")


def test_a_path_is_beside_the_recipe_or_here_else_the_error_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, beside = tmp_path / "here", tmp_path / "beside"
    here.mkdir()
    beside.mkdir()
    monkeypatch.chdir(here)
    written = read(beside, LEAST)
    with pytest.raises(DataError, match=r"data.path: there is no plays.tsv, neither beside"):
        written.path("plays.tsv", "data.path")
    (here / "plays.tsv").touch()
    assert written.path("plays.tsv", "data.path") == here / "plays.tsv"
    (beside / "plays.tsv").touch()
    assert written.path("plays.tsv", "data.path") == beside / "plays.tsv"


def test_numbers_out_of_range_are_refused_wherever_a_recipe_comes_from() -> None:
    with pytest.raises(ParamError):
        SplitPart(valid=0.6, test=0.5)
    with pytest.raises(ParamError):
        DataPart(format="parts", train="a", test="b", path="c")
    with pytest.raises(ParamError):
        TeacherPart(name="x", kind="texts", texts="a.json")


def test_silence_is_low_for_lists_and_nothing_for_others() -> None:
    """Whom a list does not name was not thought worth naming."""
    assert TeacherPart(name="x", kind="files", path="a").below
    assert not TeacherPart(name="x", kind="ensemble").below
    assert TeacherPart(name="x", kind="ensemble", silence="below").below
