"""What a hybrid student adds to the graph and the linear head, and what teachers add to it.

    python -m benchmarks.students --data ml-100k --kept /tmp/models

Of everybody's items the newest fifth is put aside for tests and never looked at; of what stays the
newest fifth is asked for (validation); of what then stays, shares of the newest are the targets of
lessons. A sixth of the people teach nothing and say when training stops. Everyone is admitted, so
what is measured is order. Vectors and teachers are fitted without the targets of a person's fold.

The teacher is a linear head over the columns and what collaborative methods say (`--models` models
of sequences, EASE, item cosine, RP3beta), learnt from half of the lessons to label the other.
Trained models of sequences are kept in a folder and not trained again. With `--final` the test's
fifth is asked for and all else is known: once, with what was chosen on validation.
"""

import json
import pickle
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click
import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.linalg import svds
from threadpoolctl import threadpool_limits

from web3rec.adapters import Dataset, read_movielens
from web3rec.distill.ensemble import Ensemble
from web3rec.distill.gate import decision
from web3rec.distill.lessons import Lesson, School
from web3rec.distill.students.balancing import balanced
from web3rec.distill.students.bundling import files, on_device, shipped
from web3rec.distill.students.histories import histories
from web3rec.distill.students.hybrid import Hybrid, HybridParams, Vectors, of_length_one
from web3rec.distill.students.sequence import SequenceModel, SequenceParams
from web3rec.distill.students.sequence_teacher import mean_logits
from web3rec.distill.students.sequence_torch import SequenceTraining, trained_sequence
from web3rec.distill.teacher import History, Question
from web3rec.distill.training import TrainParams, trained, worth, worth_of
from web3rec.eval.arena import Arena
from web3rec.eval.intervals import interval
from web3rec.eval.methods import Settings, method
from web3rec.eval.methods.engine import ours
from web3rec.eval.methods.method import Scored, user_number
from web3rec.eval.splits import compress_times, hold_out
from web3rec.eval.task import NOW
from web3rec.params import Params, TuneParams
from web3rec.rerank.bundle import Refusal, reranker
from web3rec.rerank.features import NAMES
from web3rec.rerank.model import KeepOrder
from web3rec.store import key_of
from web3rec.types import ItemId, Weights

Targets = Mapping[str, frozenset[ItemId]]
CROWD = ("ease", "cosine", "rp3beta")
DEPTH = 10


@dataclass(frozen=True, slots=True)
class Data:
    """One data set, taken apart."""

    train: Dataset
    """Without validation and test"""
    valid: Targets
    targets: Mapping[float, Targets]
    """By share of what is hidden"""
    lessons: Sequence[Lesson]
    asked: Sequence[Lesson]

    @property
    def hidden(self) -> Targets:
        """The most that lessons hide of anybody."""
        return self.targets[max(self.targets)]


def data(path: Path, shares: Sequence[float], *, final: bool) -> Data:
    dataset = replace(read_movielens(path), trust=())

    def held(some: Dataset, share: float) -> tuple[Dataset, Targets]:
        rng = np.random.default_rng(0)
        stay, hidden = hold_out(some, some.people, share=share, rng=rng)
        return replace(some, acts=stay), hidden

    whole = dataset if final else held(dataset, 0.2)[0]
    stay, valid = held(whole, 0.2)
    train = replace(stay, acts=compress_times(stay.acts, NOW))
    targets = {share: held(train, share)[1] for share in shares}
    arena = Arena.of(train)
    school = School.of(arena, dataset.items)
    numbers = ours(arena, Settings(params=Params(tune=TuneParams())))
    own: dict[str, set[ItemId]] = {}
    for act in train.acts:
        own.setdefault(act.user, set()).add(act.item)

    def made(wanted: Targets, left: Callable[[str], int]) -> list[Lesson]:
        found = (school.lesson(p, t, numbers.numbers_for(left(p))) for p, t in wanted.items())
        return [lesson for lesson in found if lesson is not None]

    lessons = [
        lesson
        for wanted in targets.values()
        for lesson in made(wanted, lambda p, w=wanted: len(own[p]) - len(w[p]))  # type: ignore[misc]
    ]
    known = {person: items for person, items in valid.items() if person in own}
    return Data(train, valid, targets, lessons, made(known, lambda p: len(own[p])))


