"""What the fields of an options class may hold, and how text and TOML become that.

An options class is a frozen dataclass whose fields have defaults and a docstring each; from it
alone follow the file's keys, the environment's variables and the example that shows them all.
"""

import ast
import inspect
import textwrap
import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, Literal

from p2p.errors import NodeError

_SWITCH: Final = dict.fromkeys(("true", "yes", "on", "1"), True) | dict.fromkeys(
    ("false", "no", "off", "0"), False
)
_SAID: Final[Mapping[type, str]] = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    Path: "a path",
    tuple: "a list of texts",
}


@dataclass(frozen=True, slots=True)
class Setting:
    """One field: its name, what it may hold, its default, and what its docstring says."""

    name: str
    kind: type
    """str, int, float, bool, Path or tuple (of texts)"""
    default: object
    doc: str

    @property
    def wanted(self) -> str:
        """What may stand there, in words."""
        return _SAID[self.kind]


def settings_of(options: type) -> dict[str, Setting]:
    """The fields of an options class by name, in order.

    Raises:
        TypeError: a field has no default, or is of a kind that a file cannot say.
    """
    hints, docs = typing.get_type_hints(options), _docs(options)
    return {
        field.name: Setting(
            field.name,
            _kind(options, field.name, hints[field.name]),
            _default(options, field),
            docs.get(field.name, ""),
        )
        for field in fields(options)
    }


def from_toml(setting: Setting, value: object, where: str) -> object:
    """A value of a TOML file. Raises NodeError, which begins with `where`."""
    kind = setting.kind
    if kind is tuple:
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            return tuple(value)
    elif kind is Path:
        if isinstance(value, str):
            return Path(value)
    elif kind is float:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
    elif type(value) is kind:
        return value
    raise NodeError(f"{where} must be {setting.wanted}, got {value!r:.80}")


def from_text(setting: Setting, text: str, where: str) -> object:
    """A value of the environment; lists stand between blanks. Raises NodeError."""
    kind = setting.kind
    if kind is tuple:
        return tuple(text.split())
    try:
        return _SWITCH[text.lower()] if kind is bool else kind(text)
    except (ValueError, KeyError):
        raise NodeError(f"{where} must be {setting.wanted}, got {text!r:.80}") from None


def as_toml(value: object) -> str:
    """How a value is written in a TOML file; "" for none, which TOML cannot say."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, tuple | list):
        return f"[{', '.join(as_toml(one) for one in value)}]"
    text = str(value)
    shown = "".join(c if c.isprintable() and c not in '"\\' else _escaped(c) for c in text)
    return f'"{shown}"'


def _escaped(c: str) -> str:
    return f"\\{c}" if c in '"\\' else f"\\U{ord(c):08x}"


def _default(options: type, field: Any) -> object:
    if field.default is not MISSING:
        return field.default
    if field.default_factory is not MISSING:
        return field.default_factory()
    raise TypeError(f"{options.__name__}.{field.name} needs a default")


def _kind(options: type, name: str, hint: Any) -> type:
    choices = set()
    for one in _parts(hint):
        origin = typing.get_origin(one)
        if origin is Literal:
            choices |= {type(value) for value in typing.get_args(one)}
        elif origin in (tuple, list):
            if set(typing.get_args(one)) - {Ellipsis} != {str}:
                raise TypeError(f"{options.__name__}.{name}: a file holds lists of texts only")
            choices.add(tuple)
        elif one is not type(None):
            choices.add(one)
    if choices == {int, float}:
        choices = {float}
    if choices == {str, Path}:
        choices = {Path}
    if len(choices) != 1 or not choices <= _SAID.keys():
        raise TypeError(f"{options.__name__}.{name}: a file cannot say {hint}")
    return typing.cast("type", choices.pop())


def _parts(hint: Any) -> tuple[Any, ...]:
    united = typing.get_origin(hint) in (typing.Union, types.UnionType)
    return typing.get_args(hint) if united else (hint,)


def _docs(options: type) -> dict[str, str]:
    """The text under each field. It is nowhere at run time, so the source is read."""
    try:
        source = textwrap.dedent(inspect.getsource(options))
    except (OSError, TypeError):
        return {}
    body = typing.cast("ast.ClassDef", ast.parse(source).body[0]).body
    found: dict[str, str] = {}
    for statement, after in pairwise(body):
        if (
            isinstance(statement, ast.AnnAssign)
            and isinstance(statement.target, ast.Name)
            and isinstance(after, ast.Expr)
            and isinstance(after.value, ast.Constant)
            and isinstance(after.value.value, str)
        ):
            found[statement.target.id] = inspect.cleandoc(after.value.value)
    return found
