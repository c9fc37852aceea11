"""`doctor`: is everything as it should be? Looks, and changes nothing unless told to."""

import os
import platform
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import click

from web3rec import __version__
from web3rec.cli import extras
from web3rec.cli.checks import Check, joined
from web3rec.cli.config import read_config
from web3rec.cli.model import line
from web3rec.cli.opening import writing
from web3rec.cli.output import moment, news, result, table
from web3rec.cli.session import Session
from web3rec.cli.start import LADDER
from web3rec.clock import system_clock
from web3rec.errors import CorruptStore, DataError, Web3recError
from web3rec.recommender import SHELF
from web3rec.records import did_key, holder_of, keyfile
from web3rec.records.model import MAX_SKEW
from web3rec.rerank.bundle import Bundle, Refusal, Shelf, reranker
from web3rec.rerank.bundle.onnx_backend import OnnxModel
from web3rec.rotation import settle_rotation
from web3rec.store import LOG_FILE, quarantine, reading
from web3rec.store.database import Database
from web3rec.store.schema import KNOWN
from web3rec.types import Millis, PeerId

BORN: Final = 1_735_689_600
"""2025, unix seconds: no honest clock stands before it."""
LITTLE: Final = 64 << 20
"""Bytes of free disk below which recording may soon fail."""


@click.command()
@click.option("--quarantine", "aside", is_flag=True, help="Set a damaged log aside, start anew.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines, one a check.")
@click.pass_context
def doctor(ctx: click.Context, *, aside: bool, as_json: bool) -> None:
    """Check the installation, the key and the log.

    Exit code 1 if anything is wrong. With --quarantine a damaged log is renamed, never deleted,
    and an empty one is started, at privacy level 0; a sound log is left alone.

    \b
    For instance:
      web3rec doctor
      web3rec doctor --quarantine
    """
    session: Session = ctx.obj
    if aside:
        _set_aside(session)
    checks = list(examine(session))
    if as_json:
        for check in checks:
            result({"check": check.name, "state": check.state, "detail": check.detail})
    else:
        table(("", "check", "found"), [(c.state, c.name, c.detail) for c in checks])
    if any(check.state == "wrong" for check in checks):
        ctx.exit(1)


def examine(session: Session) -> Iterator[Check]:
    """All checks, in order; those that make no sense without an earlier one are left out."""
    system = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    yield Check("version", "ok", f"web3rec {__version__}, {system}, {sys.platform}")
    here = [extra for extra in extras.NEEDS if extras.installed(extra)]
    absent = [extra for extra in extras.NEEDS if extra not in here]
    yield Check("extras", "ok", f"{', '.join(here) or 'none'} (not: {', '.join(absent) or 'none'})")
    try:
        config = read_config(session.directory, session.config_file, os.environ)
        seeds = f"{len(config.seeds)} seeds"
        delay = f"{config.share_delay_hours:g} h of delay at most"
        yield Check("config", "ok", f"{config.mode}, {seeds}, {delay}")
    except Web3recError as error:
        yield Check("config", "wrong", str(error))
    directory = session.directory
    if directory.is_dir():
        yield from _device(directory)
    else:
        yield Check("directory", "wrong", f"{directory} is not there; `web3rec init` makes one")
    yield from joined(session)


def _device(directory: Path) -> Iterator[Check]:
    """The directory, the clock, the key, the log."""
    yield _writable(directory)
    yield _clock(directory)
    me = None
    try:
        path = settle_rotation(directory, read_only=True)
        me = holder_of(path)
        how = "under a passphrase" if keyfile.is_protected(path) else "readable by you only"
        yield Check("key", "ok", f"{did_key(me)}, {how}")
    except Web3recError as error:
        yield Check("key", "wrong", str(error))
    yield from _log(directory, me)
    yield _model(directory)


def _writable(directory: Path) -> Check:
    """A file can be made there, and there is room; nobody else can look inside."""
    try:
        with tempfile.TemporaryFile(dir=directory) as file:
            file.write(b"web3rec")
            file.flush()
            os.fsync(file.fileno())
        free = shutil.disk_usage(directory).free
    except OSError as error:
        why = error.strerror or str(error)
        return Check("directory", "wrong", f"{directory} cannot be written: {why}")
    room = f"{directory}, writable, {free / (1 << 30):.1f} GiB free"
    return Check("directory", "ok" if free >= LITTLE else "note", room)


def _clock(directory: Path) -> Check:
    """The clock does not stand before what was written here, nor before this code was."""
    now = system_clock() / 1000
    newest = max((path.stat().st_mtime for path in directory.iterdir()), default=0.0)
    if now < BORN or newest > now + MAX_SKEW:
        ahead = f"{(newest - now) / 3600:.1f} h behind what was written last"
        why = "before web3rec was made" if now < BORN else ahead
        return Check("clock", "wrong", f"it stands {why}: peers refuse what you say; set it")
    return Check("clock", "ok", f"{moment(Millis(int(now * 1000)))}, not behind what is written")


def _log(directory: Path, me: PeerId | None) -> Iterator[Check]:
    """The file is sound and of our form; what is in it."""
    try:
        with closing(Database(directory, read_only=True)) as db:
            yield Check("log", "ok", f"{directory / LOG_FILE} is sound")
            yield Check("schema", "ok", f"all of {len(KNOWN)} migrations applied")
            counts = ", ".join(f"{name} {count}" for name, count in reading.counts(db).items())
            own = 0 if me is None else reading.authors(db).get(me, 0)
            yield Check("counts", "ok", f"{counts}; {own} records are yours")
            level = reading.whole(reading.setting(db, "level"), 0)
            yield Check("level", "ok", f"{level}: {LADDER[level]}")
    except Web3recError as error:
        yield Check("log", "wrong", str(error))


def _model(directory: Path) -> Check:
    """What orders lists; a model that is refused is worth knowing and no harm: the graph does."""
    try:
        shelf = Shelf(directory / SHELF)
        used, pins = shelf.used(), len(shelf.pinned())
    except Web3recError as error:
        return Check("model", "wrong", str(error))
    pinned = f"{pins} publishers pinned"
    if used is None:
        return Check("model", "ok", f"none installed, {pinned}")
    by = reranker(used) if isinstance(used, Bundle) else used
    if isinstance(used, Refusal) or isinstance(by, Refusal):
        return Check("model", "note", f"not used, the graph's order stands: {by}")
    backend = "onnxruntime" if isinstance(by, OnnxModel) else "NumPy"
    return Check("model", "ok", f"{line(used)}; in {backend}; {pinned}")


def _set_aside(session: Session) -> None:
    """Rename a damaged log and start an empty one.

    Raises:
        DataError: there is no log.
        Web3recError: it cannot be opened for another reason than damage.
    """
    if not (session.directory / LOG_FILE).exists():
        raise DataError(f"there is no log in {session.directory}; `web3rec init` makes one")
    try:
        Database(session.directory, read_only=True).close()
    except CorruptStore:
        moved = quarantine(session.directory)
        with writing(session, new=True):
            news(f"set aside as {moved}; an empty log was started, at privacy level 0")
    else:
        news("the log is sound: nothing was set aside")
