"""Shards at work: each has its own files, made of its own people alone, and kept while they stay.

    shard-00.npz, shard-00.json    its lessons, of a graph of its people
    shard-00.calibration.json      how much each of them counts
    shard-00.student.npz           its head
    shard-held.npz, ...json        whom everything is chosen on: a graph of their own, too

The stages put them together: lessons.npz, calibration.json and student.npz are those of all.
"""

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, replace
from typing import Final

import numpy as np

from web3rec.distill.calibration import CalibrationParams, calibrated, votes
from web3rec.distill.recipe import Recipe
from web3rec.distill.recipe_toml import Written
from web3rec.distill.shards import HELD, mean, place
from web3rec.distill.stages import classroom
from web3rec.distill.stages.classroom import Classroom
from web3rec.distill.stages.kitchen import Bench, kept, without_paths
from web3rec.distill.stages.linear_pupil import LinearPupil
from web3rec.distill.stages.material import TEST, TRAIN, VALID, Material, divided, hiding, timed
from web3rec.distill.stages.pupils import Given, trained
from web3rec.distill.stages.workshop import RECORDS, Workshop, json_bytes, packed, unpacked
from web3rec.errors import DataError
from web3rec.types import ItemId

MARK: Final = "shard-"
"""What the names of their files and records begin with."""


def name(shard: int) -> str:
    """What its files are called, before the dot."""
    return f"{MARK}held" if shard == HELD else f"{MARK}{shard:02}"


def materials(written: Written) -> dict[int, Material]:
    """Every shard's own data set, divided; HELD first.

    Who is drawn where there are too many, where somebody stands and what is hidden of them hang on
    nobody of another shard.

    Raises:
        DataError: as `material`; or a shard has nobody.
    """
    recipe = written.recipe
    whole, hidden = divided(written)
    held, count = recipe.split.valid + recipe.split.test, recipe.shards.count
    at = {person: place(person, recipe.seed, held, count) for person in whole.people}
    found = {}
    for shard in (HELD, *range(count)):
        people = tuple(person for person in whole.people if at[person].shard == shard)
        mine = frozenset(people)
        acts = tuple(act for act in whole.acts if act.user in mine)
        have = {act.item for act in acts}
        if hidden is not None:
            have |= {item for person in people for item in hidden.get(person, ())}
        items = sorted((item for item in whole.items if item.id in have), key=lambda i: i.id)
        own = replace(whole, people=people, acts=acts, items=tuple(items), trust=())
        stay, latest = (own, hidden) if hidden is not None else hiding(own, recipe, 30, shard + 1)
        stay = replace(stay, acts=timed(stay.acts, recipe))
        known = {act.user for act in stay.acts}
        asked = [person for person in people if person in latest and person in known]
        share = held if shard == HELD else (1 - held) / count
        most = max(1, round(recipe.lessons.people * share))
        drawn = frozenset(sorted(asked, key=lambda person: at[person].turn)[:most])
        part = {
            person: TRAIN
            if shard != HELD
            else (VALID if at[person].share < recipe.split.valid else TEST)
            for person in asked
            if person in drawn
        }
        if not part:
            raise DataError(f"shard {shard} has nobody: fewer shards, or more data")
        found[shard] = Material(stay, {person: latest[person] for person in part}, part)
    return found


def lessons(bench: Bench) -> dict[str, bytes]:
    """Stage `lessons`: those of shards whose people changed are made, then all put together."""
    rooms, shards = [], _shards(bench)
    without_strays(bench.workshop, shards)
    for shard, (own, said) in shards.items():

        def work(own: Material = own, shard: int = shard) -> dict[str, bytes]:
            with bench.bar(f"lists of {name(shard)}") as told:
                made = classroom.classroom(own, bench.recipe, told)
            if not made.lessons:
                raise DataError(f"{name(shard)} has no lists: fewer shards, or more data")
            return classroom.save(made, _files(shard))

        kept(bench.workshop, name(shard), said, (), work)
        rooms.append(classroom.load(bench.workshop, _files(shard)))
    ids = sorted({item for room in rooms for item in room.ids})
    every = tuple(lesson for room in rooms for lesson in room.lessons)
    whole = Classroom(every, np.concatenate([room.part for room in rooms]), tuple(map(ItemId, ids)))
    return classroom.save(classroom.peopled(whole))


