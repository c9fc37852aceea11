"""Does a language model's list help a student? The same student with and without it, paired.

    python -m benchmarks.teaching --split FOLDER --prefix movielens: --catalogue FOLDER \\
        --format movielens --rankings chatgpt=FILE --rankings davinci=FILE [--student hybrid]

The split's authors had their models write lists from everybody's training part, and hid the rest.
A student learns from lessons: a fifth of everybody's training part, hidden anew. Where teachers
speak of today's lists (whole training part, no answers known) it learns from those as well:

    hits        lessons alone
    ensemble    and what the cross-fitted ensemble says of lessons and of today's lists
    NAME        and what that language model says of today's lists
    profiles    and what a language model's paragraphs, mapped (`kinds.texts`), say of both
    both NAME   and both, their words in deviations added up

People are dealt into halves. Of one half, today's lists teach, and its hidden part chooses how
much they count; what is reported is the hidden part of the other half. Then the other way round.
The split has no validation part, so its test part chooses here: figures are for deciding whether a
teacher helps, not for boasting. Without times, for what is hidden was drawn at random.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import click
import numpy as np
from threadpoolctl import threadpool_limits

from web3rec.adapters import Act, Dataset, read_hetrec, read_movielens
from web3rec.distill import kinds
from web3rec.distill.ensemble import Ensemble
from web3rec.distill.files import Ranked, Rankings, read_rankings, tab_separated
from web3rec.distill.lessons import Lesson, School
from web3rec.distill.linear_map import collaborative
from web3rec.distill.profiles import read_keys, read_profiles
from web3rec.distill.stages.blending import deviations
from web3rec.distill.stages.linear_pupil import fitted
from web3rec.distill.students.hybrid import Hybrid, HybridParams, Vectors
from web3rec.distill.teacher import Teacher
from web3rec.distill.training import TrainParams, trained, worth
from web3rec.eval.arena import Arena
from web3rec.eval.intervals import interval
from web3rec.eval.splits import hold_out
from web3rec.params import Params
from web3rec.rerank.model import KeepOrder, Reranker
from web3rec.store import key_of
from web3rec.types import Event, Item, ItemId, Weights

SHARES: Final = {"linear": (0.03, 0.1, 0.3, 1.0), "hybrid": (0.3, 1.0)}
"""How much a teacher's words on a list count, hits counting 1."""
SPREAD: Final = 2.0
"""Deviation of a teacher's words within a list, as logits."""
Hidden = Mapping[str, frozenset[ItemId]]


@dataclass(frozen=True, slots=True)
class Class:
    """Everything that students learn from and are judged by."""

    lessons: list[Lesson]
    today: list[Lesson]
    """With the split's hidden part as hits"""
    vectors: Vectors
    words: Mapping[str, Sequence[Weights]]
    """Teacher -> deviations for each of `lessons` and then each of `today`; empty where silent"""


def read(split: Path, prefix: str, catalogue: Dataset) -> tuple[Dataset, Hidden]:
    """The training part as a data set, and what is hidden."""
    known = {item.id: item for item in catalogue.items}
    found: list[dict[str, dict[ItemId, None]]] = []
    for part in ("train", "test"):
        rows: dict[str, dict[ItemId, None]] = {}
        for user, item, *_ in tab_separated(split / f"splitting/0/{part}.tsv.gz"):
            rows.setdefault(user, {})[ItemId(prefix + item)] = None
        found.append(rows)
    train, test = found
    names = dict.fromkeys(item for rows in (*train.values(), *test.values()) for item in rows)
    acts = tuple(Act(user, item, Event.LIKE, 1) for user, own in train.items() for item in own)
    items = tuple(known.get(name, Item(name)) for name in names)
    hidden = {user: frozenset(own) for user, own in test.items() if user in train}
    return Dataset(split.name, tuple(train), items, acts), hidden


def prefixed(found: Rankings, prefix: str) -> Rankings:
    lists = {u: tuple(ItemId(prefix + item) for item in own) for u, own in found.lists.items()}
    return replace(found, lists=lists)


