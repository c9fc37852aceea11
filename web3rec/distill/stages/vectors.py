"""Stage `vectors`: what the bundle says of items, fitted on what stays of everybody's items.

Nobody's hidden items are in it, so a student that reads vectors learns from lists as it will meet
them. Written as the bundle will hold it, one byte a number: the student is trained on the numbers
that devices have.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from web3rec.adapters import Dataset
from web3rec.distill import kinds
from web3rec.distill.profiles import read_keys, read_profiles
from web3rec.distill.recipe import Recipe
from web3rec.distill.recipe_toml import Written
from web3rec.distill.stages.kitchen import Bench
from web3rec.distill.stages.material import material
from web3rec.distill.stages.workshop import Workshop, json_bytes
from web3rec.distill.text_vectors import text_of
from web3rec.errors import DataError
from web3rec.eval.arena import Arena
from web3rec.rerank.bundle import items
from web3rec.rerank.bundle.items import ItemVectors, basis_of
from web3rec.rerank.bundle.refusal import Unfit
from web3rec.store import key_of
from web3rec.types import ItemId

FILE: Final = "items.i8"
SAID: Final = "vectors.json"
Matrix = npt.NDArray[np.float32]


def work(bench: Bench) -> dict[str, bytes]:
    """The stage."""
    recipe = bench.recipe
    if recipe.vectors.kind == "none":
        return {SAID: json_bytes({"kind": "none", "items": 0})}
    stay = material(bench.written).stay
    arena = Arena.of(stay)
    ids = list(arena.items)
    named = [ids[int.from_bytes(key, "big")] for key in arena.graph.items.terms]
    found = table(stay, arena, [ItemId(name) for name in named], bench)
    listeners = np.diff(arena.graph.cols.starts)
    kept = np.argsort(-listeners, kind="stable")[: recipe.bundle.items]
    kept = kept[np.abs(found[kept]).max(axis=1) > 0]
    if not kept.size:
        raise DataError("no item has a vector: give more data, or [vectors] kind = 'none'")
    held = {key_of(ItemId(named[n])): found[n] for n in np.sort(kept).tolist()}
    axes = found[np.sort(kept)]
    return {
        FILE: items.written(basis_of(axes), held),
        SAID: json_bytes({"kind": recipe.vectors.kind, "items": len(held)}),
    }


def load(workshop: Workshop, recipe: Recipe) -> ItemVectors | None:
    """The table; None if the recipe has none. Raises DataError: it is not there, or damaged."""
    if recipe.vectors.kind == "none":
        return None
    try:
        return items.read(workshop.read(FILE))
    except Unfit as error:
        raise DataError(error.refusal.said, where=FILE) from None


def said(workshop: Workshop) -> dict[str, object]:
    """Kind and number of vectors, for reports."""
    found: dict[str, object] = json.loads(workshop.read(SAID))
    return found


def table(stay: Dataset, arena: Arena, named: Sequence[ItemId], bench: Bench) -> Matrix:
    """float32[items of the arena's graph, numbers]; zeros where nothing is known."""
    part = bench.recipe.vectors
    if part.kind == "texts":
        return _mapped(stay, named, bench.written, part.dimension)
    found = _svd(arena, part.dimension) if part.kind == "svd" else _propagated(arena, bench)
    if not part.text:
        return found
    size = np.sqrt((found**2).sum(axis=1).mean())  # as loud as the other part, on the whole
    return np.hstack([found, np.float32(size) * _mapped(stay, named, bench.written, part.text)])


def _mapped(stay: Dataset, named: Sequence[ItemId], written: Written, width: int) -> Matrix:
    """What is written about items, mapped into what people like (docs/decisions/0032)."""
    told = kinds.texts(written_about(stay, written), stay, {}, width=width).directions
    nothing = np.zeros(width, np.float32)
    return np.stack([told.get(item, nothing) for item in named])


def files(written: Written) -> list[Path]:
    """What is read beside the data set. Raises DataError: a file is not there."""
    part = written.recipe.vectors
    return [written.path(path, "vectors") for path in (part.texts, part.keys) if path]


def written_about(stay: Dataset, written: Written) -> dict[ItemId, str]:
    """Paragraphs that the recipe names, else what items are called."""
    part = written.recipe.vectors
    if not part.texts:
        said = {ItemId(item.id): text_of(item) for item in stay.items}
        return {item: text for item, text in said.items() if text}
    texts, keys = files(written)
    known = {key: ItemId(part.prefix + item) for key, item in read_keys(keys).items()}
    known = {key: item for key, item in known.items() if not written.forgotten.item(item)}
    return dict(read_profiles(texts, known).texts)


def _propagated(arena: Arena, bench: Bench) -> Matrix:
    from web3rec.embeddings.fitting import FittingParams, fitted  # noqa: PLC0415 - SciPy

    part = bench.recipe.vectors
    params = FittingParams(width=part.dimension, epochs=part.epochs)
    rng = np.random.default_rng([bench.recipe.seed, 35])
    with bench.bar("item vectors") as told:
        fit = fitted(arena.graph.rows, params, rng, tell=lambda done, all_, _: told(done, all_))
    return fit.vectors


def _svd(arena: Arena, dimension: int) -> Matrix:
    """Right singular vectors of the graph, rows and columns by 1 / sqrt of their degree.

    Each axis times the square root of its singular value, its largest number positive; each row of
    length 1 (docs/decisions/0030). Source: spectral relaxations of LightGCN, such as Peng et al.,
    "SVD-GCN", CIKM 2022.
    """
    from scipy.sparse import csr_matrix  # noqa: PLC0415 - an extra
    from scipy.sparse.linalg import svds  # noqa: PLC0415

    rows = arena.graph.rows
    shape = (rows.n_rows, rows.n_cols)
    held = csr_matrix((np.ones(rows.nnz), rows.cols, rows.starts), shape=shape)
    width = min(dimension, min(shape) - 1)
    if width < 1:
        raise DataError("too few people or items for vectors: give more data")
    by_row, by_col = (np.asarray(held.sum(axis=axis)).ravel() for axis in (1, 0))
    held = held.multiply(1 / np.sqrt(np.maximum(by_row, 1))[:, None])
    held = held.multiply(1 / np.sqrt(np.maximum(by_col, 1))[None, :]).tocsr()
    _, values, right = svds(held, k=width, v0=np.ones(min(shape)), solver="arpack")
    order = np.argsort(-values, kind="stable")
    axes = right[order]
    axes *= np.sign(axes[np.arange(width), np.abs(axes).argmax(axis=1)])[:, None]
    found = axes.T * np.sqrt(values[order])
    length = np.linalg.norm(found, axis=1, keepdims=True)
    found /= np.maximum(length, 1e-12)  # long vectors say how popular an item is: columns do, too
    return np.pad(found, ((0, 0), (0, dimension - width))).astype(np.float32)
