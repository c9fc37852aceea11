"""What a stage is, and how stages are run: in order, each only if its ingredients are others.

A stage is a name, what it reads, what of the recipe matters to it, and a function that makes its
files. Nothing else reaches it, so that equal ingredients make equal files.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from web3rec.distill.recipe import Recipe
from web3rec.distill.recipe_toml import Written
from web3rec.distill.stages.teachers import Bar, News
from web3rec.distill.stages.workshop import Workshop, ingredients


@dataclass(frozen=True, slots=True)
class Bench:
    """What a stage works with."""

    written: Written
    workshop: Workshop
    bar: Bar
    news: News
    passphrase: Callable[[], str] | None = None
    """Asks for that of the publisher's key, where the key has one"""
    read: dict[bytes | None, Any] = field(default_factory=dict, repr=False, compare=False)
    """What was read of the data by several stages, while one run lasts; by what was passed over"""

    @property
    def recipe(self) -> Recipe:
        """The recipe."""
        return self.written.recipe


@dataclass(frozen=True, slots=True)
class Stage:
    """One step."""

    name: str
    version: int
    """Rises whenever the code would make something else of the same"""
    reads: tuple[str, ...]
    """Files of earlier stages"""
    said: Callable[[Recipe], Mapping[str, object]]
    """What of the recipe matters, as plain values"""
    work: Callable[[Bench], Mapping[str, bytes]]
    """Makes its files"""
    outside: Callable[[Written], Sequence[Path]] = field(default=lambda _written: ())
    """Files that are not the workshop's"""
    forgets: bool = False
    """Whether it matters to it who is on the list of the forgotten: whatever reads the data set"""


def without_paths(said: Mapping[str, object]) -> dict[str, object]:
    """A part of a recipe but for where its files lie: what is in them counts (`Stage.outside`)."""
    paths = ("path", "train", "test", "catalogue", "texts", "keys", "people", "items")
    return {name: value for name, value in said.items() if name not in paths}


def said_to(stage: Stage, written: Written) -> dict[str, object]:
    """What of the recipe and of the list of the forgotten matters to a stage."""
    said, gone = dict(stage.said(written.recipe)), written.forgotten.commitment
    if stage.forgets and gone is not None:
        said["forgotten"] = [gone.hex(), written.forgotten.version]
    return said


def kept(
    workshop: Workshop,
    name: str,
    said: Mapping[str, object],
    reads: Sequence[str],
    work: Callable[[], Mapping[str, bytes]],
) -> bool:
    """Do a part of a stage unless it was done of the same: its files and record stay by themselves.

    Returns whether it had been done before. Raises what `work` raises.
    """
    ingredient = ingredients(name, 1, said, workshop, reads)
    if workshop.done(name, ingredient):
        return True
    workshop.finish(name, ingredient, work())
    return False


def made_of(stage: Stage, bench: Bench) -> str:
    """The hash of a stage's ingredients, as they are now."""
    return ingredients(
        stage.name,
        stage.version,
        said_to(stage, bench.written),
        bench.workshop,
        stage.reads,
        stage.outside(bench.written),
    )


def run(stages: Sequence[Stage], bench: Bench) -> list[tuple[str, float | None]]:
    """Do what is not done.

    Returns:
        (stage, seconds of this process on the processor, or None if it was done before).

    Raises:
        Web3recError: whatever a stage raises; those before it stay done.
    """
    found: list[tuple[str, float | None]] = []
    for stage in stages:
        ingredient = made_of(stage, bench)
        if bench.workshop.done(stage.name, ingredient):
            bench.news(f"{stage.name}: done before")
            found.append((stage.name, None))
            continue
        start = time.process_time()
        files = stage.work(bench)
        bench.workshop.finish(stage.name, ingredient, files)
        seconds = time.process_time() - start
        bench.news(f"{stage.name}: {seconds:.1f} s")
        found.append((stage.name, seconds))
    return found
