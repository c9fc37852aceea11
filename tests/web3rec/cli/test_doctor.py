"""`doctor`: sees what is wrong, and mends only what it is told to."""

import os
import time

import pytest

from tests.web3rec.cli.calls import Place
from web3rec import Recommender
from web3rec.store import LOG_FILE


def states(place: Place, *words: str) -> dict[str, str]:
    return {one["check"]: one["state"] for one in place(*words, "doctor", "--json").objects}


def spoil(place: Place) -> bytes:
    log = place.path / LOG_FILE
    log.write_bytes(b"not a database, by any means " * 300)
    return log.read_bytes()


def test_a_sound_device_is_all_ok(home: Place) -> None:
    assert home("doctor").code == 0
    assert set(states(home).values()) == {"ok"}
    assert set(states(home)) == {
        "version", "extras", "config", "directory", "clock", "key", "log", "schema", "counts",
        "level", "model", "libp2p", "node settings", "control socket", "port",
    }  # fmt: skip


def test_it_works_beside_a_node(home: Place) -> None:
    with Recommender.open(home.path):
        assert home("doctor").code == 0


def test_it_changes_nothing(home: Place) -> None:
    """SQLite may leave its -shm and an empty -wal beside a log that was read."""
    home.fine("record", "like", "trk:1")
    before = {path: path.read_bytes() for path in home.path.iterdir()}
    home.fine("doctor")
    after = {path: path.read_bytes() for path in home.path.iterdir()}
    scratch = {home.path / f"{LOG_FILE}-shm", home.path / f"{LOG_FILE}-wal"}
    assert {path: after[path] for path in after.keys() - scratch} == before
    assert after.get(home.path / f"{LOG_FILE}-wal", b"") == b""


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_key_others_can_read_is_wrong(home: Place, mode: int) -> None:
    (home.path / "author.key").chmod(mode)
    assert home("doctor").code == 1
    assert states(home)["key"] == "wrong"


def test_a_clock_behind_what_was_written_is_wrong(home: Place) -> None:
    ahead = time.time() + 7_200
    os.utime(home.path / LOG_FILE, (ahead, ahead))
    assert states(home)["clock"] == "wrong"
    assert "2.0 h behind" in home("doctor").out


def test_a_bad_config_is_wrong_and_the_rest_is_looked_at(home: Place) -> None:
    (home.path / "web3rec.toml").write_text("[options]\nmoode = 1\n")
    found = states(home)
    assert found.pop("config") == "wrong"
    assert set(found.values()) == {"ok"}


def test_a_bad_key_is_wrong_and_the_log_is_looked_at(home: Place) -> None:
    (home.path / "author.key").write_text("garbage")
    found = states(home)
    assert (found["key"], found["log"]) == ("wrong", "ok")


def test_no_directory_is_wrong(nowhere: Place) -> None:
    said = nowhere("doctor")
    assert said.code == 1
    assert "web3rec init" in said.out
    assert not nowhere.path.exists()


def test_a_damaged_log_is_wrong_and_set_aside_only_if_told(home: Place) -> None:
    home.fine("record", "like", "trk:1")
    home.fine("share", "2")
    me = home.fine("init").out
    damaged = spoil(home)
    assert home("doctor").code == 1
    assert states(home)["log"] == "wrong"
    assert (home.path / LOG_FILE).read_bytes() == damaged

    said = home("doctor", "--quarantine")
    assert said.code == 0
    assert "log.db.damaged-1" in said.err
    assert (home.path / "log.db.damaged-1").read_bytes() == damaged
    assert home.fine("init").out == me
    assert home.fine("share", "--json").objects[0]["level"] == 0
    home.fine("record", "like", "trk:2")
    assert home.acts() == [("trk:2", "like")]


def test_a_sound_log_is_never_set_aside(home: Place) -> None:
    home.fine("record", "like", "trk:1")
    said = home.fine("doctor", "--quarantine")
    assert "nothing was set aside" in said.err
    assert home.acts() == [("trk:1", "like")]


def test_nothing_is_set_aside_while_somebody_writes(home: Place) -> None:
    with Recommender.open(home.path):
        home.fine("doctor", "--quarantine")
    home.fine("record", "like", "trk:1")
