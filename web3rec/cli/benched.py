"""One model in one backend in a process of its own: how long a list takes, and what memory.

    python -m web3rec.cli.benched FILE BACKEND CANDIDATES LISTS

Prints one JSON object. A process of its own, because a runtime once loaded stays, and memory that
another backend took would be counted for this one. Times are CPU time of the process, because the
machine may be busy with other things; `wall_p99_ms` is what a clock on the wall says.
"""

import gc
import json
import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

import numpy as np

from web3rec.errors import DataError
from web3rec.rerank.bundle import Bundle, Refusal, Trusted, container, loaded, reranker
from web3rec.rerank.bundle.onnx_backend import OnnxModel
from web3rec.rerank.bundle.opening import Backend
from web3rec.rerank.bundle.refusal import Unfit
from web3rec.rerank.features import HISTORY, NAMES, Content, Features
from web3rec.types import ItemKey, PeerId

LISTS: Final = 20
"""Different lists, asked in turn."""
UNKNOWN: Final = 20
"""One candidate in so many has no vector."""
PATIENCE: Final = 10.0
"""Seconds until onnxruntime is stopped: what is measured is not cut short."""
_MEMORY: Final = Path("/proc/self/statm")


def opened(path: Path) -> Bundle:
    """The bundle in a file, whoever signed it: it is measured, not heeded.

    Raises:
        DataError: it cannot be read, or any other check of a bundle fails.
    """
    try:
        with path.open("rb") as file:
            head = file.read(container.HEAD_BYTES)
    except OSError as error:
        raise DataError(f"cannot be read ({error.strerror})", where=str(path)) from None
    signer = frozenset[PeerId]()
    with suppress(Unfit):  # `loaded` says what is wrong with it
        signer = frozenset({container.head(head).publisher})
    found = loaded(path, Trusted(publishers=signer))
    if isinstance(found, Refusal):
        raise DataError(str(found), where=str(path))
    return found


def questions(bundle: Bundle, candidates: int, rng: np.random.Generator) -> list[Features]:
    """Lists of random numbers about items of the bundle, each with a history."""
    keys = [] if bundle.vectors is None else bundle.vectors.keys.tolist()
    size = 16

    def key() -> ItemKey:
        if not keys or not rng.integers(UNKNOWN):
            return ItemKey(rng.bytes(size))
        return ItemKey(keys[int(rng.integers(len(keys)))].ljust(size, b"\0"))

    def asked() -> Features:
        content = Content(
            tuple(key() for _ in range(candidates)),
            tuple(key() for _ in range(HISTORY)),
            np.arange(HISTORY, dtype=np.float64),
        )
        values = rng.random((candidates, len(NAMES))).astype(np.float32)
        return Features(values, np.arange(candidates), content)

    return [asked() for _ in range(LISTS)]


def measured(path: Path, name: Backend, candidates: int, lists: int) -> dict[str, object]:
    """Open, load, and ask so many lists.

    Raises:
        DataError: as `opened`, or the bundle has no model for the backend, or that is not there.
        ModelError: the model does not answer.
    """
    gc.collect()
    grown = -resident_mb()
    began = time.process_time()
    bundle = opened(path)
    model = reranker(bundle, name)
    if isinstance(model, Refusal):
        raise DataError(str(model), where=str(path))
    if isinstance(model, OnnxModel):
        model.seconds = PATIENCE
    spent = time.process_time() - began
    before = resident_mb()
    asked = questions(bundle, candidates, np.random.default_rng(0))
    grown -= resident_mb() - before
    began = time.process_time()
    model.scores(asked[0])
    spent += time.process_time() - began
    took: list[float] = []
    waited: list[float] = []
    for at in range(lists):
        wall, began = time.perf_counter(), time.process_time()
        model.scores(asked[at % LISTS])
        took.append(time.process_time() - began)
        waited.append(time.perf_counter() - wall)
    gc.collect()
    grown += resident_mb()
    p50, p99 = (round(1000 * float(x), 3) for x in np.quantile(took, (0.5, 0.99)))
    return {
        "candidates": candidates,
        "backend": name,
        "p50_ms": p50,
        "p99_ms": p99,
        "wall_p99_ms": round(1000 * float(np.quantile(waited, 0.99)), 3),
        "bytes": path.stat().st_size,
        "rss_mb": round(max(0.0, grown), 2) if _MEMORY.exists() else None,
        "load_ms": round(1000 * spent, 2),
        "lists": lists,
    }


def resident_mb() -> float:
    """This process's resident memory now, in MB; 0 where the system does not tell."""
    if not _MEMORY.exists():
        return 0.0
    pages = int(_MEMORY.read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main(file: str, name: str, candidates: str, lists: str) -> None:
    """Print the figures."""
    backend: Backend = "numpy" if name == "numpy" else "onnxruntime"
    found = measured(Path(file), backend, int(candidates), int(lists))
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
