"""A new key in the place of the old one: what others hear, what stays, and what a crash leaves."""

import signal
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Final

import pytest

from tests.strategies import NOW, TODAY
from tests.web3rec.devices import FRIENDS, ME, STRANGERS, device, items, said, shown
from tests.web3rec.store.logs import HandClock, record, rows, scratch
from web3rec import AlreadyOpen, Closed, Event, KeyFileError, PassphraseError, PeerId, Recommender
from web3rec.identity import KEY_FILE
from web3rec.records import Kind, Record, SigningKey, holder_of
from web3rec.records.merge import MAX_ROTATIONS
from web3rec.records.model import DAY
from web3rec.records.succession import HANDS_OVER, TAKES_OVER
from web3rec.rotation import NEXT, former_keys
from web3rec.sealing import is_sealed
from web3rec.store.own import told

BOB: Final = SigningKey.from_seed(b"b" * 32)
STEPS: Final = (
    "the new key is written",
    "the log is turned over",
    "the old key is kept",
    "the new key is in place",
)


def lived(path: Path, level: int = 1) -> Recommender:
    """A device with a catalogue, two likes and trust out there, one like private."""
    rec = device(path, share_delay_hours=0)
    rec.add_items(items())
    rec.share(level)
    rec.record(Event.LIKE, "trk:1")
    rec.record(Event.LIKE, "trk:2")
    rec.trust(FRIENDS[0].peer, 0.5, name="Ann")
    with rec.private():
        rec.record(Event.LIKE, "trk:3")
        rec.trust(FRIENDS[1].peer, 1.0)
    return rec


def passed_on(giver: Recommender, taker: Recommender) -> list[Record]:
    """What leaves one device reaches another; returns it."""
    sent = giver.log.release()
    found = [taker.log.judge(envelope).signed for envelope in sent]
    taker.log.ingest([one for one in found if one])
    return [told(envelope) for envelope in sent]


def edges(rec: Recommender) -> list[tuple[PeerId, int]]:
    return [
        (peer, weight) for author, _, peer, weight in rec.log.endorsements() if author == rec.me
    ]


def test_what_had_left_is_taken_back_and_said_anew_by_the_next(tmp_path: Path) -> None:
    with lived(tmp_path / "me") as rec, device(tmp_path / "bob", key=BOB) as bob:
        passed_on(rec, bob)
        before, trusted = rec.log.history(), edges(rec)
        new = rec.rotate()
        with device(tmp_path / "me", share_delay_hours=0) as again:
            assert again.me == new != ME.peer
            assert (again.log.history(), edges(again)) == (before, trusted)
            sent = passed_on(again, bob)
            assert [(one.author, one.kind) for one in sent] == [
                (ME.peer, Kind.RETRACT),
                (ME.peer, Kind.ROTATE),
                (new, Kind.ROTATE),
                (new, Kind.LIKE),
                (new, Kind.LIKE),
                (new, Kind.TRUST),
            ]
            retraction, over, taken, *_ = sent
            assert (retraction.item, over.n) == ("*", retraction.n + 1)
            assert (over.item, over.weight) == (new, HANDS_OVER)
            assert (taken.item, taken.weight) == (ME.peer, TAKES_OVER)
            assert taken.n > over.n
            assert {one.t % DAY for one in sent} == {0}
            assert again.log.outbox() == ()
        assert {row[0] for row in bob.log.interactions()} == {new}
        assert bob.log.authors()[ME.peer] == 2


def test_what_never_left_changes_hands_without_a_word(tmp_path: Path) -> None:
    with lived(tmp_path, level=0) as rec:
        rec.rotate()
    with device(tmp_path, share_delay_hours=0) as rec:
        assert len(rec.log.history()) == 3
        assert rec.log.outbox() == ()
        rec.share(3)
        left = [told(envelope) for envelope in rec.log.release()]
        assert [one.kind for one in left] == [Kind.ROTATE, Kind.ROTATE]