def svd(train: Dataset, hidden: Targets, width: int) -> tuple[list[ItemId], Any]:
    """Right singular vectors of who has what, each row and column over the root of its degree."""
    ids = sorted({ItemId(item.id) for item in train.items})
    number, people = (
        {item: n for n, item in enumerate(ids)},
        {p: n for n, p in enumerate(train.people)},
    )
    nothing: frozenset[ItemId] = frozenset()
    pairs = {
        (people[a.user], number[a.item])
        for a in train.acts
        if a.item not in hidden.get(a.user, nothing)
    }
    rows, cols = np.array(sorted(pairs)).T
    held = csr_matrix((np.ones(len(rows)), (rows, cols)), shape=(len(people), len(ids)))
    by_row, by_col = (np.asarray(held.sum(axis=axis)).ravel() for axis in (1, 0))
    held = held.multiply(1 / np.sqrt(np.maximum(by_row, 1))[:, None])
    held = held.multiply(1 / np.sqrt(np.maximum(by_col, 1))[None, :]).tocsr()
    _, values, right = svds(held, k=width, v0=np.ones(min(held.shape)))
    return ids, right.T * np.sqrt(values)


def folded_vectors(
    of: Data, width: int, folds: int, fold_of: Mapping[str, int]
) -> tuple[Vectors, list[Vectors]]:
    """Vectors of all of train; and, turned to lie as those do, of it less each fold's targets."""
    ids, full = svd(of.train, {}, width)

    def table(rows: Any) -> Vectors:
        named = {key_of(item): row.astype(np.float32) for item, row in zip(ids, rows, strict=True)}
        return shipped(of_length_one(named))

    found = []
    for fold in range(folds):
        away = {p: t for p, t in of.hidden.items() if fold_of[p] == fold}
        _, rows = svd(of.train, away, width)
        left, _, right = np.linalg.svd(rows.T @ full)  # Procrustes: the turn that is nearest
        found.append(table(rows @ (left @ right)))
    return table(full), found


def sequences(
    of: Data, models: int, training: SequenceTraining, kept: Path | None
) -> list[SequenceModel]:
    """Models that saw nobody's targets (one fold)."""
    found = []
    known = histories(of.train, of.hidden)
    for seed in range(models):
        how = f"{training.epochs}-{training.rate:g}-{training.negatives}"
        name = f"{of.train.name}-{max(of.targets)}-{how}-{seed}"
        path = None if kept is None else kept / name
        if path is not None and path.exists():
            found.append(pickle.loads(path.read_bytes()))  # noqa: S301 - our own file
            continue
        found.append(trained_sequence(known, SequenceParams(), training, seed))
        if path is not None:
            path.write_bytes(pickle.dumps(found[-1]))
    return found


def opinions(
    of: Data, models: Sequence[SequenceModel], folds: int
) -> dict[str, list[list[Weights]]]:
    """By voice: of lessons, of validation lists."""
    found: dict[str, list[list[Weights]]] = {}
    arena = Arena.of(of.train)
    for name in CROWD:
        crowd = Ensemble.fitted(
            of.train, of.hidden, np.random.default_rng(0), folds=folds, weights={name: 1.0}
        )
        ranker = method(name)(arena, Settings())
        assert isinstance(ranker, Scored)
        terms = {key: n for n, key in enumerate(arena.graph.items.terms)}
        place = {item: terms[key] for item, key in arena.items.items() if key in terms}
        found[name] = [
            [crowd.score(_older(lesson.question, of.hidden)) for lesson in of.lessons],
            [
                ranker.scores(user_number(arena, lesson.person))[
                    [place[item.id] for item in lesson.question.candidates]
                ]
                for lesson in of.asked
            ],
        ]
    if models:
        found["sequences"] = [
            [
                mean_logits(
                    models,
                    [item.id for item in lesson.question.history.items],
                    [item.id for item in lesson.question.candidates],
                )
                for lesson in lists
            ]
            for lists in (of.lessons, of.asked)
        ]
    return found


