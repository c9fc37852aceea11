"""`web3rec node run` as a service: a real process, told and ended as systemd does it."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from p2p.control import Client, ControlError
from p2p.errors import NodeError
from tests.web3rec.cli.calls import Place

pytestmark = [
    pytest.mark.slow,
    pytest.mark.network,
    # httpcore leaves a Unix socket that could not connect to the garbage collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

PATIENCE = 60.0
IDS = re.compile(r"12D3Koo|did:key|[0-9a-f]{32}|trk:")


@dataclass
class Service:
    """A node in a process of its own, and what it told its supervisor."""

    process: "subprocess.Popen[str]"
    manager: socket.socket
    heard: list[str] = field(default_factory=list)

    def until(self, wanted: str) -> None:
        """Wait for a state; it may have been heard before."""
        while not any(wanted in one for one in self.heard):
            try:
                self.heard.append(self.manager.recv(4096).decode())
            except TimeoutError:
                pytest.fail(f"never heard {wanted!r}; the exit code is {self.process.poll()}")

    def end(self) -> tuple[int, str, str]:
        """SIGTERM, and what is left of it: exit code, stdout, stderr."""
        self.process.send_signal(signal.SIGTERM)
        out, err = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, out, err


@contextmanager
def service(place: Place, *words: str) -> Iterator[Service]:
    told = place.path.parent / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(told))
        manager.settimeout(PATIENCE)
        call = [sys.executable, "-m", "web3rec", "--dir", str(place.path), "node", "run", *words]
        with subprocess.Popen(
            call,
            env=os.environ | {"NOTIFY_SOCKET": str(told), "WATCHDOG_USEC": "2000000"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                yield Service(process, manager)
            finally:
                process.kill()


def test_A6_what_is_written_while_it_ends_is_committed_and_answered_or_refused(home: Place) -> None:
    """And D6: its log, in full, names nobody and nothing."""
    home.fine("share", "1")
    with service(home, "--quiet", "--log-level", "debug") as node:
        node.until("READY=1")
        node.until("STATUS=running: 0 peers")
        node.until("WATCHDOG=1")
        home.fine("record", "like", "trk:first", "--title", "Blue Train")
        assert home.fine("node", "status", "--json").objects[0]["state"] == "running"

        answered: list[str] = []
        busy = threading.Event()

        def write(who: int) -> None:
            """Likes without end, until the node refuses one."""
            number = 0
            try:
                with Client(home.path) as client:
                    while True:
                        item = f"trk:{who}-{number}"
                        client.record("like", item)
                        answered.append(item)
                        number += 1
                        if len(answered) > 20:
                            busy.set()
            except ControlError:
                busy.set()

        writers = [threading.Thread(target=write, args=(who,)) for who in range(4)]
        for one in writers:
            one.start()
        assert busy.wait(PATIENCE)
        code, out, err = node.end()
        for one in writers:
            one.join(PATIENCE)
        node.until("STOPPING=1")
    assert (code, out) == (0, "")
    assert len(answered) > 20
    kept = [item for item, _ in home.acts() if item != "trk:first"]
    assert sorted(kept) == sorted(answered)
    assert home.fine("verify", "--deep").code == 0

    assert "the node runs at privacy level 1" in err
    assert "the node ends" in err
    assert not IDS.search(err), err


def test_other_commands_work_beside_it_and_write_through_it(home: Place, tmp_path: Path) -> None:
    ann = home.hears(tmp_path / "ann", ["trk:1", "trk:2"])
    with service(home, "--metrics") as node:
        node.until("READY=1")
        assert "you trust Ann" in home.fine("trust", ann, "0.5", "--name", "Ann").err
        home.fine("record", "like", "trk:1")
        home.fine("share", "2")
        listed = [one["id"] for one in home.fine("recommend", "--json").objects]
        assert len(listed) == 1
        (receipt,) = home.fine("forget", "--item", "trk:1", "--json").objects
        assert receipt["removed"]["records"] == 1
        made = home.fine("backup", str(tmp_path / "copy"), "--json").objects[0]
        home.fine("verify", "--deep")
        (seen,) = [one for one in home.fine("doctor", "--json").objects if one["check"] == "node"]
        assert (seen["state"], seen["detail"]) == ("ok", "running, 0 peers")
        home.fine("node", "stop")
        assert node.process.wait(PATIENCE) == 0
        assert node.process.stdout is not None
        assert "reachable at /ip4/127.0.0.1/" in node.process.stdout.read()
    assert made["records"] == 3
    assert home.acts() == []
    with pytest.raises(NodeError, match="is it running"), Client(home.path) as gone:
        gone.status()
