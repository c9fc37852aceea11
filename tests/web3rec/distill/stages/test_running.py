"""From a recipe to a bundle: once, to the byte, and from wherever it was stopped."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from tests.web3rec.distill.stages.kitchens import CROWD, LISTS, PLAIN, Kitchen, story
from web3rec.distill import ensemble
from web3rec.distill.stages import kitchen as kitchen_module
from web3rec.distill.stages.kitchen import Stage
from web3rec.distill.stages.running import EVERYTHING, STEPS, cooked
from web3rec.distill.stages.verifying import summary, verified
from web3rec.distill.stages.workshop import Workshop
from web3rec.distill.teacher import Question
from web3rec.errors import DataError, KeyFileError
from web3rec.records import SigningKey
from web3rec.types import Weights

KEYED = PLAIN.replace("[bundle]", '[bundle]\nkey = "key.pem"')


@pytest.fixture
def kitchen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kitchen:
    """Without pictures, which take longer than all else here."""
    monkeypatch.setattr("web3rec.distill.stages.plot.drawn", lambda _report: b"a picture")
    return Kitchen.at(tmp_path)


def names(done: list[tuple[str, float | None]]) -> list[str]:
    """The stages that did something."""
    return [name for name, seconds in done if seconds is not None]


@pytest.mark.slow
def test_a_recipe_becomes_a_bundle_that_keeps_its_word(tmp_path: Path) -> None:
    kitchen = Kitchen.at(tmp_path)
    bench = kitchen.bench(PLAIN + CROWD)
    cooked(EVERYTHING, bench)
    checks = list(verified(bench.workshop))
    assert summary(checks) == {"check": "all", "ok": True, "wrong": [], "not_checked": []}
    assert [check.name for check in checks] == ["opens", "ndcg", "parity", "report", "speed"]
    told = story(bench.workshop)
    assert told["kind"] == "linear"
    assert set(told["auditions"]) == {"crowd"}
    for name in ("report.json", "report.png"):
        assert bench.workshop.path(name).stat().st_size > 1_000


@pytest.mark.slow
def test_the_same_recipe_and_key_are_the_same_bytes(kitchen: Kitchen) -> None:
    SigningKey.from_seed(bytes(32)).save(kitchen.folder / "key.pem")
    found = []
    for out in ("one", "two"):
        bench = kitchen.bench(KEYED + CROWD, out)
        cooked(EVERYTHING, bench)
        found.append({name: bench.workshop.read(name) for name in ("model.bundle", "report.json")})
    assert found[0] == found[1]
    bench = kitchen.bench((KEYED + CROWD).replace("seed = 1", "seed = 2"), "three")
    cooked(EVERYTHING, bench)
    assert bench.workshop.read("model.bundle") != found[0]["model.bundle"]


@pytest.mark.slow
def test_what_is_done_is_not_done_again_and_a_change_redoes_what_hangs_on_it(
    kitchen: Kitchen,
) -> None:
    everything = [stage.name for stage in EVERYTHING]
    assert names(cooked(EVERYTHING, kitchen.bench())) == everything
    assert names(cooked(EVERYTHING, kitchen.bench())) == []
    dearer = PLAIN.replace('kind = "linear"', 'kind = "linear"\nl2 = 30.0')
    again = names(cooked(EVERYTHING, kitchen.bench(dearer)))
    assert again == ["train", "export", "quantize", "report", "bundle"]
    newer = dearer.replace('name = "toy"', 'name = "toy"\nversion = 2')
    assert names(cooked(EVERYTHING, kitchen.bench(newer))) == ["report", "bundle"]
    (kitchen.folder / "data").mkdir()
    (kitchen.folder / "plays.tsv").rename(kitchen.folder / "data" / "plays.tsv")
    newer = newer.replace("plays.tsv", "data/plays.tsv")
    assert names(cooked(EVERYTHING, kitchen.bench(newer))) == ["report"], "moved, not changed"
    with (kitchen.folder / "data" / "plays.tsv").open("a") as plays:
        plays.write("p1\ta5t00\t1\t1700000000\n")
    assert names(cooked(EVERYTHING, kitchen.bench(newer)))[0] == "lessons"


class Killed(BaseException):
    """The process ends here."""


def _dies(*_args: object) -> Mapping[str, bytes]:
    raise Killed


@pytest.mark.slow
def test_F2_a_run_killed_in_every_stage_goes_on_and_ends_the_same(
    kitchen: Kitchen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At work, and again when all files of a stage are there but its record is not."""
    SigningKey.from_seed(bytes(32)).save(kitchen.folder / "key.pem")
    whole = kitchen.bench(KEYED, "whole")
    cooked(EVERYTHING, whole)
    write = Workshop.write
    for at, stage in enumerate(EVERYTHING):
        stopping = (*EVERYTHING[:at], replace(stage, work=_dies), *EVERYTHING[at + 1 :])
        with pytest.raises(Killed):
            cooked(stopping, kitchen.bench(KEYED))

        def halting(
            self: Workshop, name: str, data: bytes, last: str = f"stages/{stage.name}.json"
        ) -> None:
            if name == last:
                raise Killed
            write(self, name, data)

        with monkeypatch.context() as patch:
            patch.setattr(Workshop, "write", halting)
            with pytest.raises(Killed):
                cooked(EVERYTHING, kitchen.bench(KEYED))
        assert names(cooked(EVERYTHING[: at + 1], kitchen.bench(KEYED))) == [stage.name]
    assert names(cooked(EVERYTHING, kitchen.bench(KEYED))) == []
    for name in ("model.bundle", "report.json", "lessons.npz"):
        assert kitchen.bench(KEYED).workshop.read(name) == whole.workshop.read(name)


