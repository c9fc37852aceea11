"""The State that screens show: changed from any thread, told on the UI thread, one by one."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from mobile.viewmodel import Notice, State

Tell = Callable[[State], object]
Undo = Callable[[], object]


class Board:
    """Thread-safe. Changes that come while one waits to be told are told together with it."""

    def __init__(self, deliver: Callable[[Callable[[], None]], object]) -> None:
        """`deliver` runs what it is given on the UI thread, soon."""
        self.lock = threading.RLock()
        """Whoever holds it sees no change in between; held for microseconds only"""
        self._deliver = deliver
        self._state = State()
        self._tells: dict[object, Tell] = {}
        self._due = False
        self._notices = 0
        self._undo: Undo | None = None

    @property
    def state(self) -> State:
        """As of now; screens may not have been told yet."""
        return self._state

    def subscribe(self, tell: Tell) -> Callable[[], None]:
        """Be told every new state, on the UI thread; returns the way out."""
        token = object()
        self._tells[token] = tell

        def leave() -> None:
            self._tells.pop(token, None)

        return leave

    def change(self, **parts: Any) -> None:
        """Put these parts in the place of the old; one that is equal to the old is left alone."""
        with self.lock:
            new = {name: part for name, part in parts.items() if part != getattr(self._state, name)}
            if not new:
                return
            self._state = replace(self._state, **new)
            due, self._due = self._due, True
        if not due:
            self._deliver(self._told)

    def amend(self, part: str, **fields: Any) -> None:
        """Change fields of one part."""
        with self.lock:
            self.change(**{part: replace(getattr(self._state, part), **fields)})

    # -- notices ---------------------------------------------------------------------------------

    def say(self, text: str, undo: Undo | None = None, *, error: bool = False) -> int:
        """A notice; what the one before it could undo stays done. Returns its id."""
        with self.lock:
            self._notices += 1
            self._undo = undo
            self.change(notice=Notice(self._notices, text, undo is not None, error))
            return self._notices

    def take_back(self, notice: int) -> Undo | None:
        """What undoes what a notice is about, once; None if it is too late."""
        with self.lock:
            shown = self._state.notice
            if shown is None or shown.id != notice:
                return None
            undo, self._undo = self._undo, None
            if undo is not None:
                self.change(notice=None)
            return undo

    def dismiss(self, notice: int | None = None) -> None:
        """Take a notice down, if it is still up; any, if it is not said which."""
        with self.lock:
            shown = self._state.notice
            if shown is not None and notice in (None, shown.id):
                self._undo = None
                self.change(notice=None)

    def _told(self) -> None:
        with self.lock:
            self._due, state, tells = False, self._state, tuple(self._tells.values())
        for tell in tells:
            tell(state)
