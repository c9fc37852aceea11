"""A service ends when it is told to, in time, and says so; real processes, real signals."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from p2p.service import TOO_SLOW

USUAL = """
import sys, threading
from p2p.service import Service
with Service({environ!r}, drain_seconds={drain}) as service:
    service.ready()
    print("ready", flush=True)
    for _ in service.rounds(0.01):
        service.say("works")
    print("drains", flush=True)
    {ending}
print("done", flush=True)
"""


USUAL_SIGNALS = """
import signal
for one in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(one, signal.SIG_DFL)
"""
"""Whoever runs the tests in the background, or under nohup, has some of them ignored."""


@contextmanager
def running(
    ending: str = "", *, environ: dict[str, str] | None = None, drain: float = 5.0, before: str = ""
) -> Iterator["subprocess.Popen[str]"]:
    """A service in a process of its own, ready; it ends with the test."""
    usual = USUAL.format(environ=environ or {}, drain=drain, ending=ending)
    code = (before or USUAL_SIGNALS) + usual
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_A6_a_signal_drains_and_ends_well(number: signal.Signals) -> None:
    with running() as process:
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
        assert (process.returncode, out, err) == (0, "drains\ndone\n", "")


def test_A6_a_signal_in_the_middle_of_the_main_threads_waiting_does_not_lock_it_up() -> None:
    """It arrives while the main thread holds the very lock that asking to end needs."""
    code = """
import os, signal
from p2p.service import Service
with Service({}, drain_seconds=20) as service:
    with service.asked._cond:
        os.kill(os.getpid(), signal.SIGTERM)
        for _ in range(1000):
            pass
    service.asked.wait()
print("done")
"""
    done = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")


def test_a_second_signal_ends_it_at_once() -> None:
    with running("threading.Event().wait()") as process:
        process.send_signal(signal.SIGTERM)
        assert process.stdout is not None
        assert process.stdout.readline() == "drains\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 128 + signal.SIGTERM


def test_A6_what_does_not_drain_in_time_is_ended() -> None:
    with running("threading.Event().wait()", drain=0.05) as process:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == TOO_SLOW


def test_hanging_up_does_nothing_to_who_asked_for_that() -> None:
    ignoring = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
    with running(before=ignoring) as process:
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=30)[0] == "drains\ndone\n"
        assert process.returncode == 0


def test_it_may_be_stopped_from_inside_as_often_as_one_likes() -> None:
    stop = "threading.Thread(target=lambda: [service.stop(), service.stop()]).start()"
    code = USUAL.format(environ={}, drain=5.0, ending="").replace(
        'print("ready", flush=True)', stop
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "drains\ndone\n", "")


def test_systemd_hears_ready_then_alive_and_status_then_stopping(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(30)
        environ = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "200000"}
        with running(environ=environ) as process:
            heard = [manager.recv(100)]
            while not {b"WATCHDOG=1", b"STATUS=works"} <= set(heard):
                heard.append(manager.recv(100))
            process.send_signal(signal.SIGTERM)
            while heard[-1] != b"STOPPING=1":
                heard.append(manager.recv(100))
            assert process.wait(timeout=30) == 0
    assert heard[0] == b"READY=1"
    assert set(heard) == {b"READY=1", b"WATCHDOG=1", b"STATUS=works", b"STOPPING=1"}
