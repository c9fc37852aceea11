"""`distill forget`: a person or an item leaves a finished run, as if it had never been in the data.

    the list grows (forgotten.json, version + 1) ─► what was made with it is removed
        ─► what the change touches is made again ─► the next bundle

The list is written first, so whoever is killed at any moment has forgotten already: the next run,
or the same wish again, goes on from there. Data outside the directory is not ours to change: it is
read past what is on the list.
"""

import os
import time
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from web3rec.distill import forgotten
from web3rec.distill.cache import Cache
from web3rec.distill.forgotten import Kind
from web3rec.distill.stages import packing, sharding
from web3rec.distill.stages.kitchen import Bench, made_of, run
from web3rec.distill.stages.label import JUDGEMENTS
from web3rec.distill.stages.material import known_names
from web3rec.distill.stages.reporting import sealed
from web3rec.distill.stages.running import EVERYTHING, at_work
from web3rec.distill.stages.workshop import RECORDS, Workshop
from web3rec.errors import DataError, ParamError

MOST: Final = 10_000
"""Names in one wish."""


@dataclass(frozen=True, slots=True)
class Forgetting:
    """What became of a wish."""

    people: int
    items: int
    entries: int
    """On the list by now"""
    commitment: str
    """The manifest's `training.forgotten`, in hex"""
    version: int
    """The bundle's"""
    judgements: int
    """That were kept of the people, and deleted"""
    shards: int | None
    """That were made again; None: the recipe has no shards"""
    stages: dict[str, float | None]
    """Seconds of each, None if it needed nothing"""
    seconds: float
    """Of this process on the processor, all in all"""
    proofs: dict[str, str]
    """Entry -> salt, in hex, of this wish's; kept nowhere: for those who asked"""


def forget(bench: Bench, people: Collection[str] = (), items: Collection[str] = ()) -> Forgetting:
    """Forget people and items, and make the next bundle.

    Args:
        bench: the recipe of the run, and its directory.
        people: names, as the data has them.
        items: ids, as bundles have them.

    Raises:
        ParamError: nothing was named, or too much.
        DataError: the data knows no such person or item; then nothing changed. Or what is left is
            not enough to learn from, or no bundle may be made of it: then all is forgotten, and
            there is no bundle.
        Web3recError: whatever a stage raises; again, all is forgotten.

    Cost: that of a run, or of a share of one where the recipe has shards.
    """
    wish = [*((Kind.PERSON, one) for one in people), *((Kind.ITEM, one) for one in items)]
    if not 1 <= len(wish) <= MOST:
        raise ParamError("people and items", len(wish), f"1 to {MOST:,} to be forgotten")
    start = time.process_time()
    with at_work(bench) as found:
        packing.publisher(found)
        before = found.written.forgotten
        new = [one for one in wish if one not in before]
        _know(found, new)
        after = before
        if new:
            version = 1 + max(packing.version(found.written), _sealed(found.workshop))
            after = before.with_(new, os.urandom(forgotten.KEY_BYTES), version)
            found.workshop.write(forgotten.FILE, after.written())
        ready = replace(found, written=replace(found.written, forgotten=after))
        remade = _clear(ready)
        gone = _judgements(ready.workshop, people)
        stages = dict(run(EVERYTHING, ready))
    return Forgetting(
        people=len(people),
        items=len(items),
        entries=len(after.entries),
        commitment=(after.commitment or b"").hex(),
        version=packing.version(ready.written),
        judgements=gone,
        shards=remade,
        stages=stages,
        seconds=time.process_time() - start,
        proofs={after.entry(*one).hex(): after.salt(*one).hex() for one in wish},
    )


def _know(bench: Bench, wish: Collection[tuple[Kind, str]]) -> None:
    """Raise DataError if the data knows one of them not; it says how many, not which."""
    if not wish:
        return
    people, items = known_names(bench.written)
    strangers = sum(one not in (people if kind is Kind.PERSON else items) for kind, one in wish)
    if strangers:
        raise DataError(
            f"{strangers} of {len(wish)} are not in the data by that name: give people as the data "
            "names them, items with data.prefix, such as movielens:movie:1"
        )


def _sealed(workshop: Workshop) -> int:
    try:
        return int(sealed(workshop)["version"])
    except (DataError, ValueError, KeyError, TypeError):
        return 0


def _clear(bench: Bench) -> int | None:
    """Remove all that was made with what is forgotten; how many shards."""
    workshop, remade = bench.workshop, None
    done = True
    for stage in EVERYTHING:
        done = done and workshop.done(stage.name, made_of(stage, bench))
        if not done:
            workshop.undo(stage.name)
    for folder in (workshop.directory, workshop.path(RECORDS)):
        for draft in folder.glob(".*.draft"):  # of somebody who was killed
            draft.unlink(missing_ok=True)
    if bench.recipe.shards.count > 1:
        shards = sharding.touched(bench)
        sharding.undo(workshop, shards)
        remade = len(shards)
    return remade


def _judgements(workshop: Workshop, people: Collection[str]) -> int:
    path: Path = workshop.path(JUDGEMENTS)
    if not path.exists():
        return 0
    with Cache(path) as cache:
        return sum(cache.forget(person) for person in people)
