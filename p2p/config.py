"""What a node is told from outside: a TOML file, the environment, flags; later ones win.

    [node]       the fields of NodeOptions
    [control]    the fields of ControlOptions
    [log]        the fields of LogOptions

Every field may be set in the file, and in the environment as WEB3REC_NODE_<FIELD> and so on
(lists between blanks); anything else there is an error. WEB3REC_LISTEN, WEB3REC_BOOTSTRAP and
WEB3REC_TOPIC are short for the node's. `web3rec node init-config` writes a file that shows all.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import wrap
from typing import Any, Final

from p2p.control.options import ControlOptions
from p2p.errors import NodeError
from p2p.fields import Setting, as_toml, from_text, from_toml, settings_of
from p2p.logs import LogOptions
from p2p.options import NodeOptions

FILE: Final = "node.toml"
"""Looked for in the node's directory where no other file is named."""
TABLES: Final[Mapping[str, type]] = {
    "node": NodeOptions,
    "control": ControlOptions,
    "log": LogOptions,
}
SHORT: Final = {
    "WEB3REC_LISTEN": ("node", "listen"),
    "WEB3REC_BOOTSTRAP": ("node", "bootstrap"),
    "WEB3REC_TOPIC": ("node", "topic"),
}
SECRET: Final = frozenset({("node", "network_key")})
"""Settings that are not shown to whoever looks over a shoulder."""
_WIDTH: Final = 96

Flags = Mapping[str, Mapping[str, object]]
"""Table -> field -> value; None and empty tuples say nothing."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A setting that holds, and who said so."""

    table: str
    name: str
    value: object
    origin: str
    """"default", the file, a variable of the environment, or a flag"""

    @property
    def shown(self) -> str:
        """The value as a file would say it; a secret is not told."""
        secret = (self.table, self.name) in SECRET and self.value
        return '"(hidden)"' if secret else as_toml(self.value) or "none"


@dataclass(frozen=True, slots=True)
class Config:
    """Everything a node is told, checked."""

    node: NodeOptions
    control: ControlOptions
    log: LogOptions
    chosen: tuple[Chosen, ...]
    """Every setting there is, in the order of the tables"""


def read_config(file: Path | None, environ: Mapping[str, str], flags: Flags) -> Config:
    """Join the three.

    Raises NodeError in one line that names the file, variable or flag, the key and what is
    allowed.
    """
    known = {table: settings_of(options) for table, options in TABLES.items()}
    said: dict[tuple[str, str], tuple[object, str]] = {}
    if file is not None:
        said |= _from_file(file, known)
    said |= _from_environment(environ, known)
    said |= _from_flags(flags, known)
    built = {table: _built(table, said) for table in TABLES}
    chosen = [
        Chosen(table, name, getattr(built[table], name), said.get((table, name), (0, "default"))[1])
        for table, settings in known.items()
        for name in settings
    ]
    return Config(**built, chosen=tuple(chosen))


def config_file(named: Path | None, directory: Path) -> Path | None:
    """The file to read: the one that was named, else node.toml of the directory if it is there."""
    usual = directory / FILE
    return named if named is not None else usual if usual.exists() else None


def example() -> str:
    """A TOML file with every setting there is: what it means, and its default, commented out."""
    lines = [
        "# Settings of `web3rec node run`. What is commented out shows its default.",
        "# … stands where nothing is set. Stronger than this file: WEB3REC_<TABLE>_<KEY> in the",
        "# environment, and flags.",
    ]
    for table, options in TABLES.items():
        lines += ["", f"[{table}]"]
        for setting in settings_of(options).values():
            lines.append("")
            for paragraph in setting.doc.split("\n\n"):
                lines += [f"# {line}" for line in wrap(" ".join(paragraph.split()), _WIDTH)]
            shown = as_toml(setting.default)
            lines.append(f"# {setting.name} = {shown or '…'}")
    return "\n".join(lines) + "\n"


_Known = Mapping[str, Mapping[str, Setting]]
_Said = dict[tuple[str, str], tuple[object, str]]


def _from_file(file: Path, known: _Known) -> _Said:
    said: _Said = {}
    for table, content in _document(file).items():
        if table not in known:
            allowed = ", ".join(f"[{name}]" for name in known)
            raise NodeError(f"{file}: unknown key {table!r}; allowed: {allowed}")
        if not isinstance(content, dict):
            raise NodeError(f"{file}: {table} must be a table, [{table}]")
        for name, value in content.items():
            if name not in known[table]:
                allowed = ", ".join(known[table])
                raise NodeError(f"{file}: unknown key {name!r} in [{table}]; allowed: {allowed}")
            where = f"{file}: {name}"
            said[table, name] = from_toml(known[table][name], value, where), str(file)
    return said


def _document(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise NodeError(f"cannot read {file}: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise NodeError(f"{file} is not UTF-8 text (byte {error.start})") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise NodeError(f"{file} is not TOML: {error}") from None


def _from_environment(environ: Mapping[str, str], known: _Known) -> _Said:
    said: _Said = {}
    for variable in sorted(environ, key=lambda name: (name not in SHORT, name)):
        place = SHORT.get(variable) or _place(variable, known)
        if place is not None and (text := environ[variable]):
            said[place] = from_text(known[place[0]][place[1]], text, variable), variable
    return said


def _place(variable: str, known: _Known) -> tuple[str, str] | None:
    """The setting a variable stands for; None for what is not ours."""
    for table, settings in known.items():
        prefix = f"WEB3REC_{table.upper()}_"
        if not variable.startswith(prefix):
            continue
        name = variable.removeprefix(prefix).lower()
        if name not in settings:
            allowed = ", ".join(f"{prefix}{one.upper()}" for one in settings)
            raise NodeError(f"unknown variable {variable} in the environment; allowed: {allowed}")
        return table, name
    return None


def _from_flags(flags: Flags, known: _Known) -> _Said:
    return {
        (table, name): (value, f"--{name.replace('_', '-')}")
        for table, values in flags.items()
        for name, value in values.items()
        if value not in (None, ()) and name in known[table]
    }


def _built(table: str, said: _Said) -> Any:
    """The options of a table. Raises NodeError, with who said what is out of range."""
    values = {name: value for (where, name), (value, _) in said.items() if where == table}
    try:
        return TABLES[table](**values)
    except NodeError as error:
        for name in values:
            origin = said[table, name][1]
            if str(error).startswith(name) and not origin.startswith("--"):
                raise NodeError(f"{origin}: {error}") from None
        raise
