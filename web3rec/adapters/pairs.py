"""Anybody's own data: a table of who did what, and one of who trusts whom.

    interactions   user, item[, weight[, time]]        trust   user, user[, weight[, ...]]

Fields stand between commas, tabs, semicolons, :: or blanks; a line of column names is tolerated;
the file may be gzipped. Interactions may also be a JSON object {user: [item, ...]}.
"""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

from web3rec.adapters.dataset import Act, Dataset, Progress, TrustEdge, quiet
from web3rec.adapters.folder import Folder
from web3rec.adapters.hetrec import play_bucket
from web3rec.errors import DataError
from web3rec.types import Event, Item, ItemId, Millis

MAX_ID: Final = 512
"""Characters of a name at most: what an item id may have."""
MILLISECONDS: Final = 1e11
"""A time above this is in milliseconds, below it in seconds (this many seconds are year 5138)."""
MOST: Final = 1e15
"""Largest weight or time that is believed."""
HEADS: Final = (
    *("user", "userid", "uid", "u", "source", "from", "trustor"),
    *("item", "itemid", "iid", "i", "target", "to", "trustee", "friendid"),
)
"""What the first two columns are often called, without case and underscores."""


def read_pairs(
    path: Path,
    trust: Path | None = None,
    *,
    least: float = 0.0,
    mutual: bool = False,
    progress: Progress = quiet,
) -> Dataset:
    """Read interactions, and trust if there is any.

    A weight counts as repetitions (plays, stars), in buckets as `play_bucket` makes them; 1 where
    there is none. A time is unix seconds or milliseconds.

    Args:
        path: the interactions.
        trust: the trust edges, see `read_trust`.
        least: interactions of less weight are left out, and those of 0 or less always.
        mutual: an edge counts both ways.
        progress: told the files read.

    Raises:
        DataError: a file is missing or damaged, a field is missing or not a number, or nothing
            is left.
    """
    files = 1 + (trust is not None)
    acts, rows, notes = [], 0, []
    for row in _interactions(path):
        rows += 1
        if row.weight > 0 and row.weight >= least:
            bucket = play_bucket(max(1, math.floor(row.weight)))
            acts.append(Act(row.left, ItemId(row.right), Event.LISTEN, bucket, row.at))
    if not acts:
        raise DataError(f"none of {rows} interactions weighs enough", where=str(path))
    if rows > len(acts):
        notes.append(f"{rows - len(acts):,} of {rows:,} interactions left out: too little weight")
    progress(1, files)
    edges: tuple[TrustEdge, ...] = ()
    if trust is not None:
        edges, left_out = read_trust(trust, mutual=mutual)
        notes += left_out
        progress(2, files)
    people = dict.fromkeys(act.user for act in acts)
    people |= dict.fromkeys(name for e in edges for name in (e.source, e.target))
    items = dict.fromkeys(act.item for act in acts)
    return Dataset(
        name=path.name.removesuffix(".gz").rpartition(".")[0] or path.name,
        people=tuple(people),
        items=tuple(Item(item) for item in items),
        acts=tuple(acts),
        trust=edges,
        rows=rows,
        notes=tuple(notes),
    )


def read_trust(
    path: Path, *, mutual: bool = False
) -> tuple[tuple[TrustEdge, ...], tuple[str, ...]]:
    """Read trust edges alone: user, user[, weight[, ...]]; the last said of a pair counts.

    Weights are taken as shares of the largest. Edges of 0 or less are left out, for distrust is
    each device's own and lowers nobody's trust elsewhere.

    Args:
        path: the table.
        mutual: an edge counts both ways.

    Returns:
        (edges; notes on what was left out).

    Raises:
        DataError: as for `read_pairs`.
    """
    stated: dict[tuple[str, str], float] = {}
    rows = left_out = 0
    for row in _of_table(path, _text(path)):
        rows += 1
        pairs = [(row.left, row.right), (row.right, row.left)][: 1 + mutual]
        if row.left == row.right or row.weight <= 0:
            left_out += 1
            for pair in pairs:
                stated.pop(pair, None)
            continue
        stated.update(dict.fromkeys(pairs, row.weight))
    if not stated:
        raise DataError(f"none of {rows} rows is trust in somebody", where=str(path))
    most = max(stated.values())
    edges = tuple(TrustEdge(*pair, weight / most) for pair, weight in stated.items())
    return edges, (f"{left_out:,} edges left out: distrust, or trust in oneself",) * (left_out > 0)


