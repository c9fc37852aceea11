"""Are bytes that were erased in any file of the directory?

Reads files as they lie on the disk, whoever writes them. Cost: some 2 s for 100 MiB, however many
byte strings are looked for.
"""

from collections.abc import Collection
from pathlib import Path
from typing import Final

import numpy as np

from web3rec.store import Log, key_of
from web3rec.unlearn.audit import Stage

_HEAD: Final = 8
"""Bytes by which places are found; then the whole string is compared."""
_AT_ONCE: Final = 1 << 22
"""Bytes read at a time."""


def left_of(directory: Path, log: Log, item: str) -> Stage:
    """Whether anything of an item that the ego forgot is here; raises DataError (an item id).

    Where others name it, or a retraction of the ego's does, its name and key are in the file
    rightly: then only rows are looked at. Cost: that of `residue`.
    """
    key = key_of(item)
    mine, others = log.naming(key)
    if mine:
        return Stage(
            "files", equal=False, count=mine, what="you did something with it, or did again"
        )
    if others:
        what = "nothing of yours; others name it, or your retraction does: no file was searched"
        return Stage("files", equal=True, count=0, what=what)
    wanted = [key] + ([] if log.says(item) else [item.encode()])
    read, found = residue(directory, wanted)
    what = f"found in {', '.join(found)}" if found else "found in no file"
    return Stage("files", not found, read, what)


def residue(directory: Path, traces: Collection[bytes]) -> tuple[int, tuple[str, ...]]:
    """How many files were read, and the names of those that hold any of these bytes.

    Args:
        directory: searched with all below it; a file that is gone by the time it is read, or is no
            file, holds nothing.
        traces: what to look for; those of less than 8 bytes could be anywhere and are left out.

    Raises ReadOnly's cause, an OSError, where a file may not be read.
    """
    wanted = sorted({one for one in traces if len(one) >= _HEAD})
    longest = max(map(len, wanted), default=_HEAD)
    read, found = 0, []
    for path in sorted(directory.rglob("*")):
        if not path.is_file() or path.is_symlink():
            continue
        try:
            hit = _holds(path, wanted, longest)
        except FileNotFoundError:
            continue
        read += 1
        if hit:
            found.append(path.relative_to(directory).as_posix())
    return read, tuple(found)


def _holds(path: Path, wanted: Collection[bytes], longest: int) -> bool:
    heads: dict[int, list[bytes]] = {}
    for one in wanted:
        heads.setdefault(int.from_bytes(one[:_HEAD], "little"), []).append(one)
    firsts = np.array(sorted(heads), "<u8")
    with path.open("rb") as file:
        tail = b""
        while part := file.read(_AT_ONCE):
            seen = tail + part
            for shift in range(_HEAD):
                count = (len(seen) - shift) // _HEAD
                words = np.frombuffer(seen, "<u8", count, shift) if count > 0 else firsts[:0]
                for at in np.flatnonzero(np.isin(words, firsts)).tolist():
                    place = shift + at * _HEAD
                    if any(seen.startswith(one, place) for one in heads[int(words[at])]):
                        return True
            tail = seen[max(0, len(seen) - longest + 1) :]
    return False
