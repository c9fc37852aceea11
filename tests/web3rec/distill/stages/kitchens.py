"""A town small enough to distil in a second, and recipes for it.

People listen to albums, each in its order, from somewhere on; what follows what is what the graph
does not know, so a student has something to learn.
"""

import json
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from web3rec.distill.labels import Told
from web3rec.distill.recipe_toml import read_recipe
from web3rec.distill.stages.kitchen import Bench
from web3rec.distill.stages.workshop import Workshop

ALBUMS, TRACKS, HEARD, PEOPLE = 6, 14, 9, 130
PLAIN: Final = """
seed = 1
[data]
format = "pairs"
path = "plays.tsv"
[split]
hidden = 0.25
[lessons]
candidates = 60
tuned = false
[student]
kind = "linear"
[bundle]
name = "toy"
licence = "CC0-1.0"
"""
CROWD: Final = '[[teachers]]\nname = "crowd"\nkind = "ensemble"\nfolds = 2\n'
LISTS: Final = '[[teachers]]\nname = "lists"\nkind = "files"\npath = "lists.tsv"\n'


def plays(seed: int = 0) -> str:
    """Lines `user item plays seconds`."""
    rng = np.random.default_rng(seed)
    lines = []
    for person in range(PEOPLE):
        at = 1_600_000_000
        for album in rng.choice(ALBUMS, 2, replace=False).tolist():
            first = int(rng.integers(TRACKS - HEARD + 1))
            for track in range(first, first + HEARD):
                at += int(rng.integers(60, 600))
                lines.append(f"p{person}\ta{album}t{track:02}\t1\t{at}")
    return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Kitchen:
    """A folder with the town's data, where recipes can be cooked."""

    folder: Path
    said: list[str] = field(default_factory=list)

    @staticmethod
    def at(folder: Path) -> "Kitchen":
        (folder / "plays.tsv").write_text(plays())
        return Kitchen(folder)

    def recipe(self, text: str = PLAIN) -> Path:
        path = self.folder / "recipe.toml"
        path.write_text(text)
        return path

    def bench(self, text: str = PLAIN, out: str = "out") -> Bench:
        written = read_recipe(self.recipe(text))
        return Bench(written, Workshop(self.folder / out), _unwatched, self.said.append)


def _unwatched(_what: str) -> "AbstractContextManager[Told]":
    return nullcontext(lambda _done, _total: None)


def story(workshop: Workshop) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(workshop.read("student.json"))
    return found
