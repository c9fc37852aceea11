"""Keeps one thing running in a trio loop, and lets other threads say: run, pause, close.

Crash-only: whatever breaks is started again after a growing rest. It gives up only on what never
ran at all, and on a log that was closed under it; both are for the caller to mend.
"""

import logging
import threading
from collections.abc import Awaitable, Callable
from typing import Final, Literal

import trio

from p2p.errors import NodeError
from p2p.groups import lone
from web3rec.errors import Closed, Web3recError

logger = logging.getLogger(__name__)

STOP_SECONDS: Final = 5.0
"""`want` waits no longer than this for its wish to come true."""
FIRST_REST: Final = 1.0
LAST_REST: Final = 60.0
"""Seconds between a fault and the next attempt, doubling; a minute without one starts anew."""

Wanted = Literal["running", "paused", "closed"]
Stack = Callable[[Callable[[], None]], Awaitable[None]]
"""Runs until cancelled; calls its argument once it is ready."""


class Supervisor:
    """The life of one stack. Thread-safe but for `run`, which is the loop's own."""

    def __init__(self, stack: Stack) -> None:
        """`stack` is called anew for each attempt."""
        self.state = "new"
        """"new", "starting", "running", "paused", "closed" or "failed: <why>"."""
        self.restarts = 0
        self.failure: BaseException | None = None
        """Why it gave up."""
        self._stack = stack
        self._news = threading.Condition()
        self._wanted: Wanted = "running"
        self._doing: Wanted = "running"
        self._interrupt: Callable[[], None] | None = None  # there is a loop while there is one
        self._home: int | None = None  # ident of the loop's thread
        self._scope = trio.CancelScope()
        self._tell: Callable[[], None] | None = None
        self._ran = False
        self._rest = 0.0

    # -- any thread -----------------------------------------------------------------------------

    @property
    def alive(self) -> bool:
        """True from `claim` until the loop ended."""
        return self.state == "starting" or self._interrupt is not None

    def claim(self) -> None:
        """Take the one start there is. Raises NodeError if it was taken, or all is over."""
        with self._news:
            if self.state != "new":
                raise NodeError(f"the node is {self.state}: a node starts once, make a new one")
            self.state = "starting"

    def wait_started(self, seconds: float) -> bool:
        """Wait until the first attempt succeeded, failed or was closed; False if it did not."""
        with self._news:
            return self._news.wait_for(lambda: self.state != "starting", seconds)

    def want(self, wanted: Wanted) -> None:
        """Say what it shall do, and wait (unless in the loop's own thread) until it does.

        Returns after STOP_SECONDS at the latest, and at once where there is no loop any more.
        """
        with self._news:
            self._wanted = wanted
            if self._interrupt is not None:
                self._interrupt()
            if self._home != threading.get_ident():
                self._news.wait_for(self._settled, STOP_SECONDS)
            if wanted == "closed" and self._interrupt is None:
                self.state = "closed"

    def _settled(self) -> bool:
        broken = self._wanted == "running" and self.state.startswith("failed")
        return broken or self.state == self._wanted or self._interrupt is None

    # -- the loop's thread ----------------------------------------------------------------------

    async def run(self, started: Callable[[], None]) -> None:
        """Do what is wanted until that is "closed", or cancelled.

        `started` is called once, when the stack is ready (or paused before it was). Raises what
        ended the first attempt, and Closed: as it is if it is one of our errors, else a NodeError.
        """
        token = trio.lowlevel.current_trio_token()
        self._tell = started
        with self._news:
            self._home = threading.get_ident()
            self._interrupt = lambda: token.run_sync_soon(self._look_again)
        try:
            while (doing := self._wanted) != "closed":
                self._doing, self._scope = doing, trio.CancelScope()
                began = trio.current_time()
                try:
                    with self._scope:
                        await self._do(doing)
                except Exception as error:  # noqa: BLE001 - the outermost loop; it reports all
                    self._survive(error, trio.current_time() - began)
                else:
                    self._rest = 0.0
        finally:
            with self._news:
                self._interrupt = self._home = None
                if not self.state.startswith("failed"):
                    self.state = "closed"
                self._news.notify_all()

    async def _do(self, doing: Wanted) -> None:
        if doing == "paused":
            self._be("paused")
            await trio.sleep_forever()
        await trio.sleep(self._rest)
        await self._stack(self._ready)

    def _look_again(self) -> None:
        if self._doing != self._wanted:
            self._scope.cancel()

    def _ready(self) -> None:
        self._ran = True
        self._be("running")

    def _be(self, state: str) -> None:
        with self._news:
            self.state = state
            self._news.notify_all()
        if state in ("running", "paused") and self._tell is not None:
            tell, self._tell = self._tell, None
            tell()

    def _survive(self, error: Exception, lasted: float) -> None:
        """Choose the rest before the next attempt; raises if there shall be none."""
        cause = lone(error) if isinstance(error, BaseExceptionGroup) else error
        why = f"{type(cause).__name__}: {cause}"
        if not self._ran or isinstance(cause, Closed):
            if isinstance(cause, NodeError | Web3recError):
                self.failure = cause
            else:
                self.failure = NodeError(f"the node cannot run: {why}")
                self.failure.__cause__ = cause
            self._be(f"failed: {why}")
            raise self.failure from self.failure.__cause__
        recovered = lasted > self._rest + LAST_REST
        self._rest = FIRST_REST if recovered else min(max(2 * self._rest, FIRST_REST), LAST_REST)
        self.restarts += 1
        logger.warning("the network stack broke (%s); again in %g s", why, self._rest)
        self._be(f"failed: {why}; trying again in {self._rest:g} s")
