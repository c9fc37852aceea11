"""A data set's files: in a folder or a zip, plain or gzipped, read whole and checked.

Knows bytes, text and rows; not what they mean. Nothing is ever unpacked to disk. Every flaw of a
file becomes a `DataError` that says where it is.
"""

import csv
import gzip
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final, NoReturn

from web3rec.adapters.dataset import Progress
from web3rec.errors import DataError

MAX_BYTES: Final = 1 << 30
"""Bytes of one unpacked file at most: a zip of a few kilobytes can claim to hold terabytes."""
_TICK: Final = 8_192
_MAX_DIGITS: Final = 15
_DAMAGED: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,  # includes gzip.BadGzipFile
    RuntimeError,  # zipfile: an encrypted member
    NotImplementedError,  # zipfile: a compression method it does not know
)


@dataclass(frozen=True, slots=True)
class Folder:
    """The files of a folder (its own, not its subfolders') or of a zip (at any depth)."""

    path: Path
    members: Mapping[str, str]
    """Lower-case file name -> name inside the folder or the zip."""
    is_zip: bool

    @staticmethod
    def open(path: Path) -> "Folder":
        """List the files; none is read yet.

        Raises:
            DataError: there is nothing at `path`, or it is neither a folder nor a zip.
        """
        try:
            if path.is_dir():
                files = sorted(p.name for p in path.iterdir() if p.is_file())
                return Folder(path, {name.lower(): name for name in files}, is_zip=False)
            if not path.exists():
                raise DataError("there is no such file or folder", where=str(path))
            with zipfile.ZipFile(path) as archive:
                names = [name for name in archive.namelist() if not name.startswith("__MACOSX/")]
        except _DAMAGED as e:
            raise DataError(
                f"wanted a folder or a zip, found neither ({e})", where=str(path)
            ) from e
        names.sort(key=lambda name: (-name.count("/"), name))  # the shallowest of a name wins
        return Folder(path, {PurePosixPath(n).name.lower(): n for n in names}, is_zip=True)

    def find(self, *names: str) -> str | None:
        """The first of these files that is there, plain or as .gz; None if none is."""
        for name in names:
            for variant in (name, f"{name}.gz"):
                if variant in self.members:
                    return variant
        return None

    def need(self, *names: str) -> str:
        """The first of these files that is there.

        Raises:
            DataError: none of them is there.
        """
        if found := self.find(*names):
            return found
        raise DataError(
            f"wanted {' or '.join(names)} (or .gz) in it, found none", where=str(self.path)
        )

    def text(self, name: str, encoding: str = "utf-8") -> str:
        """One file, unpacked and decoded; a byte order mark is dropped.

        Raises:
            DataError: it is damaged, larger than MAX_BYTES, or not in that encoding.
        """
        data = self._bytes(name)
        try:
            return data.decode(encoding).removeprefix("\ufeff")
        except UnicodeDecodeError as e:
            line = data.count(b"\n", 0, e.start) + 1
            what = f"wanted {encoding.upper()} text, found the byte 0x{data[e.start]:02x}"
            raise DataError(what, where=f"{name} line {line}") from e

    def _bytes(self, name: str) -> bytes:
        member = self.members[name]
        try:
            if self.is_zip:
                with zipfile.ZipFile(self.path) as archive, archive.open(member) as file:
                    data = file.read(MAX_BYTES + 1)
            else:
                with (self.path / member).open("rb") as file:
                    data = file.read(MAX_BYTES + 1)
            if name.endswith(".gz"):
                with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
                    data = packed.read(MAX_BYTES + 1)
        except _DAMAGED as e:
            raise DataError(f"damaged or unreadable ({e}); fetch it again", where=name) from e
        if len(data) > MAX_BYTES:
            raise DataError(f"wanted at most {MAX_BYTES} bytes, found more", where=name)
        return data


@dataclass(frozen=True, slots=True)
class Table:
    """One file's text with the columns that are wanted of it."""

    name: str
    text: str
    columns: tuple[str, ...]
    header: bool = True
    """False: the file has no line of column names, `columns` are its first columns in order."""
    delimiter: str | None = None
    """None: a tab if the header line has one, else a comma."""
    quoted: bool = False
    """True: fields may stand in double quotes, as in CSV."""

    @property
    def lines(self) -> int:
        return self.text.count("\n") + 1

    def rows(self, tick: Callable[[int], None]) -> Iterator[tuple[int, Sequence[str]]]:
        """Yield (line number, the fields in the order of `columns`); blank lines are skipped.

        Args:
            tick: told how many lines were read since it was last told.

        Raises:
            DataError: a column is missing from the header, or a field from a row.
        """
        delimiter = self.delimiter or ("\t" if "\t" in self.text.partition("\n")[0] else ",")
        records = self._records(delimiter)
        if self.header:
            places = self._places(next(records, (1, []))[1], delimiter)
        else:
            places = list(range(len(self.columns)))
        needed, whole, told = max(places) + 1, places == list(range(len(places))), 0
        for line, fields in records:
            if len(fields) < needed:
                if not fields or fields == [""]:
                    continue
                wanted = f"{needed} columns ({', '.join(self.columns)})"
                self.refuse(line, f"wanted {wanted}, found {len(fields)}: a truncated row?")
            yield line, fields[:needed] if whole else [fields[p] for p in places]
            if line - told >= _TICK:
                tick(line - told)
                told = line
        tick(self.lines - told)

    def refuse(self, line: int, what: str) -> NoReturn:
        """Raise the DataError of a flaw in that line."""
        raise DataError(what, where=f"{self.name} line {line}")

    def whole(self, line: int, column: str, text: str, least: int = 0) -> int:
        """A whole number of plain digits, at least `least`.

        Raises:
            DataError: it is anything else: a sign, a fraction, NaN, more than 15 digits.
        """
        plain = text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS
        value = int(text) if plain else -1
        if value < least:
            self.refuse(line, f"wanted a whole number >= {least} as {column}, found {text[:40]!r}")
        return value

    def _places(self, head: Sequence[str], delimiter: str) -> list[int]:
        names = [name.strip() for name in head]
        missing = [column for column in self.columns if column not in names]
        if missing:
            wanted = delimiter.join(self.columns)
            found = delimiter.join(names)[:80]
            self.refuse(1, f"wanted the columns {wanted!r}, found {found!r}")
        return [names.index(column) for column in self.columns]

    def _records(self, delimiter: str) -> Iterator[tuple[int, list[str]]]:
        if not self.quoted:  # split("\n"), not splitlines(): a name may hold U+2028 and its like
            for line, text in enumerate(self.text.split("\n"), 1):
                yield line, text.removesuffix("\r").split(delimiter)
            return
        reader = csv.reader(io.StringIO(self.text, newline=""), delimiter=delimiter, strict=True)
        try:
            for fields in reader:
                yield reader.line_num, fields
        except csv.Error as e:
            self.refuse(reader.line_num, f"wanted comma-separated fields, found {e}")


def ticker(tables: Sequence[Table], progress: Progress) -> Callable[[int], None]:
    """A `tick` that turns lines of several tables into one progress."""
    total, done = sum(table.lines for table in tables), 0

    def tick(lines: int) -> None:
        nonlocal done
        done += lines
        progress(done, total)

    return tick
