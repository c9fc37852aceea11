"""The bridge's papers: levels, what was sent, forgetting with a receipt in words, exports."""

from pathlib import Path

import pytest

from mobile.viewmodel import Phase
from tests.mobile.bridged import fresh, rig
from tests.web3rec.devices import FRIENDS, device
from tests.web3rec.store.logs import DAY_MS
from web3rec import Event
from web3rec.types import Millis


def facts(app_stored: tuple[object, ...]) -> dict[str, str]:
    return {fact.label: fact.value for fact in app_stored}  # type: ignore[attr-defined]


def test_levels_and_what_is_kept_stand_in_words(tmp_path: Path) -> None:
    with rig(tmp_path) as app:
        privacy = app.state.privacy
        assert [rung.level for rung in privacy.rungs] == [0, 1, 2, 3]
        assert privacy.level == 0
        stored = facts(privacy.stored)
        assert stored["What you did"] == "8 entries"
        assert stored["People you named"] == "4"
        app.bridge.share(2)
        assert app.state.privacy.level == 2
        app.bridge.private_session(on=True)
        assert app.settle().privacy.private
        assert (app.rec.log.level, app.rec.private_session) == (2, True)


def test_what_waits_and_what_left_stand_in_words_newest_first(tmp_path: Path) -> None:
    with rig(tmp_path) as app:
        app.bridge.share(1)
        app.bridge.like("trk:10")
        app.settle()
        (waiting,) = app.state.privacy.sent
        assert (waiting.what, waiting.item) == ("like of “Track 10”", "trk:10")
        assert waiting.when.startswith("waits, leaves within ")
        app.clock.now = Millis(app.clock.now + 2 * DAY_MS)
        app.rec.log.release()
        app.bridge.refresh()
        app.bridge.share(1)
        (left,) = app.settle().privacy.sent
        assert left.when.startswith("left within the last ")
        app.bridge.forget_item("trk:10")
        (back,) = app.settle().privacy.sent
        assert back.what == "taken back: “Track 10”"
        assert "1 retraction asks everybody" in app.state.privacy.receipt


def test_forgetting_an_item_says_what_it_came_to_and_leaves_nothing_in_the_app(
    tmp_path: Path,
) -> None:
    with rig(tmp_path) as app:
        item = app.shown()[0]
        app.bridge.play(item)
        app.bridge.like(item)
        app.settle()
        app.bridge.forget_item(item)
        assert app.state.player.item == ""
        assert app.state.privacy.busy == "forgetting"
        state = app.settle()
        assert state.privacy.receipt.startswith("Forgotten: one item, ")
        assert state.privacy.receipt.endswith(" None of it had left this device.")
        assert item not in [one for one, _ in app.acts()]
        assert not [row for row in state.library.rows if row.item == item and row.liked]
        assert state.privacy.busy == ""
        assert app.rec.audit().is_clean


def test_forgetting_the_last_hour_leaves_what_is_older(tmp_path: Path) -> None:
    with rig(tmp_path) as app:
        app.clock.pass_days(1)
        turned_down, liked = app.shown()[:2]
        app.bridge.less(turned_down)
        app.bridge.like(liked)
        app.settle()
        app.bridge.forget_hour()
        state = app.settle()
        assert app.acts() == [(f"trk:{n}", "like") for n in range(4)]
        assert turned_down in app.shown()
        assert not any(row.liked for row in state.for_you.rows)
        assert state.notice is None


def test_a_device_that_forgot_everything_is_as_cold_as_one_that_never_knew(tmp_path: Path) -> None:
    with rig(tmp_path / "forgetful") as app, rig(tmp_path / "innocent", fresh) as other:
        app.bridge.not_interested(app.shown()[0])
        app.settle()
        app.bridge.forget_all()
        state = app.settle()
        assert state.for_you == other.state.for_you
        assert state.for_you.phase is Phase.COLD
        assert list(state.library.rows) == list(other.state.library.rows)
        assert state.network.people == other.state.network.people
        assert "everything" in state.privacy.receipt


def test_who_wants_nothing_forgotten_is_told_that_nothing_was_there(tmp_path: Path) -> None:
    with rig(tmp_path) as app:
        app.bridge.forget_item("trk:29")
        assert app.settle().privacy.receipt == "Nothing of that was here."


@pytest.mark.parametrize("passphrase", ["", pytest.param("a long one", marks=pytest.mark.slow)])
def test_an_export_comes_back_on_another_device(tmp_path: Path, passphrase: str) -> None:
    folder = tmp_path / "exports"
    path = folder / "mine"
    with rig(tmp_path / "one", exports=folder) as app:
        assert app.state.privacy.folder == str(folder)
        app.bridge.export(path, passphrase)
        state = app.settle()
        assert state.notice is not None
        assert "4 acts" in state.notice.text
        assert state.privacy.exports == ("mine",)
    with rig(tmp_path / "two", fresh) as other:
        other.bridge.bring_in(path, passphrase)
        state = other.settle()
        assert [item for item, _ in other.acts()] == [f"trk:{n}" for n in range(4)]
        assert state.for_you.phase is Phase.LIST
        assert sum(row.liked for row in state.library.rows) == 4
        assert other.rec.log.names()[FRIENDS[0].peer] == "friend 0"


def test_an_export_that_is_none_is_told_and_nothing_is_changed(tmp_path: Path) -> None:
    (tmp_path / "junk").write_bytes(b"\x00junk")
    with rig(tmp_path / "device") as app:
        acts = app.acts()
        for path in (tmp_path / "junk", tmp_path / "nowhere"):
            app.bridge.bring_in(path, "")
            state = app.settle()
            assert state.notice is not None
            assert state.notice.error
            assert state.privacy.busy == ""
        assert app.acts() == acts


def test_what_is_done_in_private_waits_for_nobody(tmp_path: Path) -> None:
    with rig(tmp_path) as app:
        app.bridge.share(2)
        app.bridge.private_session(on=True)
        app.bridge.like(app.shown()[0])
        assert app.settle().privacy.sent == ()
        with device(tmp_path, app.clock, read_only=True) as reader:
            assert [act[1] for act in reader.log.history()].count(Event.LIKE.value) == 5
