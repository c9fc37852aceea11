"""The screen "Network": each control asks for its one thing; what a finger holds is not moved."""

from dataclasses import replace
from typing import Any

import pytest

pytest.importorskip("kivy", reason="no Kivy for this Python: extra app")

from mobile.samples import SAMPLES
from mobile.screens import copying
from mobile.screens.meeting import AddressSheet, FriendSheet
from mobile.screens.network import NetworkScreen
from mobile.screens.person import PersonSheet
from mobile.viewmodel import Connection, Network, Person, State
from mobile.widgets import Hairline
from tests.mobile.screens.phones import TALL, faults, housed, on_top, sheet_faults
from tests.mobile.stage import Stage
from tests.mobile.wishes import FakeHouse, FakeWishes

STATE = SAMPLES["network"]
KEY = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
"""The W3C's own example of a did:key"""


@pytest.fixture
def screen(stage: Stage, wishes: FakeWishes, house: FakeHouse) -> NetworkScreen:
    stage.resize(*TALL)
    screen = NetworkScreen(wishes, house)
    screen.show(STATE)
    stage.show(screen)
    return screen


def with_network(**changes: Any) -> State:
    return replace(STATE, network=replace(STATE.network, **changes))


def test_it_says_why_nothing_is_exchanged(stage: Stage, screen: NetworkScreen) -> None:
    screen.show(SAMPLES["offline"])
    stage.settle()
    assert stage.says("Offline")
    assert stage.says("On a metered network")
    assert screen.status.bar.fraction == 1.0
    assert stage.says("Nothing more is exchanged today.")


@pytest.mark.parametrize(
    ("toggle", "wish", "on"),
    [
        ("Use the network", "use_network", False),
        ("Wi-Fi only", "unmetered_only", False),
        ("Only while charging", "charging_only", True),
        ("In the background", "background", True),
    ],
)
def test_each_toggle_asks_for_its_own_thing(
    stage: Stage, screen: NetworkScreen, wishes: FakeWishes, toggle: str, wish: str, *, on: bool
) -> None:
    stage.tap(stage.find(toggle))
    assert wishes.calls == [(wish, on)]


def test_without_the_network_nothing_more_can_be_said_about_it(
    stage: Stage, screen: NetworkScreen, wishes: FakeWishes
) -> None:
    screen.show(with_network(on=False))
    for label in ("Catch up now", "Wi-Fi only", "Only while charging", "In the background"):
        stage.tap(stage.find(label))
    assert wishes.calls == []
    stage.tap(stage.find("Use the network"))
    assert wishes.calls == [("use_network", True)]


def test_one_can_catch_up_now(stage: Stage, screen: NetworkScreen, wishes: FakeWishes) -> None:
    stage.tap(stage.find("Catch up now"))
    assert wishes.calls == [("catch_up",)]


def test_trust_is_told_once_in_eighths_when_the_finger_leaves(
    stage: Stage, screen: NetworkScreen, wishes: FakeWishes
) -> None:
    row = screen.people.rows[2]
    level = row.level
    assert level.value == 0.5
    touch = stage.press(level)
    for step in range(1, 7):
        touch.touch_move(touch.x + 11, touch.y)
        stage.frames()
        assert wishes.calls == [], f"told while it moves, at step {step}"
    touch.touch_up()
    (call,) = wishes.calls
    assert call[:2] == ("trust", STATE.network.people[2].peer)
    assert call[2] == level.value
    assert (call[2] * 8).is_integer()
    assert call[2] > 0.5
    assert call[3] == "", "the name there is stays"


def test_a_state_that_comes_while_a_level_is_held_does_not_move_it(
    stage: Stage, screen: NetworkScreen, wishes: FakeWishes
) -> None:
    level = screen.people.rows[2].level
    touch = stage.press(level)
    touch.touch_move(touch.x - 80, touch.y)
    held = level.value
    people = list(STATE.network.people)
    people[2] = replace(people[2], trust=1.0, detail="113 records · last heard now")
    people.insert(0, Person(KEY, "somebody new", 1.0, 0.4, blocked=False, detail="1 record"))
    screen.show(with_network(people=tuple(people)))
    stage.settle()
    assert screen.people.rows[3].level is level
    assert level.value == held < 0.5
    touch.touch_up()
    assert wishes.calls == [("trust", people[3].peer, held, "")]


