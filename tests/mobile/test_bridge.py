"""The bridge's list: what is tapped shows in the same call, is durable, and can be undone."""

from pathlib import Path

import pytest

from mobile.bridge.lists import LISTED
from mobile.viewmodel import Phase, StepKind
from tests.mobile.bridged import PATIENCE, Rig, empty, fresh, lived, rig
from tests.web3rec.devices import FRIENDS, device, said
from web3rec import Event, ReadOnly
from web3rec.records import did_key


def test_grey_rows_until_the_store_is_open_then_the_list(tmp_path: Path) -> None:
    made = Rig(tmp_path, lived)
    first = made.told[0] if made.told else made.state
    assert first.for_you.phase in (Phase.LOADING, Phase.LIST)
    made.settle()
    rows = made.state.for_you.rows
    assert made.state.for_you.phase is Phase.LIST
    assert [row.item for row in rows] == [str(one.item.id) for one in made.rec.recommend(LISTED)]
    assert all(row.why and row.title and not row.liked for row in rows)
    assert made.told[-1] is made.state
    made.bridge.close(PATIENCE)


def test_a_like_fills_the_heart_at_once_and_the_row_keeps_its_place_until_refresh(
    tmp_path: Path,
) -> None:
    with rig(tmp_path) as app:
        before = app.shown()
        item, place = before[2], 2
        app.bridge.like(item)
        assert app.state.for_you.rows[place].liked
        app.settle()
        assert (item, "like") in app.acts()
        assert app.shown()[place] == item
        assert app.state.for_you.rows[place].liked
        fresh_list = [str(one.item.id) for one in app.rec.recommend(LISTED)]
        assert item not in fresh_list
        assert [one for one in app.shown() if one != item] == fresh_list
        app.bridge.refresh()
        assert app.state.for_you.refreshing
        app.settle()
        assert app.shown() == fresh_list
        assert not app.state.for_you.refreshing


def test_a_like_answers_the_list_it_was_given_in(tmp_path: Path) -> None:
    with rig(tmp_path) as app:
        app.bridge.like(app.shown()[0])
        app.settle()
        assert [accepted for _, accepted in app.rec.log.replies()] == [True]


def test_a_like_again_takes_it_back_and_nothing_is_left_of_it(tmp_path: Path) -> None:
    with rig(tmp_path) as app:
        before, acts = app.shown(), app.acts()
        app.bridge.like(before[1])
        app.settle()
        app.bridge.like(before[1])
        assert not app.state.for_you.rows[1].liked
        app.settle()
        assert app.acts() == acts
        assert app.rec.log.replies() == []
        assert app.shown() == before
        assert app.rec.audit().is_clean


@pytest.mark.parametrize(("wish", "kind"), [("less", "skip"), ("not_interested", "not_interested")])
def test_what_is_turned_down_goes_at_once_and_comes_back_by_undo(
    tmp_path: Path, wish: str, kind: str
) -> None:
    with rig(tmp_path) as app:
        before, acts = app.shown(), app.acts()
        item = before[1]
        getattr(app.bridge, wish)(item)
        assert item not in app.shown()
        notice = app.state.notice
        assert notice is not None
        assert notice.undo
        app.settle()
        assert (item, kind) in app.acts()
        assert item not in app.shown()
        app.bridge.undo(notice.id)
        assert app.shown()[1] == item
        assert app.state.notice is None
        app.settle()
        assert app.acts() == acts
        assert app.shown() == before
        assert app.rec.audit().is_clean


def test_a_later_notice_ends_what_the_one_before_could_undo(tmp_path: Path) -> None:
    with rig(tmp_path) as app:
        first, second = app.shown()[:2]
        app.bridge.not_interested(first)
        old = app.state.notice
        app.bridge.not_interested(second)
        new = app.state.notice
        assert old is not None
        assert new is not None
        assert new.id > old.id
        app.bridge.undo(old.id)
        assert app.state.notice is new
        app.bridge.dismiss(old.id)
        assert app.state.notice is new
        app.bridge.dismiss(new.id)
        assert app.state.notice is None
        app.bridge.undo(new.id)
        app.settle()
        assert {first, second}.isdisjoint(app.shown())


