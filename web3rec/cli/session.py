"""Where this call of the command line works; what every command is handed as its object.

Light on purpose: commands of other packages (`web3rec.commands`) get it too.
"""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from web3rec.errors import DataError


@dataclass(frozen=True, slots=True)
class Session:
    """The group's options."""

    directory: Path
    """The store's directory; it need not exist."""
    config_file: Path | None = None
    """What --config named; None means web3rec.toml in the directory, if it is there."""
    debug: bool = False
    """Show tracebacks."""


def default_directory() -> Path:
    """Where this platform keeps an application's data: an XDG directory on Linux and the like.

    Raises:
        DataError: the user has no home directory.
    """
    try:
        if sys.platform == "win32":
            local = os.environ.get("LOCALAPPDATA")
            base = Path(local) if local else Path.home() / "AppData" / "Local"
        elif sys.platform == "darwin":
            base = Path.home() / "Library" / "Application Support"
        else:
            data = Path(os.environ.get("XDG_DATA_HOME", ""))
            # The XDG specification: a relative path is to be ignored.
            base = data if data.is_absolute() else Path.home() / ".local" / "share"
    except RuntimeError:
        raise DataError("your home directory cannot be told; name a directory with --dir") from None
    return base / "web3rec"
