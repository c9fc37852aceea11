"""Handing the store to the background service and taking it back; and the end."""

from dataclasses import replace
from pathlib import Path

import pytest

from mobile import json_file
from mobile.day import fresh, said
from mobile.lifecycle import Lifecycle
from mobile.net_policy import TRAFFIC
from mobile.platform_.fake import FakePlatform
from mobile.preferences import Preferences
from mobile.service import budget
from tests.mobile.lives import AWAY, FLUSH, GOING_ON, LET_GO, Calls, Make, calls, make, phone

__all__ = ["calls", "make", "phone"]

# -- with the service -----------------------------------------------------------------------------


def test_with_the_service_on_the_store_is_handed_over_and_taken_back(
    make: Make, calls: Calls, phone: FakePlatform, tmp_path: Path
) -> None:
    life = make()
    life.start()
    assert phone.starts == [tmp_path]
    assert calls.news() == ["service: attend", "service: attend", "network", "catch up"]
    assert life.pause()
    assert calls.news() == [AWAY, FLUSH, LET_GO, "service: take"]
    assert life.pause()
    assert calls.news() == []
    life.resume()
    assert calls.news() == ["service: attend", "take back", "service: attend", "network"]
    life.resume()
    assert calls.news() == []


def test_a_store_that_is_not_free_in_time_is_told_and_the_service_waits_for_it(
    make: Make, calls: Calls
) -> None:
    calls.lets_go = False
    life = make()
    life.start()
    calls.news()
    assert not life.pause()
    assert calls.news()[-1] == "service: take"


def test_acts_that_were_not_committed_in_time_are_told(make: Make, calls: Calls) -> None:
    calls.commits = False
    life = make(Preferences())
    life.start()
    assert not life.pause()


def test_what_the_service_used_counts_when_the_app_is_back(
    make: Make, calls: Calls, phone: FakePlatform, tmp_path: Path
) -> None:
    life = make()
    life.start()
    life.pause()
    json_file.write(tmp_path / TRAFFIC, said(fresh(phone.now()).plus(49_999_999, phone.now())))
    life.resume()
    assert life.used_today() == 49_999_999
    calls.bytes = 1
    calls.news()
    life.look()
    assert "used up" in calls.news()[-1]


def test_switching_it_on_starts_it_and_off_ends_it(
    make: Make, calls: Calls, phone: FakePlatform
) -> None:
    life = make(Preferences())
    life.start()
    assert not phone.serving
    life.change(GOING_ON)
    assert phone.serving
    calls.news()
    life.change(Preferences())
    assert not phone.serving
    assert "service: stop" in calls.news()


def test_a_network_switched_off_ends_the_service_too(
    make: Make, calls: Calls, phone: FakePlatform
) -> None:
    life = make()
    life.start()
    life.change(replace(GOING_ON, network_on=False))
    assert not phone.serving
    assert calls.news()[-1] == "network: switched off"


def test_a_service_that_does_not_start_keeps_nothing_from_working(
    make: Make, calls: Calls, phone: FakePlatform
) -> None:
    phone.refuses = True
    life = make()
    life.start()
    assert not phone.serving
    assert calls.news()[-2:] == ["network", "catch up"]


@pytest.mark.parametrize("without", ["service", "platform"])
def test_where_there_is_no_service_the_app_keeps_its_store(
    make: Make, calls: Calls, phone: FakePlatform, without: str
) -> None:
    phone.services = without != "platform"
    life = make(service=without != "service")
    life.start()
    life.pause()
    assert calls.news() == ["network", "catch up", AWAY, FLUSH]


def test_what_the_service_did_is_told(calls: Calls, phone: FakePlatform, tmp_path: Path) -> None:
    told: list[str] = []
    life = Lifecycle(calls, phone, tmp_path, GOING_ON, tell_background=told.append)
    life.start()
    budget.save(tmp_path, budget.Budget(fresh(phone.now()).plus(600, phone.now())))
    life.look()
    assert told == ["", "ran 10 min today, 5 h 20 min left"]


# -- the end --------------------------------------------------------------------------------------


def test_the_end_frees_the_store_and_lets_the_service_go_on(make: Make, calls: Calls) -> None:
    life = make()
    life.start()
    calls.news()
    assert life.stop()
    assert calls.news() == [AWAY, FLUSH, LET_GO, "service: take"]
    assert life.stop()
    life.resume()
    life.look()
    assert calls.news() == []


def test_the_end_after_a_pause_does_not_let_go_twice(make: Make, calls: Calls) -> None:
    life = make()
    life.start()
    life.pause()
    calls.news()
    assert life.stop()
    assert calls.news() == [FLUSH]


def test_without_the_service_the_end_frees_the_store(make: Make, calls: Calls) -> None:
    life = make(Preferences())
    life.start()
    life.stop()
    assert calls.news()[-3:] == [AWAY, FLUSH, LET_GO]


def test_little_memory_drops_caches(make: Make, calls: Calls) -> None:
    make().low_memory()
    assert calls.news() == ["drop caches"]
