"""The screen "Privacy": what cannot be undone is asked first, and each wish is what was asked."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("kivy", reason="no Kivy for this Python: extra app")

from mobile.samples import SAMPLES
from mobile.screens.moving import ExportSheet, ImportSheet, name_flaw
from mobile.screens.privacy import EVERYTHING, PrivacyScreen
from mobile.viewmodel import Sent, State
from mobile.widgets import Question
from tests.mobile.screens.phones import TALL, faults, housed, on_top, sheet_faults
from tests.mobile.stage import Stage
from tests.mobile.wishes import FakeHouse, FakeWishes

FOLDER = "/storage/emulated/0/Android/data/org.web3rec.app/files/Documents"
STATE = replace(
    SAMPLES["privacy"],
    privacy=replace(
        SAMPLES["privacy"].privacy, folder=FOLDER, exports=("old-phone.sealed", "mine.jsonl")
    ),
)


@pytest.fixture
def screen(stage: Stage, wishes: FakeWishes, house: FakeHouse) -> PrivacyScreen:
    stage.resize(*TALL)
    screen = PrivacyScreen(wishes, house)
    screen.show(STATE)
    stage.show(screen)
    return screen


def with_privacy(**changes: Any) -> State:
    return replace(STATE, privacy=replace(STATE.privacy, **changes))


def test_a_higher_level_is_consented_to_first(
    screen: PrivacyScreen, stage: Stage, wishes: FakeWishes, house: FakeHouse
) -> None:
    stage.tap(screen.leaving.choices[3])
    assert wishes.calls == []
    ((title, text, _action, yes),) = house.questions
    assert title == "Share on level 3?"
    assert STATE.privacy.rungs[3].text in text, "it says what leaves from now on"
    yes()
    assert wishes.calls == [("share", 3)]


def test_a_lower_level_is_taken_at_once_and_the_same_one_is_nothing(
    screen: PrivacyScreen, stage: Stage, wishes: FakeWishes, house: FakeHouse
) -> None:
    stage.tap(screen.leaving.choices[1])
    assert wishes.calls == []
    stage.tap(screen.leaving.choices[0])
    assert wishes.calls == [("share", 0)]
    assert house.questions == []


@pytest.mark.parametrize("level", [0, 1, 2, 3])
def test_exactly_the_level_in_force_is_chosen(screen: PrivacyScreen, level: int) -> None:
    screen.show(with_privacy(level=level))
    assert [one.chosen for one in screen.leaving.choices] == [n == level for n in range(4)]


def test_a_private_session_and_a_pause_are_switched(
    screen: PrivacyScreen, stage: Stage, wishes: FakeWishes
) -> None:
    stage.tap(stage.find("Private session"))
    stage.tap(stage.find("Pause learning"))
    assert wishes.calls == [("private_session", False), ("keep_learning", False)]
    screen.show(with_privacy(private=False, learning=False))
    assert not screen.leaving.private.on
    assert screen.leaving.paused.on
    stage.tap(stage.find("Pause learning"))
    assert wishes.last == ("keep_learning", True)


def test_each_thing_sent_can_be_forgotten_after_a_question(
    screen: PrivacyScreen, stage: Stage, wishes: FakeWishes, house: FakeHouse
) -> None:
    stage.tap(stage.find("Forget like of “Paper Boats”"))
    assert wishes.calls == []
    ((_title, text, _action, yes),) = house.questions
    assert "Paper Boats" in text
    yes()
    assert wishes.calls == [("forget_item", "made:10")]


def test_what_is_about_no_item_has_nothing_to_press(screen: PrivacyScreen) -> None:
    row = screen.sent.rows.rows[2]
    assert STATE.privacy.sent[2].item == ""
    assert row.forget.parent is None


def test_what_was_sent_is_shown_as_far_as_it_is_asked_for(
    screen: PrivacyScreen, stage: Stage
) -> None:
    many = tuple(Sent(f"like of “{n}”", "left 1 h ago", f"made:{n}") for n in range(100))
    screen.show(with_privacy(sent=many, more_sent=4321))
    stage.settle()
    assert len(screen.sent.rows.rows) == 4
    assert stage.says("And 4321 older ones.")
    stage.tap(stage.find("Show more (96)"))
    assert len(screen.sent.rows.rows) == 8


def test_two_records_of_one_kind_about_one_item_are_two_rows(
    screen: PrivacyScreen, stage: Stage
) -> None:
    twice = (Sent("like of “Rain”", "left 1 h ago", "made:5"),) * 2
    screen.show(with_privacy(sent=twice))
    assert len(screen.sent.rows.rows) == 2


def test_nothing_sent_is_said(screen: PrivacyScreen, stage: Stage) -> None:
    screen.show(with_privacy(sent=(), more_sent=0))
    stage.settle()
    assert stage.says("Nothing has left, and nothing waits to.")


@pytest.mark.parametrize(
    ("button", "wish"),
    [("Forget the last hour", "forget_hour"), ("Forget everything", "forget_all")],
)
def test_forgetting_is_asked_first(
    screen: PrivacyScreen,
    stage: Stage,
    wishes: FakeWishes,
    house: FakeHouse,
    button: str,
    wish: str,
) -> None:
    stage.tap(stage.find(button))
    assert wishes.calls == []
    ((_title, text, _action, yes),) = house.questions
    assert "cannot be undone" in text
    yes()
    assert wishes.calls == [(wish,)]


def test_everything_says_what_goes_and_what_stays() -> None:
    assert "What stays: your key, your settings, and what other people said." in EVERYTHING
    assert "Erased here, at once: all you did, whom you trust and block" in EVERYTHING


def test_the_receipt_and_what_is_kept_can_be_read(screen: PrivacyScreen, stage: Stage) -> None:
    assert stage.says(STATE.privacy.receipt)
    for fact in STATE.privacy.stored:
        assert stage.says(fact.label)
        assert stage.says(fact.value)
    screen.show(with_privacy(receipt=""))
    assert not stage.says("Forgotten:")


def test_while_something_is_done_no_second_thing_is_begun(
    screen: PrivacyScreen, stage: Stage, wishes: FakeWishes, house: FakeHouse
) -> None:
    screen.show(with_privacy(busy="exporting"))
    stage.settle()
    assert stage.says("Exporting …")
    for label in ("Export", "Import", "New identity", "Forget the last hour", "Forget everything"):
        stage.tap(stage.find(label))
    assert (wishes.calls, house.questions, house.sheets) == ([], [], [])
    screen.show(STATE)
    stage.settle()
    assert not stage.says("Exporting …")


def test_a_new_identity_is_asked_first_and_told_what_it_is_not(
    screen: PrivacyScreen, stage: Stage, wishes: FakeWishes, house: FakeHouse
) -> None:
    stage.tap(stage.find("New identity"))
    assert wishes.calls == []
    ((_title, text, _action, yes),) = house.questions
    assert "both are yours, in public" in text
    yes()
    assert wishes.calls == [("new_identity",)]


def test_an_export_has_a_name_and_the_same_passphrase_twice(
    screen: PrivacyScreen, stage: Stage, wishes: FakeWishes, house: FakeHouse
) -> None:
    stage.tap(stage.find("Export"))
    (sheet,) = house.sheets
    assert isinstance(sheet, ExportSheet)
    stage.show(sheet)
    sheet.passphrase.text = "correct horse"
    stage.tap(sheet.export)
    assert wishes.calls == [], "it was typed once only"
    sheet.again.text = "correct hrose"
    stage.settle()
    assert stage.says("The two passphrases differ.")
    sheet.again.text = "correct horse"
    sheet.name.text = "mine.jsonl"
    stage.settle()
    assert stage.says("There is a file of this name: it will be replaced.")
    stage.tap(sheet.export)
    assert wishes.calls == [("export", Path(FOLDER, "mine.jsonl"), "correct horse")]
    assert house.sheets == []


def test_an_import_is_chosen_from_what_is_there(
    screen: PrivacyScreen, stage: Stage, wishes: FakeWishes, house: FakeHouse
) -> None:
    stage.tap(stage.find("Import"))
    (sheet,) = house.sheets
    assert isinstance(sheet, ImportSheet)
    stage.show(sheet)
    assert [one.chosen for one in sheet.choices] == [True, False], "the newest"
    stage.tap(sheet.choices[1])
    assert [one.chosen for one in sheet.choices] == [False, True]
    sheet.passphrase.text = "open"
    stage.tap(sheet.bring_in)
    assert wishes.calls == [("bring_in", Path(FOLDER, "mine.jsonl"), "open")]


@pytest.mark.parametrize("name", ["", "../author.key", "/etc/x", "a\\b", "c:d", "..", "x" * 201])
def test_no_name_leads_out_of_the_folder(name: str) -> None:
    assert name_flaw(name)


def test_an_ordinary_name_is_fine() -> None:
    assert name_flaw("Sauvegarde d’été 2.jsonl") == ""


def test_without_a_folder_nothing_is_exported(
    screen: PrivacyScreen, stage: Stage, house: FakeHouse
) -> None:
    screen.show(with_privacy(folder=""))
    stage.settle()
    stage.tap(stage.find("Export"))
    stage.tap(stage.find("Import"))
    assert house.sheets == []
    assert stage.says("This device has no folder for exports.")


def test_the_same_part_costs_nothing(screen: PrivacyScreen) -> None:
    rows = screen.sent.rows.rows
    screen.show(replace(STATE, chip=SAMPLES["offline"].chip))
    screen.show(with_privacy(receipt="Forgotten: something."))
    assert screen.sent.rows.rows == rows


@pytest.mark.slow
def test_back_closes_the_question_and_nothing_is_done(stage: Stage, wishes: FakeWishes) -> None:
    shell = housed(stage, wishes, "privacy", "privacy")
    stage.tap(stage.find("Forget everything"))
    assert isinstance(on_top(shell), Question)
    assert shell.back()
    assert on_top(shell) is None
    assert wishes.calls == []
    stage.tap(stage.find("Forget everything"))
    stage.tap(stage.find("Forget all"))
    assert on_top(shell) is None
    assert wishes.calls == [("forget_all",)]


@pytest.mark.slow
@pytest.mark.parametrize("sample", ["privacy", "cold", "loading"])
def test_nothing_is_clipped_on_any_phone(
    stage: Stage, wishes: FakeWishes, house: FakeHouse, sample: str
) -> None:
    screen = PrivacyScreen(wishes, house)
    state = SAMPLES[sample]
    screen.show(replace(state, privacy=replace(state.privacy, folder=FOLDER, busy="forgetting")))
    assert faults(stage, screen) == {}


@pytest.mark.slow
def test_nothing_is_clipped_in_its_sheets(stage: Stage, wishes: FakeWishes) -> None:
    for make in (ExportSheet, ImportSheet):
        assert sheet_faults(stage, make(wishes, STATE.privacy, lambda: None)) == {}
    question = Question("Forget everything?", EVERYTHING, "Forget all", list, list, danger=True)
    assert sheet_faults(stage, question) == {}
