"""The service's loop: hear the door, look round, do what `turns` says, and end in time.

On a desktop `python -m mobile.service --store DIR`; on Android p4a's service runs `main`, and the
app hands the folder over as the service's argument.
"""

import argparse
import contextlib
import logging
import os
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from mobile import json_file, libp2p_stubs, preferences
from mobile.day import Moment, Ration, elapsed, heard, said
from mobile.net_policy import TRAFFIC, NetPolicy
from mobile.platform_ import Platform, conditions, on_android, this_device
from mobile.service import budget
from mobile.service.budget import Budget, ServiceParams
from mobile.service.door import Caller, Door
from mobile.service.holding import Hold, Holding, is_final, presence
from mobile.service.turns import Round, Sight, Turn, turn
from p2p.errors import AddressInUse

logger = logging.getLogger(__name__)

ARGUMENT: Final = "PYTHON_SERVICE_ARGUMENT"
"""Where p4a puts what the app started the service with: the store's folder"""
GRACE: Final = 20.0
"""Seconds after the start in which the app is taken to be in front: it speaks after that"""
LOOK: Final = 10.0
"""Seconds between two looks while something may change without a caller"""
RETRY: Final = 2.0
"""Seconds between two attempts at a store that the app has not let go of yet"""
STAND_BY_LOOK: Final = 300.0
"""While the app is in front, whatever changes comes through the door"""
END_SECONDS: Final = 1.0
"""A service that ends waits so long for the node and the store; then it ends all the same"""


