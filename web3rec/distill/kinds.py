"""Teachers of every kind, made from plain arguments.

    rankings, judgements, profiles    files that language models wrote
    endpoint, local                   a language model that is asked: over HTTP, or on this machine
    encoder, texts                    what is written about items, mapped into what people like
    ensemble                          collaborative methods, none of which saw the answers

`endpoint` and `local` keep their own answers; have them `prepare` all questions first. Put the
others into `Cached` where asking costs something (`ensemble`). All speak only once they may: see
`web3rec.distill.gate`. What a kind needs (httpx, torch, SciPy) is loaded when it is made.
"""

import hashlib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from web3rec.distill.files import Ranked, read_rankings
from web3rec.distill.labels import Told, untold
from web3rec.distill.profiles import Alike, read_keys, read_profiles
from web3rec.distill.simulated import Simulated, read_judgements, read_numbers
from web3rec.types import ItemId

if TYPE_CHECKING:
    from web3rec.adapters import Dataset
    from web3rec.distill.cache import Cache
    from web3rec.distill.endpoint import Endpoint
    from web3rec.distill.ensemble import Ensemble
    from web3rec.distill.linear_map import Mapped
    from web3rec.distill.local_model import LocalModel

Targets = Mapping[str, Collection[ItemId]]
"""Person -> the items that a student is to find, and no teacher may have seen."""


def rankings(path: Path) -> Ranked:
    """Lists that a language model wrote: rows `user item place`, plain or .gz.

    Raises:
        DataError: no such file, or no such rows in it.
    """
    return Ranked(f"rankings:{path.name}:{_hash(path)}", read_rankings(path))


def judgements(path: Path, people: Path, items: Path) -> Simulated:
    """Pages that simulated users were shown, JSON lines, and the two tables of their numbers.

    Raises:
        DataError: a file is missing, or is no such file.
    """
    known = {number: ItemId(name) for number, name in read_numbers(items).items()}
    read = read_judgements(path, read_numbers(people), known)
    return Simulated(f"judgements:{path.name}:{_hash(path, people, items)}", read)


def profiles(path: Path, keys: Path) -> Alike:
    """Paragraphs about items as bags of words: a JSON object, and lines `id key`.

    Raises:
        DataError: a file is missing, or is no such file.
    """
    read = read_profiles(path, read_keys(keys))
    return Alike(f"profiles:{path.name}:{_hash(path, keys)}", read)


def endpoint(
    url: str,
    model: str,
    cache: "Cache",
    *,
    key: str | None = None,
    shuffles: int = 3,
    group: int = 20,
    history: int = 20,
    at_once: int = 4,
    seed: int = 0,
) -> "Endpoint":
    """Whoever speaks `chat/completions` at this address; asked once which mode it can do.

    Close `teacher.line` when all is asked.

    Raises:
        EndpointError: it does not answer, does not want us, or can do nothing of use.
        ParamError: an argument is out of range.
    """
    from web3rec.distill.asking import Line  # noqa: PLC0415 - httpx is optional
    from web3rec.distill.endpoint import Endpoint, EndpointParams, probed  # noqa: PLC0415

    params = EndpointParams(
        shuffles=shuffles, group=group, history=history, at_once=at_once, seed=seed
    )
    line = Line(url, key)
    try:
        return Endpoint(line, model, probed(line, model), cache, params)
    except BaseException:
        line.close()
        raise


def local(
    path: Path,
    cache: "Cache",
    *,
    shuffles: int = 3,
    group: int = 20,
    history: int = 20,
    longest: int = 2_048,
    batch: int = 4,
    seed: int = 0,
    threads: int = 1,
) -> "LocalModel":
    """A language model in a folder, as `save_pretrained` writes it; nothing is downloaded.

    Raises:
        ModelFolderError: there is none in it that we open.
        ParamError: an argument is out of range.
        DataError: the extra `distill` is not installed.
    """
    from web3rec.distill.local_model import LocalModel, LocalParams  # noqa: PLC0415 - torch

    params = LocalParams(
        shuffles=shuffles, group=group, history=history, longest=longest, batch=batch, seed=seed
    )
    return LocalModel.opened(path, cache, params, threads=threads)


def encoder(
    path: Path,
    read: Mapping[ItemId, str],
    dataset: "Dataset",
    targets: Targets,
    cache: "Cache",
    *,
    before: str = "",
    width: int = 64,
    ridge: float = 0.1,
    threads: int = 1,
    told: Told = untold,
) -> "Mapped":
    """What a sentence encoder in a folder makes of texts, mapped into what people like.

    Args:
        path: the encoder's folder; nothing is downloaded.
        read: item -> its text (`text_vectors.text_of`, or profiles).
        dataset: everybody's acts; those of the targets are not looked at.
        targets: see `Targets`.
        cache: keeps the vectors, so that a run that is stopped goes on where it was.
        before: put before each text.
        width: numbers of the space of what people like.
        ridge: see `MapParams`.
        threads: of torch.
        told: of (done, all) texts.

    Raises:
        ModelFolderError: there is no encoder in it that we open.
        DataError: no text belongs to an item that anybody has, or the extra is not installed.
    """
    from web3rec.distill.encoder import Encoder, EncoderParams  # noqa: PLC0415 - torch
    from web3rec.distill.linear_map import MapParams, Mapped  # noqa: PLC0415 - SciPy

    opened = Encoder.opened(path, EncoderParams(before=before), threads=threads)
    vectors = opened.vectors(read, cache, told)
    return Mapped.fitted(opened.id, vectors, dataset, targets, MapParams(width=width, ridge=ridge))


def texts(
    read: Mapping[ItemId, str],
    dataset: "Dataset",
    targets: Targets,
    *,
    words: int = 512,
    width: int = 64,
    ridge: float = 0.1,
) -> "Mapped":
    """The words of texts, cut down to `words` numbers, mapped into what people like. No torch.

    A map can use more of a text than fits into a bundle: from 512 numbers into 64 it ranks better
    than from 64 (docs/decisions/0032). Its `vectors` are what a bundle may carry.

    Other arguments and errors as of `encoder`.
    """
    from web3rec.distill.linear_map import MapParams, Mapped  # noqa: PLC0415 - SciPy
    from web3rec.distill.text_vectors import TextParams, text_vectors  # noqa: PLC0415

    found = text_vectors(read, TextParams(width=words))
    params = MapParams(width=width, ridge=ridge)
    return Mapped.fitted(f"words{words}", found.vectors, dataset, targets, params)


def ensemble(
    dataset: "Dataset",
    targets: Targets,
    *,
    folds: int = 5,
    weights: Mapping[str, float] | None = None,
    seed: int = 0,
) -> "Ensemble":
    """Collaborative methods together, each fitted once for each fold of targets.

    Raises:
        ParamError: an argument is out of range, or targets of a stranger.
        DataError: a fold leaves nothing to learn from, or is too large for a method.
    """
    from web3rec.distill.ensemble import METHODS, Ensemble  # noqa: PLC0415 - SciPy

    rng = np.random.default_rng([seed, 33])
    return Ensemble.fitted(
        dataset, targets, rng, folds=folds, weights=weights or METHODS, seed=seed
    )


def _hash(*paths: Path) -> str:
    """16 hex digits of the files' bytes; empty for one that whoever reads it will complain of."""
    told = hashlib.sha256()
    for path in paths:
        if path.is_file():
            told.update(path.read_bytes())
    return told.hexdigest()[:16]
