"""`web3rec node status, peers, …` against a real control server; the node behind it is a fake."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from p2p.cli.group import COMMANDS
from p2p.control import ControlServer
from tests.p2p.control.devices import ADDRESS, PEERS, FakeDevice, serving
from tests.web3rec.cli.calls import Place
from web3rec.recommender import Recommender

ASKING = [name for name, module in COMMANDS.items() if module == "p2p.cli.asking"]


@pytest.fixture
def device() -> FakeDevice:
    return FakeDevice()


@pytest.fixture
def running(tmp_path: Path, device: FakeDevice) -> Iterator[Place]:
    """A directory that a node holds."""
    with serving(tmp_path / "store", device):
        yield Place(tmp_path / "store")


def test_status_is_shown_to_people_and_as_json(running: Place) -> None:
    shown = running.fine("node", "status").out
    assert "running" in shown
    assert "12D3KooWMe" in shown
    (told,) = running.fine("node", "status", "--json").objects
    assert told["state"] == "running"
    assert told["peers"] == list(PEERS)
    assert told["models"] == {
        "used": {"name": "toy", "version": 3},
        "fetching": {"name": "toy", "version": 4, "bytes": 65_536, "size": 400_000},
        "fetched": 1,
        "bytes": 900_000,
    }


def test_peers_are_shown_with_what_is_held_against_them(running: Place) -> None:
    said = running.fine("node", "peers")
    assert all(peer in said.out for peer in PEERS)
    assert "not reached: /ip4/127.0.0.1/tcp/9" in said.err
    (told,) = running.fine("node", "peers", "--json").objects
    assert [one["peer"] for one in told["peers"]] == list(PEERS)


def test_what_is_told_reaches_the_node(running: Place, device: FakeDevice) -> None:
    running.fine("node", "dial", ADDRESS)
    running.fine("node", "ban", PEERS[0], "--seconds", "60")
    running.fine("node", "unban", PEERS[0])
    running.fine("node", "sync")
    assert device.told == [
        ("dial", ADDRESS), ("ban", PEERS[0], 60.0), ("unban", PEERS[0]), ("catch_up",),
    ]  # fmt: skip


def test_pause_and_resume(running: Place, device: FakeDevice) -> None:
    assert "(paused)" in running.fine("node", "pause").err
    assert device.now.state == "paused"
    (told,) = running.fine("node", "resume", "--json").objects
    assert told == {"state": "running"}


def test_stop_returns_when_the_directory_is_free(tmp_path: Path) -> None:
    asked = threading.Event()
    place = Place(tmp_path / "store")

    def node() -> None:
        with serving(place.path, stop=asked.set):
            up.set()
            asked.wait(30)

    up = threading.Event()
    process = threading.Thread(target=node)
    process.start()
    assert up.wait(30)
    (told,) = place.fine("node", "stop", "--json").objects
    assert told["state"] == "closed"
    Recommender.open(place.path).close()
    process.join()


@pytest.mark.parametrize("name", ASKING)
def test_without_a_node_it_is_said(home: Place, name: str) -> None:
    words = {"dial": [ADDRESS], "ban": ["p"], "unban": ["p"]}.get(name, [])
    assert "is it running?" in home("node", name, *words).complaint


def test_a_socket_switched_off_is_said(home: Place) -> None:
    said = home("node", "status", env={"WEB3REC_CONTROL_SOCKET": " "})
    assert said.code == 1
    (home.path / "node.toml").write_text('[control]\nsocket = ""\n')
    assert "switched off" in home("node", "status").complaint


def test_a_refusal_of_the_node_is_one_line(running: Place) -> None:
    assert "address" in running("node", "dial", "nonsense").complaint


def test_the_settings_file_says_where_the_socket_is(tmp_path: Path) -> None:
    store = tmp_path / "store"
    with serving(store, socket="other.sock"):
        place = Place(store)
        assert place("node", "status").code == 1
        (tmp_path / "n.toml").write_text('[control]\nsocket = "other.sock"\n')
        place.fine("node", "status", "--config", str(tmp_path / "n.toml"))
        (store / "node.toml").write_text('[control]\nsocket = "other.sock"\n')
        place.fine("node", "status")


def test_tokens_are_named_and_never_shown(tmp_path: Path) -> None:
    store = tmp_path / "store"
    with serving(store, tcp_port=0) as (server, _rec):
        assert isinstance(server, ControlServer)
        said = Place(store).fine("node", "token", "--json")
        assert [(one["scope"], one["there"]) for one in said.objects] == [
            ("read", True), ("write", True),
        ]  # fmt: skip
        for one in said.objects:
            assert Path(one["path"]).read_text().strip() not in said.out


@pytest.mark.parametrize(
    ("control", "says"),
    [
        ("", "set tcp_port = 4080"),
        ("tcp_port = 4080\npage = false", "set page = true"),
        ("tcp_port = 0", "log says which"),
    ],
)
def test_a_page_that_is_not_there_is_said(home: Place, control: str, says: str) -> None:
    (home.path / "node.toml").write_text(f"[control]\n{control}\n")
    assert says in home("node", "page").complaint


def test_the_page_is_where_the_settings_say(home: Place) -> None:
    (home.path / "node.toml").write_text('[control]\ntcp_port = 4080\ntcp_host = "::1"\n')
    assert home.fine("node", "page").out == "http://[::1]:4080/\n"
    assert json.loads(home.fine("node", "page", "--json").out) == {"url": "http://[::1]:4080/"}