def test_taps_faster_than_the_desk_all_count_and_in_order(tmp_path: Path) -> None:
    with rig(tmp_path) as app:
        before, acts = app.shown(), app.acts()
        for item in before[:3]:
            app.bridge.like(item)
        app.bridge.like(before[1])
        app.bridge.not_interested(before[3])
        assert [row.liked for row in app.state.for_you.rows[:3]] == [True, False, True]
        app.settle()
        assert set(app.acts()) - set(acts) == {
            (before[0], "like"), (before[2], "like"), (before[3], "not_interested"),
        }  # fmt: skip
        assert [row.liked for row in app.state.for_you.rows[:3]] == [True, False, True]


def test_an_act_that_cannot_be_written_is_taken_back_from_the_screen_and_told(
    tmp_path: Path,
) -> None:
    with rig(tmp_path) as app:
        before = app.shown()

        def full(*_: object, **__: object) -> None:
            raise ReadOnly("the disk is full")

        app.rec.record = full  # type: ignore[method-assign]  # a disk that is full
        app.bridge.like(before[0])
        app.settle()
        assert not app.state.for_you.rows[0].liked
        assert app.state.notice is not None
        assert app.state.notice.error
        app.bridge.not_interested(before[0])
        assert before[0] not in app.shown()
        app.settle()
        assert app.shown() == before


def test_a_cold_start_offers_the_catalogue_s_tags_and_makes_a_list_of_the_chosen(
    tmp_path: Path,
) -> None:
    with rig(tmp_path, fresh) as app:
        cold = app.settle().for_you
        assert cold.phase is Phase.COLD
        assert [(one.tag, one.items) for one in cold.tags] == [
            ("tag0", 10), ("tag1", 10), ("tag2", 10),
        ]  # fmt: skip
        app.bridge.start_from_tags()
        app.bridge.choose_tag("tag0")
        app.bridge.choose_tag("tag1")
        app.bridge.choose_tag("tag1")
        assert [one.chosen for one in app.state.for_you.tags] == [True, False, False]
        assert app.settle().for_you.phase is Phase.COLD
        app.bridge.start_from_tags()
        started = app.settle()
        assert started.for_you.phase is Phase.LIST
        known = {str(one.id): one.tags for one in app.rec.log.items().values()}
        assert known[app.shown()[0]] == ("tag0",)


def test_an_empty_device_says_what_is_missing(tmp_path: Path) -> None:
    with rig(tmp_path, empty) as app:
        assert app.state.for_you.phase is Phase.EMPTY
        assert "catalogue" in app.state.for_you.note


def test_why_names_the_parts_that_sum_to_100_and_the_path(tmp_path: Path) -> None:
    with rig(tmp_path) as app:
        item = app.shown()[0]
        app.bridge.open_why(item)
        why = app.settle().why
        assert why is not None
        assert why.item == item
        assert sum(part.percent for part in why.parts) == 100
        assert [step.kind for step in why.path[:2]] == [StepKind.YOU, StepKind.OWN_ITEM]
        assert why.path[-1].label == why.title
        assert why.peer in {did_key(friend.peer) for friend in FRIENDS}
        app.bridge.close_why()
        assert app.state.why is None
        app.bridge.open_why("trk:nowhere")
        assert app.settle().why is None


def test_what_is_closed_before_it_was_open_stays_closed(tmp_path: Path) -> None:
    with rig(tmp_path) as app:
        app.bridge.open_why(app.shown()[0])
        app.bridge.close_why()
        assert app.settle().why is None


def test_turning_down_an_item_closes_its_sheet(tmp_path: Path) -> None:
    with rig(tmp_path) as app:
        item = app.shown()[0]
        app.bridge.open_why(item)
        app.settle()
        app.bridge.not_interested(item)
        assert app.state.why is None


