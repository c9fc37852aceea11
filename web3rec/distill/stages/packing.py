"""Stages `export`, `quantize` and `bundle`: from arrays to one signed file.

    student.npz ─► float.npz, float.onnx ─► small.npz, small.onnx ─► model.bundle

The manifest's NDCG is that of the files themselves, run by the NumPy backend on the validation
lessons: what `verify`, or anybody who has the lessons, finds again. What whole numbers would spoil
ships in float32: no device would take it otherwise (X5).
"""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np

from web3rec.distill.lessons import Lesson
from web3rec.distill.recipe import Recipe
from web3rec.distill.recipe_toml import Written
from web3rec.distill.stages import classroom, train, vectors
from web3rec.distill.stages.classroom import ARRAYS, NAMES
from web3rec.distill.stages.judging import graph_scores, scores_of, worths
from web3rec.distill.stages.kitchen import Bench, Stage
from web3rec.distill.stages.label import LABELS
from web3rec.distill.stages.pupils import NPZ, ONNX, Laid, laid
from web3rec.distill.stages.train import STORY, WEIGHTS
from web3rec.distill.stages.workshop import Workshop, json_bytes
from web3rec.errors import DataError
from web3rec.eval.intervals import interval
from web3rec.records.keys import SigningKey, did_key
from web3rec.rerank.bundle import Column, Gate, Manifest, Ndcg, Training, sealed
from web3rec.rerank.bundle import weights as weights_file
from web3rec.rerank.bundle.given import Lookup
from web3rec.rerank.bundle.items import ItemVectors
from web3rec.rerank.bundle.manifest import LEAST_KEPT
from web3rec.rerank.bundle.numpy_backend import NumpyModel, steps
from web3rec.rerank.features import COLUMNS
from web3rec.rerank.features import NAMES as COLUMN_NAMES
from web3rec.types import Weights

FLOAT: Final = {NPZ: "float.npz", ONNX: "float.onnx"}
SMALL: Final = {NPZ: "small.npz", ONNX: "small.onnx"}
"""File of the bundle -> its name in the workshop."""
MEASURED: Final = "quantized.json"
BUNDLE: Final = "model.bundle"
SEALED: Final = "bundle.json"
KEY: Final = "publisher.pem"
DOMAIN: Final = b"web3rec-training-v1\0"


def _export(bench: Bench) -> dict[str, bytes]:
    pupil = train.student(bench.workshop, bench.recipe)
    return {FLOAT[name]: data for name, data in laid(pupil, eight_bit=False).files.items()}


def _quantize(bench: Bench) -> dict[str, bytes]:
    recipe, workshop = bench.recipe, bench.workshop
    pupil, table = train.student(workshop, recipe), vectors.load(workshop, recipe)
    small = laid(pupil, eight_bit=recipe.quantize.on)
    lessons = classroom.load(workshop).valid
    full = laid(pupil, eight_bit=False)
    for name, data in full.files.items():
        if workshop.read(FLOAT[name]) != data:
            raise DataError("not what was exported: run `distill export` again", where=FLOAT[name])
    worth = {
        "graph": worths(lessons, graph_scores(lessons)),
        "full": worths(lessons, scores_in_numpy(full, table, lessons)),
        "quantised": worths(lessons, scores_in_numpy(small, table, lessons)),
    }
    gate = None
    if small.layers != full.layers:
        lost = interval(
            worth["quantised"] - worth["full"], np.random.default_rng([recipe.seed, 45])
        )
        held = bool(worth["quantised"].mean() >= LEAST_KEPT * worth["full"].mean())
        gate = {"held": held, "gain": [lost.low, lost.mean, lost.high]}
        if not held:
            small, worth["quantised"] = full, worth["full"]
            bench.news(f"in whole numbers it loses {-lost.mean:.4f}: it ships in float32")
    measured = {
        "eight_bit": gate,
        "layers": list(small.layers),
        "ndcg": {name: float(own.mean()) for name, own in worth.items()},
        "bytes": {
            name: {"full": len(full.files[name]), "quantised": len(small.files[name])}
            for name in small.files
        },
    }
    return {SMALL[name]: data for name, data in small.files.items()} | {
        MEASURED: json_bytes(measured)
    }


def scores_in_numpy(files: Laid, table: ItemVectors | None, lessons: list[Lesson]) -> list[Weights]:
    """What the NumPy backend says of each list."""
    arrays = weights_file.read(files.files[NPZ])
    lookup = None if files.reads is None or table is None else Lookup(files.reads, table)
    made = steps(files.layers, arrays, len(COLUMN_NAMES), files.reads)
    return scores_of(NumpyModel(made, COLUMN_NAMES, lookup).scores, lessons)


