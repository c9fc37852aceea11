"""A PNG's head, for tests of pictures that nobody looks at."""

import struct
import zlib
from pathlib import Path

from mobile.packaging import pictures


def picture(path: Path, side: int, *, colours: int = 6, depth: int = 8, height: int = 0) -> None:
    """Write the first bytes of a PNG."""
    head = struct.pack(">IIBBBBB", side, height or side, depth, colours, 0, 0, 0)
    chunk = b"IHDR" + head
    path.write_bytes(
        pictures.SIGNATURE + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    )