def _older(question: Question, hidden: Targets) -> Question:
    """The same candidates asked of what the crowd was fitted on, where other lists hide more."""
    away = hidden[question.history.person]
    kept = tuple(item for item in question.history.items if item.id not in away)
    return Question(History(question.history.person, kept), question.candidates)


def deviations(said: Weights) -> Weights:
    known = np.isfinite(said)
    spread = said[known].std() if known.any() else 0.0
    if not spread > 0:
        return np.zeros(len(said))
    return np.where(known, (said - said[known].mean()) / spread, -1.0)


def stacked(
    rows: Sequence[Any], lists: Sequence[Lesson], rounds: int = 40
) -> Callable[[Any], Weights]:
    """A linear head over any columns: Newton's method on the listwise loss, as `rerank.linear`."""
    whole = np.concatenate(rows)
    mean, spread = whole.mean(axis=0), np.maximum(whole.std(axis=0), 1e-6)
    used = [
        ((row - mean) / spread, lesson.hits)
        for row, lesson in zip(rows, lists, strict=True)
        if lesson.hits.any()
    ]
    weights = np.zeros(whole.shape[1])
    for _ in range(rounds):
        slope, bend = 3.0 * weights, 3.0 * np.eye(len(weights))
        for x, hits in used:
            chance = np.exp(x @ weights - (x @ weights).max())
            chance /= chance.sum()
            slope = slope + (chance - hits / hits.sum()) @ x
            middle = chance @ x
            bend = bend + (x * chance[:, None]).T @ x - np.outer(middle, middle)
        step = np.linalg.solve(bend, slope)
        weights = weights - step / max(1.0, float(np.abs(step).max()))
        if np.abs(step).max() < 1e-6:
            break
    return lambda row: ((row - mean) / spread) @ weights


def ensemble(
    of: Data, said: Mapping[str, list[list[Weights]]]
) -> tuple[list[Weights], list[Weights]]:
    """The teacher's words on lessons, each by a head that did not learn from that person; and on
    validation lists."""
    rows = [
        [
            np.column_stack(
                [lesson.features.values, *(deviations(said[name][part][at]) for name in said)]
            )
            for at, lesson in enumerate(lists)
        ]
        for part, lists in enumerate((of.lessons, of.asked))
    ]
    people = sorted({lesson.person for lesson in of.lessons})
    drawn = np.random.default_rng(1).permutation(len(people)) % 2
    half = dict(zip(people, drawn.tolist(), strict=True))
    labels: list[Weights] = [np.zeros(0)] * len(of.lessons)
    for side in (0, 1):
        others = [at for at, x in enumerate(of.lessons) if half[x.person] != side]
        head = stacked([rows[0][at] for at in others], [of.lessons[at] for at in others])
        for at, lesson in enumerate(of.lessons):
            if half[lesson.person] == side:
                labels[at] = head(rows[0][at])
    head = stacked(rows[0], of.lessons)
    return labels, [head(row) for row in rows[1]]


def taught(
    of: Data, models: Sequence[SequenceModel], folds: int, graph: Weights
) -> tuple[list[Weights], Weights]:
    """What the teacher says of lessons, and what its order of validation lists is worth."""
    said = opinions(of, models, folds)
    for name, (_, told) in said.items():
        line(f"{name} alone", worth_of(told, of.asked), graph)
    labels, words = ensemble(of, said)
    found = worth_of(words, of.asked)
    weights = sum(model.size for model in models)
    line("teacher: all of them and the columns", found, graph, sequence_weights=weights)
    return labels, found


def line(name: str, own: Weights, base: Weights, **more: object) -> None:
    gain = interval(own - base, np.random.default_rng(0))
    said = [round(x, 4) for x in (gain.mean, gain.low, gain.high)]
    print(
        json.dumps({"model": name, "ndcg@10": round(float(own.mean()), 4), "gain": said, **more}),
        flush=True,
    )