def test_trust_that_was_scrolled_over_is_not_changed(
    stage: Stage, wishes: FakeWishes, house: FakeHouse
) -> None:
    stage.resize(412, 915)
    screen = NetworkScreen(wishes, house)
    screen.show(STATE)
    stage.show(screen)
    stage.swipe(screen.people.rows[1].level, dx=4, dy=200)
    assert screen.offset > 0
    assert wishes.calls == []


def test_the_same_part_costs_nothing_and_rows_keep_their_widgets(
    stage: Stage, screen: NetworkScreen
) -> None:
    before = screen.people.rows
    screen.show(replace(STATE, chip=SAMPLES["offline"].chip))
    assert screen.people.rows == before
    people = STATE.network.people[: len(before)]
    screen.show(with_network(people=people[::-1]))
    assert screen.people.rows == before[::-1]


def test_a_blocked_person_can_be_heard_again(
    stage: Stage, screen: NetworkScreen, wishes: FakeWishes
) -> None:
    blocked = next(person for person in STATE.network.people if person.blocked)
    screen.show(with_network(people=(blocked,)))
    stage.settle()
    (row,) = screen.people.rows
    assert row.level.parent is None
    stage.tap(row.unblock)
    assert wishes.calls == [("block", blocked.peer, False)]


def test_only_so_many_people_stand_there_at_first(stage: Stage, screen: NetworkScreen) -> None:
    people = tuple(
        Person(f"did:key:z{n}", f"friend {n}", None, 0.01, blocked=False, detail="1 record")
        for n in range(100)
    )
    screen.show(with_network(people=people))
    stage.settle()
    assert len(screen.people.rows) == 5
    stage.tap(stage.find("Show 95 more"))
    assert len(screen.people.rows) == 10
    assert stage.says("friend 9")


def test_a_person_s_sheet_says_more_and_follows_what_changes(
    stage: Stage, screen: NetworkScreen, wishes: FakeWishes, house: FakeHouse
) -> None:
    person = STATE.network.people[0]
    stage.tap(screen.people.rows[0].more)
    (sheet,) = house.sheets
    assert isinstance(sheet, PersonSheet)
    stage.show(sheet)
    assert stage.says(person.peer)
    stage.tap(stage.find("Block"))
    assert wishes.calls == [("block", person.peer, True)]
    now = replace(person, blocked=True)
    screen.show(with_network(people=(now, *STATE.network.people[1:])))
    stage.settle()
    assert sheet.level.parent is None
    stage.tap(stage.find("Unblock", sheet))
    assert wishes.last == ("block", person.peer, False)


def test_a_friend_is_added_by_key(
    stage: Stage, screen: NetworkScreen, wishes: FakeWishes, house: FakeHouse
) -> None:
    stage.tap(screen.add_friend)
    (sheet,) = house.sheets
    assert isinstance(sheet, FriendSheet)
    stage.show(sheet)
    stage.tap(sheet.trust)
    assert wishes.calls == [], "there is no key yet"
    stage.tap(sheet.key)
    stage.write("did:peer:2")
    assert stage.says("A key begins with did:key:z")
    sheet.key.text = f"  {KEY} "
    sheet.name.text = " friend 99 "
    stage.settle()
    stage.tap(sheet.trust)
    assert wishes.calls == [("trust", KEY, 0.5, "friend 99")]
    assert house.sheets == []


def test_no_trust_is_no_friend(stage: Stage, wishes: FakeWishes, house: FakeHouse) -> None:
    sheet = FriendSheet(wishes, house.close_sheet)
    stage.show(sheet)
    sheet.key.text = KEY
    sheet.level.value = 0.0
    stage.tap(sheet.trust)
    assert wishes.calls == []


