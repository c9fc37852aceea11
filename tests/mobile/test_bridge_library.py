"""The bridge's library and player."""

from pathlib import Path

import pytest

from mobile.bridge.turntable import LONGEST_TICK, Piece, Turntable, length_of
from mobile.preferences import Preferences
from tests.mobile.bridged import Rig, empty, rig
from web3rec import Item


def test_all_of_the_catalogue_by_title_then_what_a_query_finds(tmp_path: Path) -> None:
    with rig(tmp_path) as app:
        library = app.state.library
        assert library.total == len(library.rows) == 30
        assert [row.title for row in library.rows[:3]] == ["Track 0", "Track 1", "Track 10"]
        assert library.rows[0].liked
        app.bridge.search("artist 3")
        assert (app.state.library.query, app.state.library.searching) == ("artist 3", True)
        library = app.settle().library
        assert [row.creator for row in library.rows] == ["Artist 3"] * 6
        assert not library.searching
        app.bridge.search("nothing like it")
        assert app.settle().library.note == "Nothing found for “nothing like it”."


def test_of_queries_typed_faster_than_answers_the_last_one_counts(tmp_path: Path) -> None:
    with rig(tmp_path) as app:
        for typed in ("t", "tr", "track 2", "track 29"):
            app.bridge.search(typed)
        library = app.settle().library
        assert (library.query, [row.item for row in library.rows]) == ("track 29", ["trk:29"])


def test_items_the_app_describes_later_are_found(tmp_path: Path) -> None:
    with rig(tmp_path, empty) as app:
        assert app.state.library.note == "The catalogue is empty."
        app.rec.add_items([Item("trk:new", "Ærø på cykel", "Søren")])
        app.bridge.search("aero PA")
        assert [row.item for row in app.settle().library.rows] == ["trk:new"]


def test_a_heart_in_the_library_fills_at_once_where_the_list_shows_it_too(tmp_path: Path) -> None:
    with rig(tmp_path) as app:
        item = app.shown()[0]
        app.bridge.like(item)
        rows = {row.item: row.liked for row in app.settle().library.rows}
        assert rows[item]
        app.bridge.like("trk:0")
        rows = {row.item: row.liked for row in app.settle().library.rows}
        assert not rows["trk:0"]
        assert "trk:0" not in [one for one, _ in app.acts()]


def listen(app: Rig, seconds: float) -> None:
    """Time passes at the player, a second at a time."""
    start = getattr(listen, "now", 0.0)
    for second in range(int(seconds) + 1):
        app.bridge.tick(start + second)
    listen.now = start + seconds  # type: ignore[attr-defined]


def test_played_by_half_is_a_play_and_less_is_a_skip_with_the_list_s_id(tmp_path: Path) -> None:
    with rig(tmp_path) as app:
        first, second = app.shown()[:2]
        app.bridge.play(first)
        player = app.state.player
        assert (player.item, player.playing, player.length) == (first, True, length_of(first))
        listen(app, player.length / 2 + 1)
        app.bridge.next()
        assert app.state.player.item == second
        listen(app, 10)
        app.bridge.stop()
        assert app.state.player.item == ""
        app.settle()
        assert {(first, "listen"), (second, "skip")} <= set(app.acts())
        assert sorted(accepted for _, accepted in app.rec.log.replies()) == [False, True]


def test_at_its_end_an_item_was_played_and_the_next_one_begins(tmp_path: Path) -> None:
    with rig(tmp_path) as app:
        first, second = app.shown()[:2]
        app.bridge.play(first)
        listen(app, length_of(first) + 1)
        assert app.state.player.item == second
        app.settle()
        assert (first, "listen") in app.acts()
        assert first not in app.shown()


def test_a_paused_player_stands_still(tmp_path: Path) -> None:
    with rig(tmp_path) as app:
        app.bridge.play("trk:5")
        listen(app, 5)
        at = app.state.player.position
        app.bridge.pause(paused=True)
        listen(app, 60)
        assert (app.state.player.position, app.state.player.playing) == (at, False)
        app.bridge.play("trk:5")
        assert app.state.player.playing
        assert app.state.player.position == at


def test_nothing_is_recorded_while_learning_is_off(tmp_path: Path) -> None:
    with rig(tmp_path, preferences=Preferences(learning=False)) as app:
        acts = app.acts()
        app.bridge.play(app.shown()[0])
        listen(app, 200)
        app.bridge.next()
        app.bridge.stop()
        app.settle()
        assert app.acts() == acts


def test_from_the_library_what_stands_behind_it_follows_and_the_end_is_silence(
    tmp_path: Path,
) -> None:
    with rig(tmp_path, listed=5) as app:
        assert "trk:28" not in app.shown()
        app.bridge.search("track 2")
        app.settle()
        app.bridge.play("trk:28")
        app.bridge.next()
        assert app.state.player.item == "trk:29"
        while app.state.player.item:
            app.bridge.next()
        app.bridge.next()
        app.bridge.play("trk:nowhere")
        assert app.state.player.item == ""


def test_the_player_s_heart_follows_the_list_s(tmp_path: Path) -> None:
    with rig(tmp_path) as app:
        item = app.shown()[0]
        app.bridge.play(item)
        app.bridge.like(item)
        assert app.state.player.liked
        app.bridge.like(item)
        assert not app.state.player.liked


@pytest.mark.parametrize(("passed", "heard"), [(1.0, 1.0), (3600.0, LONGEST_TICK), (-5.0, 0.0)])
def test_time_that_jumps_was_not_listened_to(passed: float, heard: float) -> None:
    table = Turntable()
    table.play(Piece("trk:1", "Track 1"), ())
    table.tick(100.0)
    table.tick(100.0 + passed)
    assert table.shown.position == heard