def assembled(
    train: Dataset,
    hidden: Hidden,
    rankings: Mapping[str, Teacher],
    texts: Mapping[ItemId, str],
    people: int,
    seed: int,
) -> Class:
    """Lessons, today's lists, and what teachers say of them."""
    school = School.of(Arena.of(train), train.items)
    rng = np.random.default_rng([seed, 0])
    stay, targets = hold_out(train, train.people, share=0.2, rng=rng)
    params = Params(tune=None)
    drawn = np.random.default_rng([seed, 1]).permutation(len(hidden))[:people]
    asked = [list(hidden)[n] for n in sorted(drawn.tolist())]
    lessons = school.lessons({p: targets[p] for p in asked if p in targets}, params)
    today = school.lessons({person: hidden[person] for person in asked}, params)
    ensemble = Ensemble.fitted(train, targets, np.random.default_rng([seed, 2]), folds=3, seed=seed)
    everything = Ensemble.fitted(  # nothing of train is a target of today's lists
        train, dict.fromkeys(asked[:2], ()), np.random.default_rng(0), folds=2, seed=seed
    )
    silent = np.zeros(0)
    words: dict[str, list[Weights]] = {
        "ensemble": [
            *(deviations(ensemble.score(lesson.question)) for lesson in lessons),
            *(deviations(everything.score(lesson.question)) for lesson in today),
        ]
    }
    for name, teacher in rankings.items():
        said = [teacher.score(lesson.question) for lesson in today]
        heard = [deviations(s, below=True) if np.isfinite(s).any() else silent for s in said]
        words[name] = [silent] * len(lessons) + heard
    if texts:
        reader = kinds.texts(texts, train, targets)
        every = [reader.score(lesson.question) for lesson in (*lessons, *today)]
        words["profiles"] = [deviations(s) if np.isfinite(s).any() else silent for s in every]
    for name in [name for name in words if name != "ensemble"]:
        words[f"both {name}"] = [
            a if not b.size else deviations(a + b)
            for a, b in zip(words["ensemble"], words[name], strict=True)
        ]
    pairs = sorted({(act.user, act.item) for act in stay})
    vectors = {
        key_of(item): row.astype(np.float32) for item, (row, _) in collaborative(pairs, 64).items()
    }
    return Class(lessons, today, vectors, words)


def linear(room: Class, which: Sequence[int], words: Sequence[Weights], share: float) -> Reranker:
    """Taught by lessons and some of today's lists, whose hits it is not told."""
    every = room.lessons + [replace(room.today[n], hits=_none(room.today[n])) for n in which]
    said = list(words[: len(room.lessons)]) + [words[len(room.lessons) + n] for n in which]
    aims = [
        lesson.hits / max(1, lesson.hits.sum()) + share * _soft(own, len(lesson.features))
        for lesson, own in zip(every, said, strict=True)
    ]
    return fitted(every, aims, np.ones(len(every)), 3.0)


def hybrid(room: Class, which: Sequence[int], words: Sequence[Weights], share: float) -> Reranker:
    """The same; a tenth of the lessons decides when it has learnt enough."""
    valid = room.lessons[::10]
    mine = [n for n in range(len(room.lessons)) if n % 10]
    every = [room.lessons[n] for n in mine]
    every += [replace(room.today[n], hits=_none(room.today[n])) for n in which]
    at = [*mine, *(len(room.lessons) + n for n in which)]
    labels = [
        words[n] * SPREAD if words[n].size else np.full(len(lesson.features), np.nan)
        for n, lesson in zip(at, every, strict=True)
    ]
    votes = [1.0 if lesson.hits.any() or share else 0.0 for lesson in every]
    params = TrainParams(epochs=15, patience=3, kd=share)
    found = trained(every, valid, room.vectors, params, HybridParams(), labels=labels, votes=votes)
    return Hybrid(found.weights, room.vectors)