def calibration(bench: Bench) -> dict[str, float]:
    """Stage `calibrate`: everybody who learns is weighed among the people of the own shard."""
    found: dict[str, float] = {}
    part = bench.recipe.calibration
    for shard, (own, said) in _shards(bench).items():
        if shard == HELD:
            continue

        def work(own: Material = own, shard: int = shard) -> dict[str, bytes]:
            by_person = calibrated(own.stay, CalibrationParams(flagged=part.flagged)).by_person
            weights = {person: round(weight, 9) for person, weight in by_person.items()}
            return {_weights(shard): json_bytes(weights)}

        weighed = {**said, "calibration": asdict(part)}
        kept(bench.workshop, f"{name(shard)}.calibration", weighed, (), work)
        found |= _read(bench.workshop, shard)
    return found


def student(bench: Bench) -> LinearPupil:
    """The mean of the shards' heads, each counting by its lessons; only what changed is trained.

    Raises:
        DataError: the stages before have not run, or nothing can be learnt.
    """
    recipe, workshop = bench.recipe, bench.workshop
    heads, counts = [], []
    said = {"student": asdict(recipe.student), "losses": asdict(recipe.losses)}
    said["calibration"] = asdict(recipe.calibration)
    for shard in range(recipe.shards.count):
        room = classroom.load(workshop, _files(shard))
        reads = (*_files(shard), *((_weights(shard),) if recipe.calibration.on else ()))

        def work(room: Classroom = room, shard: int = shard) -> dict[str, bytes]:
            count = np.ones(len(room.lessons))
            if recipe.calibration.on:
                people = [lesson.person for lesson in room.lessons]
                count = votes(people, _read(workshop, shard))
            given = Given(room.lessons, None, count)
            with bench.bar(f"training: {name(shard)}") as told:
                made = trained(recipe.student, recipe.losses, given, (), None, recipe.seed, told)
            return {f"{name(shard)}.student.npz": packed(made.arrays())}

        kept(workshop, f"{name(shard)}.student", said, reads, work)
        file = f"{name(shard)}.student.npz"
        heads.append(LinearPupil.of(unpacked(workshop.read(file), file)).head)
        counts.append(float(len(room.lessons)))
    return LinearPupil(mean(heads, counts))


def touched(bench: Bench) -> list[int]:
    """The shards whose files are not those of their people, as the list of the forgotten stands."""
    found = []
    for shard, (_, said) in _shards(bench).items():
        if not bench.workshop.made(name(shard), said):
            found.append(shard)
    return found


def undo(workshop: Workshop, shards: Sequence[int]) -> None:
    """Remove all files of some shards."""
    for shard in shards:
        for what in ("", ".calibration", ".student"):
            workshop.undo(name(shard) + what)


def _shards(bench: Bench) -> dict[int, tuple[Material, dict[str, object]]]:
    """Every shard's material and what it is made of, read once in a run."""
    gone = bench.written.forgotten.commitment
    if gone not in bench.read:
        bench.read[gone] = {
            shard: (own, _said(bench.recipe, own))
            for shard, own in materials(bench.written).items()
        }
    found: dict[int, tuple[Material, dict[str, object]]] = bench.read[gone]
    return found


def _said(recipe: Recipe, own: Material) -> dict[str, object]:
    """All that a shard's lessons are made of."""
    acts = [[a.user, a.item, a.kind.name, a.weight, a.at] for a in own.stay.acts]
    items = [[i.id, i.title, i.creator, list(i.tags)] for i in own.stay.items]
    hidden = [[person, sorted(items), own.part[person]] for person, items in own.hidden.items()]
    told = json_bytes([list(own.stay.people), acts, items, hidden])
    return {
        "data": without_paths(asdict(recipe.data)),
        "lessons": asdict(recipe.lessons),
        "seed": recipe.seed,
        "material": hashlib.sha256(told).hexdigest(),
    }


def without_strays(workshop: Workshop, shards: Collection[int] = ()) -> None:
    """Remove what shards left that are no more: there were more of them once."""
    names = {name(shard) for shard in shards}
    for path in workshop.path(RECORDS).glob(f"{MARK}*.json"):
        if path.name.split(".")[0] not in names:
            workshop.undo(path.name.removesuffix(".json"))


def _files(shard: int) -> tuple[str, str]:
    return f"{name(shard)}.npz", f"{name(shard)}.json"


def _weights(shard: int) -> str:
    return f"{name(shard)}.calibration.json"


def _read(workshop: Workshop, shard: int) -> dict[str, float]:
    data = workshop.read(_weights(shard))
    try:
        return {str(person): float(weight) for person, weight in json.loads(data).items()}
    except (ValueError, TypeError, AttributeError):
        raise DataError(
            "damaged: delete it and run `distill train` again", where=_weights(shard)
        ) from None
