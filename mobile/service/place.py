"""Where the service's door is: a Unix socket in a folder that only this user can enter.

A Unix socket's path has some hundred bytes. An app's folder may be deeper; there, Linux and
Android reach it through a descriptor of the folder: /proc/self/fd/7/door.
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

FOLDER: Final = "service"
"""In the store's folder"""
DOOR: Final = "door"
LONGEST: Final = 85
"""Bytes of a path that are surely short enough, a draft beside it included (`p2p.control.doors`)"""


@contextlib.contextmanager
def door_at(store: Path) -> Iterator[Path]:
    """The path of the door, short enough for a socket as long as the context lasts.

    Makes the folder if need be, for this user only. Raises OSError.
    """
    folder = store / FOLDER
    store.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.mkdir(exist_ok=True, mode=0o700)
    if len(os.fsencode(folder)) <= LONGEST:
        yield folder / DOOR
        return
    descriptor = os.open(folder, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    try:
        yield Path("/proc/self/fd") / str(descriptor) / DOOR
    finally:
        os.close(descriptor)
