"""What systemd is told, by a real datagram socket; and that nobody else is."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from p2p.sd_notify import READY, STOPPING, notify, watchdog_seconds


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, socket.socket]]:
    """(the value of NOTIFY_SOCKET, the socket behind it)"""
    if request.param == "path":
        name = address = str(tmp_path / "notify")
    else:
        name = f"@web3rec-test-{os.getpid()}-{tmp_path.name}"
        address = "\0" + name[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bound:
        bound.bind(address)
        bound.settimeout(5)
        yield name, bound


def test_states_arrive_as_one_datagram(manager: tuple[str, socket.socket]) -> None:
    name, bound = manager
    assert notify({"NOTIFY_SOCKET": name}, READY, "STATUS=3 peers")
    assert bound.recv(1000) == b"READY=1\nSTATUS=3 peers"
    assert notify({"NOTIFY_SOCKET": name}, STOPPING)
    assert bound.recv(1000) == b"STOPPING=1"


@pytest.mark.parametrize("name", ["", "relative", "vsock:2:1234", "/nobody/listens/here"])
def test_where_nobody_listens_nothing_happens(name: str) -> None:
    assert not notify({"NOTIFY_SOCKET": name}, READY)
    assert not notify({}, READY)


@pytest.mark.parametrize(
    ("environ", "seconds"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "30000000"}, 15.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 15.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({"WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "me"}, None),
    ],
)
def test_the_watchdog_is_fed_twice_as_often_as_it_wants(
    environ: dict[str, str], seconds: float | None
) -> None:
    assert watchdog_seconds(environ) == seconds
