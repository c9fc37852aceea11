"""Listening sockets: a Unix socket that only its owner can open, and a loopback port."""

import errno
import os
import socket
import stat
import struct
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from p2p.errors import AddressInUse, NodeError

LONGEST: Final = 100
"""Bytes of a Unix socket's path: Linux takes 107, macOS 103."""
_BACKLOG: Final = 64


@dataclass(frozen=True, slots=True)
class UnixDoor:
    """A bound, listening Unix socket and the file it is reached by."""

    listening: socket.socket
    path: Path
    inode: tuple[int, int]

    def remove(self) -> None:
        """Unlink the file, unless somebody put another in its place."""
        try:
            seen = self.path.lstat()
            if (seen.st_dev, seen.st_ino) == self.inode:
                self.path.unlink()
        except OSError:
            pass  # gone, or not ours any more


def unix_door(path: Path) -> UnixDoor:
    """Listen at the path, mode 0600 from its first moment.

    The socket is bound in a fresh directory nobody else can enter, made 0600 there and renamed to
    where it belongs: no umask to change, no moment at which others could connect. A dead socket
    in its place is replaced; anything else is left alone.

    Raises:
        AddressInUse: somebody answers there.
        NodeError: the path is too long, is no socket, or its directory belongs to others.
    """
    if not hasattr(socket, "AF_UNIX") or not hasattr(socket, "SO_PEERCRED"):
        raise NodeError(
            'this system cannot tell who is at a Unix socket: set socket = "" and tcp_port'
        )
    if len(os.fsencode(path.parent)) + 12 > LONGEST or len(os.fsencode(path)) > LONGEST:
        raise NodeError(
            f"the socket's path {path} is longer than {LONGEST} bytes: choose a shorter one "
            "([control] socket), for instance in $XDG_RUNTIME_DIR"
        )
    _check_directory(path.parent)
    _check_place(path)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with tempfile.TemporaryDirectory(prefix=".c", dir=path.parent) as private:
            draft = Path(private) / "s"
            listening.bind(str(draft))
            draft.chmod(0o600)
            listening.listen(_BACKLOG)
            seen = draft.lstat()
            draft.rename(path)
    except OSError as error:
        listening.close()
        raise NodeError(f"cannot listen at {path}: {error.strerror}") from None
    except BaseException:
        listening.close()
        raise
    return UnixDoor(listening, path, (seen.st_dev, seen.st_ino))


def _check_directory(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        seen = directory.stat()
    except OSError as error:
        raise NodeError(f"cannot use {directory} for the socket: {error.strerror}") from None
    if seen.st_uid != os.geteuid():
        raise NodeError(f"{directory} belongs to another user: the socket needs one of your own")
    if seen.st_mode & 0o022:
        raise NodeError(
            f"others can write to {directory} and could put their own socket there: "
            f"chmod 700 {directory}"
        )


def _check_place(path: Path) -> None:
    """Raise unless nothing is there, or a socket nobody listens at."""
    try:
        seen = path.lstat()
    except FileNotFoundError:
        return
    except OSError as error:
        raise NodeError(f"cannot look at {path}: {error.strerror}") from None
    if not stat.S_ISSOCK(seen.st_mode):
        raise NodeError(f"{path} is there and is not a socket: move it, or choose another path")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as knock:
        knock.settimeout(1)
        try:
            knock.connect(str(path))
        except ConnectionRefusedError:
            return  # dead: the rename replaces it
        except FileNotFoundError:
            return
        except OSError as error:
            raise NodeError(f"cannot tell who is at {path}: {error}") from None
    raise AddressInUse(f"another node answers at {path}: stop it first, or choose another path")


def tcp_door(host: str, port: int) -> socket.socket:
    """Listen on loopback. Raises AddressInUse, NodeError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise AddressInUse(f"port {port} of {host} is taken: choose another, or 0") from None
        raise NodeError(f"cannot listen at port {port} of {host}: {error.strerror}") from None
    return listening


class HasOptions(Protocol):
    """A connected socket, blocking or trio's."""

    def getsockopt(self, level: int, option: int, size: int, /) -> bytes:
        """As `socket.socket` has it."""
        ...


def peer_uid(connection: HasOptions) -> int | None:
    """Which user is at the other end of a Unix socket, as the kernel saw it connect."""
    try:
        raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    except OSError:
        return None
    _pid, uid, _gid = struct.unpack("3i", raw)
    return int(uid)
