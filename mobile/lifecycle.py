"""When the app may use the network, and what happens as it comes to the front and leaves it.

    the system ── pause, resume, stop, low memory ──► Lifecycle ──► AppSide (the bridge)
    a timer ──── look ──────────────────────────────►    │     └─► Standby (the service)
                                     Platform, Preferences, NetPolicy

In front, the network is used in bursts of five minutes at most, each begun with a catch-up round,
and rests between them; in the background it is not used at all, unless the service was switched
on: then the app lets go of the store and the service goes on within its own budget (`service`).
On mains and on a network that costs nothing it stays on while the app is in front.

Every call returns at once, except `pause` and `stop`, which wait up to half a second for what was
asked for to be on disk and, with the service on, a second for the store to be free. The process
may be killed at any time after (and before) that; nothing that was committed is lost. All calls
come from one thread, the UI's. Has no clock, no thread and no socket of its own.
"""

import logging
import math
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

from mobile import json_file
from mobile.day import Moment, Ration, elapsed, heard, said
from mobile.net_policy import TRAFFIC, Conditions, NetPolicy
from mobile.platform_ import Platform, conditions
from mobile.preferences import Preferences
from mobile.service.budget import spent_today

logger = logging.getLogger(__name__)

FLUSH_SECONDS: Final = 0.5
"""What `pause` waits for acts to be committed, at most; one takes some ms"""
LET_GO_SECONDS: Final = 1.0
"""And for the store to be free, if the service is to go on; Android counts five until "not
responding". Later than that the service waits for it"""
AWAY: Final = "in the background"
SAVED_BYTES: Final = 65_536
SAVED_SECONDS: Final = 30.0
"""The day's bytes are written down after so many, or so long: a kill forgets less than that"""


class AppSide(Protocol):
    """What the lifecycle asks of the app; the bridge does it."""

    def allow_network(self, why_not: str) -> None:
        """Let the network be used if this is ""; else pause it, and say this there. At once."""
        ...

    def catch_up(self) -> None:
        """Sync with every connected peer. At once."""
        ...

    def flush(self, seconds: float) -> bool:
        """Wait until all that was asked for is committed; True if it is."""
        ...

    def let_go(self, seconds: float) -> bool:
        """Close the node and the store; True if the store was free in time."""
        ...

    def take_back(self) -> None:
        """Open the store and the node again. At once."""
        ...

    def drop_caches(self) -> None:
        """Memory is short."""
        ...

    def traffic(self) -> int:
        """Bytes exchanged since the app's start."""
        ...


class Standby(Protocol):
    """The background service, as the app sees it; `service.knock.Knock` reaches it.

    Every call returns at once, and does nothing where no service runs.
    """

    def attend(self) -> None:
        """The app is in front: the service keeps its hands off the store as long as it is."""
        ...

    def take(self) -> None:
        """The app lets go: the service may take the store."""
        ...

    def stop(self) -> None:
        """It ends."""
        ...


def _nobody(_detail: str) -> None:
    return


