"""The teachers that a recipe names, made and asked; what they said before is not asked again.

Those that cost something to ask (a model, an endpoint, an ensemble) keep every judgement in
judgements.db as it comes, so a labelling that was interrupted costs only the rows not there yet.
"""

import hashlib
import os
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from pathlib import Path

import numpy as np

from web3rec.distill.cache import Cache
from web3rec.distill.files import Ranked, read_rankings
from web3rec.distill.labels import Cached, Labels, Prepared, labels
from web3rec.distill.lessons import Lesson
from web3rec.distill.profiles import Alike, read_keys, read_profiles
from web3rec.distill.recipe import TeacherPart
from web3rec.distill.recipe_toml import Written
from web3rec.distill.simulated import Simulated, read_judgements, read_numbers
from web3rec.distill.stages.material import Material
from web3rec.distill.teacher import Teacher
from web3rec.errors import DataError
from web3rec.types import ItemId

News = Callable[[str], None]
Bar = Callable[[str], AbstractContextManager[Callable[[int, int], None]]]
"""Opens something that is told (done, all), such as a bar on a terminal."""


def sources(written: Written, part: TeacherPart) -> list[Path]:
    """The files a teacher is made of. Raises DataError: one is not there."""
    said = (part.path, part.keys, part.people, part.items)
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
        teacher = open_.enter_context(_made(part, written, material, cache))
        prepare = getattr(teacher, "prepare", None)
        if prepare is not None and part.asks:
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


class _Given(AbstractContextManager[Teacher]):
    """A teacher, and what has to be closed after it."""

    def __init__(self, teacher: Teacher, close: Callable[[], None] | None = None) -> None:
        self.teacher, self.close = teacher, close

    def __enter__(self) -> Teacher:
        return self.teacher

    def __exit__(self, *_error: object) -> None:
        if self.close is not None:
            self.close()


def _made(part: TeacherPart, written: Written, material: Material, cache: Cache) -> _Given:
    seed = written.recipe.seed
    if part.kind == "endpoint":
        return _endpoint(part, cache, seed)
    if part.kind == "local":
        return _Given(_local(part, written, cache, seed))
    if part.kind == "encoder":
        return _Given(_encoder(part, written, material, cache))
    if part.kind == "ensemble":
        from web3rec.distill.ensemble import Ensemble  # noqa: PLC0415 - SciPy's weight

        dataset, targets = material.learning()
        rng = np.random.default_rng([seed, 33])
        made = Ensemble.fitted(
            dataset, targets, rng, folds=part.folds, weights=part.methods, seed=seed
        )
        return _Given(Cached(made, cache))
    return _Given(_of_files(part, written))


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
        keys = {key: ItemId(part.prefix + item) for key, item in read_keys(files[1]).items()}
        return Alike(name, read_profiles(files[0], keys))
    items = {n: ItemId(part.prefix + item) for n, item in read_numbers(files[2]).items()}
    return Simulated(name, read_judgements(files[0], read_numbers(files[1]), items))


def _endpoint(part: TeacherPart, cache: Cache, seed: int) -> _Given:
    try:
        from web3rec.distill.asking import Line  # noqa: PLC0415 - needs httpx, an extra
        from web3rec.distill.endpoint import (  # noqa: PLC0415
            Endpoint,
            EndpointParams,
            probed,
        )
        from web3rec.distill.prompts import Mode  # noqa: PLC0415
    except ModuleNotFoundError:
        raise DataError(
            "an endpoint is asked by way of httpx: pip install 'web3rec[distill]'"
        ) from None
    key = os.environ.get(part.key_env) if part.key_env else None
    if part.key_env and not key:
        raise DataError(f"the environment has no {part.key_env}", where=f"teacher {part.name}")
    line = Line(part.url, key)
    params = EndpointParams(
        shuffles=part.shuffles,
        group=part.group,
        history=part.history,
        at_once=part.at_once,
        seed=seed,
    )
    try:
        mode = probed(line, part.model) if part.asks else Mode.LETTER
    except BaseException:
        line.close()
        raise
    return _Given(Endpoint(line, part.model, mode, cache, params, asks=part.asks), line.close)


def _local(part: TeacherPart, written: Written, cache: Cache, seed: int) -> Teacher:
    from web3rec.distill.local_model import LocalModel, LocalParams  # noqa: PLC0415 - an extra

    params = LocalParams(shuffles=part.shuffles, group=part.group, history=part.history, seed=seed)
    return LocalModel.opened(written.path(part.path, f"teacher {part.name}"), cache, params)


def _encoder(part: TeacherPart, written: Written, material: Material, cache: Cache) -> Teacher:
    del written, material, cache
    raise DataError("teachers of kind encoder are not there yet", where=f"teacher {part.name}")
