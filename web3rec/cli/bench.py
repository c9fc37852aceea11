"""`bench`: how long things take on this machine, each in a process of its own."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, get_args

import click
import numpy as np

from web3rec.cli import benched
from web3rec.cli.output import news, result, table
from web3rec.errors import DataError
from web3rec.rerank.bundle.manifest import MAX_CANDIDATES
from web3rec.rerank.bundle.onnx_backend import is_there
from web3rec.rerank.bundle.opening import Backend
from web3rec.rerank.bundle.specimen import specimen

ONE_THREAD: Final = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1"
)
"""NumPy reads these when it is imported, so they are set for the process that measures."""
SECONDS: Final = 300
"""After which a measurement has failed."""
COLUMNS: Final = ("backend", "candidates", "p50_ms", "p99_ms", "load_ms", "rss_mb", "bytes")


@click.group("bench")
def bench() -> None:
    """Measure how long things take on this machine.

    \b
    For instance:
      web3rec bench rerank
    """


@bench.command("rerank")
@click.option(
    "--bundle",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A model of your own, whoever signed it; without it, one of random weights.",
)
@click.option(
    "--candidates",
    type=click.IntRange(1, MAX_CANDIDATES),
    default=200,
    show_default=True,
    help="Items in a list.",
)
@click.option(
    "--items",
    type=click.IntRange(1, 90_000),
    default=20_000,
    show_default=True,
    help="Items that the model of random weights knows.",
)
@click.option(
    "--lists", type=click.IntRange(1), default=500, show_default=True, help="Lists asked for."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines, one a backend.")
def rerank(bundle: Path | None, candidates: int, items: int, lists: int, *, as_json: bool) -> None:
    """Measure a reranking model in every backend that is here.

    One thread, a process for each. p50_ms and p99_ms are processor time of one list of candidates,
    features given; wall_p99_ms what a clock on the wall says; load_ms from the file to the first
    answer; rss_mb how much memory grew by the model, its vectors and its runtime.

    \b
    For instance:
      web3rec bench rerank --json
      web3rec bench rerank --bundle model.bundle --candidates 100
    """
    with _file(bundle, items) as path:
        opened = benched.opened(path)
        has = {"numpy": bool(opened.steps), "onnxruntime": opened.onnx is not None}
        lines = []
        for backend in get_args(Backend):
            if not has[backend]:
                news(f"{backend}: the bundle has no model for it")
            elif backend == "onnxruntime" and not is_there():
                news("onnxruntime: none below 1.29 is installed: pip install 'web3rec[onnx]'")
            else:
                lines.append(_measured(path, backend, candidates, lists))
                if as_json:
                    result(lines[-1])
    if not lines:
        raise DataError("nothing here can run this bundle", where=str(bundle))
    if not as_json:
        table(COLUMNS, [tuple(str(line[c]) for c in COLUMNS) for line in lines], right=COLUMNS[1:])


@contextmanager
def _file(bundle: Path | None, items: int) -> Iterator[Path]:
    """The bundle's file, or one that is made and removed again."""
    if bundle is not None:
        yield bundle
        return
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "specimen.bundle"
        path.write_bytes(specimen(items, np.random.default_rng(0)))
        yield path


def _measured(path: Path, backend: str, candidates: int, lists: int) -> dict[str, object]:
    """What a process of its own found.

    Raises:
        DataError: it failed, or took too long.
    """
    command = [sys.executable, "-m", benched.__name__, str(path.resolve()), backend]
    try:
        done = subprocess.run(  # noqa: S603 - as above
            [*command, str(candidates), str(lists)],
            env=os.environ | ONE_THREAD,
            capture_output=True,
            check=False,
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise DataError(f"{backend} took more than {SECONDS} s: ask for fewer --lists") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().rsplit("\n", 1)[-1]
        raise DataError(f"{backend} failed: {said}")
    found: dict[str, object] = json.loads(done.stdout)
    return found
