"""The systemd unit starts what there is, and leaves it nothing it does not need."""

import re
import shlex
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Final

import click
import pytest

from p2p.cli import node
from p2p.service import DRAIN_SECONDS
from web3rec.cli import main

ROOT: Final = Path(__file__).resolve().parents[2]
UNIT: Final = ROOT / "packaging" / "web3rec-node.service"
ANALYZE: Final = shutil.which("systemd-analyze") or ""
LEAST: Final = 1.5
"""Exposure by systemd's own account, of 10; a service without bounds has 9.6."""


def service() -> dict[str, list[str]]:
    """The [Service] section: key -> values, for systemd lets keys repeat."""
    found: dict[str, list[str]] = defaultdict(list)
    section = ""
    for line in UNIT.read_text(encoding="utf-8").splitlines():
        if heading := re.fullmatch(r"\[(\w+)\]", line):
            section = heading[1]
        elif section == "Service" and line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found[key].append(value)
    return found


def test_it_starts_a_command_whose_flags_exist() -> None:
    program, *words = shlex.split(service()["ExecStart"][0])
    assert Path(program).name == "web3rec"
    at = words.index("node")
    known = {opt for one in main.params for opt in one.opts}
    assert {word for word in words[:at] if word.startswith("-")} <= known
    run = node.get_command(click.Context(node), words[at + 1])
    assert run is not None
    options = {opt for one in run.params for opt in one.opts}
    given = {word for word in words[at + 2 :] if word.startswith("-")}
    assert given <= options
    assert "--quiet" in given, "stdout has peer ids in it, and goes to the journal"


def test_it_waits_for_ready_watches_and_drains() -> None:
    found = service()
    assert found["Type"] == ["notify"]
    assert int(found["WatchdogSec"][0]) >= 10
    assert found["Restart"] == ["on-failure"]
    assert int(found["TimeoutStopSec"][0]) > DRAIN_SECONDS
    assert found["KillSignal"] == ["SIGTERM"]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("User", "web3rec"),
        ("StateDirectory", "web3rec"),
        ("StateDirectoryMode", "0700"),
        ("UMask", "0077"),
        ("NoNewPrivileges", "yes"),
        ("ProtectSystem", "strict"),
        ("ProtectHome", "yes"),
        ("PrivateTmp", "yes"),
        ("PrivateDevices", "yes"),
        ("PrivateUsers", "yes"),
        ("ProtectProc", "invisible"),
        ("ProtectClock", "yes"),
        ("ProtectKernelLogs", "yes"),
        ("ProtectKernelModules", "yes"),
        ("ProtectKernelTunables", "yes"),
        ("ProtectControlGroups", "yes"),
        ("RestrictAddressFamilies", "AF_UNIX AF_INET AF_INET6"),
        ("RestrictNamespaces", "yes"),
        ("RestrictRealtime", "yes"),
        ("RestrictSUIDSGID", "yes"),
        ("LockPersonality", "yes"),
        ("MemoryDenyWriteExecute", "yes"),
        ("SystemCallArchitectures", "native"),
        ("CapabilityBoundingSet", ""),
        ("AmbientCapabilities", ""),
        ("MemoryMax", "256M"),
        ("LimitCORE", "0"),
    ],
)
def test_it_is_hardened(key: str, value: str) -> None:
    assert service()[key] == [value]


def test_it_is_bounded_and_may_call_what_services_call() -> None:
    found = service()
    assert int(found["TasksMax"][0]) <= 128
    assert int(found["LimitNOFILE"][0]) <= 4096
    allowed, *refused = found["SystemCallFilter"]
    assert allowed == "@system-service"
    assert all(one.startswith("~") for one in refused)
    assert "@privileged" in refused[0]


@pytest.mark.skipif(not ANALYZE, reason="systemd is not installed")
def test_systemd_finds_it_sound_and_little_exposed(tmp_path: Path) -> None:
    here = tmp_path / UNIT.name
    text = UNIT.read_text(encoding="utf-8")
    here.write_text(re.sub("ExecStart=[^ ]+", f"ExecStart={sys.executable}", text))
    verified = subprocess.run(
        [ANALYZE, "verify", str(here)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (verified.returncode, verified.stderr) == (0, "")
    judged = subprocess.run(
        [ANALYZE, "security", "--offline=true", str(here)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    exposure = re.search(r"Overall exposure level for \S+: ([0-9.]+)", judged.stdout)
    assert exposure is not None
    assert float(exposure[1]) <= LEAST