@click.command()
@click.option("--data", "path", type=click.Path(path_type=Path), required=True)
@click.option("--shares", default="0.2", help="Of what is left, hidden in lessons.")
@click.option("--width", default=32)
@click.option("--folds", default=5)
@click.option("--seeds", default=2, help="Students trained; their lists are measured together.")
@click.option("--models", default=1, help="Models of sequences in the teacher.")
@click.option("--epochs", default=60, help="Of a model of sequences.")
@click.option("--rate", default=1e-3, help="Of a model of sequences.")
@click.option("--negatives", default=0, help="The same; 0: all items.")
@click.option("--kept", type=click.Path(path_type=Path), help="Where those are kept.")
@click.option("--final", is_flag=True, help="Ask for the test's fifth, once; without a teacher.")
def main(
    path: Path,
    shares: str,
    width: int,
    folds: int,
    seeds: int,
    models: int,
    epochs: int,
    rate: float,
    negatives: int,
    kept: Path | None,
    *,
    final: bool,
) -> None:
    with threadpool_limits(1):
        of = data(path, [float(share) for share in shares.split(",")], final=final)
        people = sorted({lesson.person for lesson in of.lessons})
        drawn = np.random.default_rng(5).permutation(len(people))
        judges = {people[n] for n in drawn[: len(people) // 6].tolist()}
        fold_of = {people[n]: at % folds for at, n in enumerate(drawn.tolist())}
        fold_of |= dict.fromkeys(set(of.hidden) - set(people), 0)
        vectors, of_fold = folded_vectors(of, width, folds, fold_of)
        graph = worth(KeepOrder(), of.asked)
        line("graph", graph, graph, people=len(of.asked), lessons=len(of.lessons))
        labels: list[Weights] = []
        teacher = graph
        if not final:
            training = SequenceTraining(epochs=epochs, rate=rate, negatives=negatives)
            labels, teacher = taught(of, sequences(of, models, training, kept), folds, graph)
        learning = [at for at, lesson in enumerate(of.lessons) if lesson.person not in judges]
        watching = [lesson for lesson in of.lessons if lesson.person in judges]
        before = graph
        for kd in (0.0,) if final else (0.0, 1.0):
            rows: dict[str, list[Weights]] = {"linear": [], "hybrid": [], "int8": []}
            start, size = time.process_time(), (0, 0)
            for seed in range(seeds):
                made = trained(
                    [of.lessons[at] for at in learning],
                    watching,
                    lambda person: of_fold[fold_of[person]],
                    TrainParams(seed=seed, kd=kd),
                    HybridParams(),
                    labels=[labels[at] for at in learning] if kd else None,
                )
                student = balanced(made.weights, watching, vectors)
                device = reranker(on_device(student, vectors))
                assert not isinstance(device, Refusal), device
                rows["linear"].append(worth(made.head, of.asked))
                rows["hybrid"].append(worth(Hybrid(student, vectors), of.asked))
                rows["int8"].append(worth(device, of.asked))
                held = files(student, vectors)
                size = (student.size, sum(map(len, held.values())))
            seconds = round((time.process_time() - start) / seeds)
            means = {name: np.mean(own, axis=0) for name, own in rows.items()}
            if not kd:
                line("linear", means["linear"], graph, columns=len(NAMES))
                before = means["linear"]
            else:
                gate = decision("teacher", teacher, before, np.random.default_rng(0))
                print(json.dumps({"gate": gate.manifest()}), flush=True)
            each = [round(float(own.mean()), 4) for own in rows["hybrid"]]
            name = "hybrid" if not kd else "hybrid + teacher"
            line(name, means["hybrid"], before, each=each, weights=size[0], seconds=seconds)
            line(f"{name}, int8", means["int8"], means["hybrid"], bytes=size[1])
            before = means["hybrid"]


if __name__ == "__main__":
    main()
