"""`web3rec attack`: what it prints, that it prints it again, and what it refuses."""

import re
from pathlib import Path

import pytest

from tests.web3rec.cli.calls import ROOT, Place
from tests.web3rec.eval.towns import town

KEYS = {
    *("dataset", "method", "strategy", "compromised", "sybils", "egos", "bound", "overruns"),
    *("sybil_slots@20", "sybil_exposure@20", "ndcg@20", "honest_ndcg@20", "bound_held"),
}
"""What others rely on."""


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """A town as two tables, and how to attack it."""
    folder = tmp_path_factory.mktemp("town")
    data = town()
    likes, friends = folder / "likes.tsv", folder / "friends.tsv"
    likes.write_text(
        "user\titem\tweight\n" + "".join(f"{a.user}\t{a.item}\t{a.weight}\n" for a in data.acts)
    )
    friends.write_text("".join(f"{e.source}\t{e.target}\n" for e in data.trust))
    source = ["--data", str(likes), "--format", "pairs", "--trust", str(friends)]
    return ["attack", *source, "--egos", "3", "--sybils", "20"]


@pytest.mark.slow
def test_one_line_a_method_under_each_attack_and_the_same_again(
    nowhere: Place, words: list[str]
) -> None:
    asked = [*words, "-s", "copy-the-victim", "-s", "star", "-c", "0", "-c", "1", "--json"]
    said = nowhere.fine(*asked)
    assert [(o["strategy"], o["compromised"], o["method"]) for o in said.objects] == [
        (strategy, fallen, method)
        for strategy in ("copy", "star")
        for fallen in (0, 1)
        for method in ("open", "friends", "web3recommend", "ours")
    ]
    for line in said.objects:
        assert line.keys() >= KEYS
        assert (line["egos"], line["sybils"]) == (3, 20)
        assert line["bound_held"]
    assert nowhere.fine(*asked).out == said.out
    assert nowhere.fine(*asked, "--seed", "1").out != said.out


def test_a_table_for_people(nowhere: Place, words: list[str]) -> None:
    said = nowhere.fine(*words, "--method", "ours", "--budget", "kappa=2", "--spam", "5", "-c", "9")
    head, ours, wide = said.out.splitlines()
    assert head.split()[:4] == ["strategy", "compromised", "sybils", "method"]
    assert " ours " in ours
    assert " ours, kappa=2 " in wide
    assert "BROKEN" not in said.out
    assert "3 people have fewer than 9 friends: all of theirs fell" in said.err


@pytest.mark.parametrize("text", ["kapa=2", "kappa=much", "kappa=99", "kappa"])
def test_a_budget_that_is_none_is_refused(nowhere: Place, words: list[str], text: str) -> None:
    assert "kappa" in nowhere(*words, "--budget", text).complaint


@pytest.mark.slow
def test_all_strategies_at_once(nowhere: Place, words: list[str]) -> None:
    said = nowhere.fine(*words, "-s", "all", "-m", "ours", "--turned", "--egos", "1", "--json")
    assert len({line["strategy"] for line in said.objects}) == 10


def test_fewer_victims_than_asked_for_are_counted(nowhere: Place, words: list[str]) -> None:
    said = nowhere.fine(*words, "-m", "friends", "--egos", "99", "--json")
    assert said.objects[0]["egos"] == 24
    assert "only 24 people have three friends and two items" in said.err


@pytest.mark.slow
def test_the_sweep_goes_through_sizes_and_fillers(nowhere: Place, words: list[str]) -> None:
    said = nowhere.fine(*words, "--sweep", "--egos", "1", "-m", "ours", "--json")
    points = {(o["strategy"], o["size"], o["filler"]) for o in said.objects}
    assert len(points) == len(said.objects) == 3 * 4 * 3
    assert {o["sybils"] for o in said.objects} == {1, 2}


@pytest.mark.slow
def test_a_picture(nowhere: Place, words: list[str], tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    said = nowhere.fine(*words, "--plot", str(tmp_path / "a.png"), "--json")
    assert len(said.objects) == 4
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_data_without_friends_is_refused_unless_they_are_made_up(
    nowhere: Place, words: list[str]
) -> None:
    without = [word for word in words if not word.endswith("friends.tsv")]
    without.remove("--trust")
    assert "no friend graph" in nowhere(*without).complaint
    assert "needs the time of every act" in nowhere(*without, "--synthetic-trust").complaint
    assert "leave out --synthetic-trust" in nowhere(*words, "--synthetic-trust").complaint


@pytest.mark.slow
def test_made_up_friends_say_so_in_every_line(nowhere: Place) -> None:
    data = ROOT / "examples" / "data" / "ml-latest-small"
    source = ["attack", "--data", str(data), "--format", "movielens", "--synthetic-trust"]
    said = nowhere.fine(*source, "--egos", "1", "--sybils", "5", "-m", "ours", "--json")
    assert "synthetic trust" in said.objects[0]["dataset"]
    assert "nobody stated it" in said.err


def test_every_strategy_is_described_in_the_docs() -> None:
    from web3rec.eval.attacks import STRATEGIES  # noqa: PLC0415 - NumPy, only here

    page = (ROOT / "docs" / "attacks.md").read_text(encoding="utf-8")
    for name in STRATEGIES:
        assert re.search(rf"^\| {name} \|", page, re.MULTILINE), name
