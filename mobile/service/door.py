"""The service's door: hears a few callers of the same user, one line at a time, on one thread.

A caller's bytes never raise; one who sends too much, or does not take what it is told, is hung up
on. Source of the socket: `p2p.control.doors` (0600 from its first moment, dead ones replaced).
"""

import contextlib
import os
import selectors
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from mobile.service import talk
from mobile.service.place import door_at
from p2p.control.doors import peer_uid, unix_door

MOST_CALLERS: Final = 8
"""More are turned away; the app needs one"""
READ: Final = 4_096


@dataclass(eq=False, slots=True)
class Caller:
    """One connection."""

    socket: socket.socket
    in_front: bool = False
    """It is the app, in front"""
    waits: bool = False
    """It waits to hear that the store is free"""
    unread: bytes = field(default=b"", repr=False)

    def say(self, **said: object) -> bool:
        """Answer; False if it does not listen any more."""
        data = talk.line(said)
        try:
            return self.socket.send(data) == len(data)
        except OSError:
            return False


class Door:
    """Listens until it is closed. All but `ring` belongs to one thread."""

    def __init__(self, store: Path) -> None:
        """Listen. Raises AddressInUse (a service runs already), NodeError, OSError."""
        self.callers: list[Caller] = []
        self._inside = contextlib.ExitStack()
        try:
            path = self._inside.enter_context(door_at(store))
            self._door = unix_door(path)
            self._inside.callback(self._door.remove)
            self._inside.callback(self._door.listening.close)
            self._door.listening.setblocking(False)
            self._bell, self._button = socket.socketpair()
            for end in (self._bell, self._button):
                end.setblocking(False)
                self._inside.callback(end.close)
            self._selector = self._inside.enter_context(selectors.DefaultSelector())
            self._selector.register(self._door.listening, selectors.EVENT_READ)
            self._selector.register(self._bell, selectors.EVENT_READ)
        except BaseException:
            self._inside.close()
            raise

    def ring(self) -> None:
        """Let `heard` return; from any thread, and from a signal's handler."""
        with contextlib.suppress(OSError):
            self._button.send(b"!")

    def heard(self, seconds: float) -> Iterator[tuple[Caller, str]]:
        """Wait for callers, so long at most; what each asks, "" for what we do not know.

        Who hung up is not among `callers` any more.
        """
        for key, _events in self._selector.select(seconds):
            if key.fileobj is self._door.listening:
                self._let_in()
            elif key.fileobj is self._bell:
                with contextlib.suppress(OSError):
                    self._bell.recv(READ)
            else:
                caller = key.data
                for ask in self._asks(caller):
                    yield caller, ask

    def hang_up(self, caller: Caller) -> None:
        """End a connection; again does nothing."""
        if caller in self.callers:
            self.callers.remove(caller)
            self._selector.unregister(caller.socket)
            caller.socket.close()

    def close(self) -> None:
        """Hang up on everybody and take the socket away; again does nothing."""
        for caller in tuple(self.callers):
            self.hang_up(caller)
        self._inside.close()

    def _let_in(self) -> None:
        try:
            connection, _address = self._door.listening.accept()
        except OSError:
            return  # it hung up again
        connection.setblocking(False)
        if len(self.callers) >= MOST_CALLERS or peer_uid(connection) != os.geteuid():
            connection.close()
            return
        caller = Caller(connection)
        self.callers.append(caller)
        self._selector.register(connection, selectors.EVENT_READ, caller)

    def _asks(self, caller: Caller) -> list[str]:
        try:
            data = caller.socket.recv(READ)
        except BlockingIOError:
            return []
        except OSError:
            data = b""
        whole, caller.unread = talk.lines(caller.unread + data)
        if not data or any(len(one) > talk.LONGEST for one in (*whole, caller.unread)):
            self.hang_up(caller)
            return []
        return [talk.ask_of(one) for one in whole]