def test_what_waited_still_waits_as_long(tmp_path: Path) -> None:
    clock = HandClock()
    with device(tmp_path, clock) as rec:
        rec.share(1)
        rec.record(Event.LIKE, "trk:1")
        (due,) = [one.due for one in rec.log.outbox()]
        new = rec.rotate()
    with device(tmp_path, clock) as rec:
        waiting = {told(one.envelope).kind: one for one in rec.log.outbox()}
        assert waiting[Kind.LIKE].due == due
        assert told(waiting[Kind.LIKE].envelope).author == new


def test_trust_in_the_old_key_is_trust_in_the_next(tmp_path: Path) -> None:
    """Bob trusts us by our old key; we, by the new one, are heard, named, and blocked by it."""
    with lived(tmp_path / "me") as rec, device(tmp_path / "bob", key=BOB) as bob:
        bob.record(Event.LIKE, "trk:1")
        bob.trust(rec.me, 1.0, name="Eve")
        passed_on(rec, bob)
        before = [(one.key, one.score) for one in bob.recommend()]
        new = rec.rotate()
        with device(tmp_path / "me", share_delay_hours=0) as again:
            passed_on(again, bob)
        after = bob.recommend()
        assert [(one.key, one.score) for one in after] == before
        assert bob.log.names() == {new: "Eve"}
        assert (new, 8) in edges(bob)
        fresh = shown(after)
        bob._drop_derived()
        assert shown(bob.recommend()) == fresh
        bob.block(ME.peer)
        assert len(bob.recommend()) == 0
        bob.block(ME.peer, blocked=False)
        assert len(bob.recommend()) == 1
        bob.block(ME.peer)
        bob.block(new, blocked=False)
        assert len(bob.recommend()) == 1
        bob.trust(new, 0)
        assert edges(bob) == []


def test_with_both_keys_nobody_has_two_voices(tmp_path: Path) -> None:
    """A person says the same by three keys of a line: one author, one row, one edge."""
    keys = [SigningKey.from_seed(bytes([200 + n]) * 32) for n in range(3)]
    clock = HandClock()
    with device(tmp_path / "a", clock) as rec, device(tmp_path / "b", clock) as plain:
        for one in (rec, plain):
            one.record(Event.LIKE, "trk:1")
            one.trust(FRIENDS[0].peer, 1.0)
        told_ = [s for k in keys for s in said(k, [1, 2], [STRANGERS[0]])]
        told_ += [
            record(FRIENDS[0], 500 + n, Kind.TRUST, k.peer, weight=4) for n, k in enumerate(keys)
        ]
        line = [
            one
            for n, (old, new) in enumerate(pairwise(keys))
            for one in (
                record(old, 900 + 2 * n, Kind.ROTATE, new.peer, weight=HANDS_OVER),
                record(new, 901 + 2 * n, Kind.ROTATE, old.peer, weight=TAKES_OVER),
            )
        ]
        rec.log.ingest([*told_, *line])
        single = said(keys[2], [1, 2], [STRANGERS[0]])
        plain.log.ingest([*single, record(FRIENDS[0], 500, Kind.TRUST, keys[2].peer, weight=4)])
        lists = [[(one.key, round(one.score, 12)) for one in r.recommend()] for r in (rec, plain)]
        assert lists[0] == lists[1] != []
        authors = {row[0] for row in rec.log.interactions()} - {rec.me}
        assert authors == {keys[2].peer}