class Service:
    """One life of the service, on one thread; the store and the node have their own."""

    def __init__(
        self,
        store: Path,
        platform: Platform,
        door: Door,
        holding: Holding,
        params: ServiceParams | None = None,
    ) -> None:
        """Nothing is done before `run` or `look`."""
        self._store, self._platform, self._door, self._holding = store, platform, door, holding
        self._params = params or ServiceParams()
        self._started = platform.now()
        self._met = False
        self._told = False
        self._round: Round | None = None
        self._turn = Turn.STAND_BY
        self._why = ""
        self._budget = budget.load(store, self._started)
        self._tried: Moment | None = None
        self._counted = 0

    # -- life -----------------------------------------------------------------------------------

    def end(self) -> None:
        """End soon; from any thread, and from a signal's handler."""
        self._told = True
        self._door.ring()

    def run(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Be the service until it is to end."""
        while self.look() is not Turn.END:
            self.hear(self._pause())
        until = clock() + END_SECONDS
        while self._holding.state is not Hold.FREE and clock() < until:
            self.hear(max(0.0, until - clock()))
        self._count()
        for caller in self._door.callers:
            caller.say(ok=True, ended=True)

    def hear(self, seconds: float) -> None:
        """Wait for callers, so long at most, and do what they ask."""
        for caller, ask in self._door.heard(seconds):
            self._do(caller, ask)

    def look(self) -> Turn:
        """Look round once, and set to what is to be done now. Returns at once."""
        now, chosen = self._platform.now(), preferences.load(self._store)
        in_front = any(caller.in_front for caller in self._door.callers)
        in_front = in_front or (not self._met and elapsed(self._started, now) < GRACE)
        self._why = self._verdict(chosen)
        if self._holding.failure is not None and self._round is not None:
            self._round = Round(self._round.began, over=True)
        sight = Sight(
            now=now,
            app_in_front=in_front,
            told_to_end=self._told or is_final(self._holding.failure),
            switched_on=chosen.background and chosen.network_on,
            budget_left=self._claim(in_front=in_front),
            why_not=self._why,
        )
        self._turn, self._round = turn(sight, self._round, self._params)
        if self._turn is Turn.WORK:
            if self._tried is None or elapsed(self._tried, now) >= RETRY:
                self._tried = now
                self._holding.begin()
        else:
            self._holding.end()
        self._count()
        self._answer_waiting()
        return self._turn

    # -- inside ---------------------------------------------------------------------------------

    def _do(self, caller: Caller, ask: str) -> None:
        match ask:
            case "yield":
                self._met = caller.in_front = caller.waits = True
                return  # answered when the store is free
            case "take":
                self._met, caller.in_front, caller.waits = True, False, False
                answered = caller.say(ok=True)
            case "status":
                answered = caller.say(ok=True, **self._status())
            case "stop":
                self._told = True
                answered = caller.say(ok=True)
            case _:
                answered = caller.say(ok=False)
        if not answered:
            self._door.hang_up(caller)

    def _answer_waiting(self) -> None:
        if self._holding.state is not Hold.FREE:
            return
        for caller in tuple(self._door.callers):
            if caller.waits:
                caller.waits = False
                if not caller.say(ok=True):
                    self._door.hang_up(caller)

    def _status(self) -> dict[str, object]:
        now = self._platform.now()
        return {
            "turn": str(self._turn),
            "store": str(self._holding.state),
            "why_not": self._why,
            "spent": round(self._budget.day.at(now).spent),
            "most": round(self._params.most),
        }

    def _pause(self) -> float:
        """Seconds to wait for callers before the next look."""
        if self._turn is Turn.STAND_BY and self._met and self._holding.state is Hold.FREE:
            return STAND_BY_LOOK
        missed = self._turn is Turn.WORK and self._holding.state is Hold.FREE
        return RETRY if missed else LOOK

    def _verdict(self, chosen: preferences.Preferences) -> str:
        policy = NetPolicy(
            on=chosen.network_on,
            unmetered_only=chosen.unmetered_only,
            charging_only=chosen.charging_only,
            max_bytes_day=chosen.max_bytes_day,
        )
        return policy.verdict(conditions(self._platform), self._used(), self._platform.now())

    def _claim(self, *, in_front: bool) -> bool:
        """Claim the next minute if need be, on disk before it is used; False: there is none."""
        now = self._platform.now()
        if in_front:
            kept = self._budget.returned(now, self._params)
            if self._budget.claimed is not None:
                self._written(kept)
            self._budget = kept
            return True
        if self._budget.covers(now, self._params):
            return True
        more = self._budget.more(now, self._params)
        if more is None or not self._written(more):
            return False
        self._budget = more
        return True

    def _written(self, kept: Budget) -> bool:
        """A budget that cannot be written down is none."""
        try:
            budget.save(self._store, kept)
        except OSError as error:
            logger.warning("the service's time cannot be written down: %s", error.strerror)
            return False
        return True

    def _used(self) -> Ration:
        return heard(json_file.read(self._store / TRAFFIC), self._platform.now())

    def _count(self) -> None:
        """Add what was exchanged since the last look to the day's bytes."""
        traffic = self._holding.traffic()
        more, self._counted = traffic - self._counted, traffic
        if more > 0:
            used = self._used().plus(more, self._platform.now())
            with contextlib.suppress(OSError):
                json_file.write(self._store / TRAFFIC, said(used), durable=False)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the service; 0 when it ended by itself, was told to, or runs already."""
    parser = argparse.ArgumentParser("python -m mobile.service", description=__doc__)
    parser.add_argument(
        "--store",
        type=Path,
        default=os.environ.get(ARGUMENT) or None,
        help=f"the store's folder (on Android: ${ARGUMENT})",
    )
    store: Path | None = parser.parse_args(arguments).store
    if store is None:
        parser.error("--store DIR is wanted")
    logging.basicConfig(level=logging.INFO, format="web3rec service: %(message)s")
    if on_android():
        libp2p_stubs.install()
    try:
        door = Door(store)
    except AddressInUse:
        logger.info("a service runs for this store already")
        return 0
    with contextlib.closing(door):
        holding = Holding(lambda: presence(store), door.ring)
        service = Service(store, this_device(store), door, holding)
        for number in (signal.SIGTERM, signal.SIGINT):
            with contextlib.suppress(ValueError):  # not in the main thread, as a test may run it
                signal.signal(number, lambda *_: service.end())
        service.run()
    return 0
