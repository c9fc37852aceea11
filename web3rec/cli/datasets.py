"""Which data set a command works on: its options, and how it is read."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import click

from web3rec.adapters import (
    Dataset,
    Split,
    read_hetrec,
    read_movielens,
    read_pairs,
    read_split,
    read_trust,
)
from web3rec.cli.output import progress_bar
from web3rec.errors import DataError

FORMATS: Final = ("split", "hetrec", "movielens", "pairs")


@dataclass(frozen=True, slots=True)
class Source:
    """What the options say."""

    path: Path
    form: str
    trust: Path | None
    mutual: bool
    least: float

    def read(self) -> Dataset | Split:
        """Read it whole.

        Raises:
            DataError: a file is missing or damaged, or an option does not fit the format.
        """
        if self.least and self.form != "pairs":
            raise DataError("--least is for --format pairs, whose weights are the file's own")
        if self.mutual and self.trust is None:
            raise DataError("--mutual says how to read trust: give --trust FILE as well")
        with progress_bar(f"reading {self.path.name}") as told:
            if self.form == "pairs":
                return read_pairs(
                    self.path, self.trust, least=self.least, mutual=self.mutual, progress=told
                )
            if self.form == "split":
                split = read_split(self.path, told)
                return replace(split, train=self._trusting(split.train))
            reader = read_hetrec if self.form == "hetrec" else read_movielens
            return self._trusting(reader(self.path, told))

    def _trusting(self, data: Dataset) -> Dataset:
        if self.trust is None:
            return data
        edges, notes = read_trust(self.trust, mutual=self.mutual)
        people = dict.fromkeys(data.people)
        known = sum(edge.source in people and edge.target in people for edge in edges)
        if not known:
            raise DataError(f"no edge in it joins two people of {data.name}", where=str(self.trust))
        people |= dict.fromkeys(name for edge in edges for name in (edge.source, edge.target))
        return replace(data, people=tuple(people), trust=edges, notes=data.notes + notes)


def source(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a `Source`; the command gets them as data, form, trust, mutual, least."""
    path = click.Path(path_type=Path)
    for option in (
        click.option("--least", type=float, default=0.0, help=_LEAST),
        click.option("--mutual", is_flag=True, help="Trust in --trust counts both ways."),
        click.option("--trust", type=path, help="Who trusts whom: user, user[, weight]."),
        click.option("--format", "form", type=click.Choice(FORMATS), required=True, help=_FORMAT),
        click.option("--data", type=path, required=True, help="The folder, zip or file."),
    ):
        command = option(command)
    return command


_FORMAT: Final = (
    "split: train, valid, test as `user item item ...`; hetrec: Last.fm of HetRec 2011; movielens; "
    "pairs: user, item[, weight[, time]]."
)
_LEAST: Final = "With pairs: leave out interactions of less weight."
