"""The stages in order, and which of them a command stands for."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from web3rec.distill import forgotten
from web3rec.distill.stages.calibrating import CALIBRATE
from web3rec.distill.stages.kitchen import Bench, Stage, run
from web3rec.distill.stages.label import LABEL, LESSONS, VECTORS
from web3rec.distill.stages.packing import BUNDLING, EXPORT, QUANTIZE, publisher
from web3rec.distill.stages.pupils import need_torch
from web3rec.distill.stages.reporting import REPORTING
from web3rec.distill.stages.train import TRAIN_STAGE
from web3rec.distill.stages.workshop import Workshop

STEPS: Final[dict[str, tuple[Stage, ...]]] = {
    "label": (LESSONS, VECTORS, LABEL),
    "train": (CALIBRATE, TRAIN_STAGE),
    "export": (EXPORT,),
    "quantize": (QUANTIZE,),
    "bundle": (REPORTING, BUNDLING),
}
"""Command -> its stages. The report comes before the bundle: it is there if the bundle is not."""
EVERYTHING: Final = tuple(stage for stages in STEPS.values() for stage in stages)


def cooked(stages: Sequence[Stage], bench: Bench) -> list[tuple[str, float | None]]:
    """Run stages in the workshop, on one thread, nobody else at work in it.

    Returns:
        (stage, seconds, or None if it was done before).

    Raises:
        Web3recError: whatever a stage raises; those before it stay done.
    """
    if TRAIN_STAGE in stages:
        need_torch(bench.recipe.student)
    with at_work(bench) as ready:
        if BUNDLING in stages:
            publisher(ready)  # whoever cannot sign should learn of it before the work
        return run(stages, ready)


@contextmanager
def at_work(bench: Bench) -> Iterator[Bench]:
    """The bench with the directory's list of the forgotten; nobody else at work, one thread.

    Raises:
        DataError: the directory cannot be written, or its list is damaged.
        AlreadyOpen: another run is at work.
    """
    lock = bench.workshop.prepare()
    try:
        with _one_thread():
            written = replace(bench.written, forgotten=listed(bench.workshop))
            yield replace(bench, written=written, read={})
    finally:
        lock.release()


def listed(workshop: Workshop) -> forgotten.Forgotten:
    """The directory's list of the forgotten, empty where it has none. Raises DataError."""
    if not workshop.path(forgotten.FILE).exists():
        return forgotten.NOTHING
    return forgotten.read(workshop.read(forgotten.FILE))


@contextmanager
def _one_thread() -> Iterator[None]:
    """Threads would add up in another order, and take others' time."""
    from threadpoolctl import threadpool_limits  # noqa: PLC0415 - an extra

    with threadpool_limits(1):
        yield
