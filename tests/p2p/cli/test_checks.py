"""`web3rec doctor` sees what would keep a node from running, and how one that runs fares."""

import socket
from dataclasses import replace
from pathlib import Path

import pytest

from p2p.cli import checks
from p2p.transport_key import transport_seed
from tests.p2p.control.devices import FakeDevice, serving
from tests.web3rec.cli.calls import Place


def found(place: Place) -> dict[str, tuple[str, str]]:
    said = place("doctor", "--json").objects
    return {one["check"]: (one["state"], one["detail"]) for one in said}


def test_where_no_node_runs_one_could(home: Place) -> None:
    seen = found(home)
    assert seen["libp2p"] == ("ok", "0.8.1")
    assert seen["control socket"] == ("ok", "no node runs")
    assert seen["port"] == ("ok", "/ip4/127.0.0.1/tcp/0 is free")
    assert "node" not in seen


def test_another_libp2p_is_wrong(home: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "version", lambda _name: "0.9.0")
    state, detail = found(home)["libp2p"]
    assert state == "wrong"
    assert "want exactly 0.8.1" in detail


@pytest.mark.parametrize("address", ["/ip4/127.0.0.1/tcp/{}", "/ip6/::1/tcp/{}"])
def test_a_port_that_is_taken_is_wrong(home: Place, address: str) -> None:
    family, host = (socket.AF_INET6, "::1") if "ip6" in address else (socket.AF_INET, "127.0.0.1")
    with socket.socket(family, socket.SOCK_STREAM) as taken:
        try:
            taken.bind((host, 0))
        except OSError:
            pytest.skip("this machine has no IPv6")
        taken.listen()
        where = address.format(taken.getsockname()[1])
        (home.path / "node.toml").write_text(f'[node]\nlisten = ["{where}"]\n')
        assert found(home)["port"][0] == "wrong"


@pytest.mark.parametrize("address", ["/ip4/127.0.0.1/udp/1/quic", "127.0.0.1:4001", "/ip4/x/tcp/1"])
def test_an_address_that_is_none_is_wrong(home: Place, address: str) -> None:
    (home.path / "node.toml").write_text(f'[node]\nlisten = ["{address}"]\n')
    assert found(home)["port"][0] == "wrong"


def test_settings_that_run_would_refuse_are_wrong(home: Place) -> None:
    (home.path / "node.toml").write_text("[node]\nport = 1\n")
    assert found(home)["node settings"][0] == "wrong"


def test_a_transport_key_others_can_read_is_wrong(home: Place) -> None:
    transport_seed(home.path)
    assert found(home)["transport key"] == ("ok", "mode 0600")
    (home.path / "transport.key").chmod(0o644)
    assert found(home)["transport key"][0] == "wrong"


def test_a_socket_left_over_is_noted(tmp_path: Path) -> None:
    store = tmp_path / "store"
    with serving(store):
        (store / "copy").hardlink_to(store / "control.sock")
    (store / "copy").rename(store / "control.sock")
    assert found(Place(store))["control socket"][0] == "note"


@pytest.mark.parametrize(
    ("state", "verdict"), [("running", "ok"), ("paused", "ok"), ("failed: again in 4 s", "wrong")]
)
def test_a_node_that_runs_is_asked(tmp_path: Path, state: str, verdict: str) -> None:
    device = FakeDevice()
    device.now = replace(device.now, state=state)
    with serving(tmp_path / "store", device):
        seen = found(Place(tmp_path / "store"))
    assert seen["node"] == (verdict, f"{state}, 2 peers")
    assert "port" not in seen


def test_the_last_sync_is_told(tmp_path: Path) -> None:
    with serving(tmp_path / "store"):
        assert "last sync" in found(Place(tmp_path / "store"))
    told = checks.last_sync({"synced": 1_000.0}, 1_150.0)
    assert (told.state, told.detail) == ("ok", "2 minutes ago")
    assert checks.last_sync({}, 1_150.0).state == "note"
