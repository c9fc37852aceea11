"""The embedding API, as an app uses it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.strategies import NOW
from tests.web3rec.devices import FRIENDS, ME, device, ids, items, neighbourhood, settled, shown
from tests.web3rec.store.logs import HandClock
from web3rec import AlreadyOpen, DataError, Event, Item, Mode, Options, OwnAct, Recommender
from web3rec.identity import KEY_FILE
from web3rec.records import did_key, libp2p_peer_id
from web3rec.store import key_of
from web3rec.types import ItemId, Millis


def test_the_promise_of_the_embedding_api(tmp_path: Path) -> None:
    """Every call of the design's example, in its order."""
    rec = Recommender.open(tmp_path / "me", Options())
    rec.add_items([Item("trk:42", title="Blue Train", creator="Coltrane", tags=("jazz",))])
    rec.add_items([Item("trk:43", title="Blue World", creator="Coltrane", tags=("jazz",))])
    rec.record(Event.PLAY, "trk:42")
    rec.trust(did_key(FRIENDS[0].peer), 0.8)
    rec.log.ingest(neighbourhood())
    batch = rec.recommend(limit=20, exclude=(), restrict_to=None)
    assert batch[0].item.id
    assert batch[0].score > 0
    assert batch[0].reason
    assert rec.explain(batch[0].item.id, batch=batch.id) is batch[0]
    rec.record(Event.NOT_INTERESTED, batch[0].item.id, batch=batch.id)
    assert rec.forget(item="trk:42").removed["records"] == 1
    assert rec.forget(since=Millis(0)).removed["feedback"] == 1
    assert rec.forget_all().removed["records"] == 1
    rec.export(tmp_path / "me.jsonl")
    rec.import_(tmp_path / "me.jsonl")
    off = rec.subscribe("recommendations_changed", lambda: None)
    off()
    rec.close()
    rec.close()
    with Recommender.open(str(tmp_path / "me")) as again:
        assert again.me == rec.me


def test_a_new_directory_gets_a_key_for_life(tmp_path: Path) -> None:
    with Recommender.open(tmp_path / "deep" / "new") as rec:
        me = rec.me
        assert (tmp_path / "deep" / "new" / KEY_FILE).stat().st_mode & 0o777 == 0o600
    with Recommender.open(tmp_path / "deep" / "new") as rec:
        assert rec.me == me
    with Recommender.open(tmp_path / "other") as rec:
        assert rec.me != me


