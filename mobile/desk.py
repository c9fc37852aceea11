"""One thread that does what is asked of it, in order: the app's slow work, off the UI thread.

    ask     acts: each is done, in order, and before anything that is only shown
    renew   what is shown: by name; a later wish for the same name takes the waiting one's place

Knows nothing of screens, stores or networks. Nothing that a job raises ends the thread.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable
from typing import Final

logger = logging.getLogger(__name__)

Job = Callable[[], object]
FOREVER: Final = 86_400.0
"""Seconds: longer than anybody waits for a desk."""


class Desk:
    """A worker. Thread-safe; its thread starts with the first job."""

    def __init__(self, name: str, failed: Callable[[Exception], object]) -> None:
        """Nothing is done yet.

        Args:
            name: of the thread.
            failed: told, on the thread, what a job raised.
        """
        self._name, self._failed = name, failed
        self._news = threading.Condition()
        self._acts: deque[Job] = deque()
        self._renewals: dict[str, Job] = {}
        self._thread: threading.Thread | None = None
        self._acting = self._renewing = self._closed = False

    def ask(self, job: Job) -> bool:
        """Do this after all that was asked before; False if the desk is closed."""
        with self._news:
            if self._closed:
                return False
            self._acts.append(job)
            self._wake()
            return True

    def renew(self, name: str, job: Job) -> bool:
        """Do this once no act waits; instead of the job of this name that waits, if one does."""
        with self._news:
            if self._closed:
                return False
            self._renewals[name] = job
            self._wake()
            return True

    def drop(self, name: str) -> None:
        """Do not do the renewal of this name that waits."""
        with self._news:
            self._renewals.pop(name, None)

    @property
    def here(self) -> bool:
        """Whether the caller is the desk's own thread."""
        return self._thread is threading.current_thread()

    def settle(self, seconds: float = FOREVER, *, acts: bool = False) -> bool:
        """Wait until nothing is left to do; with `acts` only until all acts are done.

        Returns False if that took longer, or on the desk's own thread.
        """
        if self.here:
            return False
        with self._news:
            return self._news.wait_for(
                lambda: (
                    not (self._acts or self._acting)
                    and (acts or not (self._renewals or self._renewing))
                ),
                seconds,
            )

    def close(self, seconds: float = FOREVER) -> bool:
        """Take nothing more, do the acts that wait, leave the renewals, end. True if it ended."""
        with self._news:
            self._closed = True
            self._renewals.clear()
            self._news.notify_all()
            thread = self._thread
        if thread is None or self.here:
            return thread is None
        thread.join(seconds)
        return not thread.is_alive()

    # -- inside ----------------------------------------------------------------------------------

    def _wake(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
            self._thread.start()
        self._news.notify_all()

    def _next(self) -> Job | None:
        """The next job, waiting for it; None at the end."""
        with self._news:
            self._acting = self._renewing = False
            self._news.notify_all()
            self._news.wait_for(lambda: self._acts or self._renewals or self._closed)
            if self._acts:
                self._acting = True
                return self._acts.popleft()
            if not self._renewals:
                return None
            self._renewing = True
            return self._renewals.pop(next(iter(self._renewals)))

    def _work(self) -> None:
        while (job := self._next()) is not None:
            try:
                job()
            except Exception as error:  # noqa: BLE001 - the outermost frame of a thread
                self._report(error)
            del job  # what it holds is not held while the desk waits

    def _report(self, error: Exception) -> None:
        try:
            self._failed(error)
        except Exception as worse:  # noqa: BLE001 - the outermost frame of a thread
            logger.error("a failure could not be told: %s", type(worse).__name__)  # noqa: TRY400
