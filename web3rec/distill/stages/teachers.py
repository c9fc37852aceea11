"""The teachers that a recipe names, made and asked; what they said before is not asked again.

Those that cost something to ask (a model, an endpoint, an ensemble) keep every judgement in
judgements.db as it comes, so a labelling that was interrupted costs only the rows not there yet.
"""

import hashlib
import importlib.util
import os
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from pathlib import Path

import numpy as np

from web3rec.distill import kinds
from web3rec.distill.cache import Cache
from web3rec.distill.files import Ranked, read_rankings
from web3rec.distill.labels import Cached, Labels, Prepared, labels
from web3rec.distill.lessons import Lesson
from web3rec.distill.profiles import Alike, Profiles, read_keys, read_profiles
from web3rec.distill.recipe import TeacherPart
from web3rec.distill.recipe_toml import Written
from web3rec.distill.simulated import Simulated, read_judgements, read_numbers
from web3rec.distill.stages.material import Material
from web3rec.distill.teacher import Teacher
from web3rec.distill.text_vectors import text_of
from web3rec.errors import DataError
from web3rec.types import ItemId

News = Callable[[str], None]
Bar = Callable[[str], AbstractContextManager[Callable[[int, int], None]]]
"""Opens something that is told (done, all), such as a bar on a terminal."""


def sources(written: Written, part: TeacherPart) -> list[Path]:
    """The files a teacher is made of. Raises DataError: one is not there."""
    said = (part.path, part.texts, part.keys, part.people, part.items)
    return [written.path(path, f"teacher {part.name}") for path in said if path]


def asked(
    part: TeacherPart,
    written: Written,
    material: Material,
    lessons: Iterable[Lesson],
    cache: Cache,
    bar: Bar,
    news: News,
) -> Labels:
    """What a teacher says of these lessons' lists.

    Raises:
        DataError: its files or its model are missing or not what they should be, or not all of
            its judgements could be had: what there are is kept, ask again.
        Web3recError: whatever it raises.
    """
    questions = [lesson.question for lesson in lessons]
    with ExitStack() as open_:
        teacher = _made(part, written, material, cache, bar, open_)
        prepare = getattr(teacher, "prepare", None)
        if prepare is not None:
            cost = teacher.estimate(questions)  # type: ignore[attr-defined]
            news(
                f"{part.name}: {cost.requests:,} to ask ({cost.cached:,} known), some "
                f"{cost.prompt_tokens:,} tokens to read, {cost.answer_tokens:,} to write"
            )
            with bar(f"asking {part.name}") as told:
                _whole(part, prepare(questions, told), news)
        with bar(f"hearing {part.name}") as told:
            return labels(teacher, questions, told)


def _whole(part: TeacherPart, found: Prepared, news: News) -> None:
    if found.failed or found.left:
        raise DataError(
            f"{found.failed + found.left:,} of its judgements are not there ({found.reason}): "
            "what was answered is kept; run again when it is back",
            where=f"teacher {part.name}",
        )
    if found.nonsense:
        news(f"{part.name}: {found.nonsense:,} answers were no answers: no opinion there")


def _made(
    part: TeacherPart,
    written: Written,
    material: Material,
    cache: Cache,
    bar: Bar,
    open_: ExitStack,
) -> Teacher:
    """The teacher; what has to be closed after it is put on the stack."""
    seed = written.recipe.seed
    asking = {"shuffles": part.shuffles, "group": part.group, "history": part.history}
    if part.kind == "endpoint":
        if not _is_there("httpx"):
            raise DataError("an endpoint needs httpx: pip install 'web3rec[distill]'")
        key = os.environ.get(part.key_env) if part.key_env else None
        if part.key_env and not key:
            raise DataError(f"the environment has no {part.key_env}", where=f"teacher {part.name}")
        found = kinds.endpoint(
            part.url, part.model, cache, key=key, at_once=part.at_once, seed=seed, **asking
        )
        open_.callback(found.line.close)
        return found
    if part.kind == "local":
        where = written.path(part.path, f"teacher {part.name}")
        return kinds.local(where, cache, seed=seed, **asking)
    if part.kind in ("ensemble", "sequences", "texts", "encoder"):
        with bar(f"fitting {part.name}") as told:
            return Cached(_fitted(part, written, material, cache, told), cache)
    return _of_files(part, written)


def _is_there(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def _fitted(
    part: TeacherPart,
    written: Written,
    material: Material,
    cache: Cache,
    told: Callable[[int, int], None],
) -> Teacher:
    """One that learns from what people did: without what was hidden of whom it is asked about."""
    dataset, targets = material.learning()
    seed = written.recipe.seed
    if part.kind == "ensemble":
        return kinds.ensemble(dataset, targets, folds=part.folds, weights=part.methods, seed=seed)
    if part.kind == "sequences":
        if not _is_there("torch"):
            raise DataError("models of sequences need torch: pip install 'web3rec[distill]'")
        from web3rec.distill.students.sequence_teacher import (  # noqa: PLC0415 - an extra
            SequenceTeacher,
        )

        rng = np.random.default_rng([seed, 34])
        return SequenceTeacher.fitted(
            dataset, targets, rng, folds=part.folds, models=part.models, tell=told
        )
    read = _texts(part, written, material)
    if part.kind == "texts":
        return kinds.texts(read, dataset, targets)
    where = written.path(part.path, f"teacher {part.name}")
    return kinds.encoder(where, read, dataset, targets, cache, told=told)


def _texts(part: TeacherPart, written: Written, material: Material) -> dict[ItemId, str]:
    """What can be read about items: the profiles that a teacher names, else their own words."""
    if part.texts:
        found = _profiles(written, part, part.texts, part.keys)
        return dict(found.texts)  # `_profiles` passed over what was forgotten
    said = {ItemId(item.id): text_of(item) for item in material.stay.items}
    return {item: text for item, text in said.items() if text}


def _profiles(written: Written, part: TeacherPart, path: str, keys: str) -> Profiles:
    files = [written.path(name, f"teacher {part.name}") for name in (path, keys)]
    known = {key: ItemId(part.prefix + item) for key, item in read_keys(files[1]).items()}
    known = {key: item for key, item in known.items() if not written.forgotten.item(item)}
    return read_profiles(files[0], known)


def _of_files(part: TeacherPart, written: Written) -> Teacher:
    files = sources(written, part)
    told = hashlib.sha256(part.prefix.encode())
    for path in files:
        told.update(path.read_bytes())
    name = f"{part.kind}:{part.name}:{told.hexdigest()[:16]}"
    if part.kind == "files":
        read = read_rankings(files[0])
        lists = {
            person: tuple(ItemId(part.prefix + item) for item in own)
            for person, own in read.lists.items()
        }
        return Ranked(name, replace(read, lists=lists))
    if part.kind == "profiles":
        return Alike(name, _profiles(written, part, part.path, part.keys))
    items = {n: ItemId(part.prefix + item) for n, item in read_numbers(files[2]).items()}
    return Simulated(name, read_judgements(files[0], read_numbers(files[1]), items))