@dataclass(frozen=True, slots=True)
class _Row:
    left: str
    right: str
    weight: float
    at: Millis | None


def _interactions(path: Path) -> Iterator[_Row]:
    text = _text(path)
    if text.lstrip().startswith("{"):
        return _of_json(path, text)
    return _of_table(path, text)


def _text(path: Path) -> str:
    if not path.is_file():
        raise DataError("there is no such file", where=str(path))
    return Folder(path.parent, {path.name: path.name}, is_zip=False).text(path.name)


def _of_json(path: Path, text: str) -> Iterator[_Row]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as e:
        raise DataError(f"wanted a table or a JSON object, not {e}", where=path.name) from e
    for user, items in found.items():
        if not isinstance(items, list) or not all(isinstance(i, str | int) for i in items):
            raise DataError(f"wanted a list of items for {user[:40]!r}", where=path.name)
        for item in dict.fromkeys(str(item) for item in items):
            yield _Row(_name(user, path.name), _name(item, path.name), 1.0, None)


def _of_table(path: Path, text: str) -> Iterator[_Row]:
    lines = [(n, line.strip("\r\n")) for n, line in enumerate(text.split("\n"), 1) if line.strip()]
    if not lines:
        raise DataError("the file is empty", where=path.name)
    delimiter = _delimiter(lines[0][1])
    table = [(n, [f.strip().strip('"') for f in line.split(delimiter)]) for n, line in lines]
    for n, fields in table[_has_header([fields for _, fields in table[:2]]) :]:
        where = f"{path.name} line {n}"
        if len(fields) < 2:
            raise DataError(f"wanted at least two fields, found {fields}", where=where)
        weight = _number(fields[2], "weight", where) if len(fields) > 2 else 1.0
        at = None
        if len(fields) > 3:
            time = _number(fields[3], "time", where)
            if time < 0:
                _refuse("a time since 1970", fields[3], where)
            at = Millis(int(time if time > MILLISECONDS else time * 1000))
        yield _Row(_name(fields[0], where), _name(fields[1], where), weight, at)


def _delimiter(line: str) -> str | None:
    """What stands between this line's fields; None for any blanks."""
    return next((mark for mark in ("::", "\t", ",", ";") if mark in line), None)


def _has_header(first: list[list[str]]) -> bool:
    """Is the first line one of names?

    If what should be its weight or time is no number, if it holds words that tables use as names,
    or if its first two fields are no numbers where those of the second line both are.
    """
    head = first[0]
    if any(not _is_number(field) for field in head[2:4]):
        return True
    if all(field.casefold().replace("_", "") in HEADS for field in head[:2]):
        return True
    second = first[1][:2] if len(first) > 1 else head
    return not any(map(_is_number, head[:2])) and all(map(_is_number, second))


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _number(text: str, what: str, where: str) -> float:
    if not _is_number(text) or abs(float(text)) > MOST:
        _refuse(f"a number as {what}", text, where)
    return float(text)


def _name(text: str, where: str) -> str:
    if not 1 <= len(text) <= MAX_ID:
        _refuse(f"names of 1 to {MAX_ID} characters", text, where)
    return text


def _refuse(wanted: str, found: str, where: str) -> NoReturn:
    raise DataError(f"wanted {wanted}, found {found[:40]!r}", where=where)
