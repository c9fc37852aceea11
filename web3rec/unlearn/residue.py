"""Are bytes that were erased in any file of the directory?

Reads files as they lie on the disk, whoever writes them. Cost: some 2 s for 100 MiB, however many
byte strings are looked for.
"""

from collections.abc import Collection
from pathlib import Path
from typing import Final

import numpy as np

_HEAD: Final = 8
"""Bytes by which places are found; then the whole string is compared."""
_AT_ONCE: Final = 1 << 22
"""Bytes read at a time."""


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