def _soft(own: Weights, size: int) -> Weights:
    """Sums to 1; zeros where the teacher is silent."""
    if not own.size:
        return np.zeros(size)
    risen = np.exp(SPREAD * (own - own.max()))
    soft: Weights = risen / risen.sum()
    return soft


def _none(lesson: Lesson) -> np.ndarray:
    return np.zeros(len(lesson.features), bool)


Student = Callable[[Class, Sequence[int], Sequence[Weights], float], Reranker]


def judged(
    room: Class, student: Student, shares: Sequence[float], halves: np.ndarray
) -> Iterator[tuple[str, Weights, list[float]]]:
    """Of each arm: NDCG@10 of everybody, and which shares were chosen."""
    silent = [np.zeros(0)] * (len(room.lessons) + len(room.today))
    plain = worth(student(room, [], silent, 0.0), room.today)
    yield "graph", worth(KeepOrder(), room.today), []
    yield "hits", plain, []
    for name, words in room.words.items():
        found, chosen = np.empty(len(room.today)), []
        for half in (0, 1):
            ours, theirs = (np.flatnonzero(halves == side) for side in (half, 1 - half))
            tried = {0.0: plain}
            for share in shares:
                tried[share] = worth(student(room, ours.tolist(), words, share), room.today)
            best = max(tried, key=lambda share: (float(tried[share][ours].mean()), -share))
            found[theirs] = tried[best][theirs]
            chosen.append(best)
        yield name, found, chosen


@click.command()
@click.option("--split", type=click.Path(path_type=Path), required=True)
@click.option("--catalogue", type=click.Path(path_type=Path), required=True)
@click.option("--format", "form", type=click.Choice(["movielens", "hetrec"]), required=True)
@click.option("--prefix", required=True, help="Of the catalogue's ids, such as movielens:")
@click.option("--rankings", multiple=True, help="NAME=FILE")
@click.option("--profiles", type=click.Path(path_type=Path), help="A JSON object of paragraphs.")
@click.option("--keys", type=click.Path(path_type=Path), help="Its keys: lines `id key`.")
@click.option("--people", type=int, default=1_000, help="Who has lessons and lists.")
@click.option("--student", "kind", type=click.Choice(list(SHARES)), default="linear")
@click.option("--seed", type=int, default=0)
def main(
    split: Path,
    catalogue: Path,
    form: str,
    prefix: str,
    rankings: tuple[str, ...],
    profiles: Path | None,
    keys: Path | None,
    people: int,
    *,
    kind: str,
    seed: int,
) -> None:
    with threadpool_limits(1):
        reader = read_hetrec if form == "hetrec" else read_movielens
        train, hidden = read(split, prefix, reader(catalogue))
        teachers: dict[str, Teacher] = {}
        for spelled in rankings:
            name, _, file = spelled.partition("=")
            teachers[name] = Ranked(name, prefixed(read_rankings(Path(file)), prefix))
        texts: dict[ItemId, str] = {}
        if profiles is not None and keys is not None:
            named = {key: ItemId(prefix + item) for key, item in read_keys(keys).items()}
            texts = dict(read_profiles(profiles, named).texts)
        room = assembled(train, hidden, teachers, texts, people, seed)
        halves = np.random.default_rng([seed, 3]).permutation(len(room.today)) % 2
        student: Student = hybrid if kind == "hybrid" else linear
        by_arm: dict[str, Weights] = {}
        for name, found, chosen in judged(room, student, SHARES[kind], halves):
            by_arm[name] = found
            other = {"graph": "graph", "hits": "graph"}.get(
                name, "ensemble" if name.startswith("both") else "hits"
            )
            gain = interval(found - by_arm[other], np.random.default_rng(0))
            line = {
                "data": split.name,
                "student": kind,
                "arm": name,
                "people": len(found),
                "ndcg@10": round(float(found.mean()), 4),
                "against": other,
                "gain": [round(x, 4) for x in (gain.mean, gain.low, gain.high)],
                "shares": chosen,
            }
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