@pytest.mark.slow
def test_an_interrupted_labelling_costs_only_the_rows_not_there_yet(
    kitchen: Kitchen, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    score = ensemble.Ensemble.score

    def counting(self: ensemble.Ensemble, question: Question) -> Weights:
        if len(asked) == 40 and interrupting:
            raise KeyboardInterrupt
        asked.append(question.history.person)
        return score(self, question)

    monkeypatch.setattr(ensemble.Ensemble, "score", counting)
    interrupting = True
    with pytest.raises(KeyboardInterrupt):
        cooked(STEPS["label"], kitchen.bench(PLAIN + CROWD))
    interrupting = False
    assert names(cooked(STEPS["label"], kitchen.bench(PLAIN + CROWD))) == ["label"]
    assert len(asked) == len(set(asked)) > 90


@pytest.mark.slow
def test_stages_one_by_one_are_the_same_as_all_at_once(kitchen: Kitchen) -> None:
    SigningKey.from_seed(bytes(32)).save(kitchen.folder / "key.pem")
    for stages in STEPS.values():
        cooked(stages, kitchen.bench(KEYED, "steps"))
    cooked(EVERYTHING, kitchen.bench(KEYED, "whole"))
    bundles = [
        kitchen.bench(KEYED, out).workshop.read("model.bundle") for out in ("steps", "whole")
    ]
    assert bundles[0] == bundles[1]


@pytest.mark.parametrize("step", ["train", "export", "quantize", "bundle"])
def test_a_stage_without_those_before_it_says_so(kitchen: Kitchen, step: str) -> None:
    with pytest.raises(DataError, match="run the stages before it, or `distill run`"):
        cooked(STEPS[step], kitchen.bench())


def test_no_torch_is_said_before_anything_is_done(
    kitchen: Kitchen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    deep = PLAIN.replace('kind = "linear"', 'kind = "hybrid"\n[vectors]\nkind = "svd"')
    with pytest.raises(DataError, match=r"pip install 'web3rec\[distill\]'"):
        cooked(EVERYTHING, kitchen.bench(deep))
    assert not (kitchen.folder / "out").exists()


def test_missing_data_is_said_with_what_to_give(kitchen: Kitchen) -> None:
    gone = PLAIN.replace("plays.tsv", "gone.tsv")
    with pytest.raises(DataError, match=r"data.path: there is no gone.tsv"):
        cooked(EVERYTHING, kitchen.bench(gone))


def test_a_missing_teacher_is_said_by_name(kitchen: Kitchen) -> None:
    with pytest.raises(DataError, match=r"teacher lists: there is no lists.tsv"):
        cooked(EVERYTHING, kitchen.bench(PLAIN + LISTS))


def test_a_key_that_others_can_read_signs_nothing(kitchen: Kitchen) -> None:
    key = kitchen.folder / "key.pem"
    SigningKey.generate().save(key)
    key.chmod(0o644)
    with pytest.raises(KeyFileError):
        cooked(EVERYTHING, kitchen.bench(KEYED))


@pytest.mark.slow
def test_a_student_no_better_than_the_graph_is_not_signed_but_reported(kitchen: Kitchen) -> None:
    """With a pull that large it is the graph."""
    stiff = PLAIN.replace('kind = "linear"', 'kind = "linear"\nl2 = 1e12')
    with pytest.raises(DataError, match="there is no bundle, and the graph's own order"):
        cooked(EVERYTHING, kitchen.bench(stiff))
    workshop = kitchen.bench(stiff).workshop
    assert workshop.path("report.json").exists()
    assert not workshop.path("model.bundle").exists()


@pytest.mark.slow
def test_lists_that_tell_what_will_be_found_teach(kitchen: Kitchen) -> None:
    """A file that knows the next tracks; it is heard, gated, and its decision signed."""
    bench = kitchen.bench(PLAIN + LISTS)
    (kitchen.folder / "lists.tsv").write_text(_next_tracks(kitchen))
    cooked(EVERYTHING, bench)
    told = story(bench.workshop)
    heard = told["auditions"]["lists"]
    assert heard["alone"]["people"] >= 30
    assert heard["alone"]["teacher_mean"] > 0.9
    assert all(check.ok for check in verified(bench.workshop))


def _next_tracks(kitchen: Kitchen) -> str:
    """What everybody heard last, best first."""
    last: dict[str, list[str]] = {}
    for line in (kitchen.folder / "plays.tsv").read_text().splitlines():
        person, track, *_ = line.split("\t")
        last.setdefault(person, []).append(track)
    return "".join(
        f"{person}\t{track}\t{place}\n"
        for person, tracks in last.items()
        for place, track in enumerate(tracks[-4:], 1)
    )


def test_a_stage_is_known_by_what_it_reads() -> None:
    """Every file that a stage reads is written by one before it."""
    written = {"publisher.pem", "items.i8"}
    outputs: dict[str, set[str]] = {
        "lessons": {"lessons.npz", "lessons.json"},
        "vectors": {"vectors.json"},
        "label": {"labels.npz", "labels.json"},
        "calibrate": {"calibration.json"},
        "train": {"student.npz", "student.json"},
        "export": {"float.npz", "float.onnx"},
        "quantize": {"small.npz", "small.onnx", "quantized.json"},
        "report": {"report.json", "report.png"},
        "bundle": {"model.bundle", "bundle.json"},
    }
    for stage in EVERYTHING:
        assert isinstance(stage, Stage)
        assert set(stage.reads) <= written, stage.name
        written |= outputs[stage.name]
    assert kitchen_module.run([], None) == []  # type: ignore[arg-type]
