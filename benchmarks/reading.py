"""What vectors of texts add to the linear head, beside the words it reads already; validation only.

    python -m benchmarks.reading --data ml-100k --format movielens
    python -m benchmarks.reading --data HETREC --format hetrec --train train.txt.gz \\
        --keys item_map.txt --profiles llm_response_item.json.gz

The newest fifth of everybody's items (drawn where there are no times) is put aside and never looked
at; the newest fifth of what stays is asked for. With `--train` (lines `person item item ...`, by
keys) that is the part that stays. Heads learn from one half of the people and are judged on the
other, both ways. A text is title and tags, or a language model's paragraph. Lines:

    graph, linear                       as in `benchmarks.reranking`, the head without words
    words                               the head with its two columns of words (BM25)
    NAME alike, mapped                  and one column more: cosine of text vectors, or mapped
    NAME ... alone                      the column by itself as an order

With `--hybrid` (needs torch) the hybrid student instead, reading item vectors of 64 numbers: of who
has what (`people`), of texts mapped, or both one after the other. A sixth of each half's lessons
decides when it has learnt enough.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import click
import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from web3rec.adapters import Act, Dataset, read_hetrec, read_movielens
from web3rec.distill import kinds
from web3rec.distill.files import text_of as read_text
from web3rec.distill.lessons import Lesson, School
from web3rec.distill.linear_map import Mapped, collaborative
from web3rec.distill.profiles import read_keys, read_profiles
from web3rec.distill.students.hybrid import Hybrid, Vectors
from web3rec.distill.text_vectors import text_of, text_vectors
from web3rec.distill.training import TrainParams, trained, worth, worth_of
from web3rec.eval.arena import Arena
from web3rec.eval.intervals import interval
from web3rec.eval.splits import compress_times, hold_out
from web3rec.eval.task import NOW
from web3rec.params import Params
from web3rec.rerank.features import NAMES
from web3rec.rerank.linear import Lists
from web3rec.rerank.model import KeepOrder
from web3rec.store import key_of
from web3rec.types import Event, ItemId, Weights

WORDS: Final = [NAMES.index("words_mean"), NAMES.index("words_max")]
L2: Final = 3.0
Matrix = npt.NDArray[np.float64]


def learnt(tables: Sequence[Matrix], lessons: Sequence[Lesson]) -> Weights:
    """Newton on the listwise loss of `rerank.linear`, for any columns; `graph` is the prior."""
    lengths = np.array([len(table) for table in tables])
    aims = [lesson.hits / lesson.hits.sum() for lesson in lessons]
    lists = Lists(
        np.concatenate(tables), np.cumsum(lengths) - lengths, np.concatenate(aims),
        np.ones(len(aims)),
    )  # fmt: skip
    prior = np.zeros(tables[0].shape[1])
    prior[NAMES.index("graph")] = 1
    weights = prior.copy()
    for _ in range(30):
        gradient, hessian = lists.slope(weights)
        gradient += L2 * (weights - prior)
        hessian[np.diag_indices_from(hessian)] += L2
        step = np.linalg.solve(hessian, gradient)
        if np.linalg.norm(gradient) < 1e-7:
            break
        weights = weights - step
    return weights


def crossed(
    lessons: Sequence[Lesson], tables: Sequence[Matrix], halves: npt.NDArray[np.int64]
) -> Weights:
    """NDCG@10 of everybody by a head that learnt from the other half."""
    rows = np.concatenate(tables)
    mean, spread = rows.mean(axis=0), rows.std(axis=0)
    scaled = [(table - mean) / np.where(spread > 1e-6, spread, 1) for table in tables]
    labels: list[Weights] = [np.zeros(0)] * len(lessons)
    for half in (0, 1):
        taught = [n for n, lesson in enumerate(lessons) if halves[n] != half and lesson.hits.any()]
        weights = learnt([scaled[n] for n in taught], [lessons[n] for n in taught])
        for n in np.flatnonzero(halves == half):
            labels[n] = scaled[n] @ weights
    return worth_of(labels, lessons)


def spaces(
    stay: Dataset, hidden: Mapping[str, frozenset[ItemId]], texts: Mapping[str, dict[ItemId, str]]
) -> dict[str, Vectors]:
    """Item vectors by the name of their kind; none of them has seen what is hidden."""
    pairs = sorted({(act.user, act.item) for act in stay.acts})
    held = {item: unit(row) for item, (row, _) in collaborative(pairs, 64).items()}
    found = {"none": dict.fromkeys(held, np.zeros(2, np.float32)), "people": held}
    nothing = np.zeros(64, np.float32)
    for name, own in texts.items():
        said = kinds.texts(own, stay, hidden).directions
        found[name] = said
        found[f"people + {name}"] = {
            item: np.concatenate([held.get(item, nothing), said.get(item, nothing)])
            for item in {*held, *said}
        }
    return {
        name: {key_of(item): row for item, row in vectors.items()}
        for name, vectors in found.items()
    }


def unit(row: Weights) -> npt.NDArray[np.float32]:
    return (row / max(float(np.linalg.norm(row)), 1e-12)).astype(np.float32)


def hybrid(lessons: Sequence[Lesson], vectors: Vectors, halves: npt.NDArray[np.int64]) -> Weights:
    """NDCG@10 of everybody by a hybrid that learnt from the other half."""
    found = np.empty(len(lessons))
    for half in (0, 1):
        taught = [lesson for n, lesson in enumerate(lessons) if halves[n] != half]
        learn = [lesson for n, lesson in enumerate(taught) if n % 6]
        made = trained(learn, taught[::6], vectors, TrainParams(epochs=12, patience=3, kd=0))
        asked = np.flatnonzero(halves == half)
        model = Hybrid(made.weights, vectors)
        found[asked] = worth(model, [lessons[n] for n in asked.tolist()])
    return found


def centred(label: Weights) -> Weights:
    """Less its mean; 0 where there is no opinion."""
    known = np.isfinite(label)
    found: Weights = np.where(known, label - (label[known].mean() if known.any() else 0), 0)
    return found


def material(
    data: Path, form: str, train: Path | None, keys: Path | None, profiles: Path | None
) -> tuple[Dataset, dict[str, frozenset[ItemId]], dict[str, dict[ItemId, str]]]:
    """What stays, what is asked for, and texts by the name of their kind."""
    whole = (read_hetrec if form == "hetrec" else read_movielens)(data)
    rng = np.random.default_rng(0)
    texts = {"titles and tags": {ItemId(i.id): text_of(i) for i in whole.items if i.title}}
    own = {str(item.id).rpartition(":")[2]: ItemId(item.id) for item in whole.items}
    named = {k: own[i] for k, i in read_keys(keys).items() if i in own} if keys else {}
    if train is not None:
        acts = [
            Act(person, named[key], Event.LISTEN)
            for person, *liked in map(str.split, read_text(train).splitlines())
            for key in liked
            if key in named
        ]
        people = tuple(dict.fromkeys(act.user for act in acts))
        whole = replace(whole, people=people, acts=tuple(acts))
    else:
        stay, _ = hold_out(whole, whole.people, share=0.2, rng=rng)
        whole = replace(whole, acts=tuple(stay))
    if profiles is not None:
        texts["profiles"] = dict(read_profiles(profiles, named).texts)
    stay, hidden = hold_out(whole, whole.people, share=0.2, rng=rng)
    if any(act.at is not None for act in stay):
        stay = compress_times(stay, NOW)
    known = {act.user for act in stay}
    asked = {person: items for person, items in hidden.items() if person in known and items}
    return replace(whole, acts=tuple(stay), trust=()), asked, texts


@click.command()
@click.option("--data", type=click.Path(path_type=Path), required=True)
@click.option("--format", "form", type=click.Choice(["movielens", "hetrec"]), required=True)
@click.option("--train", type=click.Path(path_type=Path))
@click.option("--keys", type=click.Path(path_type=Path))
@click.option("--profiles", type=click.Path(path_type=Path))
@click.option("--people", type=int, default=2_000, help="So many people, drawn by seed 0.")
@click.option("--hybrid", "also", is_flag=True, help="The hybrid student; needs torch.")
def main(
    data: Path,
    form: str,
    train: Path | None,
    keys: Path | None,
    profiles: Path | None,
    people: int,
    *,
    also: bool,
) -> None:
    with threadpool_limits(1):
        stay, hidden, texts = material(data, form, train, keys, profiles)
        drawn = np.random.default_rng([0, people]).permutation(len(hidden))[:people]
        asked = [list(hidden)[n] for n in sorted(drawn.tolist())]
        school = School.of(Arena.of(stay), stay.items)
        lessons = school.lessons({person: hidden[person] for person in asked}, Params(tune=None))
        halves = np.random.default_rng(1).permutation(len(lessons)) % 2
        graph = worth(KeepOrder(), lessons)

        def told(name: str, found: Weights, against: str, other: Weights) -> Weights:
            gain = interval(found - other, np.random.default_rng(0))
            line = {
                "data": stay.name,
                "model": name,
                "people": len(found),
                "ndcg@10": round(float(found.mean()), 4),
                "against": against,
                "gain": [round(x, 4) for x in (gain.mean, gain.low, gain.high)],
            }
            print(json.dumps(line), flush=True)
            return found

        told("graph", graph, "graph", graph)
        if also:
            known: dict[str, Weights] = {}
            for name, vectors in spaces(stay, hidden, texts).items():
                known[name] = hybrid(lessons, vectors, halves)
                for other in ("none", "people"):
                    if other in known:
                        told(f"hybrid, {name}", known[name], other, known[other])
            return
        said: dict[str, list[Weights]] = {}
        for name, own in texts.items():
            for how, teacher in (
                ("alike", Mapped.plain(name, text_vectors(own).vectors)),
                ("mapped from 64", kinds.texts(own, stay, hidden, words=64)),
                ("mapped", kinds.texts(own, stay, hidden)),
            ):
                said[f"{name} {how}"] = [teacher.score(lesson.question) for lesson in lessons]
        seen = [lesson.features.values.astype(np.float64) for lesson in lessons]
        blind = [np.delete(table, WORDS, axis=1) for table in seen]
        for name, labels in said.items():
            order = worth_of(labels, lessons)
            told(f"{name} alone", np.where(np.isnan(order), graph, order), "graph", graph)
        linear = told("linear", crossed(lessons, blind, halves), "graph", graph)
        words = told("words", crossed(lessons, seen, halves), "linear", linear)
        for name, labels in said.items():
            more = [centred(label)[:, None] for label in labels]
            without = [np.hstack(pair) for pair in zip(blind, more, strict=True)]
            beside = [np.hstack(pair) for pair in zip(seen, more, strict=True)]
            told(f"linear + {name}", crossed(lessons, without, halves), "linear", linear)
            told(f"words + {name}", crossed(lessons, beside, halves), "words", words)


if __name__ == "__main__":
    main()
