"""The app at the service's door. Every failure means the same: no service is in the way.

A service that died holds nothing: the system frees its lock with it.
"""

import contextlib
import os
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from mobile.service import talk
from mobile.service.place import FOLDER, door_at
from p2p.control.doors import peer_uid
from web3rec.errors import AlreadyOpen

T = TypeVar("T")
CONNECT_SECONDS: Final = 0.2
PATIENCE: Final = 15.0
"""Seconds the app waits for the store: closing a node takes up to five, loading libp2p on a slow
phone, which cannot be broken off, longer"""
BETWEEN: Final = 0.1


class Knock:
    """The app's end. Thread-safe; as long as it is connected, the app is in front."""

    def __init__(self, store: Path) -> None:
        """Nothing is opened yet."""
        self._store = store
        self._lock = threading.Lock()
        self._line: socket.socket | None = None

    def attend(self) -> None:
        """Tell the service, if there is one, that the app is in front; does not wait for it."""
        with self._lock:
            self._attended()

    def yielded(self, seconds: float = PATIENCE) -> bool:
        """Tell it, and wait until the store is free; False if it was not in that time.

        True where there is no service.
        """
        with self._lock:
            old, self._line = self._line, None
            line = self._attended()  # a new one, whose first answer is to this
            if old is not None:
                old.close()
        return line is None or _answer(line, seconds).get("ok") is not False

    def take(self) -> None:
        """The app lets go: the service may take the store. Wakes up who waits in `yielded`."""
        with self._lock:
            line, self._line = self._line, None
        if line is not None:
            with contextlib.suppress(OSError):
                line.send(talk.line({"ask": "take"}))
                line.shutdown(socket.SHUT_RDWR)
            line.close()

    def status(self, seconds: float = 1.0) -> dict[str, object]:
        """What the service says of itself; {} if there is none, or it does not answer."""
        return self._asked("status", seconds)

    def stop(self) -> None:
        """It ends; does not wait for it."""
        self._asked("stop", 0.0)

    def close(self) -> None:
        """Hang up: the same as `take`."""
        self.take()

    def _attended(self) -> socket.socket | None:
        """The connection that says we are in front, made if need be."""
        if self._line is not None and not _is_open(self._line):
            self._line.close()
            self._line = None
        if self._line is None:
            self._line = _connected(self._store)
            if self._line is not None and not _said(self._line, "yield"):
                self._line.close()
                self._line = None
        return self._line

    def _asked(self, ask: str, seconds: float) -> dict[str, object]:
        line = _connected(self._store)
        if line is None:
            return {}
        with line:
            return _answer(line, seconds) if _said(line, ask) and seconds > 0 else {}


def patient(
    open_store: Callable[[], T],
    knock: Knock,
    *,
    patience: float = PATIENCE,
    clock: Callable[[], float] = time.monotonic,
    wait: Callable[[float], None] = time.sleep,
) -> Callable[[], T]:
    """`open_store`, after the service let go of the store, and again while it is still locked.

    For the bridge's own thread, never for the UI's. Raises what `open_store` does; AlreadyOpen
    after `patience` seconds.
    """

    def open_it() -> T:
        until = clock() + patience
        knock.yielded(patience)
        while True:
            try:
                return open_store()
            except AlreadyOpen:
                if clock() >= until:
                    raise
                wait(BETWEEN)

    return open_it


def _connected(store: Path) -> socket.socket | None:
    """A connection to the door; None if nobody answers there, or not this user's service."""
    if not hasattr(socket, "AF_UNIX") or not (store / FOLDER).is_dir():
        return None
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        line.settimeout(CONNECT_SECONDS)
        with door_at(store) as path:
            line.connect(str(path))
        if peer_uid(line) != os.geteuid():
            raise PermissionError
    except OSError:
        line.close()
        return None
    return line


def _said(line: socket.socket, ask: str) -> bool:
    try:
        line.sendall(talk.line({"ask": ask}))
    except OSError:
        return False
    return True


def _is_open(line: socket.socket) -> bool:
    """Whether the service is still there; reads answers nobody waited for."""
    try:
        line.setblocking(False)
        while line.recv(4_096):
            pass
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _answer(line: socket.socket, seconds: float) -> dict[str, object]:
    """The next line that comes; {} if the connection ends, {"ok": False} if none comes in time."""
    until, data = time.monotonic() + seconds, b""
    try:
        while b"\n" not in data and len(data) <= talk.LONGEST:
            line.settimeout(max(0.001, until - time.monotonic()))
            more = line.recv(4_096)
            if not more:
                return {}
            data += more
    except TimeoutError:
        return {"ok": False}
    except OSError:
        return {}
    return talk.answer_of(talk.lines(data)[0][0]) if b"\n" in data else {}
