"""The lifecycle and the service against anything that may happen to a phone, in any order.

A fake phone, an app that commits and lets go as slowly as it likes, and the service's real
decisions (`turns`, `budget`) around a store with one lock. After every step:

- the network is used only where the policy allows it, by the one in whose hands the store is,
- nobody opens a store that another holds,
- whatever was asked for before a pause that returned True is on disk,
- no time is longer than its limit: a burst, a stretch of the service, a day's bytes,
- and a phone that is left alone with the network allowed does sync within the quarter of an hour.
"""

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from mobile.day import DAY, elapsed
from mobile.lifecycle import Lifecycle
from mobile.net_policy import LONGEST_BURST
from mobile.platform_.fake import FakePlatform
from mobile.preferences import Preferences, save
from tests.mobile.pocket import PARAMS, App, Service, Store

LOOK = 5.0
"""Seconds between two looks of the app, and of the service here."""
LIMIT = 1_000_000
FAST = 40_000
"""Bytes exchanged between two looks, at most"""


class Phone(RuleBasedStateMachine):
    """A phone in a pocket, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.phone = FakePlatform(self.folder, is_charging=False)
        self.store = Store()
        self.service = Service(self.phone, self.folder, self.store)
        self.burst = 0.0
        self.day_bytes = 0.0

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    @initialize(background=st.booleans())
    def first_start(self, background: bool) -> None:
        self.chosen = Preferences(background=background, max_bytes_day=LIMIT)
        save(self.folder, self.chosen)
        self.open()

    def open(self) -> None:
        """A new process of the app comes to the front."""
        self.service.attend()
        if self.service.alive:
            self.store.free("service")  # `patient`: it yields before the app opens
        self.app = App(self.store)
        self.front = True
        self.life = Lifecycle(self.app, self.phone, self.folder, self.chosen, service=self.service)
        self.life.start()

    @property
    def forbidden(self) -> str:
        """Why nobody may use the network; "" if somebody may."""
        if not self.chosen.network_on:
            return "off"
        if self.phone.in_airplane or self.phone.link == "none":
            return "nothing there"
        if self.chosen.unmetered_only and self.phone.link == "metered":
            return "metered"
        if self.chosen.charging_only and not self.phone.is_charging:
            return "battery"
        return ""

    # -- what happens -----------------------------------------------------------------------------

    @rule(looks=st.integers(1, 40), busy=st.booleans())
    def time_passes(self, looks: int, busy: bool) -> None:
        for _ in range(looks):
            self.pass_time(LOOK, FAST if busy else 0)

    @rule()
    def a_night(self) -> None:
        """Nothing looks: the system let everybody sleep."""
        self.pass_time(8 * 3_600, 0, asleep=True)

    def pass_time(self, seconds: float, exchanged: int, *, asleep: bool = False) -> None:
        was_on = self.app.on
        if was_on:
            self.app.bytes += exchanged
            self.day_bytes += exchanged
        self.phone.pass_time(seconds)
        if not self.front and self.service.alive and not asleep:
            self.service.ran += seconds
        self.app.go_on()
        self.everybody_looks()
        steady = self.phone.is_charging and self.phone.link == "unmetered"
        self.burst = (
            self.burst + seconds if self.app.on and was_on and not steady and not asleep else 0.0
        )

    def everybody_looks(self) -> None:
        if self.front:
            self.life.look()
        used = self.life.used_today() >= LIMIT if self.front else False
        self.service.look(self.forbidden or ("bytes" if used else ""))
        if self.front and self.service.alive:
            self.life.look()

    @precondition(lambda self: self.front)
    @rule(commits=st.booleans(), closes=st.booleans())
    def pause(self, commits: bool, closes: bool) -> None:
        self.app.commits, self.app.closes = commits, closes
        asked = self.store.acts + self.app.queued
        had_store = self.store.holder == "app"
        self.service.ran = 0.0
        if self.life.pause() and had_store:
            assert self.store.acts == asked
        self.front = False
        self.app.commits = self.app.closes = True
        if not self.life._serves:
            assert not had_store or self.store.holder == "app"

    @precondition(lambda self: not self.front)
    @rule()
    def resume(self) -> None:
        self.service.attend()
        if self.service.alive:
            self.store.free("service")
        self.front = True
        self.life.resume()
        assert self.store.holder == "app"

    @rule()
    def kill_the_app(self) -> None:
        committed = self.store.acts
        self.store.free("app")
        self.service.in_front = False
        self.service.ran = 0.0
        if self.service.alive:
            self.service.look(self.forbidden)
        self.open()
        assert self.store.acts == committed
        assert self.store.holder == "app"

    @rule()
    def kill_the_service(self) -> None:
        self.service.die()

    @rule()
    def little_memory(self) -> None:
        self.life.low_memory()

    @rule(seconds=st.sampled_from([-(10**9), -DAY, -60.0, 60.0, DAY, 10.0**9]))
    def set_the_clock(self, seconds: float) -> None:
        self.phone.set_clock(seconds)

    @rule(on=st.booleans())
    def airplane_mode(self, on: bool) -> None:
        self.phone.in_airplane = on
        self.everybody_looks()

    @rule(link=st.sampled_from(["none", "metered", "unmetered"]), charging=st.booleans())
    def go_somewhere(self, link: str, charging: bool) -> None:
        self.phone.link, self.phone.is_charging = link, charging  # type: ignore[assignment]  # a Link
        self.burst = 0.0
        self.everybody_looks()

    @precondition(lambda self: self.front)
    @rule(on=st.booleans(), unmetered=st.booleans(), charging=st.booleans(), going_on=st.booleans())
    def choose(self, on: bool, unmetered: bool, charging: bool, going_on: bool) -> None:
        self.chosen = Preferences(
            network_on=on, unmetered_only=unmetered, charging_only=charging,
            background=going_on, max_bytes_day=LIMIT,
        )  # fmt: skip
        save(self.folder, self.chosen)
        self.life.change(self.chosen)
        self.everybody_looks()

    @precondition(lambda self: self.front)
    @rule(times=st.integers(1, 3))
    def act(self, times: int) -> None:
        for _ in range(times):
            self.app.act()

    @precondition(lambda self: self.front)
    @rule()
    def ask_for_the_network(self) -> None:
        self.burst = 0.0
        self.life.ask()

    @precondition(lambda self: self.front)
    @rule()
    def left_alone_it_syncs_within_a_quarter_of_an_hour(self) -> None:
        before, spent = self.app.rounds, self.life.used_today()
        was_on = self.app.on
        for _ in range(int(900 / LOOK) + 1):
            self.pass_time(LOOK, 0)
        steady = was_on and self.phone.is_charging
        if not self.forbidden and spent < LIMIT and not steady:
            assert self.app.rounds > before or self.app.on

    # -- what always holds ------------------------------------------------------------------------

    @invariant()
    def the_network_is_on_only_where_it_is_allowed(self) -> None:
        if hasattr(self, "life") and self.app.on:
            assert self.front
            assert not self.forbidden
            assert self.life.used_today() < LIMIT

    @invariant()
    def the_service_works_only_behind_the_app_and_where_it_may(self) -> None:
        if hasattr(self, "life") and self.store.holder == "service":
            assert not self.app.on
            assert not self.front
            assert not self.forbidden

    @invariant()
    def no_burst_is_longer_than_five_minutes_on_battery(self) -> None:
        assert self.burst <= LONGEST_BURST + LOOK

    @invariant()
    def the_service_never_outstays_its_stretch(self) -> None:
        if self.service.alive:
            assert self.service.ran <= PARAMS.most + PARAMS.claim

    @invariant()
    def in_the_background_without_the_service_nothing_is_exchanged(self) -> None:
        if hasattr(self, "life") and not self.front:
            assert not self.app.on


PROFILE = settings.default
assert PROFILE is not None
Phone.TestCase.settings = settings(
    max_examples=PROFILE.max_examples // 2, stateful_step_count=30, deadline=None
)


@pytest.mark.slow
class TestPhone(Phone.TestCase):  # type: ignore[valid-type,misc]  # made as it goes
    pass


@pytest.mark.slow
def test_a_day_by_hand_has_no_more_bytes_than_a_day_may(tmp_path: Path) -> None:
    """At full speed and on mains, the look at which the day is used up is the last that adds."""
    phone, store = FakePlatform(tmp_path), Store()
    app = App(store)
    life = Lifecycle(app, phone, tmp_path, Preferences(max_bytes_day=LIMIT))
    life.start()
    began = phone.now()
    while elapsed(began, phone.now()) < DAY - LOOK:
        if app.on:
            app.bytes += FAST
        phone.pass_time(LOOK)
        phone.set_clock(-3_600)
        life.look()
    assert LIMIT <= app.bytes < LIMIT + FAST