def test_what_a_thief_says_with_the_old_key_is_not_heard(tmp_path: Path) -> None:
    """Below the rotation all is taken back, above it the key is over; nothing can push that out."""
    with lived(tmp_path / "me") as rec, device(tmp_path / "bob", key=BOB) as bob:
        bob.record(Event.LIKE, "trk:1")
        bob.trust(rec.me, 1.0)
        passed_on(rec, bob)
        rec.rotate(stolen=True)
        with device(tmp_path / "me", share_delay_hours=0) as again:
            passed_on(again, bob)
        heard = bob.log.interactions(), bob.log.endorsements()
        day = TODAY << 24
        thief = [record(ME, n, item=f"spam:{n}") for n in (1, day - 1, day + 10**6, 1 << 61)]
        thief += [record(ME, (1 << 61) + n, item=f"spam:{n}") for n in range(1, 201)]
        thief += [record(ME, (1 << 61) + 300 + n, Kind.RETRACT, "*") for n in range(5)]
        bob.log.ingest(thief)
        assert (bob.log.interactions(), bob.log.endorsements()) == heard
        junk = SigningKey.from_seed(b"j" * 32).peer
        bob.log.ingest([record(ME, 2 + n, Kind.ROTATE, junk) for n in range(MAX_ROTATIONS)])
        assert not [row for row in bob.log.interactions() if row[0] == ME.peer]


def test_stolen_takes_back_even_what_this_device_never_said(tmp_path: Path) -> None:
    with lived(tmp_path, level=0) as rec:
        rec.rotate(stolen=True)
    with device(tmp_path) as rec:
        rec.share(1)
        kinds = [told(one.envelope).kind for one in rec.log.outbox()]
        assert kinds == [Kind.RETRACT, Kind.ROTATE, Kind.ROTATE]


def test_keys_can_be_rotated_again_and_the_old_ones_are_kept(tmp_path: Path) -> None:
    seen = [ME.peer]
    for _ in range(3):
        with device(tmp_path) as rec:
            assert rec.me == seen[-1]
            rec.record(Event.LIKE, f"trk:{len(seen)}")
            seen.append(rec.rotate())
            with pytest.raises(Closed):
                rec.record(Event.LIKE, "trk:9")
    kept = former_keys(tmp_path)
    assert [holder_of(path) for path in kept] == seen[:-1]
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in kept)
    with device(tmp_path) as rec:
        assert len(rec.log.history()) == 3
        numbers = [n for (n,) in rows(rec.log, "SELECT n FROM records WHERE kind = 'rotate'")]
        assert len(set(numbers)) == len(numbers) == 6
        who = rec.log.who_is_who()
        assert who.line(rec.me) == tuple(seen)


def test_a_protected_key_is_followed_by_a_protected_one(tmp_path: Path) -> None:
    path = tmp_path / "me"
    with device(path) as rec:
        SigningKey.load(path / KEY_FILE).save_over(path / KEY_FILE, "open sesame")
    with device(path, passphrase=lambda: "open sesame") as rec:
        new = rec.rotate()
    assert is_sealed((path / KEY_FILE).read_bytes())
    with pytest.raises(PassphraseError, match="protected"):
        device(path)
    with device(path, passphrase=lambda: "open sesame") as rec:
        assert rec.me == new


# -- crashes --------------------------------------------------------------------------------------

