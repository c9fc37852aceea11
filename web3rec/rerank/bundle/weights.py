"""weights.npz: named arrays of a few plain types, never a pickle.

An .npz is a zip of .npy files, and both formats can do more than hold numbers: pickled objects run
code, a header can promise terabytes, a zip can unpack to them. So only stored (not compressed)
members are read, only '<f4' and '|i1', and only headers that say as many bytes as are there.
Sources: numpy.lib.format ("NPY format"); PKWARE APPNOTE.
"""

import io
import math
import re
import struct
import tokenize
import zipfile
from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from web3rec.errors import DataError
from web3rec.rerank.bundle.refusal import Ground, Unfit

MAX_ARRAYS: Final = 64
MAX_SIDE: Final = 65_536
Array = npt.NDArray[np.float32] | npt.NDArray[np.int8]

_MEMBER: Final = re.compile(
    r"[0-9]{1,2}\.(weight|bias|scale|decay|(query|key|blend)(_scale)?)\.npy", re.ASCII
)
_TYPES: Final = {"<f4": 4, "|i1": 1}


def read(data: bytes) -> dict[str, Array]:
    """The arrays by name (`0.weight`), read-only, finite. O(len(data)).

    Raises:
        Unfit: WEIGHTS, whatever the bytes.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if not 1 <= len(members) <= MAX_ARRAYS:
                raise _unfit(f"want 1 to {MAX_ARRAYS} arrays")
            if sum(member.file_size for member in members) > len(data):
                raise _unfit("arrays that share their bytes")
            return {member.filename[:-4]: _array(archive, member) for member in members}
    except (
        zipfile.BadZipFile,
        tokenize.TokenError,
        struct.error,
        ValueError,
        TypeError,
        KeyError,
        OSError,
        EOFError,
        RuntimeError,  # includes NotImplementedError and RecursionError
        SyntaxError,
        MemoryError,
        OverflowError,
    ):
        raise _unfit("not a zip of plain arrays") from None


def written(arrays: Mapping[str, Array]) -> bytes:
    """weights.npz with these arrays; the same bytes every time.

    Raises:
        DataError: it could not be read again (type, name, size).
    """
    buffer = io.BytesIO()
    plain = {
        name: np.ascontiguousarray(array, dtype="|i1" if array.dtype == np.int8 else "<f4")
        for name, array in sorted(arrays.items())
    }
    np.savez(buffer, allow_pickle=False, **plain)
    try:
        read(buffer.getvalue())
    except Unfit as e:
        raise DataError(e.refusal.said) from None
    return buffer.getvalue()


def _array(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Array:
    name = member.filename
    if not _MEMBER.fullmatch(name) or sum(other.filename == name for other in archive.filelist) > 1:
        raise _unfit("an array with another name than a layer's, or two of one name")
    if member.compress_type != zipfile.ZIP_STORED or member.file_size != member.compress_size:
        raise _unfit("a compressed member; arrays are stored as they are")
    stream = io.BytesIO(archive.read(member))
    if np.lib.format.read_magic(stream) != (1, 0):
        raise _unfit("an array whose header is of another version than 1.0")
    shape, in_columns, dtype = np.lib.format.read_array_header_1_0(stream, max_header_size=256)
    body = stream.read()
    if dtype.str not in _TYPES or in_columns or not 0 < len(shape) <= 2:
        raise _unfit("an array that is no vector or matrix of float32 or int8, row by row")
    if not all(0 < side <= MAX_SIDE for side in shape):
        raise _unfit("an empty array, or a side too long")
    if len(body) != math.prod(shape) * _TYPES[dtype.str]:
        raise _unfit("an array with other bytes than it says")
    array = np.frombuffer(body, dtype=dtype).reshape(shape)
    if not np.isfinite(array).all():
        raise _unfit("NaN or infinity among the weights")
    return array


def _unfit(said: str) -> Unfit:
    return Unfit(Ground.WEIGHTS, f"weights.npz: {said}")