def test_an_address_is_dialled(
    stage: Stage, screen: NetworkScreen, wishes: FakeWishes, house: FakeHouse
) -> None:
    stage.tap(screen.connect)
    (sheet,) = house.sheets
    assert isinstance(sheet, AddressSheet)
    stage.show(sheet)
    stage.tap(sheet.dial)
    assert wishes.calls == []
    sheet.address.text = " /ip4/127.0.0.1/tcp/4001 "
    stage.tap(sheet.dial)
    assert wishes.calls == [("dial", "/ip4/127.0.0.1/tcp/4001")]
    assert house.sheets == []


def test_keys_are_copied_and_pasted(
    stage: Stage,
    screen: NetworkScreen,
    wishes: FakeWishes,
    house: FakeHouse,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept: list[str] = []

    class Pad:
        copy = staticmethod(kept.append)

        @staticmethod
        def paste() -> str:
            return f"\n {kept[-1]}\n"

    monkeypatch.setattr("kivy.core.clipboard.Clipboard", Pad)
    stage.tap(screen.me.button)
    assert kept == [STATE.network.me]
    assert screen.me.button.text == "Copied"
    stage.advance(copying.SAID + 0.1)
    assert screen.me.button.text == "Copy your key"
    sheet = FriendSheet(wishes, house.close_sheet)
    stage.show(sheet)
    stage.tap(sheet.paste)
    assert sheet.key.text == STATE.network.me


def test_without_a_clipboard_one_is_told_so(
    stage: Stage, screen: NetworkScreen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kivy.core.clipboard.Clipboard", None)
    stage.tap(screen.me.button)
    assert stage.says("No clipboard here: write it down")
    assert copying.pasted() == ""


def test_a_device_s_connection_says_nothing_about_whose_it_is(
    stage: Stage, screen: NetworkScreen
) -> None:
    assert stage.says("A device's connection says nothing about whose it is.")
    assert len(screen.connections.rows) == len(STATE.network.connections)
    screen.show(with_network(connections=(Connection("12D3…x", "we dialled"),) * 2))
    assert len(screen.connections.rows) == 2


@pytest.mark.slow
def test_back_closes_a_person_s_sheet_and_the_next_opens(stage: Stage, wishes: FakeWishes) -> None:
    shell = housed(stage, wishes, "network", "network")
    stage.tap(stage.find("More about friend 12"))
    assert isinstance(on_top(shell), PersonSheet)
    assert shell.back()
    assert on_top(shell) is None
    assert shell.screen.sheet is None
    stage.tap(stage.find("Add a friend"))
    assert isinstance(on_top(shell), FriendSheet)


@pytest.mark.slow
@pytest.mark.parametrize("sample", ["network", "offline", "cold", "loading"])
def test_nothing_is_clipped_on_any_phone(
    stage: Stage, wishes: FakeWishes, house: FakeHouse, sample: str
) -> None:
    screen = NetworkScreen(wishes, house)
    screen.show(SAMPLES[sample])
    assert faults(stage, screen) == {}


@pytest.mark.slow
def test_nothing_is_clipped_in_its_sheets(
    stage: Stage, wishes: FakeWishes, house: FakeHouse
) -> None:
    people = STATE.network.people
    for sheet in (
        PersonSheet(wishes, people[5]),
        PersonSheet(wishes, people[-1]),
        FriendSheet(wishes, house.close_sheet),
        AddressSheet(wishes, house.close_sheet),
    ):
        assert sheet_faults(stage, sheet) == {}


def test_a_state_of_nothing_is_shown(stage: Stage, wishes: FakeWishes, house: FakeHouse) -> None:
    screen = NetworkScreen(wishes, house)
    screen.show(State(network=Network()))
    stage.show(screen)
    assert stage.says("Nobody yet.")
    assert not stage.all_of(Hairline)
