"""The server's life: doors opened safely, its own thread, and A6, how it ends."""

import os
import socket
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from p2p.control import Client, ControlError, ControlOptions, ControlServer
from p2p.control.doors import peer_uid, unix_door
from p2p.errors import AddressInUse, NodeError
from tests.p2p.control.devices import FakeDevice, lively, serving

pytestmark = pytest.mark.network


class Stuck(FakeDevice):
    """Its pause lasts until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.pausing, self.go_on = threading.Event(), threading.Event()

    def pause(self) -> None:
        self.pausing.set()
        assert self.go_on.wait(60)
        super().pause()


def test_the_socket_is_its_owners_alone_and_gone_afterwards(tmp_path: Path) -> None:
    store = tmp_path / "s"
    with serving(store) as (server, _rec):
        seen = (store / "control.sock").lstat()
        assert stat.S_ISSOCK(seen.st_mode)
        assert stat.S_IMODE(seen.st_mode) == 0o600
        assert [one.name for one in store.iterdir() if one.name.startswith(".c")] == []
        assert server.socket_path == store / "control.sock"
        assert server.url == ""
    assert not (store / "control.sock").exists()


@pytest.mark.parametrize("mask", [0o000, 0o777])
def test_the_sockets_mode_does_not_hang_on_the_umask(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        door = unix_door(tmp_path / "x.sock")
    finally:
        os.umask(before)
    with door.listening:
        assert stat.S_IMODE(door.path.lstat().st_mode) == 0o600
        door.remove()


def test_a_dead_socket_is_replaced_a_live_one_and_a_file_are_not(tmp_path: Path) -> None:
    path = tmp_path / "x.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    door = unix_door(path)
    with door.listening:
        with pytest.raises(AddressInUse, match="another node answers"):
            unix_door(path)
        door.remove()
    path.write_text("my notes")
    with pytest.raises(NodeError, match="not a socket"):
        unix_door(path)
    assert path.read_text() == "my notes"


def test_somebody_elses_socket_in_our_place_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "x.sock"
    door = unix_door(path)
    with door.listening:
        path.unlink()
        path.write_text("not ours")
        door.remove()
    assert path.read_text() == "not ours"


def test_a_directory_others_can_write_to_is_refused(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    with pytest.raises(NodeError, match="others can write"):
        unix_door(shared / "x.sock")


def test_a_missing_directory_is_made_for_the_owner_alone(tmp_path: Path) -> None:
    door = unix_door(tmp_path / "run" / "x.sock")
    with door.listening:
        assert stat.S_IMODE((tmp_path / "run").stat().st_mode) == 0o700
        door.remove()


def test_a_path_too_long_for_a_socket_is_an_error_that_says_so(tmp_path: Path) -> None:
    with pytest.raises(NodeError, match="longer than 100 bytes"):
        unix_door(tmp_path / ("x" * 120))


def test_the_kernel_tells_who_is_at_the_other_end() -> None:
    one, other = socket.socketpair()
    with one, other:
        assert peer_uid(one) == os.geteuid()
    with socket.socket() as unconnected:
        assert peer_uid(unconnected) != os.geteuid() or os.geteuid() == 0


def test_no_door_a_taken_port_and_a_second_start_are_errors(tmp_path: Path) -> None:
    with lively(tmp_path / "s") as rec:
        with pytest.raises(NodeError, match="no door"):
            ControlServer(rec, FakeDevice(), ControlOptions(socket="")).start()
        with ControlServer(rec, FakeDevice(), ControlOptions(tcp_port=0)) as server:
            with pytest.raises(NodeError, match="starts once"):
                server.start()
            port = int(server.url.rpartition(":")[2])
            taken = ControlOptions(socket="other.sock", tcp_port=port)
            with pytest.raises(AddressInUse):
                ControlServer(rec, FakeDevice(), taken).start()
            assert not (tmp_path / "s" / "other.sock").exists()
        server.close()
        assert not server.alive


def test_A6_what_runs_is_finished_and_answered_and_nothing_new_is_taken(tmp_path: Path) -> None:
    store, device = tmp_path / "s", Stuck()
    with (
        serving(store, device) as (server, _rec),
        ThreadPoolExecutor(2) as pool,
        Client(store) as busy,
        Client(store) as idle,
    ):
        assert idle.status()["state"] == "running"
        pausing = pool.submit(busy.pause)
        assert device.pausing.wait(30)
        closing = pool.submit(server.close)
        while (store / "control.sock").exists():
            pass  # until it stopped accepting
        with Client(store / "control.sock") as late, pytest.raises(ControlError) as caught:
            late.status()
        assert caught.value.code == "unreachable"
        device.go_on.set()
        assert pausing.result(30) == {"state": "paused"}
        closing.result(30)
        assert not server.alive
        with pytest.raises(ControlError):
            idle.status()


def test_A6_what_does_not_end_is_left_behind_in_time(tmp_path: Path) -> None:
    store, device = tmp_path / "s", Stuck()
    with (
        serving(store, device, drain_seconds=0.1) as (server, _rec),
        ThreadPoolExecutor(1) as pool,
        Client(store) as node,
    ):
        pausing = pool.submit(node.pause)
        assert device.pausing.wait(30)
        server.close()
        assert not server.alive
        with pytest.raises(ControlError):
            pausing.result(30)
        device.go_on.set()


def test_A6_listeners_are_told(tmp_path: Path) -> None:
    store = tmp_path / "s"
    with serving(store) as (server, _rec):
        transport = httpx.HTTPTransport(uds=str(store / "control.sock"))
        with (
            httpx.Client(transport=transport, base_url="http://x", trust_env=False) as client,
            client.stream("GET", "/v1/events") as answer,
        ):
            lines = answer.iter_lines()
            assert next(lines) == "event: state"
            server.close()
            assert [one for one in lines if one.startswith("event")][-1] == "event: closing"


def test_shutdown_asks_the_process_to_end_and_is_answered_first(tmp_path: Path) -> None:
    asked = threading.Event()
    with serving(tmp_path / "s", stop=asked.set), Client(tmp_path / "s") as node:
        assert node.shut_down() == {"state": "running"}
    assert asked.is_set()


def test_it_answers_while_the_network_is_down_and_after_the_log_is_closed(tmp_path: Path) -> None:
    device = FakeDevice()
    device.now = type(device.now)(state="failed: no route; trying again in 60 s")
    with serving(tmp_path / "s", device) as (_server, rec), Client(tmp_path / "s") as node:
        assert node.status()["state"].startswith("failed")
        assert node.ready() is False
        device.now = type(device.now)(state="paused")
        assert node.ready() is True
        rec.close()
        assert node.ready() is False
        with pytest.raises(ControlError) as caught:
            node.status()
        assert (caught.value.code, caught.value.status) == ("closing", 503)


def test_a_device_that_breaks_costs_one_answer(tmp_path: Path) -> None:
    device: Any = FakeDevice()
    with serving(tmp_path / "s", device), Client(tmp_path / "s") as node:
        working, device.now = device.now, None
        with pytest.raises(ControlError) as caught:
            node.peers()
        assert caught.value.code == "internal"
        device.now = working
        assert len(node.peers()["peers"]) == 2
