"""`eval unlearn`: figures, the same bytes again, what it refuses, and `eval` as it was."""

import gzip
import json
from pathlib import Path

import pytest

from tests.web3rec.adapters.conftest import write_folder
from tests.web3rec.cli.calls import ROOT, Place
from tests.web3rec.eval.unlearning.towns import parted, town

PAGE = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
PROMISED = ("method", "share", "speedup", "auc_gap", "ndcg_ratio", "seconds")
MORE = ("dataset", "model", "kind", "way", "users", "interactions", "recall@20", "ndcg@20")
ATTACKS = ("auc_loss", "auc_rank", "auc_loss_before", "auc_rank_before", "mi_bf", "mi_ng")
EFFECTS = ("lift@20", "lift@50", "lift_rise", "removed@20", "removed@50", "removed_rise")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A split, gzipped as published ones are."""
    where = write_folder(tmp_path_factory.mktemp("data") / "town", {})
    for name, held in zip(("train", "test"), parted(town(users=60, items=40), 0.25), strict=True):
        lines = (
            " ".join(map(str, [user, *held.items[held.users == user].tolist()]))
            for user in range(held.n_users)
        )
        (where / f"{name}.txt.gz").write_bytes(gzip.compress("\n".join(lines).encode()))
    return where


@pytest.fixture
def words(folder: Path) -> list[str]:
    return ["eval", "unlearn", "--data", str(folder), "--format", "split", "--ridge", "5"]


@pytest.mark.slow
def test_a_line_for_each_method_and_wish(nowhere: Place, words: list[str]) -> None:
    said = nowhere.fine(*words, "--sizes", "5,10", "--json")
    assert len(said.objects) == (3 + 4) * 2 * 2 * 2
    for line in said.objects:
        assert {*PROMISED, *MORE, *ATTACKS} <= set(line)
        assert ({*EFFECTS} <= set(line)) == (line["way"] == "poisoned")
        if line["method"] == "ours":
            assert (line["auc_gap"] < 0.02, line["difference"] < 1e-6) == (True, True)
            assert line["ndcg_ratio"] == pytest.approx(1, abs=0.01)
        if line["method"] == "retrain":
            assert (line["speedup"], line["auc_gap"], line["ndcg_ratio"]) == (1, 0, 1)
    assert {line["share"] for line in said.objects} == {0.05, 0.1}
    assert "pairs to learn from" in said.err


def test_the_same_seed_gives_the_same_bytes(nowhere: Place, words: list[str]) -> None:
    words += ["--sizes", "10", "--model", "ease", "--kind", "users", "--json", "--no-times"]
    once, again = nowhere.fine(*words), nowhere.fine(*words)
    assert once.out == again.out != ""
    assert all(not {"seconds", "speedup"} & set(line) for line in once.objects)
    assert nowhere.fine(*words, "--seed", "3").out != once.out


@pytest.mark.slow
def test_a_table_and_a_picture(nowhere: Place, words: list[str], tmp_path: Path) -> None:
    picture = tmp_path / "unlearn.png"
    said = nowhere.fine(*words, "--sizes", "5,10", "--way", "random", "--plot", str(picture))
    assert picture.read_bytes().startswith(b"\x89PNG")
    head, *rows = said.out.splitlines()
    assert head.split()[:3] == ["model", "forget", "method"]
    assert len(rows) == (3 + 4) * 2 * 2
    assert "5.0% of users" in said.out
    broken = nowhere(*words, "--sizes", "5", "--model", "graph", "--plot", str(tmp_path / "a.abc"))
    assert "a.abc cannot be drawn" in broken.err
    assert "Traceback" not in broken.err


def test_of_a_few_people_and_items(nowhere: Place, words: list[str]) -> None:
    words += ["--sizes", "10", "--model", "ease", "--kind", "users", "--way", "random"]
    said = nowhere.fine(*words, "--users", "30", "--items", "20", "--method", "sisa", "--json")
    assert [line["method"] for line in said.objects] == ["retrain", "sisa"]
    assert {line["users"] for line in said.objects} == {3}
    assert "30 people drawn" in said.err


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (["--sizes", "0"], "wanted percentages up to 50 such as 0.1,1,5"),
        (["--sizes", "60"], "wanted percentages up to 50"),
        (["--sizes", "much"], "wanted percentages up to 50"),
        (["--kind", "artists"], "'artists' is not one of"),
        (["--method", "magic"], "'magic' is not one of"),
        (["--users", "1"], "x>=2"),
        (["--ridge", "0"], "x>0"),
        (["--shards", "61", "--model", "ease"], "shards must be from 1 to 60, got 61"),
    ],
)
def test_a_wrong_word_is_one_line(
    nowhere: Place, words: list[str], wrong: list[str], says: str
) -> None:
    assert says in nowhere(*words, *wrong).err.splitlines()[-1]


def test_it_stands_under_eval_which_works_as_ever(nowhere: Place, words: list[str]) -> None:
    shown = nowhere.fine("eval", "--help").out
    assert "unlearn  Measure how well models forget" in shown
    assert "Usage: web3rec eval unlearn [OPTIONS]" in nowhere.fine("eval", "unlearn", "-h").out
    missing = nowhere("eval", "unlearn")
    assert (missing.code, "web3rec eval unlearn --help" in missing.err) == (2, True)
    plain = words[:1] + words[2:-2]
    said = nowhere.fine(*plain, "-m", "popular", "--json")
    assert json.loads(said.out)["method"] == "popular"
    assert "No such option '--sizes'" in nowhere(*plain, "--sizes", "1").complaint


def test_every_option_is_documented() -> None:
    from web3rec.cli.unlearning import unlearn  # noqa: PLC0415 - slow to load

    section = PAGE.partition("\n### web3rec eval unlearn\n")[2].partition("\n## ")[0]
    assert "$ web3rec eval unlearn" in section
    for option in unlearn.params:
        assert f"`{max(option.opts, key=len)}" in section or option.name in ("form", "data")
    for figure in (*PROMISED, *MORE, *ATTACKS, *EFFECTS):
        assert f"`{figure}`" in section, figure
