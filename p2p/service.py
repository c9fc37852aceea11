"""A node as a service: when it shall end, and that it ends in time.

    SIGTERM, SIGINT, SIGHUP   drain: what is being written is committed and answered, the rest is
                              refused, within DRAIN_SECONDS; then out, come what may
    the same once more        out at once

Either way nothing committed is lost. SIGHUP does not read the settings again: restart for that.
Knows nothing of nodes.
"""

import logging
import os
import signal
import threading
from collections.abc import Callable, Mapping
from queue import SimpleQueue
from types import FrameType, TracebackType
from typing import Any, Final, Self

from p2p import sd_notify

logger = logging.getLogger(__name__)

DRAIN_SECONDS: Final = 5.0
TOO_SLOW: Final = 70
"""Exit code of a service that did not drain in time (sysexits.h: EX_SOFTWARE)."""


class Service:
    """The life of this process as its supervisor sees it. Use in the main thread, with `with`."""

    def __init__(
        self,
        environ: Mapping[str, str] = os.environ,
        *,
        leave: Callable[[int], object] = os._exit,
        drain_seconds: float = DRAIN_SECONDS,
    ) -> None:
        """`leave` ends the process at once, with an exit code."""
        self.asked = threading.Event()
        """Set as soon as it shall end."""
        self._environ, self._leave = environ, leave
        self._late = threading.Timer(drain_seconds, self._give_up)
        self._late.daemon = True
        self._beat = sd_notify.watchdog_seconds(environ)
        self._before: dict[signal.Signals, Any] = {}
        self._signalled = False
        self._lock = threading.Lock()
        # A signal handler may take no lock: the main thread, which it interrupts, may hold it.
        # So it only puts a note here, which Python's documentation allows, and a thread acts.
        self._signals: SimpleQueue[bool] = SimpleQueue()
        self._watch = threading.Thread(target=self._act, name="web3rec-signals", daemon=True)

    def __enter__(self) -> Self:
        self._watch.start()
        for one in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            if signal.getsignal(one) is not signal.SIG_IGN:  # nohup, and shells' background jobs
                self._before[one] = signal.signal(one, self._told)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._late.cancel()
        for one, handler in self._before.items():
            signal.signal(one, handler)
        self._signals.put(False)
        self._watch.join()

    def ready(self) -> None:
        """Tell the supervisor that it serves."""
        sd_notify.notify(self._environ, sd_notify.READY)

    def stop(self) -> None:
        """Ask it to end; from any thread, as often as you like."""
        with self._lock:
            if self.asked.is_set():
                return
            self.asked.set()
        self._late.start()
        sd_notify.notify(self._environ, sd_notify.STOPPING)

    def rounds(self, seconds: float) -> "Rounds":
        """One round every so many seconds until it shall end; the watchdog is told in each."""
        return Rounds(self, seconds if self._beat is None else min(seconds, self._beat))

    def say(self, status: str) -> None:
        """Show a line in `systemctl status`; no ids in it."""
        sd_notify.notify(self._environ, f"STATUS={status}")

    def alive(self) -> None:
        """Tell the watchdog, if there is one."""
        if self._beat is not None:
            sd_notify.notify(self._environ, sd_notify.ALIVE)

    def _told(self, number: int, _frame: FrameType | None) -> None:
        if self._signalled:
            self._leave(128 + number)
        self._signalled = True
        self._signals.put(True)

    def _act(self) -> None:
        """In a thread: do what a signal asked for."""
        while self._signals.get():
            self.stop()

    def _give_up(self) -> None:
        logger.error("it did not end in %g s and is ended now; what was committed is safe",
                     self._late.interval)  # fmt: skip
        self._leave(TOO_SLOW)


class Rounds:
    """An iterator over the rounds of a service; each comes after a wait, but the first."""

    def __init__(self, service: Service, seconds: float) -> None:
        """Made by `Service.rounds`."""
        self._service, self._seconds, self._wait = service, seconds, 0.0

    def __iter__(self) -> "Rounds":
        return self

    def __next__(self) -> None:
        if self._service.asked.wait(self._wait):
            raise StopIteration
        self._wait = self._seconds
        self._service.alive()