def test_what_was_recorded_is_there_after_a_crash(tmp_path: Path) -> None:
    """Durable when it returns: nobody closes anything here."""
    code = (
        "import os, sys; from web3rec import *; rec = Recommender.open(sys.argv[1]);"
        "rec.record(Event.LIKE, 'trk:1'); rec.record(Event.SKIP, 'trk:2'); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True)
    with Recommender.open(tmp_path) as rec:
        assert [(item, kind) for item, kind, *_ in rec.log.history()] == [
            ("trk:1", "like"),
            ("trk:2", "skip"),
        ]


def test_record_takes_the_moment_it_is_told(tmp_path: Path) -> None:
    with device(tmp_path) as rec:
        rec.record(Event.LIKE, "trk:1")
        rec.record(Event.LIKE, "trk:2", at=Millis(0))
        rec.record(Event.LIKE, "trk:3", at=Millis(7), weight=8)
        assert rec.log.history() == [
            ("trk:2", "like", 1, 0),
            ("trk:3", "like", 8, 7),
            ("trk:1", "like", 1, NOW),
        ]


def test_play_is_listen(tmp_path: Path) -> None:
    with device(tmp_path) as rec:
        rec.record(Event.PLAY, "trk:1")
        assert rec.log.history()[0][1] == "listen"


def test_record_many_is_all_or_none(tmp_path: Path) -> None:
    with device(tmp_path) as rec:
        acts = [OwnAct(Event.LIKE, ItemId(f"trk:{n}"), NOW) for n in range(5)]
        assert rec.record_many(iter(acts)) == 5
        with pytest.raises(DataError):
            rec.record_many([*acts, OwnAct(Event.LIKE, ItemId("*"), NOW)])
        assert len(rec.log.history()) == 5
        assert rec.record_many([]) == 0
        assert rec.record_many([OwnAct(Event.SKIP, ItemId("trk:1"), NOW)]) == 0


def test_a_peer_may_be_spelled_in_four_ways(tmp_path: Path) -> None:
    peer = FRIENDS[0].peer
    with device(tmp_path) as rec:
        for spelled in (peer, did_key(peer), libp2p_peer_id(peer), peer.hex()):
            rec.trust(spelled, 1)
        assert {row[2] for row in rec.log.endorsements()} == {peer}


@pytest.mark.parametrize(
    ("weight", "eighths"), [(1, 8), (0.8, 6), (0.5, 4), (0.01, 1), (True - 0.5, 4)]
)
def test_trust_is_kept_in_eighths(tmp_path: Path, weight: float, eighths: int) -> None:
    with device(tmp_path) as rec:
        rec.trust(FRIENDS[0].peer, weight)
        assert [row[3] for row in rec.log.endorsements()] == [eighths]


def test_trust_of_zero_takes_it_back_with_the_name(tmp_path: Path) -> None:
    with device(tmp_path) as rec:
        rec.trust(FRIENDS[0].peer, 1, name="  Ann ")
        assert rec.log.names() == {FRIENDS[0].peer: "Ann"}
        rec.trust(FRIENDS[0].peer, 0)
        assert (rec.log.endorsements(), rec.log.names()) == ([], {})


def test_a_reader_beside_the_writer_sees_its_acts_at_once(tmp_path: Path) -> None:
    """Its list changes with each of the writer's commits, though nothing was done to it."""
    with settled(tmp_path) as rec, device(tmp_path, read_only=True) as reader:
        assert shown(reader.recommend()) == shown(rec.recommend())
        first = reader.recommend()[0]
        rec.record(Event.NOT_INTERESTED, first.item.id)
        assert first.item.id not in ids(reader.recommend())
        rec.record(Event.LIKE, "trk:10")
        rec.add_items([Item("trk:11", "Renamed")])
        rec.block(FRIENDS[3].peer)
        assert shown(reader.recommend()) == shown(rec.recommend())
        rec.forget_all()
        assert shown(reader.recommend()) == shown(rec.recommend())


def test_what_expires_leaves_a_readers_list_too(tmp_path: Path) -> None:
    clock = HandClock()
    with settled(tmp_path, clock) as rec, device(tmp_path, clock, read_only=True) as reader:
        assert "taste" in {one.source for one in reader.recommend()}
        clock.pass_days(40)
        assert "taste" not in {one.source for one in reader.recommend()}
        assert shown(reader.recommend()) == shown(rec.recommend())


@pytest.mark.slow
def test_F4_one_writer_a_directory(tmp_path: Path) -> None:
    code = "import sys; from web3rec import *; Recommender.open(sys.argv[1])"
    with Recommender.open(tmp_path) as rec:
        with pytest.raises(AlreadyOpen, match="read-only"):
            Recommender.open(tmp_path)
        other = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False
        )
        assert other.returncode == 1
        assert "AlreadyOpen" in other.stderr
        rec.record(Event.LIKE, "trk:1")
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True)


# -- explaining -----------------------------------------------------------------------------------


def test_M4_an_explanation_sums_to_the_score(tmp_path: Path) -> None:
    with settled(tmp_path) as rec:
        batch = rec.recommend()
        for one in batch:
            found = rec.explain(one.item.id, batch=batch.id)
            assert sum(part.amount for part in found.contributions) == pytest.approx(found.score)
            assert rec.explain(f"hash:{one.key.hex()}") is one


def test_the_latest_batch_is_explained_unless_told_otherwise(tmp_path: Path) -> None:
    with settled(tmp_path) as rec:
        whole = rec.recommend(5)
        short = rec.recommend(1)
        assert rec.explain(whole[0].item.id) is short[0]
        with pytest.raises(DataError, match="not in batch"):
            rec.explain(whole[4].item.id)
        again = rec.recommend(5)  # the same list has the same id, and is the latest now
        assert again.id == whole.id
        assert rec.explain(whole[4].item.id) is again[4]


