"""`web3rec node run`, as people start it: real processes, real sockets on loopback."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.p2p.processes import PATIENCE, node, run, web3rec

pytestmark = [pytest.mark.slow, pytest.mark.network]


def test_a_record_made_on_one_device_appears_in_the_others_recommendations(tmp_path: Path) -> None:
    alice, bob = tmp_path / "alice", tmp_path / "bob"
    born = json.loads(run(alice, "init", "--level", "1", "--json"))
    run(bob, "init", "--level", "1")
    run(bob, "trust", born["did"], "1.0", "--name", "Alice")
    run(alice, "record", "like", "trk:blue-train", "--title", "Blue Train")

    with node(alice, "--listen", "/ip4/127.0.0.1/tcp/0") as first:
        address = first.until(lambda line: bool(line["addresses"]))["addresses"][0]
        with node(bob, "--listen", "/ip4/127.0.0.1/tcp/0", "--bootstrap", address) as second:
            second.until(lambda line: line["shared"] >= 2)  # Alice's like, Bob's own trust
            listed = run(bob, "recommend", "--json")
            assert second.stop() == 0
        assert first.stop() == 0

    found = [json.loads(line) for line in listed.splitlines()]
    assert len(found) == 1
    assert "Alice" in found[0]["reason"]
    # hashed on the wire: Bob's app has no name for it, but it is that item
    bobs_app_knows = run(bob, "why", "trk:blue-train", "--json")
    assert "Alice" in bobs_app_knows


def test_a_second_node_on_the_directory_is_refused(tmp_path: Path) -> None:
    home = tmp_path / "home"
    run(home, "init")
    with node(home) as running:
        running.until(lambda line: bool(line["addresses"]))
        second = subprocess.run(
            web3rec(home, "node", "run"),
            capture_output=True, text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
        assert running.stop() == 0
    assert second.returncode == 1
    assert "in use" in second.stderr
    assert "Traceback" not in second.stderr


def test_a_busy_port_is_one_line_and_a_failure(tmp_path: Path) -> None:
    for name in ("one", "two"):
        run(tmp_path / name, "init")
    with node(tmp_path / "one", "--listen", "/ip4/127.0.0.1/tcp/0") as first:
        address = first.until(lambda line: bool(line["addresses"]))["addresses"][0]
        taken = address.partition("/p2p/")[0]
        second = subprocess.run(
            web3rec(tmp_path / "two", "node", "run", "--listen", taken),
            capture_output=True, text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
    assert second.returncode == 1
    assert len(second.stderr.strip().splitlines()) <= 2  # the level's hint, the error
    assert "Traceback" not in second.stderr
