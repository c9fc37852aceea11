"""A desktop answers as one, and as the phone that a file makes of it."""

import json
import sys
from pathlib import Path

import pytest

from mobile.net_policy import Conditions
from mobile.platform_ import Edges, conditions, this_device
from mobile.platform_.desktop import CONTROL, Desktop, control_file, usual_folder
from mobile.platform_.fake import FakePlatform
from web3rec.clock import since_boot


def test_a_desktop_is_on_mains_and_on_a_free_network(tmp_path: Path) -> None:
    desktop = Desktop(tmp_path, supplies=tmp_path / "none")
    assert conditions(desktop) == Conditions("unmetered", charging=True)
    assert (desktop.dark(), desktop.font_scale()) == (False, 1.0)
    assert desktop.storage() == tmp_path
    assert desktop.has_services()
    assert desktop.now().boot <= since_boot()


@pytest.mark.parametrize(
    ("status", "charging"),
    [("Discharging\n", False), ("Charging\n", True), ("Full\n", True), ("é", True)],
)
def test_a_laptop_off_mains_does_not_charge(tmp_path: Path, status: str, charging: bool) -> None:
    (tmp_path / "BAT0").mkdir()
    (tmp_path / "BAT0" / "status").write_text(status, "utf-8")
    assert Desktop(tmp_path, supplies=tmp_path).charging() is charging


def test_a_control_file_plays_a_phone_while_the_app_runs(tmp_path: Path) -> None:
    control = tmp_path / "phone.json"
    desktop = Desktop(tmp_path, control=control, supplies=tmp_path)
    assert conditions(desktop) == Conditions("unmetered", charging=True)
    control.write_text('{"airplane": true, "charging": false, "dark": true, "font_scale": 1.5}')
    assert conditions(desktop) == Conditions("unmetered", charging=False, airplane=True)
    assert (desktop.dark(), desktop.font_scale()) == (True, 1.5)
    for link in ("none", "metered", "unmetered"):
        control.write_text(json.dumps({"network": link}))
        assert desktop.network() == link


@pytest.mark.parametrize("said", ["", "[", '{"network": 3, "font_scale": 1e9, "charging": "no"}'])
def test_a_damaged_control_file_plays_nothing(tmp_path: Path, said: str) -> None:
    (tmp_path / "phone.json").write_text(said)
    desktop = Desktop(tmp_path, control=tmp_path / "phone.json", supplies=tmp_path)
    assert conditions(desktop) == Conditions("unmetered", charging=True)
    assert desktop.font_scale() == 1.0


def test_without_services_none_is_started(tmp_path: Path) -> None:
    desktop = Desktop(tmp_path, services=False)
    assert not desktop.has_services()
    assert not desktop.start_service(tmp_path)
    desktop.stop_service()


def test_an_interpreter_that_is_gone_starts_no_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "gone"))
    assert not Desktop(tmp_path).start_service(tmp_path)


def test_the_environment_names_control_file_and_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ANDROID_ARGUMENT", raising=False)
    monkeypatch.setenv(CONTROL, str(tmp_path / "phone.json"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    (tmp_path / "phone.json").write_text('{"network": "metered"}')
    assert this_device().network() == "metered"
    assert this_device().storage() == tmp_path / "web3rec-app" == usual_folder()
    monkeypatch.delenv(CONTROL)
    assert control_file() is None
    monkeypatch.delenv("XDG_DATA_HOME")
    assert usual_folder().name == "web3rec-app"


def test_a_fake_device_does_as_it_is_told() -> None:
    fake = FakePlatform()
    before = fake.now()
    fake.pass_time(60)
    fake.set_clock(-3_600)
    assert fake.now().boot - before.boot == 60
    assert fake.now().wall - before.wall == 60 - 3_600
    assert fake.start_service(Path("/store"))
    assert fake.serving
    fake.stop_service()
    assert not fake.serving
    fake.refuses = True
    assert not fake.start_service(Path("/store"))
    fake.restart(10)
    assert fake.now().boot == 0


@pytest.mark.parametrize(
    ("said", "edges"),
    [
        ('{"insets": [0, 84, 0, 126]}', Edges(0, 84, 0, 126)),
        ('{"insets": [0, 84, 0]}', Edges()),
        ('{"insets": [0, -1, 0, 9e9]}', Edges()),
        ('{"insets": "wide"}', Edges()),
        ("{}", Edges()),
    ],
)
def test_a_notch_can_be_played(tmp_path: Path, said: str, edges: Edges) -> None:
    control = tmp_path / "phone.json"
    control.write_text(said)
    assert Desktop(tmp_path, control=control).insets() == edges


def test_exports_stand_beside_the_store(tmp_path: Path) -> None:
    assert Desktop(tmp_path).exports() == tmp_path / "exports"
