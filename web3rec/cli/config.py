"""The config file: web3rec.toml in the directory, or what --config names; all of it optional.

    [options]
    mode = "closed"             # or "open": everyone may speak, no bound holds
    seeds = ["did:key:z6Mk..."] # peers who speak while you trust nobody yet
    share_delay_hours = 24.0    # at levels 1 and 2 a record leaves after a random delay up to this

A flag wins over the environment (WEB3REC_SEEDS, WEB3REC_SHARE_DELAY_HOURS), that over the file.
The privacy level is no setting of this file: it belongs to the log (`web3rec share`).
"""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, NoReturn

from web3rec.errors import DataError
from web3rec.records import parse_peer

FILE: Final = "web3rec.toml"
MODES: Final = ("closed", "open")
ALLOWED: Final = ("mode", "seeds", "share_delay_hours")


@dataclass(frozen=True, slots=True)
class Config:
    """What the file and the environment say; the defaults are those of `Options`."""

    mode: str = "closed"
    """One of MODES."""
    seeds: tuple[str, ...] = ()
    """Peers, in any spelling `parse_peer` reads."""
    share_delay_hours: float = 24.0
    """Hours, >= 0, finite."""


def read_config(directory: Path, named: Path | None, environ: Mapping[str, str]) -> Config:
    """The settings that hold in this call.

    Args:
        directory: where web3rec.toml is looked for.
        named: the file of --config, which must exist.
        environ: the environment.

    Raises:
        DataError: the file is missing though named, is no TOML, or says what it may not.
    """
    path = named if named is not None else directory / FILE
    config = Config()
    if named is not None or path.exists():
        config = _parsed(path)
    if text := environ.get("WEB3REC_SEEDS", "").replace(",", " ").split():
        config = replace(config, seeds=_seeds(text, "WEB3REC_SEEDS"))
    if hours := environ.get("WEB3REC_SHARE_DELAY_HOURS", ""):
        try:
            given = float(hours)
        except ValueError:
            _refuse("WEB3REC_SHARE_DELAY_HOURS", "a number of hours >= 0", hours)
        config = replace(config, share_delay_hours=_hours(given, "WEB3REC_SHARE_DELAY_HOURS"))
    return config


def _parsed(path: Path) -> Config:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}", where=str(path)) from error
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        found = f"wanted UTF-8 text, found the byte 0x{data[error.start]:02x}"
        raise DataError(found, where=f"{path} line {line}") from error
    try:
        tables = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        last = f"at line {text.rstrip().count(chr(10)) + 1}, its last"
        why = str(error).replace("at end of document", last)
        raise DataError(f"this is no TOML: {why}", where=str(path)) from error
    for name in tables:
        if name != "options":
            raise DataError(f"unknown key {name!r}; allowed: [options]", where=str(path))
    options = tables.get("options", {})
    if not isinstance(options, dict):
        _refuse(f"{path}: options", "a table, [options]", options)
    return _checked(options, path)


def _checked(options: Mapping[str, object], path: Path) -> Config:
    for name in options:
        if name not in ALLOWED:
            allowed = ", ".join(ALLOWED)
            raise DataError(
                f"unknown key {name!r} in [options]; allowed: {allowed}", where=str(path)
            )
    default = Config()
    mode = options.get("mode", default.mode)
    if not isinstance(mode, str) or mode not in MODES:
        _refuse(f"{path}: mode", " or ".join(f'"{one}"' for one in MODES), mode)
    seeds = options.get("seeds", [])
    if not isinstance(seeds, list):
        _refuse(f"{path}: seeds", 'a list such as ["did:key:z6Mk…"]', seeds)
    hours = options.get("share_delay_hours", default.share_delay_hours)
    return Config(
        mode=mode,
        seeds=_seeds(seeds, f"{path}: seeds"),
        share_delay_hours=_hours(hours, f"{path}: share_delay_hours"),
    )


def _seeds(given: list[str], name: str) -> tuple[str, ...]:
    for one in given:
        if not isinstance(one, str):
            _refuse(name, "peers as text", one)
        try:
            parse_peer(one)
        except DataError as error:
            raise DataError(str(error), where=name) from error
    return tuple(given)


def _hours(given: object, name: str) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float):
        _refuse(name, "a number of hours >= 0", given)
    if not 0 <= given < math.inf:  # also refuses NaN
        _refuse(name, "a number of hours >= 0", given)
    return float(given)


def _refuse(name: str, wanted: str, got: object) -> NoReturn:
    raise DataError(f"{name} must be {wanted}, got {got!r:.60}")
