"""Coming to the front and leaving it: what is asked of app and service, and in which order."""

import json
from pathlib import Path

import pytest

from mobile import json_file
from mobile.day import DAY
from mobile.lifecycle import SAVED_BYTES
from mobile.net_policy import TRAFFIC
from mobile.platform_.fake import FakePlatform
from mobile.preferences import Preferences
from tests.mobile.lives import AWAY, FLUSH, Calls, Make, calls, make, phone

__all__ = ["calls", "make", "phone"]

# -- by default: in front only --------------------------------------------------------------------


def test_by_default_the_network_is_used_in_front_only(make: Make, calls: Calls) -> None:
    life = make(Preferences())
    life.start()
    assert calls.news() == ["network", "catch up"]
    assert life.pause()
    assert calls.news() == [AWAY, FLUSH]
    life.resume()
    assert calls.news() == ["network"]


def test_a_burst_lasts_five_minutes_and_the_next_waits_its_time(
    make: Make, calls: Calls, phone: FakePlatform
) -> None:
    life, minutes = make(Preferences()), []
    life.start()
    calls.news()
    for minute in range(1, 31):
        phone.pass_time(60)
        life.look()
        if {"network", "catch up"} <= set(calls.news()):
            minutes.append(minute)
    assert minutes == [15, 30]


def test_a_rest_says_how_long_it_lasts(make: Make, calls: Calls, phone: FakePlatform) -> None:
    life = make(Preferences())
    life.start()
    phone.pass_time(300)
    calls.news()
    life.look()
    life.look()
    assert calls.news() == ["network: resting to spare the battery; again in 10 min"]


def test_on_mains_at_home_it_stays_on_and_unplugged_it_has_one_more_burst(
    make: Make, calls: Calls, phone: FakePlatform
) -> None:
    phone.is_charging = True
    life = make(Preferences())
    life.start()
    for _ in range(100):
        phone.pass_time(60)
        life.look()
    assert calls.news() == ["network", "catch up"]
    phone.is_charging = False
    life.look()
    assert calls.news() == ["catch up"]
    phone.pass_time(300)
    life.look()
    assert calls.news() == ["network: resting to spare the battery; again in 10 min"]


def test_whoever_asks_gets_a_burst_however_short_the_rest(
    make: Make, calls: Calls, phone: FakePlatform
) -> None:
    life = make(Preferences())
    life.start()
    phone.pass_time(301)
    life.look()
    calls.news()
    life.ask()
    assert calls.news() == ["network", "catch up"]
    phone.in_airplane = True
    life.ask()
    assert calls.news() == ["network: airplane mode"]


def test_to_leave_and_come_back_does_not_begin_a_new_burst(
    make: Make, calls: Calls, phone: FakePlatform
) -> None:
    life = make(Preferences())
    life.start()
    for _ in range(3):
        life.pause()
        phone.pass_time(60)
        life.resume()
    assert calls.news().count("catch up") == 1
    phone.pass_time(120)
    life.look()
    assert calls.news()[-1].startswith("network: resting")


def test_an_app_with_one_way_for_both_wishes_is_asked_once(
    make: Make, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bridge's `catch_up` is a person's wish, too, and tells of it."""
    life = make(Preferences())

    def catch_up() -> None:
        calls.done.append("catch up")
        life.ask()

    monkeypatch.setattr(calls, "catch_up", catch_up)
    life.start()
    assert calls.news() == ["network", "catch up"]
    life.ask()
    assert calls.news() == ["catch up"]


# -- conditions and clocks ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"in_airplane": True}, "airplane mode"),
        ({"link": "metered"}, "on a metered network"),
        ({"link": "none"}, "no network"),
    ],
)
def test_conditions_that_change_are_obeyed_at_the_next_look(
    make: Make, calls: Calls, phone: FakePlatform, change: dict[str, object], why: str
) -> None:
    life = make(Preferences())
    life.start()
    calls.news()
    before = {name: getattr(phone, name) for name in change}
    for name, value in change.items():
        setattr(phone, name, value)
    life.look()
    life.look()
    assert calls.news() == [f"network: {why}"]
    for name, value in before.items():
        setattr(phone, name, value)
    life.look()
    assert calls.news() == ["network"]


def test_a_burst_begins_when_the_network_comes_back_if_there_was_none(
    make: Make, calls: Calls, phone: FakePlatform
) -> None:
    phone.in_airplane = True
    life = make(Preferences())
    life.start()
    assert calls.news() == ["network: airplane mode"]
    phone.in_airplane = False
    life.look()
    assert calls.news() == ["network", "catch up"]


@pytest.mark.parametrize("years", [-30, 30])
def test_a_clock_that_jumps_moves_no_burst_and_no_day(
    make: Make, calls: Calls, phone: FakePlatform, years: int
) -> None:
    life = make(Preferences(max_bytes_day=1_000_000))
    life.start()
    calls.bytes = 1_000_000
    phone.set_clock(years * 365 * DAY)
    life.look()
    assert calls.news()[-1] == "network: today's 1 MB are used up; again in 24 h"
    phone.pass_time(DAY)
    life.look()
    assert calls.news() == ["network", "catch up"]


# -- the day's bytes ------------------------------------------------------------------------------


def test_the_days_bytes_hold_over_a_kill(
    make: Make, calls: Calls, phone: FakePlatform, tmp_path: Path
) -> None:
    life = make(Preferences())
    life.start()
    calls.bytes = 2 * SAVED_BYTES
    life.look()
    calls.bytes = 0  # a new process counts anew
    again = make(Preferences())
    again.start()
    calls.bytes = 1_000
    again.look()
    assert again.used_today() == 2 * SAVED_BYTES + 1_000


def test_few_bytes_are_written_down_after_a_while_and_at_pause(
    make: Make, calls: Calls, phone: FakePlatform, tmp_path: Path
) -> None:
    life = make(Preferences())
    life.start()
    calls.bytes = 10
    life.look()
    assert not (tmp_path / TRAFFIC).exists()
    phone.pass_time(30)
    life.look()
    assert json_file.read(tmp_path / TRAFFIC)["spent"] == 10
    calls.bytes = 11
    life.pause()
    assert json_file.read(tmp_path / TRAFFIC)["spent"] == 11


def test_a_node_that_counts_anew_is_counted_on(make: Make, calls: Calls) -> None:
    life = make(Preferences())
    life.start()
    for calls.bytes in (100, 30, 50):
        life.look()
    assert life.used_today() == 150


def test_a_full_disk_stops_nothing(
    make: Make, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(json_file, "write", full)
    life = make(Preferences())
    life.start()
    calls.bytes = 5
    assert life.pause()


@pytest.mark.parametrize("text", ["", "[]", json.dumps({"spent": 1e300, "age": -5})])
def test_a_damaged_file_of_bytes_locks_nobody_out(
    make: Make, calls: Calls, tmp_path: Path, text: str
) -> None:
    (tmp_path / TRAFFIC).write_text(text)
    make(Preferences()).start()
    assert calls.news() == ["network", "catch up"]
