"""The sweep of attackers among those whom a bundle learns from: what they say, what is trained."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from benchmarks.poisoned import ATTACKS, PLACEBO, TARGETS, Campaign, campaign, fakes, with_fakes
from benchmarks.poisoned_models import RIDGE, WIDTH, everything, vectors_of, weighted
from benchmarks.poisoning import Class, Ground, hits, lines, main
from tests.web3rec.distill.calibration.crowds import tastes
from web3rec.adapters import Act, Dataset
from web3rec.distill.calibration import Profiles
from web3rec.distill.lessons import Lesson
from web3rec.distill.teacher import Described, History, Question
from web3rec.rerank.features import NAMES, Features
from web3rec.store import key_of
from web3rec.types import Event, Item, ItemId, Millis


def crowd(people: int = 80, items: int = 120) -> Dataset:
    rows = tastes(people, items, np.random.default_rng(0))
    goods = tuple(Item(ItemId(f"x:{n}")) for n in range(items))
    acts = tuple(
        Act(f"p{n}", ItemId(f"x:{i}"), Event.LIKE, 1, Millis(1_000_000 * (k + 1)))
        for n, row in enumerate(rows)
        for k, i in enumerate(row.tolist())
    )
    return Dataset("crowd", tuple(f"p{n}" for n in range(people)), goods, acts, ())


BASE = crowd()


def lesson(person: str, own: list[str], candidates: list[str]) -> Lesson:
    described = [tuple(Described(ItemId(item)) for item in items) for items in (own, candidates)]
    n = len(candidates)
    table = Features(np.zeros((n, len(NAMES)), np.float32), np.arange(n))
    question = Question(History(person, described[0]), described[1])
    return Lesson(question, table, np.zeros(n, bool), 1)


@pytest.mark.parametrize("attack", [*ATTACKS, PLACEBO])
def test_attackers_push_half_of_the_targets_last_and_say_nothing_twice(attack: str) -> None:
    plan = campaign(BASE, attack, 0.05, 0.1, 0)
    acts = fakes(BASE, plan, 0)
    joined = Profiles.of(with_fakes(BASE, acts))
    assert joined.people[80:] == tuple(f"fake:{n}" for n in range(4))
    pushed = {int(item.split(":")[1]) for item in plan.targets}
    assert len(pushed) == 2 * TARGETS
    for n in range(80, 84):
        row = joined.row(n).tolist()
        last = [] if attack == PLACEBO else row[-TARGETS:]
        assert set(last) <= pushed
        assert pushed.isdisjoint(row[: len(row) - len(last)])
    assert acts == fakes(BASE, plan, 0) != fakes(BASE, plan, 1)


def test_what_is_pushed_hangs_on_the_attack_alone() -> None:
    few, many = (
        campaign(BASE, "copy", size, filler, 0) for size, filler in ((0.01, 0.1), (0.1, 1))
    )
    assert few.targets == many.targets
    assert few.targets != campaign(BASE, "random", 0.01, 0.1, 0).targets
    holders = Profiles.of(BASE).holders
    assert all(5 <= holders[int(item.split(":")[1])] <= 15 for item in few.unpopular)
    assert all(holders[int(item.split(":")[1])] > 15 for item in few.middling)


def test_everything_is_the_weighted_least_squares_it_says() -> None:
    profiles = Profiles.of(BASE)
    ids = [ItemId(item.id) for item in BASE.items]
    weights = np.random.default_rng(1).uniform(0.1, 2, len(profiles.people))
    own = [ids[n] for n in profiles.row(3).tolist()]
    found = everything(profiles, weights, [lesson("p3", own, ["y"])], ids, 20)
    x = profiles.matrix().toarray()
    inverse = np.linalg.inv(x.T @ np.diag(weights) @ x + RIDGE * np.eye(len(ids)))
    score = -(x[3] @ inverse) / np.diag(inverse)
    score[x[3] > 0] = -np.inf
    assert found == [[ids[n] for n in np.argsort(-score, kind="stable")[:20].tolist()]]


def test_who_hardly_counts_hardly_moves_vectors() -> None:
    """Inner products of items, for axes of two fits differ by a rotation."""
    ids = [ItemId(item.id) for item in BASE.items]
    acts = fakes(BASE, campaign(BASE, "bandwagon", 0.1, 0.1, 0), 0)
    alone, both = Profiles.of(BASE), Profiles.of(with_fakes(BASE, acts))
    quiet = np.append(np.ones(80), np.full(8, 1e-9))
    keys = [key_of(item) for n, item in enumerate(ids) if alone.holders[n]]
    without, hushed, loud = (
        np.array([vectors[key] for key in keys])
        for vectors in (
            vectors_of(alone, np.ones(80), ids),
            vectors_of(both, quiet, ids),
            vectors_of(both, np.ones(88), ids),
        )
    )
    near = np.abs(hushed @ hushed.T - without @ without.T).max()
    far = np.abs(loud @ loud.T - without @ without.T).max()
    assert near < 1e-3 < far
    assert without.shape[1] == WIDTH
    assert weighted(both, {"fake:0": 0.5}).mean() == pytest.approx(1)


def test_hits_and_raised_by_hand() -> None:
    """Four judges, one of whom has the target: three could be shown it, one was, now all are."""
    judges = [lesson(f"p{n}", ["x:1"], ["x:9"]) for n in range(4)]
    held = {f"p{n}": frozenset({ItemId("x:9")} if n == 3 else set()) for n in range(4)}
    hidden = {f"p{n}": frozenset({ItemId("x:2")}) for n in range(4)}
    ground = Ground(BASE, BASE, judges, hidden, held, None, 1, 0)
    target, other = ItemId("x:9"), ItemId("x:2")
    before, after = [[target], [], [other], []], [[target], [target], [target], []]
    assert hits(ground, before, target) == (1, 3)
    plan = Campaign(attack="copy", size=0.05, filler=0.1, unpopular=(target,), middling=(other,))
    clean = {"none": Class({"m": before}, (0.0, 0.0), 0.0)}
    rare, usual = lines(ground, plan, clean, {"none": Class({"m": after}, (1.0, 0.25), 0.0)})
    assert (rare["hits clean"], rare["hits"], rare["ratio"]) == (1, 3, 3.0)
    assert (rare["raised"], usual["raised"]) == (1, 0)
    assert (usual["hits clean"], usual["hits"]) == (1, 0)
    assert (rare["ndcg@10 clean"], rare["ndcg@10"]) == (0.25, 0.0)


@pytest.mark.slow
def test_the_command_writes_a_line_a_model_and_draws_them(tmp_path: Path) -> None:
    data = tmp_path / "ml"
    data.mkdir()
    (data / "u.item").write_text(
        "".join(f"{n}|Film {n} (1990)|||" + "|0" * 19 + "\n" for n in range(120))
    )
    number = {name: n for n, name in enumerate(BASE.people)}
    (data / "u.data").write_text(
        "".join(
            f"{number[a.user]}\t{a.item.split(':')[1]}\t5\t{(a.at or 0) // 1000}\n"
            for a in BASE.acts
        )
    )
    out, plot = tmp_path / "out.jsonl", tmp_path / "plot.png"
    asked = f"--data {data} --size .05 --filler .1 --attack copy --judges 10 --learners 30 --open"
    run = CliRunner().invoke(main, [*asked.split(), "--out", str(out)])
    assert run.exit_code == 0, run.output
    found = [json.loads(line) for line in out.read_text().splitlines()]
    assert {line["calibration"] for line in found} == {"none", "statistics", "two styles"}
    assert {line["kind"] for line in found if line["attack"] == "copy"} == {
        "unpopular",
        "middling",
    }
    drawing = CliRunner().invoke(main, ["--plot", str(plot), str(out)])
    assert drawing.exit_code == 0, drawing.output
    assert plot.stat().st_size > 5_000