def test_less_from_a_friend_halves_its_trust_and_undo_restores_it(tmp_path: Path) -> None:
    with rig(tmp_path) as app:
        peer = did_key(FRIENDS[0].peer)

        def trust() -> float | None:
            return {one.peer: one.trust for one in app.state.network.people}[peer]

        assert trust() == 0.5
        app.bridge.less_from(peer)
        app.settle()
        assert trust() == 0.25
        for expected in (0.125, None):
            app.bridge.less_from(peer)
            app.settle()
            assert trust() == expected
        assert FRIENDS[0].peer not in app.rec.log.names()
        assert app.state.notice is not None
        app.bridge.undo(app.state.notice.id)
        app.settle()
        assert trust() == 0.125
        assert app.rec.log.names()[FRIENDS[0].peer] == "friend 0"


def test_records_of_others_renew_the_list_at_the_next_tick_and_not_before(tmp_path: Path) -> None:
    with rig(tmp_path) as app:
        old, lists = app.state.for_you, app.state.for_you.rows
        app.rec.log.ingest(said(FRIENDS[0], [25, 26, 27], first=500))
        app.settle()
        assert app.state.for_you is old
        app.bridge.tick(1.0)
        app.settle()
        assert {"trk:25", "trk:26", "trk:27"} <= set(app.shown())
        assert app.state.for_you.rows != lists
        calm = app.state
        app.bridge.tick(2.0)
        app.settle()
        assert app.state.for_you is calm.for_you


def test_what_others_sent_moves_no_row_under_a_finger(tmp_path: Path) -> None:
    with rig(tmp_path) as app:
        app.bridge.touched(10.0)
        app.rec.log.ingest(said(FRIENDS[0], [25, 26, 27], first=500))
        before = app.state.for_you
        app.bridge.tick(11.0)
        app.settle()
        assert app.state.for_you is before
        app.bridge.tick(12.0)
        app.settle()
        assert {"trk:25", "trk:26", "trk:27"} <= set(app.shown())


def test_following_others_costs_no_more_than_its_share_of_the_processor(tmp_path: Path) -> None:
    """A list that takes .2 s is renewed for others' records every 4 s, one of 2 s every 10."""
    with rig(tmp_path) as app:
        now, records = 0.0, iter(range(600, 700))
        for worked, wait in ((0.2, 4.0), (2.0, 10.0)):
            for passed in (wait, wait - 0.5, wait):
                app.rec.log.ingest(said(FRIENDS[0], [20 + int(now) % 7], first=next(records)))
                app.bridge._lists.worked = worked
                before = app.bridge._lists._batch
                app.bridge.tick(now + passed)
                app.settle()
                renewed = app.bridge._lists._batch is not before
                assert renewed == (passed >= wait)
                now += passed if renewed else 0.0
                app.bridge._lists.worked = worked


def test_parts_that_did_not_change_stay_the_same_objects(tmp_path: Path) -> None:
    with rig(tmp_path) as app:
        before = app.state
        app.bridge.refresh()
        after = app.settle()
        assert after.for_you == before.for_you
        assert after.for_you.rows[0] is before.for_you.rows[0]
        for part in ("network", "privacy", "library", "settings", "player", "chip"):
            assert getattr(after, part) is getattr(before, part)


def test_a_burst_of_changes_is_told_once(tmp_path: Path) -> None:
    with rig(tmp_path) as app:
        told = len(app.told)
        for item in app.shown()[:3]:
            app.bridge.like(item)
        app.pump()
        assert len(app.told) == told + 1


def test_the_list_follows_what_another_process_s_app_wrote_before_it_was_opened(
    tmp_path: Path,
) -> None:
    with rig(tmp_path) as app:
        assert app.bridge.let_go(PATIENCE)
        with device(tmp_path, app.clock) as other:
            other.record(Event.LIKE, "trk:10")
        app.bridge.take_back()
        app.settle()
        assert "trk:10" not in app.shown()
