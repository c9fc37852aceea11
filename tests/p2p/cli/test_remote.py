"""While a node holds the directory, commands write through it, and say the same as without."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.p2p.control.devices import ANN_DID, serving
from tests.strategies import KEYS
from tests.web3rec.cli.calls import Place, Said
from web3rec import Recommender
from web3rec.records import did_key
from web3rec.store import Receipt, key_of

CAT = did_key(KEYS[3].peer)


@pytest.fixture
def held(tmp_path: Path) -> Iterator[tuple[Place, Recommender]]:
    """(a directory that a node holds, the node's own view of it)"""
    with serving(tmp_path / "store") as (_server, rec):
        yield Place(tmp_path / "store"), rec


def alone(tmp_path: Path) -> Place:
    """The same device, without a node."""
    with serving(tmp_path / "alone"):
        pass
    return Place(tmp_path / "alone")


def stripped(said: Said) -> tuple[int, str, str]:
    """What was said, without when, and without what depends on what was computed before."""
    lines = []
    for line in said.out.splitlines():
        told = json.loads(line) if line.startswith("{") else line
        if isinstance(told, dict):
            told = {
                key: one for key, one in told.items() if key not in ("at", "took_ms", "derived")
            }
        lines.append(str(told))
    return said.code, "\n".join(lines), said.err


@pytest.mark.parametrize(
    "words",
    [
        ("record", "like", "trk:new", "--title", "A New One"),
        ("record", "skip", "trk:new"),
        ("record", "listen", "trk:new", "--weight", "3", "--at", "1970-02-01"),
        ("trust", CAT, "0.5", "--name", "Cat"),
        ("trust", "Ann", "0.25"),
        ("trust", "Ann", "0"),
        ("block", ANN_DID),
        ("block", "Ann", "--undo"),
        ("share", "2", "--json"),
        ("forget", "--item", "trk:jazz", "--json"),
        ("forget", "--item", "trk:jazz", "--dry-run", "--json"),
        ("forget", "--peer", "Ann", "--json"),
        ("forget", "--since", "1970-01-02", "--yes", "--json"),
        ("forget", "--all", "--yes", "--json"),
        ("withhold", "trk:jazz", "--json"),
        ("withhold", "--tag", "jazz", "--retract"),
        ("withhold", "trk:jazz", "--undo", "--json"),
        ("private", "on"),
        ("private", "off", "--json"),
        ("trust", "nobody", "0.5"),
        ("record", "like", "*"),
    ],
)
def test_it_is_written_and_said_as_without_a_node(
    held: tuple[Place, Recommender], tmp_path: Path, words: tuple[str, ...]
) -> None:
    place, rec = held
    said, expected = place(*words), alone(tmp_path)(*words)
    if expected.code:
        assert said.code == expected.code
        assert said.complaint
    else:
        assert stripped(said) == stripped(expected)
    with Recommender.open(tmp_path / "alone") as other:
        assert [row[:3] for row in rec.log.history()] == [row[:3] for row in other.log.history()]
        assert rec.log.names() == other.log.names()
        assert rec.log.blocked() == other.log.blocked()
        assert rec.log.level == other.log.level
        assert rec.log.items().keys() == other.log.items().keys()
        assert rec.log.counts() == other.log.counts()
        assert rec.log.withheld() == other.log.withheld()
        assert rec.log.private == other.log.private


def test_a_title_keeps_what_else_is_known_of_an_item(held: tuple[Place, Recommender]) -> None:
    place, rec = held
    place.fine("record", "like", "trk:jazz", "--title", "Renamed")
    item = rec.log.items()[key_of("trk:jazz")]
    assert (item.title, item.creator, item.tags) == ("Renamed", "John Coltrane", ("jazz",))


def test_forgetting_much_asks_first(held: tuple[Place, Recommender]) -> None:
    place, rec = held
    before = rec.log.counts()
    said = place("forget", "--all", answer="n\n")
    assert said.code == 1
    assert "Forget everything" in said.err
    assert rec.log.counts() == before


def test_whoever_lets_the_node_write_needs_no_passphrase(held: tuple[Place, Recommender]) -> None:
    place, rec = held
    (place.path / "author.key").unlink()
    rec.key.save(place.path / "author.key", "correct horse battery staple")
    assert "passphrase" in place("outbox").complaint
    place.fine("record", "like", "trk:new")
    assert ("trk:new", "like") in [row[:2] for row in rec.log.history()]


def test_a_directory_that_somebody_else_holds_is_in_use_as_ever(home: Place) -> None:
    with Recommender.open(home.path):
        assert "in use" in home("record", "like", "trk:1").complaint


def test_a_dead_socket_is_nobody(tmp_path: Path) -> None:
    """A node that was killed leaves its socket; the lock is free, so the command writes itself."""
    store = tmp_path / "store"
    with serving(store):
        (store / "copy").hardlink_to(store / "control.sock")
    (store / "copy").rename(store / "control.sock")
    place = Place(store)
    place.fine("record", "like", "trk:1")
    with Recommender.open(store):
        assert "in use" in place("record", "like", "trk:2").complaint


def test_a_node_gives_the_receipt_of_what_it_forgot(
    held: tuple[Place, Recommender], tmp_path: Path
) -> None:
    """Written here, signed there; verified beside the node."""
    place, rec = held
    file = tmp_path / "receipt.json"
    (said,) = place.fine(
        "forget", "--item", "trk:jazz", "--receipt", str(file), "--audit", "--json"
    ).objects
    receipt = Receipt.from_json(file.read_bytes())
    assert receipt.is_signed
    assert receipt.author == rec.me
    assert said["audit"] == dict(receipt.audit)
    assert {"graph", "files"} <= said["audit"].keys()
    assert place.fine("verify", str(file), "--json").objects[-1]["holds"]
