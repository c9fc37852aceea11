"""The bridge opens, lets go, comes back, fails and ends; nothing that was asked for is lost."""

import inspect
import threading
from pathlib import Path

import pytest

from mobile.lifecycle import AppSide
from mobile.preferences import Preferences
from mobile.viewmodel import Fact, Phase, Scheme, Wishes
from tests.mobile.bridged import PATIENCE, Rig, lived, rig
from tests.web3rec.devices import device
from web3rec import AlreadyOpen, CorruptStore, Event, Incompatible, KeyFileError, ReadOnly


def test_flush_says_when_all_that_was_asked_for_is_durable(tmp_path: Path) -> None:
    with rig(tmp_path) as app:
        item = app.shown()[0]
        app.bridge.like(item)
        assert app.bridge.flush(PATIENCE)
        with device(tmp_path, app.clock, read_only=True) as reader:
            assert (item, "like") in [act[:2] for act in reader.log.history()]


def test_let_go_frees_the_directory_and_take_back_goes_on(tmp_path: Path) -> None:
    with rig(tmp_path) as app:
        app.bridge.allow_network("")
        app.settle()
        shown = app.shown()
        app.bridge.like(shown[0])
        assert app.bridge.let_go(PATIENCE)
        assert app.nodes[0].calls[-1] == "close"
        with device(tmp_path, app.clock) as service:
            assert (shown[0], "like") in [act[:2] for act in service.log.history()]
        app.bridge.take_back()
        app.settle()
        assert len(app.recs) == 2
        assert app.nodes[1].state == "running"
        assert app.state.for_you.rows[0].item == shown[0]
        assert app.state.for_you.rows[0].liked


def test_what_is_wished_while_the_store_is_let_go_is_done_after(tmp_path: Path) -> None:
    with rig(tmp_path) as app:
        assert app.bridge.let_go(PATIENCE)
        item = app.shown()[1]
        app.bridge.like(item)
        assert app.state.for_you.rows[1].liked
        assert app.settle().for_you.rows[1].liked
        assert not app.bridge.flush(PATIENCE)
        app.bridge.take_back()
        app.settle()
        assert app.bridge.flush(PATIENCE)
        assert (item, "like") in app.acts()
        assert app.state.for_you.rows[1].liked


def test_let_go_and_take_back_in_one_breath_end_with_an_open_store(tmp_path: Path) -> None:
    with rig(tmp_path) as app:
        for _ in range(3):
            app.bridge.let_go(0)
            app.bridge.take_back()
        app.settle()
        app.bridge.like(app.shown()[0])
        app.settle()
        assert app.bridge.flush(PATIENCE)
        assert len(app.recs) == 4


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (AlreadyOpen("held"), "in use by another"),
        (CorruptStore("put aside"), "damaged"),
        (Incompatible("newer"), "newer version"),
        (KeyFileError("no key"), "key file"),
        (ReadOnly("full"), "disk is full"),
        (RuntimeError("bug"), "RuntimeError"),
    ],
)
def test_a_store_that_cannot_be_opened_is_told_in_words_and_tried_again(
    tmp_path: Path, error: Exception, words: str
) -> None:
    app = Rig(tmp_path, lived)
    app.settle()
    assert app.bridge.let_go(PATIENCE)
    real = app.bridge._office._open_store

    def broken() -> object:
        raise error

    app.bridge._office._open_store = broken  # type: ignore[assignment]
    app.bridge.take_back()
    assert words in app.settle().failure
    app.bridge._office._open_store = real
    app.bridge.take_back()
    assert app.settle().failure == ""
    assert app.state.for_you.phase is Phase.LIST
    assert app.bridge.close(PATIENCE)


def test_a_directory_that_is_held_is_a_failure_with_words_for_it(tmp_path: Path) -> None:
    with device(tmp_path):
        app = Rig(tmp_path, lived)
        assert "in use by another process" in app.settle().failure
        assert app.state.for_you.phase is Phase.LOADING
        assert app.bridge.close(PATIENCE)


