"""The Android platform asks the phone the right questions, and survives every answer."""

from pathlib import Path

import pytest

from mobile.net_policy import Conditions
from mobile.platform_ import Edges, conditions, this_device
from mobile.platform_.android import SERVICE, Android
from tests.mobile.platform_.phone import Phone, phone
from web3rec.clock import since_boot, system_clock

__all__ = ["phone"]

FILES = Path("/data/user/0/org.web3rec.web3rec/files")
INTENT = ("intent", "", "web3rec", "Syncing with your peers", "/store")


@pytest.mark.parametrize(
    ("said", "link"),
    [
        ({}, "unmetered"),
        ({"metered": True}, "metered"),
        ({"active": False}, "none"),
        ({"capable": False}, "none"),
    ],
)
def test_the_network_is_what_the_connectivity_manager_says(
    phone: Phone, said: dict[str, bool], link: str
) -> None:
    for name, value in said.items():
        setattr(phone, name, value)
    assert Android().network() == link


def test_airplane_mode_battery_night_and_letters_are_the_systems(phone: Phone) -> None:
    android = Android()
    assert conditions(android) == Conditions("unmetered")
    assert not android.dark()
    phone.airplane, phone.charging, phone.ui_mode, phone.font = 1, True, 0x21, 1.3
    assert conditions(android) == Conditions("unmetered", charging=True, airplane=True)
    assert android.dark()
    assert android.font_scale() == 1.3


@pytest.mark.parametrize(("font", "scale"), [(9.0, 3.0), (0.0, 0.5), (float("nan"), 1.0)])
def test_letters_stay_readable_whatever_the_phone_says(
    phone: Phone, font: float, scale: float
) -> None:
    phone.font = font
    assert Android().font_scale() == scale


@pytest.mark.parametrize("in_service", [False, True])
def test_app_and_service_find_the_private_folder(phone: Phone, in_service: bool) -> None:
    phone.in_service = in_service
    assert Android().storage() == FILES


def test_the_service_is_started_in_the_foreground_for_a_store_and_stopped(phone: Phone) -> None:
    android = Android()
    assert android.has_services()
    assert android.start_service(Path("/store"))
    android.stop_service()
    assert phone.done == [("start", "app", INTENT), ("stop", "app")]


def test_who_may_not_show_notices_is_asked_when_the_service_starts(phone: Phone) -> None:
    phone.may_notify = False
    assert Android().start_service(Path("/store"))
    assert phone.done == [
        ("ask", "android.permission.POST_NOTIFICATIONS"),
        ("start", "app", INTENT),
    ]


def test_from_android_15_on_room_is_left_for_the_systems_bars(phone: Phone) -> None:
    assert Android().insets() == Edges(0, 84, 0, 126)
    phone.edges = (-3, 84, 0, 126)
    assert Android().insets() == Edges(0, 84, 0, 126)
    phone.edges = None
    assert Android().insets() == Edges()
    phone.edges, phone.sdk = (0, 84, 0, 126), 34
    assert Android().insets() == Edges()


def test_exports_go_where_a_person_can_fetch_them(phone: Phone) -> None:
    assert Android().exports() == Path(
        "/storage/emulated/0/Android/data/org.web3rec.web3rec/files/exports"
    )
    phone.external = None
    assert Android().exports() == FILES / "exports"


def test_a_start_that_android_refuses_is_told(phone: Phone) -> None:
    phone.broken = {"startForegroundService"}
    assert not Android().start_service(Path("/store"))


def test_a_phone_that_answers_nothing_costs_nothing(phone: Phone) -> None:
    phone.broken = {"autoclass"}
    android = Android()
    assert conditions(android) == Conditions("metered")
    assert (android.dark(), android.font_scale()) == (False, 1.0)
    assert android.storage() == Path.cwd()
    assert android.exports() == Path.cwd() / "exports"
    assert android.insets() == Edges()
    assert not android.start_service(Path("/store"))
    android.stop_service()
    assert phone.done == []


def test_a_service_of_another_kind_is_no_answer(phone: Phone) -> None:
    phone.broken = {"getSystemService"}
    assert conditions(Android()) == Conditions("metered")


def test_its_clocks_are_the_systems(phone: Phone) -> None:
    before, now = since_boot(), Android().now()
    assert before <= now.boot <= since_boot()
    assert now.wall <= system_clock() / 1000 + 1


def test_the_service_class_is_what_p4a_makes_of_the_packages_name() -> None:
    assert "org.web3rec.web3rec.Service" + "sync".capitalize() == SERVICE


def test_inside_a_package_the_phone_is_this_device(
    phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANDROID_ARGUMENT", "/data/app")
    assert isinstance(this_device(), Android)