class Lifecycle:
    """Glue: the system's news and a timer in, wishes to the app and the service out."""

    def __init__(
        self,
        app: AppSide,
        platform: Platform,
        store: Path,
        preferences: Preferences,
        *,
        service: Standby | None = None,
        tell_background: Callable[[str], object] = _nobody,
        policy: NetPolicy | None = None,
    ) -> None:
        """Nothing is done before `start`.

        Args:
            app: whom it asks.
            platform: where it runs.
            store: the store's folder; the day's bytes are written down there.
            preferences: what the person chose; `change` tells of others.
            service: the background service; None: there is none.
            tell_background: told at each look what the service did and may still do today.
            policy: lengths of bursts and rests; what the preferences say goes over it.
        """
        self._app, self._platform, self._store, self._service = app, platform, store, service
        self._tell_background = tell_background
        self._base = policy or NetPolicy()
        self._preferences = preferences
        self._policy = _policy_of(self._base, preferences)
        self._front = False
        self._ended = False
        self._has_store = True
        self._told: str | None = None
        self._began: Moment | None = None
        self._bursting = False
        self._catching_up = False
        self._counted = 0
        now = platform.now()
        self._used = heard(json_file.read(store / TRAFFIC), now)
        self._saved, self._saved_at = self._used, now

    # -- the system's news ----------------------------------------------------------------------

    def start(self) -> None:
        """The app is in front for the first time; it has the store, or is opening it."""
        self._front = True
        self._serve()
        self.look()

    def pause(self) -> bool:
        """The app leaves the front. True: all that was asked for is on disk.

        Again does nothing. Cost: up to FLUSH_SECONDS, and LET_GO_SECONDS if the service is on.
        """
        if not self._front:
            return True
        self._front = False
        return self._leave(let_go=self._serves)

    def resume(self) -> None:
        """The app is in front again; again does nothing."""
        if self._front or self._ended:
            return
        self._front = True
        self._serve()
        now = self._platform.now()
        if not self._has_store:
            self._used = heard(json_file.read(self._store / TRAFFIC), now)  # the service's too
            self._has_store = True
            self._app.take_back()
        self.look()

    def stop(self) -> bool:
        """The app ends. True: all that was asked for is on disk, and the store is free."""
        if self._ended:
            return True
        self._front, self._ended = False, True
        return self._leave(let_go=True)

    def low_memory(self) -> None:
        """The system is short of memory."""
        self._app.drop_caches()

    def used_today(self) -> int:
        """Bytes exchanged today, as of the last look; from any thread."""
        return round(self._used.at(self._platform.now()).spent)

    # -- the timer, the person ------------------------------------------------------------------

    def look(self) -> None:
        """Look at the device and the clock; call it every few seconds, and whenever."""
        now, where = self._platform.now(), conditions(self._platform)
        self._count(now)
        self._tell_background(spent_today(self._store, now))
        if not self._front:
            return
        if self._serves and self._service is not None:
            self._service.attend()
        self._allow(where, now)

    def ask(self) -> None:
        """Somebody wants the network now: a burst begins, however short the rest was.

        Nothing while a round is being asked for: an app may have one way for both wishes.
        """
        if self._catching_up:
            return
        self._began, self._bursting = None, False
        self.look()

    def change(self, preferences: Preferences) -> None:
        """The person chose otherwise."""
        served = self._serves
        self._preferences = preferences
        self._policy = _policy_of(self._base, preferences)
        if served and not self._serves:
            self._end_service()
        elif self._front:
            self._serve()
        self.look()

    # -- inside ---------------------------------------------------------------------------------

    @property
    def _serves(self) -> bool:
        """Whether the service shall go on in the background."""
        chosen = self._preferences.background and self._preferences.network_on
        return chosen and self._service is not None and self._platform.has_services()

    def _serve(self) -> None:
        if not self._serves or self._service is None:
            return
        if not self._platform.start_service(self._store):
            logger.warning("the background service did not start")
        self._service.attend()

    def _end_service(self) -> None:
        if self._service is not None:
            self._service.stop()
        self._platform.stop_service()

    def _leave(self, *, let_go: bool) -> bool:
        """Pause the network, commit, write the day's bytes down, and free the store if asked."""
        self._say(AWAY)
        flushed = self._app.flush(FLUSH_SECONDS)
        now = self._platform.now()
        self._count(now, save=True)
        if not let_go or not self._has_store:
            return flushed
        free = self._app.let_go(LET_GO_SECONDS)
        self._has_store = False
        if not free:
            logger.info("the store was not free in %g s; the service waits for it", LET_GO_SECONDS)
        if self._serves and self._service is not None:
            self._service.take()
        return flushed and free

    def _allow(self, where: Conditions, now: Moment) -> None:
        """Say what holds now; a new burst begins with a catch-up round."""
        why_not = self._policy.verdict(where, self._used, now)
        begins = False
        if not why_not:
            steady = where.charging and where.link == "unmetered"
            if self._bursting and self._began is not None and not steady:
                self._bursting = not self._policy.is_over(self._began, now)
            if not self._bursting:
                begins = steady or self._policy.may_begin(self._began, now)
                why_not = "" if begins else self._resting(now)
        if begins:
            self._began, self._bursting = now, True
        self._say(why_not)
        if begins:
            self._catching_up = True
            try:
                self._app.catch_up()
            finally:
                self._catching_up = False

    def _resting(self, now: Moment) -> str:
        began = now if self._began is None else self._began
        left = self._policy.min_interval - elapsed(began, now)
        return f"resting to spare the battery; again in {max(1, math.ceil(left / 60))} min"

    def _say(self, why_not: str) -> None:
        if why_not != self._told:
            self._told = why_not
            self._app.allow_network(why_not)

    def _count(self, now: Moment, *, save: bool = False) -> None:
        """Add what was exchanged since the last look to the day, and write it down now and then."""
        traffic = self._app.traffic()
        more = traffic - self._counted if traffic >= self._counted else traffic  # counted anew
        self._counted = traffic
        if not self._has_store:
            return  # the service keeps the book
        self._used = self._used.plus(more, now)
        grown = abs(self._used.spent - self._saved.spent)
        old = grown > 0 and elapsed(self._saved_at, now) >= SAVED_SECONDS
        if grown >= SAVED_BYTES or old or (save and grown > 0):
            self._save(self._used, now)

    def _save(self, used: Ration, now: Moment) -> None:
        self._saved, self._saved_at = used, now
        try:
            json_file.write(self._store / TRAFFIC, said(used), durable=False)
        except OSError as error:
            logger.warning("the day's bytes cannot be written down: %s", error.strerror)


def _policy_of(base: NetPolicy, preferences: Preferences) -> NetPolicy:
    return NetPolicy(
        on=preferences.network_on,
        unmetered_only=preferences.unmetered_only,
        charging_only=preferences.charging_only,
        max_bytes_day=preferences.max_bytes_day,
        min_interval=base.min_interval,
        burst=base.burst,
    )
