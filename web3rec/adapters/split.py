"""Published train/test splits: lines of `user item item ...`, as graph recommenders use them.

    train.txt  valid.txt  test.txt      (or .gz, in a folder or a zip; valid may be missing)

Names are any text without blanks. There are no weights and no times.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from web3rec.adapters.dataset import Act, Dataset, Progress, quiet
from web3rec.adapters.folder import Folder
from web3rec.errors import DataError
from web3rec.types import Event, Item, ItemId

PARTS: Final = ("train", "valid", "test")
MAX_ID: Final = 512
"""Characters of a name at most: what an item id may have."""

Rows = dict[str, dict[str, None]]
"""User -> its items, each once, in the order of the file."""


@dataclass(frozen=True, slots=True)
class Split:
    """A data set somebody else has split."""

    train: Dataset
    """Its people and items are those of all parts, its acts those of train alone."""
    valid: Mapping[str, frozenset[ItemId]]
    """User -> hidden items to choose parameters on; empty where there is no such file."""
    test: Mapping[str, frozenset[ItemId]]
    """User -> hidden items to report on; users without any are not in it."""


def read_split(path: Path, progress: Progress = quiet) -> Split:
    """Read the folder or the zip.

    An item that a user has in train as well is dropped from the user's hidden ones, for no list
    could hold it; `train.notes` says how many were.

    Raises:
        DataError: train or test is missing, damaged or empty, or a name is too long.
    """
    folder = Folder.open(path)
    texts = {}
    for part in PARTS:
        if part != "valid" or folder.find("valid.txt", "valid"):
            member = folder.need(f"{part}.txt", part)
            texts[member] = folder.text(member)
    total, done = sum(text.count("\n") + 1 for text in texts.values()), 0
    parts: dict[str, Rows] = {}
    for member, text in texts.items():
        parts[member.partition(".")[0].lower()] = _rows(member, text)
        done += text.count("\n") + 1
        progress(done, total)

    train, test = parts["train"], parts["test"]
    users = _ordered({user for rows in parts.values() for user in rows})
    items = _ordered({i for rows in parts.values() for own in rows.values() for i in own})
    acts = tuple(
        Act(user, ItemId(item), Event.LISTEN) for user in users for item in train.get(user, ())
    )
    known = sum(i in train.get(user, ()) for user, own in test.items() for i in own)
    data = Dataset(
        name=path.resolve().name.removesuffix(".zip"),
        people=tuple(users),
        items=tuple(Item(ItemId(item)) for item in items),
        acts=acts,
        rows=len(acts),
        notes=(f"{known} rows of test are in train as well and count for nothing",) * (known > 0),
    )
    return Split(data, _hidden(parts.get("valid", {}), train), _hidden(test, train))


def _rows(member: str, text: str) -> Rows:
    rows: Rows = {}
    for line, words in enumerate((each.split() for each in text.split("\n")), 1):
        if any(len(word) > MAX_ID for word in words):
            raise DataError(f"wanted names of at most {MAX_ID} characters", where=_at(member, line))
        if words:
            rows.setdefault(words[0], {}).update(dict.fromkeys(words[1:]))
    if not any(rows.values()):
        raise DataError("wanted lines of a user and its items, found none", where=member)
    return rows


def _at(member: str, line: int) -> str:
    return f"{member} line {line}"


def _ordered(names: set[str]) -> list[str]:
    """By number where all are numbers, else by name: ties of a ranking go by this order."""
    if all(name.isascii() and name.isdigit() for name in names):
        return sorted(names, key=lambda name: (int(name), name))
    return sorted(names)


def _hidden(rows: Rows, train: Rows) -> dict[str, frozenset[ItemId]]:
    hidden = {
        user: frozenset(ItemId(item) for item in own if item not in train.get(user, ()))
        for user, own in rows.items()
    }
    return {user: own for user, own in hidden.items() if own}