def test_refreshing_after_a_failure_tries_again(tmp_path: Path) -> None:
    with device(tmp_path):
        app = Rig(tmp_path, lived)
        assert app.settle().failure
    app.bridge.refresh()
    state = app.settle()
    assert (state.failure, state.for_you.phase) == ("", Phase.LIST)
    assert app.bridge.close(PATIENCE)


def test_the_bridge_is_what_screens_and_lifecycle_ask_for(tmp_path: Path) -> None:
    with rig(tmp_path) as app:
        wishes: Wishes = app.bridge
        side: AppSide = app.bridge
        for protocol, made in ((Wishes, wishes), (AppSide, side)):
            asked = [name for name in vars(protocol) if not name.startswith("_")]
            assert asked
            assert all(
                inspect.signature(getattr(protocol, name)).parameters.keys() - {"self"}
                == inspect.signature(getattr(made, name)).parameters.keys()
                for name in asked
            )


def test_a_bug_in_a_job_is_a_notice_and_the_desk_goes_on(tmp_path: Path) -> None:
    with rig(tmp_path) as app:
        app.bridge._office.act(lambda _rec: 1 // 0)
        notice = app.settle().notice
        assert notice is not None
        assert "ZeroDivisionError" in notice.text
        app.bridge.like(app.shown()[0])
        assert app.bridge.flush(PATIENCE)


def test_closing_ends_all_threads_and_again_is_nothing(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    app = Rig(tmp_path, lived)
    app.settle()
    app.bridge.allow_network("")
    app.bridge.learn()
    app.settle()
    assert app.bridge.close(PATIENCE)
    assert set(threading.enumerate()) <= before
    assert app.nodes[0].state == "closed"


def test_a_new_identity_reopens_under_another_key_with_the_same_likes(tmp_path: Path) -> None:
    with rig(tmp_path) as app:
        app.bridge.allow_network("")
        app.settle()
        me, likes = app.rec.me, app.acts()
        app.bridge.new_identity()
        app.settle()
        assert app.rec.me != me
        assert app.acts() == likes
        assert app.state.network.me != ""
        assert [node.state for node in app.nodes] == ["closed", "running"]
        assert app.state.for_you.phase is Phase.LIST
        assert app.state.privacy.busy == ""


def test_preferences_show_at_once_are_saved_and_followed(tmp_path: Path) -> None:
    saved: list[Preferences] = []
    with rig(tmp_path, save=saved.append, facts=(Fact("Licence", "free"),)) as app:
        app.bridge.use_scheme(Scheme.DARK)
        app.bridge.use_scheme(Scheme.DARK)
        app.bridge.unmetered_only(on=False)
        app.bridge.charging_only(on=True)
        app.bridge.background(on=True)
        app.bridge.keep_learning(on=False)
        state = app.state
        assert state.settings.scheme is Scheme.DARK
        assert not state.network.unmetered_only
        assert state.network.charging_only
        assert state.network.background
        assert not state.privacy.learning
        assert len(app.chosen) == 5
        assert app.bridge.flush(PATIENCE)
        assert saved == app.chosen
        assert saved[-1] == app.bridge.preferences
        assert app.settle().settings.facts[-1] == Fact("Licence", "free")


def test_learning_runs_beside_the_list_and_tells_what_came_of_it(tmp_path: Path) -> None:
    with rig(tmp_path) as app:
        app.bridge.learn()
        assert app.state.settings.learning
        state = app.settle()
        assert not state.settings.learning
        assert state.notice is not None
        assert "graph's own order stays" in state.notice.text


def test_memory_is_let_go_of_and_made_again_when_it_is_needed(tmp_path: Path) -> None:
    with rig(tmp_path) as app:
        rows = app.state.library.rows
        app.bridge.drop_caches()
        app.settle()
        assert app.state.library.rows is rows
        app.bridge.search("track 12")
        assert [row.title for row in app.settle().library.rows] == ["Track 12"]


def test_a_liked_item_is_liked_after_a_restart(tmp_path: Path) -> None:
    with rig(tmp_path) as app:
        app.bridge.like(app.shown()[0])
        item = app.shown()[0]
        app.settle()
    with rig(tmp_path, lambda _rec: None) as again:
        assert {row.item for row in again.state.library.rows if row.liked} >= {item, "trk:0"}
        assert (item, Event.LIKE.value) in again.acts()
