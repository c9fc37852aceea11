"""Which format is this? Told by what is in it, never by what it is called."""

import zipfile
from pathlib import Path
from typing import Final

from web3rec.adapters import hetrec, movielens
from web3rec.adapters.dataset import Dataset, Entries, Progress, quiet
from web3rec.adapters.folder import Folder
from web3rec.adapters.hetrec import read_hetrec
from web3rec.adapters.jsonl import read_jsonl
from web3rec.adapters.movielens import read_movielens
from web3rec.errors import DataError

_PEEK: Final = 4_096


def read_any(path: Path, progress: Progress = quiet) -> Dataset | Entries:
    """Read whatever is at `path`: a HetRec or MovieLens folder or zip, or our own JSON lines.

    Raises:
        DataError: it is none of them (the message names the files that were looked for), or the
            reader of its format refuses it.
    """
    try:
        archive = path.is_dir() or zipfile.is_zipfile(path)
        if not archive:
            with path.open("rb") as file:
                head = file.read(_PEEK).removeprefix(b"\xef\xbb\xbf").lstrip()
            if head.startswith(b"{") or (not head and path.suffix == ".jsonl"):
                return read_jsonl(path, progress)
    except OSError as e:
        raise DataError(f"cannot be read: {e.strerror}", where=str(path)) from e
    if archive:
        folder = Folder.open(path)
        if folder.find(hetrec.MEMBERS[0]):
            return read_hetrec(path, progress)
        if folder.find(*movielens.RATINGS):
            return read_movielens(path, progress)
    raise DataError(
        f"neither HetRec Last.fm (a folder or zip with {hetrec.MEMBERS[0]}), nor MovieLens (with "
        f"{', '.join(movielens.RATINGS)}, also as .gz), nor JSON lines (a file whose lines are "
        'objects such as {"type": "item", "id": "trk:42"})',
        where=str(path),
    )