def test_what_is_not_remembered_is_not_explained(tmp_path: Path) -> None:
    with settled(tmp_path) as rec:
        with pytest.raises(DataError, match="nothing was recommended"):
            rec.explain("trk:1")
        batch = rec.recommend()
        with pytest.raises(DataError, match="no batch 'b'"):
            rec.explain("trk:1", batch="b")
        rec.forget(item="trk:1")
        with pytest.raises(DataError, match="nothing was recommended"):
            rec.explain(batch[0].item.id, batch=batch.id)


def test_old_batches_are_let_go(tmp_path: Path) -> None:
    clock = HandClock()
    with settled(tmp_path, clock) as rec:
        first = rec.recommend(2)
        for _ in range(40):
            clock.now = Millis(clock.now + 1)
            last = rec.recommend(2)
        with pytest.raises(DataError, match="recommend\\(\\) again"):
            rec.explain(first[0].item.id, batch=first.id)
        assert rec.explain(last[0].item.id, batch=last.id) is last[0]


# -- subscriptions --------------------------------------------------------------------------------


def test_news_arrive_through_the_dispatcher(tmp_path: Path) -> None:
    """As on a UI: what is to be run is queued, and run later by the thread that may."""
    queue: list[object] = []
    with device(tmp_path, dispatcher=queue.append) as rec:
        heard: list[str] = []
        off = rec.subscribe("recommendations_changed", lambda: heard.append("changed"))
        rec.record(Event.LIKE, "trk:1")
        assert (len(queue), heard) == (1, [])
        for callback in queue:
            assert callable(callback)
            callback()
        assert heard == ["changed"]
        off()
        off()
        rec.record(Event.LIKE, "trk:2")
        assert len(queue) == 1


def test_a_subscriber_may_ask_for_the_new_list(tmp_path: Path) -> None:
    with settled(tmp_path) as rec:
        lists: list[list[str]] = []
        rec.subscribe("recommendations_changed", lambda: lists.append(ids(rec.recommend())))
        gone = rec.recommend()[0].item.id
        rec.record(Event.NOT_INTERESTED, gone)
        assert len(lists) == 1
        assert gone not in lists[0]


def test_an_import_is_one_piece_of_news(tmp_path: Path) -> None:
    with settled(tmp_path / "a") as rec:
        rec.export(tmp_path / "me.jsonl")
    with device(tmp_path / "b") as rec:
        heard: list[int] = []
        rec.subscribe("recommendations_changed", lambda: heard.append(len(rec.log.history())))
        rec.import_(tmp_path / "me.jsonl")
        assert heard == [4]


# -- who the ego is -------------------------------------------------------------------------------


def test_seeds_speak_until_the_ego_trusts_somebody(tmp_path: Path) -> None:
    with device(tmp_path, seeds=(did_key(FRIENDS[0].peer),)) as rec:
        rec.log.ingest(neighbourhood())
        assert rec.view().snapshot.trust.friends(rec.view().snapshot.ego).size == 1
        assert rec.recommend()
        rec.trust(FRIENDS[1].peer)
        view = rec.view()
        (friend,) = view.snapshot.trust.friends(view.snapshot.ego)
        assert view.snapshot.users.terms[friend] == FRIENDS[1].peer


def test_a_list_says_when_nobody_is_trusted_and_when_nothing_protects(tmp_path: Path) -> None:
    with device(tmp_path) as rec:
        rec.add_items(items())
        alone = rec.recommend()
        assert (alone.protected, alone.note[:16]) == (True, "you trust nobody")
        assert {one.source for one in alone} == {"catalogue"}
        free = rec.recommend(mode=Mode.OPEN)
        assert (free.protected, free.note[:11]) == (False, "unprotected")


def test_the_key_is_the_egos(tmp_path: Path) -> None:
    with device(tmp_path) as rec:
        assert rec.me == rec.key.peer == ME.peer
        assert rec.path == tmp_path
        assert key_of("trk:1") not in rec.log.touched()