def _bundle(bench: Bench) -> dict[str, bytes]:
    recipe, workshop = bench.recipe, bench.workshop
    measured, story = measured_of(workshop), train.story(workshop)
    pupil = train.student(workshop, recipe)
    reads = laid(pupil, eight_bit=recipe.quantize.on).reads
    files = {name: workshop.read(SMALL[name]) for name in (NPZ, ONNX)}
    basis = None
    if reads is not None:
        table = vectors.load(workshop, recipe)
        files["items.i8"] = workshop.read(vectors.FILE)
        basis = None if table is None else table.basis
    ndcg = measured["ndcg"]
    manifest = Manifest(
        name=recipe.bundle.name,
        version=version(bench.written),
        licence=recipe.bundle.licence,
        columns=tuple(Column(name, _unit(said)) for name, said in COLUMNS.items()),
        layers=tuple(measured["layers"]),
        files={},
        basis=basis,
        ndcg=Ndcg(ndcg["graph"], ndcg["full"], ndcg["quantised"]),
        gates=gates(story, measured),
        training=Training(commitment(workshop), bench.written.forgotten.commitment),
        reads=reads,
    )
    key = publisher(bench)
    try:
        data = sealed(manifest, files, key)
    except DataError as error:
        raise DataError(
            f"{error} (NDCG@10 on validation: graph {ndcg['graph']:.4f}, model in float32 "
            f"{ndcg['full']:.4f}, as it would ship {ndcg['quantised']:.4f}): there is no bundle, "
            "and the graph's own order is the better one for now"
        ) from None
    said = {
        "publisher": did_key(key.peer),
        "sha256": hashlib.sha256(data).hexdigest(),
        "bytes": len(data),
        "name": recipe.bundle.name,
        "version": manifest.version,
    }
    return {BUNDLE: data, SEALED: json_bytes(said)}


def version(written: Written) -> int:
    """The bundle's: the recipe's, but never one from before something was forgotten."""
    return max(written.recipe.bundle.version, written.forgotten.version)


def measured_of(workshop: Workshop) -> dict[str, Any]:
    """What quantising came to. Raises DataError: the stage `quantize` has not run."""
    data = workshop.read(MEASURED)
    try:
        found: dict[str, Any] = json.loads(data)
    except ValueError:
        raise DataError(
            "damaged: delete it and run `distill quantize` again", where=MEASURED
        ) from None
    return found


def publisher(bench: Bench) -> SigningKey:
    """The key that signs: the recipe's, or one made in the workshop when first needed.

    Raises:
        KeyFileError: it is not there, or others can read it.
        PassphraseError: it is protected, and no passphrase could be had.
    """
    named = bench.recipe.bundle.key
    if named:
        return SigningKey.load(bench.written.path(named, "bundle.key"), bench.passphrase)
    path = bench.workshop.path(KEY)
    if not path.exists():
        SigningKey.generate().save(path)
        bench.news(f"a new publisher's key: {path} (keep it: later versions need the same)")
    return SigningKey.load(path, bench.passphrase)


def commitment(workshop: Workshop) -> bytes:
    """sha256 of lessons, labels and vectors: what was learnt from, without saying it."""
    told = hashlib.sha256(DOMAIN)
    for name in (ARRAYS, NAMES, LABELS, vectors.SAID, vectors.FILE):
        told.update(bytes.fromhex(workshop.digest(name) or "00" * 32))
    return told.digest()


def gates(story: dict[str, Any], measured: dict[str, Any]) -> tuple[Gate, ...]:
    """The decisions of training and quantising, as the manifest has them: at most 16."""
    found = []
    for name, heard in story["auditions"].items():
        for how in ("alone", "beside"):
            low, _, high = heard[how]["gain"]
            found.append(Gate(f"{name}_{how}", heard[how]["allowed"], low, high))
    if story["distillation"] is not None:
        low, _, high = story["distillation"]["gain"]
        found.append(Gate("distillation", story["taught"], low, high))
    if measured["eight_bit"] is not None:
        low, _, high = measured["eight_bit"]["gain"]
        found.append(Gate("eight_bit", measured["eight_bit"]["held"], low, high))
    return tuple(found)


def _unit(said: str) -> str:
    """A column's meaning as the manifest takes it: one line of ASCII."""
    return said.encode("ascii", errors="replace").decode()[:120]


def _of_quantizing(recipe: Recipe) -> dict[str, object]:
    return {"quantize": asdict(recipe.quantize), "vectors": recipe.vectors.kind}


def _of_bundling(recipe: Recipe) -> dict[str, object]:
    return {**_of_quantizing(recipe), "bundle": asdict(recipe.bundle)}


def _key_outside(written: Written) -> list[Path]:
    key = written.recipe.bundle.key
    return [written.path(key, "bundle.key")] if key else []


_STUDENT: Final = (WEIGHTS, STORY, vectors.SAID, vectors.FILE)
EXPORT: Final = Stage("export", 1, _STUDENT, lambda _recipe: {}, _export)
QUANTIZE: Final = Stage(
    "quantize", 2, (*_STUDENT, *FLOAT.values(), ARRAYS, NAMES), _of_quantizing, _quantize
)
BUNDLING: Final = Stage(
    "bundle",
    1,
    (*_STUDENT, *SMALL.values(), MEASURED, ARRAYS, NAMES, LABELS, KEY),
    _of_bundling,
    _bundle,
    _key_outside,
    forgets=True,
)
