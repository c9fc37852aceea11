"""What the log holds is read whatever the law of spelling, or Unicode, has become since."""

from dataclasses import replace
from pathlib import Path

from tests.strategies import KEYS, NOW
from tests.web3rec.records.spelling_vectors import LIKE, written
from tests.web3rec.store.logs import open_log
from web3rec.records import Flaw, Kind, Record, decode, item_key, seal
from web3rec.records.codec import read
from web3rec.records.envelope import record_id, unwrap
from web3rec.records.legality import illegal
from web3rec.store import OwnAct
from web3rec.store.own import told
from web3rec.store.verify import wrong_with
from web3rec.types import Event, ItemId

NEWER = "trk:\U0001fae8"
"""An emoji of Unicode 15: a Python of that age took it before there was a list."""
HELD = written(replace(LIKE, item=NEWER))


def test_an_exact_act_on_an_item_with_newer_characters_goes_by_its_hash(tmp_path: Path) -> None:
    log = open_log(tmp_path, level=3)
    items = ["trk:caf\xe9", NEWER]
    assert log.write_acts([OwnAct(Event.LIKE, ItemId(item), NOW) for item in items]) == 2
    parts = [unwrap(envelope) for envelope in log.release()]
    found = [decode(body[0]) for body in parts if body is not None]
    subjects = {record.item for record in found if isinstance(record, Record)}
    assert subjects == {"trk:caf\xe9", item_key(NEWER)}
    log.close()


def test_a_held_record_the_law_would_refuse_now_is_told_by_its_hash() -> None:
    parts = unwrap(HELD)
    assert parts is not None
    assert decode(parts[0]) is Flaw.SPELLING
    before = replace(LIKE, item=NEWER)
    assert told(HELD) == replace(before, item=before.key)


def test_what_is_told_of_it_can_be_written_anew() -> None:
    again = replace(told(HELD), n=2)
    assert illegal(again) is None
    assert seal(again, KEYS[0]).record.kind is Kind.LIKE


def test_a_held_record_the_law_would_refuse_now_is_no_fault_of_the_log() -> None:
    parts = unwrap(HELD)
    assert parts is not None
    record = replace(LIKE, item=NEWER)
    assert read(parts[0]) == record
    columns = [
        record_id(parts[0]), record.author, record.n, record.t, record.x,
        record.kind.value.encode(), record.key, record.weight,
    ]  # fmt: skip
    assert wrong_with(columns, HELD) == ""
