"""How results, news and progress are printed.

Results go to stdout: JSON lines if asked for, else a table, drawn with lines on a terminal and
plain in a pipe. Everything else goes to stderr. Titles come from strangers: nothing of theirs
reaches a terminal as a control sequence, nor rich as markup.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

import click
from rich.cells import cell_len
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
from rich.table import Table
from rich.text import Text

from web3rec.adapters import Progress as Told
from web3rec.cli.plain import plain
from web3rec.types import Millis


def result(value: Mapping[str, object]) -> None:
    """One JSON object on one line of stdout; what is not printable is escaped."""
    utf8 = "utf" in (getattr(sys.stdout, "encoding", None) or "").lower()
    line = json.dumps(value, ensure_ascii=not utf8, allow_nan=False)
    click.echo("".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in line))


def news(text: str) -> None:
    """One line on stderr."""
    click.echo(plain(text), err=True)


def say(text: str) -> None:
    """One line of a result on stdout, for people."""
    click.echo(plain(text))


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[str] = ()) -> None:
    """Rows under their column names on stdout.

    Args:
        head: the names of the columns.
        rows: as many cells each.
        right: the columns that are numbers.
    """
    cells = [[plain(cell) for cell in row] for row in rows]
    if sys.stdout.isatty():
        drawn = Table(box=None, header_style="bold", pad_edge=False)
        for name in head:
            drawn.add_column(name, justify="right" if name in right else "left", overflow="fold")
        for row in cells:
            drawn.add_row(*(Text(cell) for cell in row))
        Console(file=sys.stdout).print(drawn)
        return
    lines = [list(head), *cells]
    widths = [max(cell_len(line[k]) for line in lines) for k in range(len(head))]
    for line in lines:
        padded = [
            " " * (width - cell_len(cell)) + cell
            if name in right
            else cell + " " * (width - cell_len(cell))
            for cell, width, name in zip(line, widths, head, strict=True)
        ]
        click.echo("  ".join(padded).rstrip())


@contextmanager
def progress_bar(what: str) -> Iterator[Told]:
    """A bar on stderr while a file is read; nothing where stderr is no terminal."""
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn())
    console = Console(stderr=True)
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task(plain(what), total=None)

        def told(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield told


def moment(at: Millis) -> str:
    """A time for people: UTC, to the second."""
    return f"{datetime.fromtimestamp(at / 1000, UTC):%Y-%m-%d %H:%M:%SZ}"
