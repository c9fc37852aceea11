"""`forget` of a recommender: its receipt says what was done, and what was looked at."""

from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.properties.test_forgetting import Deed, bits, deeds, live_through
from tests.web3rec.devices import FRIENDS, device, neighbourhood, settled, shown
from tests.web3rec.store.logs import rows, scratch
from web3rec import DataError, Event, Mode, ParamError, Receipt, Recommender
from web3rec.records import did_key
from web3rec.records.model import Signed
from web3rec.store.receipt import Trail
from web3rec.store.standing import standing
from web3rec.types import Millis
from web3rec.unlearn.forgetting import NAMES, traces

CHEAP = {"erased", "journal"}
ALL_STAGES = CHEAP | {
    "rows", "memory", "graph", "trust", "admission", "list", "models", "files",
}  # fmt: skip
SECRET = "own:some-secret-song"  # noqa: S105 - an item


def holds(receipt: Receipt, rec: Recommender) -> bool:
    return standing(receipt, rec.log._db, rec.me, rec.options.clock()).holds


def test_a_receipt_is_signed_and_says_what_was_dropped_and_how_long_it_took(tmp_path: Path) -> None:
    """The stopwatch ticks once at the wish and once at the end: a quarter of a second."""
    ticks = count(0)
    with settled(tmp_path, stopwatch=lambda: next(ticks) / 4) as rec:
        rec.recommend()
        rec.view(Mode.OPEN)
        receipt = rec.forget(item="trk:1")
        assert receipt.is_signed
        assert receipt.author == rec.me
        assert receipt.took_ms == 250.0
        assert receipt.derived == {"views": 2, "models": 1, "lists": 1}
        assert receipt.audit == dict.fromkeys(CHEAP, True)
        assert holds(receipt, rec)
        assert rec.forget(item="trk:1").derived == {"views": 0, "models": 0, "lists": 0}


@pytest.mark.parametrize("wish", ["item", "since", "lately", "peer", "all"])
def test_an_audit_looks_at_every_stage_and_every_file(tmp_path: Path, wish: str) -> None:
    with settled(tmp_path, share_delay_hours=0) as rec:
        rec.share(1)
        rec.record(Event.LIKE, SECRET)
        rec.record(Event.SKIP, "trk:9")
        rec.log.release()
        rec.recommend()
        receipt = {
            "item": lambda: rec.forget(item=SECRET, audit=True),
            "since": lambda: rec.forget(since=Millis(0), audit=True),
            "lately": lambda: rec.forget(item=SECRET, since=Millis(0), audit=True),
            "peer": lambda: rec.forget(peer=did_key(FRIENDS[0].peer), audit=True),
            "all": lambda: rec.forget_all(audit=True),
        }[wish]()
        assert receipt.audit == dict.fromkeys(ALL_STAGES, True)
        assert receipt.is_clean
        assert holds(receipt, rec)


def test_U3_an_audit_finds_a_file_that_was_left_behind(tmp_path: Path) -> None:
    with settled(tmp_path) as rec:
        rec.record(Event.LIKE, SECRET)
        (tmp_path / "copy").write_bytes((tmp_path / "log.db-wal").read_bytes())
        receipt = rec.forget(item=SECRET, audit=True)
        assert {stage for stage, equal in receipt.audit.items() if not equal} == {"files"}
        assert not receipt.is_clean
        assert receipt.is_signed


def test_U3_a_reader_that_holds_the_journal_shows_in_the_receipt(tmp_path: Path) -> None:
    with settled(tmp_path) as rec, device(tmp_path, read_only=True) as reader:
        rec.record(Event.LIKE, SECRET)
        rows(rec.log, "PRAGMA busy_timeout = 0")
        with reader.log.steady():
            assert reader.log.history()
            assert rec.forget(item=SECRET).audit == {"erased": True, "journal": False}
        assert rec.forget(item=SECRET).is_clean


def test_exactly_one_wish_and_one_that_means_something(tmp_path: Path) -> None:
    with settled(tmp_path) as rec:
        before = rec.log.counts()
        with pytest.raises(DataError, match="exactly one of"):
            rec.forget()
        with pytest.raises(DataError, match="exactly one of"):
            rec.forget(item="trk:1", peer=FRIENDS[0].peer)
        with pytest.raises(DataError, match="exactly one of"):
            rec.forget(item="trk:1", since=Millis(0), peer=FRIENDS[0].peer)
        with pytest.raises(DataError, match="no peer"):
            rec.forget(peer="Ann")
        with pytest.raises(DataError, match="your own key"):
            rec.forget(peer=rec.me)
        with pytest.raises(ParamError):
            rec.forget(since=Millis(-1))
        assert rec.log.counts() == before


@settings(max_examples=20)
@given(deeds, st.integers(0, 3), st.booleans())
def test_U1_U2_a_peer_that_was_forgotten_was_never_heard(
    story: list[Deed], number: int, looked: bool
) -> None:
    """Graph and lists, in every mode, are those of who never heard of it and never trusted it."""
    whom = FRIENDS[number]
    with scratch() as path:
        forgetful, innocent = device(path / "forgetful"), device(path / "innocent")
        live_through(forgetful, story)
        if looked:
            forgetful.recommend()
        forgetful.forget(peer=whom.peer)
        innocent_story(innocent, story, number)
        for mode in Mode:
            assert bits(forgetful.view(mode)) == bits(innocent.view(mode))
            assert shown(forgetful.recommend(30, mode=mode)) == shown(
                innocent.recommend(30, mode=mode)
            )
        forgetful.close()
        innocent.close()


def innocent_story(rec: Recommender, story: list[Deed], number: int) -> None:
    """`live_through` without one friend."""
    from tests.properties.test_forgetting import CATALOGUE  # noqa: PLC0415
    from tests.web3rec.devices import items  # noqa: PLC0415

    rec.add_items(items(CATALOGUE))
    for n, friend in enumerate(FRIENDS):
        if n != number:
            rec.trust(friend.peer, 0.5, name=f"Friend {n}")
    rec.log.ingest(but(FRIENDS[number].peer))
    for deed in story:
        rec.record(deed.event, deed.name, at=deed.at, weight=deed.weight)


def but(peer: bytes) -> list[Signed]:
    return [one for one in neighbourhood() if one.record.author != peer]


def test_what_a_search_looks_for(tmp_path: Path) -> None:
    """Signatures always; ids that nothing keeps; names nobody else says, and not too many."""
    with settled(tmp_path) as rec:
        trail = Trail()
        trail.note([(1, b"i" * 32, 0, 0, None, b"", b"e" * 99 + b"s" * 64)])
        trail.note([(2, b"j" * 32, 0, 0, 7, b"", b"e" * 99 + b"t" * 64)])
        trail.names = ["trk:1", SECRET]
        assert traces(rec.log, trail) == [b"s" * 64, b"t" * 64, b"i" * 32, SECRET.encode()]
        trail.names = [f"own:song-number-{n}" for n in range(NAMES + 9)]
        assert len(traces(rec.log, trail)) == 3 + NAMES


def test_taking_trust_back_alone_keeps_what_was_heard(tmp_path: Path) -> None:
    with settled(tmp_path) as rec:
        heard = rec.log.authors()[FRIENDS[0].peer]
        rec.trust(FRIENDS[0].peer, 0)
        assert rec.log.authors()[FRIENDS[0].peer] == heard
        assert rec.forget(peer=FRIENDS[0].peer).removed["heard"] == heard
        assert FRIENDS[0].peer not in rec.log.authors()
