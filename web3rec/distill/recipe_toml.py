"""recipe.toml: read strictly, so that a slip of the pen is an error and not another model.

Every key is one of the fields of `web3rec.distill.recipe`; whatever else is there is refused by
name, with what is allowed. Paths are looked for beside the recipe first, then in the directory that
the command was called in.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any, Final, NoReturn, TypeVar

from web3rec.distill.forgotten import NOTHING, Forgotten
from web3rec.distill.recipe import (
    TEACHERS,
    BundlePart,
    CalibrationPart,
    DataPart,
    GatesPart,
    LessonsPart,
    LossesPart,
    QuantizePart,
    Recipe,
    SplitPart,
    StudentPart,
    TeacherPart,
    VectorsPart,
)
from web3rec.distill.shards import ShardsPart
from web3rec.errors import DataError, ParamError

LARGEST: Final = 1 << 20
"""Bytes of a recipe at most."""
PARTS: Final = {
    "data": DataPart,
    "split": SplitPart,
    "lessons": LessonsPart,
    "shards": ShardsPart,
    "vectors": VectorsPart,
    "student": StudentPart,
    "losses": LossesPart,
    "calibration": CalibrationPart,
    "quantize": QuantizePart,
    "gates": GatesPart,
    "bundle": BundlePart,
}
"""Table -> what it is."""
_ALWAYS: Final = ("name", "kind", "silence")
_KINDS: Final = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}
Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class Written:
    """A recipe and where it lay."""

    recipe: Recipe
    folder: Path
    forgotten: Forgotten = field(default=NOTHING, repr=False)
    """Who and what is passed over in the data: the list of the directory that is worked in"""

    def path(self, said: str, what: str) -> Path:
        """The file or folder that a recipe's path means.

        Args:
            said: the path.
            what: what it is for, for the message.

        Raises:
            DataError: nothing is there.
        """
        given = Path(said).expanduser()
        for place in (self.folder / given, Path.cwd() / given):
            if place.exists():
                return place
        raise DataError(
            f"{what}: there is no {said}, neither beside the recipe nor here: put the data there, "
            "or change the path in the recipe"
        )


def read_recipe(path: Path) -> Written:
    """Read a recipe.

    Raises:
        DataError: it cannot be read, is no TOML, or says what it may not; the message names the
            key, and what is allowed.
    """
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise DataError(f"cannot be read ({error.strerror})", where=str(path)) from None
    try:
        tables = tomllib.loads(data[:LARGEST].decode())
    except (ValueError, RecursionError) as error:  # both TOML's and Unicode's are ValueErrors
        raise DataError(f"this is no recipe in TOML: {error}", where=str(path)) from None
    return Written(_recipe(tables, path), path.resolve().parent)


def _recipe(tables: Mapping[str, Any], path: Path) -> Recipe:
    allowed = ("seed", *(f"[{name}]" for name in PARTS), "[[teachers]]")
    for name in tables:
        if name not in PARTS and name not in ("seed", "teachers"):
            _refuse(path, f"unknown key {name!r}; allowed: {', '.join(allowed)}")
    for name in ("data", "bundle"):
        if name not in tables:
            _refuse(path, f"wanted a table [{name}]")
    found: dict[str, Any] = {
        name: _part(PARTS[name], tables[name], f"[{name}]", path)
        for name in PARTS
        if name in tables
    }
    teachers = tables.get("teachers", [])
    if not isinstance(teachers, list):
        _refuse(path, "teachers are tables [[teachers]], one each")
    found["teachers"] = tuple(_teacher(table, path) for table in teachers)
    if "seed" in tables:
        found["seed"] = tables["seed"]
    return _made(Recipe, found, path)


def _teacher(table: object, path: Path) -> TeacherPart:
    part = _part(TeacherPart, table, "[[teachers]]", path)
    allowed = (*_ALWAYS, *TEACHERS[part.kind])
    for name in table if isinstance(table, dict) else ():
        if name not in allowed:
            which = f"of a teacher of kind {part.kind}"
            _refuse(path, f"unknown key {name!r} {which}; allowed: {', '.join(allowed)}")
    return part


def _part(kind: type[Part], table: object, where: str, path: Path) -> Part:
    if not isinstance(table, dict):
        _refuse(path, f"wanted a table {where}, got {table!r:.60}")
    known = {each.name: each for each in fields(kind)}  # type: ignore[arg-type]
    for name in table:
        if name not in known:
            _refuse(path, f"unknown key {name!r} in {where}; allowed: {', '.join(known)}")
    for name, each in known.items():
        if each.default is MISSING and each.default_factory is MISSING and name not in table:
            _refuse(path, f"wanted the key {name!r} in {where}")
    read = {name: _value(known[name].type, got, name, where, path) for name, got in table.items()}
    return _made(kind, read, path)


def _value(kind: object, got: object, name: str, where: str, path: Path) -> object:
    if kind in _KINDS:
        whole = type(got) is int
        if kind is float and whole:
            return float(got)  # type: ignore[arg-type]
        if type(got) is kind:
            return got
        _refuse(path, f"{name!r} in {where} must be {_KINDS[kind]}, got {got!r:.60}")
    if not isinstance(got, dict) or not all(type(each) in (int, float) for each in got.values()):
        _refuse(path, f"{name!r} in {where} must be a table of numbers, got {got!r:.60}")
    return {key: float(each) for key, each in got.items()}


def _made(kind: type[Part], values: Mapping[str, Any], path: Path) -> Part:
    try:
        return kind(**values)
    except ParamError as error:
        raise DataError(str(error), where=str(path)) from None


def _refuse(path: Path, what: str) -> NoReturn:
    raise DataError(what, where=str(path))
