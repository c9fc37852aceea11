"""A data set as pairs to learn from and pairs held back, small enough for a dense inverse."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from web3rec.adapters import Dataset, Split
from web3rec.errors import DataError, ParamError
from web3rec.eval.splits import hold_out
from web3rec.eval.unlearning.held import Held, Numbers

HIDDEN: Final = 0.2
"""Part of everybody's items that is held back where nobody has split the data."""
ITEMS: Final = 4_000
"""Items at most: those that most people have."""


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """What is learnt from, and what lists are measured by."""

    name: str
    train: Held
    test: Held
    """Nothing of it is in `train`; users and items have the same numbers"""
    notes: tuple[str, ...] = ()


def material(
    found: Dataset | Split,
    rng: np.random.Generator,
    *,
    users: int | None = None,
    items: int = ITEMS,
) -> Material:
    """Number people and items.

    Args:
        found: a data set, of which HIDDEN is held back; or one that somebody has split, whose
            `valid` is left out.
        rng: draws what is held back, and who is kept.
        users: keep so many people, drawn; all by default.
        items: keep so many items, those that most of them have in training.

    Raises:
        ParamError: a number below 2.
        DataError: nothing is left.
    """
    for name, least in (("users", users), ("items", items)):
        if least is not None and least < 2:
            raise ParamError(name, least, "at least 2")
    if isinstance(found, Split):
        data, hidden = found.train, found.test
        acts = data.acts
    else:
        data = found
        acts, hidden = hold_out(data, data.people, share=HIDDEN, rng=rng)
    people = {name: n for n, name in enumerate(data.people)}
    number = {item.id: n for n, item in enumerate(data.items)}
    shape = len(people), len(number)
    train = _held(((people[a.user], number[a.item]) for a in acts if not a.kind.is_local), shape)
    test = _held(((people[u], number[i]) for u, own in hidden.items() for i in own), shape)
    notes = [*data.notes, f"{len(train):,} pairs to learn from, {len(test):,} held back"]
    kept = np.flatnonzero(train.lengths())
    if users is not None and users < kept.size:
        kept = np.sort(rng.choice(kept, users, replace=False))
        notes.append(f"{users:,} people drawn")
    some = np.zeros(shape[0], bool)
    some[kept] = True
    often = np.argsort(-train.by(some).listeners(), kind="stable")[:items]
    often = np.sort(often[train.by(some).listeners()[often] > 0])
    train, test = (_chosen(held, kept, often) for held in (train, test))
    if often.size < shape[1]:
        notes.append(
            f"of {shape[1]:,} items the {often.size:,} that most have: {len(train):,} pairs, "
            f"{len(test):,} held back"
        )
    return Material(data.name, train, test.less(train), tuple(notes))


def _held(pairs: Iterable[tuple[int, int]], shape: tuple[int, int]) -> Held:
    columns = np.array(list(pairs), np.int64).reshape(-1, 2)
    if not columns.size:
        raise DataError("there is nothing to learn from, or nothing held back")
    return Held.of(columns[:, 0], columns[:, 1], *shape)


def _chosen(held: Held, users: Numbers, items: Numbers) -> Held:
    """Those users and items alone, numbered anew."""
    user, item = np.full(held.n_users, -1, np.int64), np.full(held.n_items, -1, np.int64)
    user[users], item[items] = np.arange(users.size), np.arange(items.size)
    rows, cols = user[held.users], item[held.items]
    both = (rows >= 0) & (cols >= 0)
    return Held.of(rows[both], cols[both], users.size, max(1, items.size))
