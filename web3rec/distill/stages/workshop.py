"""The directory a recipe works in: every file is there whole or not at all.

    DIR/
    ├── lessons.npz ...        what stages wrote
    ├── judgements.db          what teachers said; see `web3rec.distill.cache`
    ├── forgotten.json         who and what is passed over; see `web3rec.distill.forgotten`
    ├── publisher.pem          the publisher's key, if no other was named
    └── stages/label.json ...  what a stage was made of, and the hashes of what it wrote

A stage is done if its record says the same ingredients and the files are the ones it wrote. The
record is written last, so whoever is killed at any moment does that stage again and no more. Only
this user can read the directory: lessons tell what people like.
"""

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from filelock import FileLock, Timeout

from web3rec.errors import AlreadyOpen, DataError
from web3rec.records.keyfile import sync_directory

RECORDS: Final = "stages"
Arrays = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Workshop:
    """One output directory."""

    directory: Path

    def prepare(self) -> FileLock:
        """Make the directory, and take its lock (to be released by the caller).

        Raises:
            DataError: it cannot be made or written.
            AlreadyOpen: another run is at work in it.
        """
        try:
            (self.directory / RECORDS).mkdir(parents=True, exist_ok=True, mode=0o700)
            self.directory.chmod(0o700)
            lock = FileLock(self.directory / ".lock")
            lock.acquire(timeout=0)
        except Timeout:
            raise AlreadyOpen(
                f"another run is at work in {self.directory}: wait for it, or choose another --out"
            ) from None
        except OSError as error:
            raise DataError(
                f"cannot be written ({error.strerror}): choose another --out",
                where=str(self.directory),
            ) from None
        return lock

    def path(self, name: str) -> Path:
        """Where a file of that name is, or would be."""
        return self.directory / name

    def read(self, name: str) -> bytes:
        """A file's bytes. Raises DataError: it cannot be read."""
        try:
            return self.path(name).read_bytes()
        except OSError as error:
            raise DataError(
                f"cannot be read ({error.strerror}): run the stages before it, or `distill run`",
                where=str(self.path(name)),
            ) from None

    def write(self, name: str, data: bytes) -> None:
        """Write a file whole, on disk when this returns, or leave what was there.

        Raises:
            DataError: it cannot be written.
        """
        path = self.path(name)
        draft = path.with_name(f".{path.name}.draft")
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
            sync_directory(path.parent)
        except OSError as error:
            raise DataError(f"cannot be written ({error.strerror})", where=str(path)) from None

    def digest(self, name: str) -> str | None:
        """The sha256 of a file, in hex; None if it is not there."""
        try:
            with self.path(name).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            return None

    def done(self, stage: str, ingredients: str) -> bool:
        """Whether a stage was done with these ingredients, and its files are as it left them."""
        try:
            record = json.loads(self.path(f"{RECORDS}/{stage}.json").read_bytes())
            same = record["ingredients"] == ingredients
            wrote = dict(record["wrote"])
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            return False  # no record, or half of one: done again
        return same and all(self.digest(name) == wanted for name, wanted in wrote.items())

    def made(self, stage: str, said: Mapping[str, object]) -> bool:
        """Whether a part of a stage that reads nothing else was made of this."""
        return self.done(stage, ingredients(stage, 1, said, self, ()))

    def wrote(self, stage: str) -> list[str]:
        """The files that a stage's record names; none where there is no readable one."""
        try:
            record = json.loads(self.path(f"{RECORDS}/{stage}.json").read_bytes())
            return [str(name) for name in record["wrote"] if "/" not in name]
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            return []

    def undo(self, stage: str) -> None:
        """Remove what a stage wrote, and its record first."""
        names = self.wrote(stage)
        self.path(f"{RECORDS}/{stage}.json").unlink(missing_ok=True)
        for name in names:
            self.path(name).unlink(missing_ok=True)

    def finish(self, stage: str, ingredients: str, files: Mapping[str, bytes]) -> None:
        """Write what a stage made, and last its record; what it made before and makes no longer is
        removed. Raises DataError as `write` does.
        """
        for name, data in files.items():
            self.write(name, data)
        for name in set(self.wrote(stage)) - set(files):
            self.path(name).unlink(missing_ok=True)
        wrote = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
        record = {"ingredients": ingredients, "wrote": wrote}
        self.write(f"{RECORDS}/{stage}.json", json_bytes(record))


def ingredients(
    stage: str,
    version: int,
    said: Mapping[str, object],
    workshop: Workshop,
    reads: Iterable[str],
    outside: Iterable[Path] = (),
) -> str:
    """The hash of all that a stage's outcome hangs on.

    Args:
        stage: its name.
        version: rises whenever the stage's code would make something else of the same.
        said: the parts of the recipe that matter to it, as plain values.
        workshop: where `reads`, files of earlier stages, are.
        reads: their names.
        outside: data and models: files, or folders with all their files.

    Raises:
        DataError: a file outside cannot be read.

    Cost: reads every file once.
    """
    told: dict[str, object] = {"stage": stage, "version": version, "said": said}
    told["reads"] = {name: workshop.digest(name) for name in reads}
    told["outside"] = [_digest_of(path) for path in outside]
    return hashlib.sha256(json_bytes(told)).hexdigest()


def _digest_of(path: Path) -> list[list[str]]:
    files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    found = []
    for each in files:
        try:
            with each.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise DataError(f"cannot be read ({error.strerror})", where=str(each)) from None
        found.append([each.relative_to(path).as_posix() if path.is_dir() else path.name, digest])
    return found


def json_bytes(value: object) -> bytes:
    """JSON of one spelling, with a line's end."""
    return json.dumps(value, sort_keys=True, indent=1, allow_nan=False).encode() + b"\n"


def packed(arrays: Arrays) -> bytes:
    """Arrays as an .npz; the same bytes every time."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **{name: arrays[name] for name in sorted(arrays)})
    return buffer.getvalue()


def unpacked(data: bytes, where: str) -> dict[str, npt.NDArray[Any]]:
    """The arrays of an .npz that `packed` made. Raises DataError: it is none."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as held:
            return {name: held[name] for name in held.files}
    except (ValueError, OSError, EOFError, KeyError, zipfile.BadZipFile):
        raise DataError("damaged: delete it and run again", where=where) from None
