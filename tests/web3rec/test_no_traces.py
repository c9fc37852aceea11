"""D6: nothing a device logs, and no error it raises on its own account, names an item or a key."""

import logging
import sqlite3
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.strategies import NOW
from tests.web3rec.devices import FRIENDS, ME, STRANGERS, device, neighbourhood
from tests.web3rec.store.logs import HandClock, record
from web3rec import Event, Item, Recommender
from web3rec.adapters import Entries
from web3rec.errors import Web3recError
from web3rec.identity import KEY_FILE
from web3rec.interchange import write_export
from web3rec.records import Kind, SigningKey, did_key, libp2p_peer_id
from web3rec.store import LOG_FILE, key_of
from web3rec.types import Millis

TITLE, ITEM, TAG, NAME, WORD = "Quiet Nights", "trk:hidden", "melancholy", "Annabel", "open sesame"


def secrets() -> list[str]:
    """Everything that must show nowhere, in every spelling."""
    found = [TITLE, ITEM, TAG, NAME, WORD, key_of(ITEM).hex()]
    for key in (ME, *FRIENDS, *STRANGERS):
        found += [key.peer.hex(), did_key(key.peer), libp2p_peer_id(key.peer)]
    return found


def complaints(rec: Recommender, path: Path) -> list[str]:
    """What goes wrong by itself: a disk, a file, a passphrase; never what a caller typed wrong."""
    said = []

    def fails(what: Callable[[], object]) -> None:
        try:
            what()
        except Web3recError as error:
            said.append(f"{error!r} {error}")
        else:
            raise AssertionError("it was to fail")

    fails(lambda: device(path))  # in use
    with device(path, read_only=True) as reader:
        fails(lambda: reader.record(Event.LIKE, ITEM))
        fails(lambda: reader.withhold(item=ITEM))
        fails(reader.rotate)
    sealed = path.parent / "me.sealed"
    rec.export(sealed, passphrase=WORD)
    fails(lambda: rec.import_(sealed, passphrase=WORD.upper()))
    fails(lambda: rec.import_(sealed))
    sealed.write_bytes(sealed.read_bytes()[:99])
    fails(lambda: rec.import_(sealed, passphrase=WORD))
    fails(lambda: write_export(path.parent / "none" / "x", _nothing(), None))
    return said


def _nothing() -> Entries:
    return Entries()


@pytest.mark.slow
def test_D6_no_item_key_name_or_passphrase_in_logs_and_errors(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """A whole life: acts, trust, private session, withholding, release, strangers' bytes, rotation,
    damage; all log records at every level, both streams, and every error on the way.
    """
    caplog.set_level(logging.DEBUG)
    path, clock = tmp_path / "me", HandClock()
    said: list[str] = []
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        with device(path, clock, share_delay_hours=0) as rec:
            rec.add_items([Item(ITEM, TITLE, NAME, (TAG,))])
            rec.share(3)
            for event in Event:
                rec.record(event, ITEM, at=NOW)
            rec.trust(FRIENDS[0].peer, 1.0, name=NAME)
            rec.block(STRANGERS[0].peer)
            rec.log.ingest(neighbourhood())
            batch = rec.recommend()
            rec.record(Event.SKIP, batch.items[0].item.id, batch=batch.id)
            rec.log.release()
            forged = record(FRIENDS[1], 999, item=ITEM).envelope[:-1] + b"\0"
            flawed = [rec.log.judge(data) for data in (forged, b"\xa2junk", b"")]
            flawed += [rec.log.judge(record(ME, 5, Kind.LIKE, ITEM, t=1).envelope)]
            said += [f"{one.flaw} {one.detail}" for one in flawed]
            with rec.private():
                rec.record(Event.LIKE, ITEM)
            done = rec.withhold(tag=TAG, retract=True)
            said.append(repr(done))
            said.append(repr(rec.forget(since=Millis(NOW - 1)).wish))
            said += complaints(rec, path)
            rec.rotate(stolen=True)
        key = path / KEY_FILE
        secret = SigningKey.load(key)
        secret.save_over(key, WORD)
        for passphrase in (None, "another"):
            with pytest.raises(Web3recError) as error:
                device(path, passphrase=passphrase)
            said.append(f"{error.value!r}")
        with sqlite3.connect(path / LOG_FILE) as sql:
            sql.execute("UPDATE records SET envelope = x'00'")
            sql.execute("UPDATE items SET title = 'changed behind its back'")
        sql.close()
        with pytest.raises(Web3recError) as error:
            device(path, passphrase=WORD)
        said.append(f"{error.value!r}")
    out, err = capfd.readouterr()
    logged = [record_.getMessage() + repr(record_.args) for record_ in caplog.records]
    everything = "\n".join([*said, *logged, *(str(one.message) for one in warned), out, err])
    assert len(said) >= 15
    for hidden in [*secrets(), did_key(secret.peer), secret.peer.hex()]:
        assert hidden not in everything