_KILLED: Final = """
import os, signal, sys
from pathlib import Path
from tests.web3rec.test_rotation import lived
from web3rec import rotation
path, step = Path(sys.argv[1]), sys.argv[2]
rec = lived(path)
rec.log.release()
def reached(name):
    if name == step:
        os.kill(os.getpid(), signal.SIGKILL)
rotation.rotate(path, rec.log, None, stolen=False, reached=reached)
"""


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS)
def test_F2_killed_at_any_step_one_identity_is_whole(step: str) -> None:
    with scratch() as path:
        done = subprocess.run(
            [sys.executable, "-c", _KILLED, str(path), step], check=False, timeout=120
        )
        assert done.returncode == -signal.SIGKILL
        with device(path, read_only=True) as reader:  # which repairs nothing
            seen, history = reader.me, reader.log.history()
        assert (seen == ME.peer) == (step == STEPS[0])
        with device(path, share_delay_hours=0) as rec:
            assert (rec.me, rec.log.history()) == (seen, history)
            assert len(history) == 3
            authors = rows(rec.log, "SELECT DISTINCT author FROM records WHERE kind = 'like'")
            assert authors == [(rec.me,)]
            rec.record(Event.LIKE, "trk:9")
            rotations = 0 if seen == ME.peer else 2
            turned = rows(rec.log, "SELECT count(*) FROM records WHERE kind = 'rotate'")
            assert turned == [(rotations,)]
        assert not (path / NEXT).exists()
        assert [holder_of(one) for one in former_keys(path)] == [ME.peer][: rotations // 2]
        assert holder_of(path / KEY_FILE) == seen


def test_F3_where_the_new_key_cannot_be_written_nothing_happens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_key: SigningKey, path: Path, _passphrase: str | None = None) -> None:
        raise KeyFileError(f"cannot write the key file {path}")

    with lived(tmp_path) as rec:
        before = rec.log.history()
        monkeypatch.setattr(SigningKey, "save", full)
        with pytest.raises(KeyFileError):
            rec.rotate()
        assert (rec.me, rec.log.history()) == (ME.peer, before)
        rec.record(Event.LIKE, "trk:8")


def test_an_interrupted_rotation_is_not_touched_while_somebody_is_at_it(tmp_path: Path) -> None:
    with lived(tmp_path) as rec:
        SigningKey.generate().save(tmp_path / NEXT)
        with pytest.raises(AlreadyOpen):
            device(tmp_path)
        with device(tmp_path, read_only=True) as reader:
            assert reader.me == rec.me
        assert (tmp_path / NEXT).exists()
    with device(tmp_path) as rec:
        assert rec.me == ME.peer
    assert not (tmp_path / NEXT).exists()


def test_the_egos_own_device_is_not_taken_by_who_rotates_its_key_elsewhere(tmp_path: Path) -> None:
    """A thief hands our key over to his; here we go on, and his acts are not ours."""
    thief = SigningKey.from_seed(b"t" * 32)
    with lived(tmp_path) as rec:
        history = rec.log.history()
        stolen = [
            record(ME, 1 << 40, Kind.ROTATE, thief.peer, weight=HANDS_OVER),
            record(thief, 1 << 41, Kind.ROTATE, ME.peer, weight=TAKES_OVER),
            record(thief, 1 << 42, item="spam:1", t=NOW // 1000 // DAY * DAY),
        ]
        rec.log.ingest(stolen)
        assert rec.log.history() == history
        assert rec.view().snapshot.users.terms[rec.view().snapshot.ego] == rec.me
        assert {row[0] for row in rec.log.interactions()} == {rec.me, thief.peer}


def test_room_is_given_to_the_person_not_to_each_key(tmp_path: Path) -> None:
    """Who trusts the old key has room for the new one; the old one needs hardly any."""
    old, new = FRIENDS[0], SigningKey.from_seed(b"n" * 32)
    with device(tmp_path) as rec:
        rec.trust(old.peer, 1.0)
        rec.log.ingest(said(old, range(6)))
        rec.apportion()
        assert rec.log._kept.places(old.peer) > 1
        turned = [
            record(old, 900, Kind.RETRACT, "*"),
            record(old, 901, Kind.ROTATE, new.peer, weight=HANDS_OVER),
            record(new, 902, Kind.ROTATE, old.peer, weight=TAKES_OVER),
        ]
        before = rec.log._kept.places(old.peer)
        rec.log.ingest([*turned, *said(new, range(6), first=903)])
        rec.apportion()
        room = rec.log._kept._now()
        assert room.places(new.peer) == before
        assert not room.is_stranger(old.peer)
        assert rec.log.who_is_who().of(old.peer) == new.peer


def test_what_the_old_key_has_to_say_is_never_let_go(tmp_path: Path) -> None:
    with lived(tmp_path) as rec:
        rec.log.release()
        rec.rotate()
    with device(tmp_path) as rec:
        assert rec.log._kept._now().is_guest(ME.peer)
