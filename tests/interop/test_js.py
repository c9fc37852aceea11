"""A peer in another language, written from docs/protocol.md alone: interop/js, over js-libp2p.

Set up and run by `make interop`; without `node`, or without what npm installs, skipped.
"""

import shutil
import subprocess
from typing import Final

import pytest

from tests.interop.play import AUTHORS, JS, LIKES, SECONDS, Play, played

NODE_JS: Final = shutil.which("node") or ""
KINDS_OF_FAULT: Final = {
    "no message",
    "a forged record",
    "no frame",
    "a frame longer than any",
    "a second hello",
    "a want of what was not listed",
    "a forged record in a sync",
}
"""Each is held against who did it. Half a frame is not: a stream may end early."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not NODE_JS, reason="needs Node 20 or later as `node`"),
]


@pytest.fixture(scope="module")
def play(tmp_path_factory: pytest.TempPathFactory) -> Play:
    """The whole play, once."""
    if not (JS / "node_modules" / "libp2p").is_dir():
        pytest.skip("js-libp2p is not installed: run `make interop`")
    done = played(NODE_JS, tmp_path_factory.mktemp("interop") / "device")
    assert done.returncode == 0, done.said.get("failed", "it took too long")
    return done


def test_the_vectors_hold_in_javascript() -> None:
    """Records, sync and sessions between two ends; needs Node and nothing from npm."""
    command = [NODE_JS, "--test", "--test-reporter=tap"]
    done = subprocess.run(
        command, cwd=JS, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr
    assert "# fail 0" in done.stdout
    assert "# tests 0" not in done.stdout


@pytest.mark.network
def test_what_we_gossip_another_implementation_hears_and_verifies(play: Play) -> None:
    heard = play.said["heard"]
    assert heard["ids"]
    assert set(heard["authors"]) == {play.me}
    assert set(heard["ids"]) <= play.shared["heard"]


@pytest.mark.network
def test_what_another_implementation_gossips_is_kept(play: Play) -> None:
    gossiped = play.said["published"]["id"]
    assert gossiped in play.shared["published"]
    assert play.status["published"].records_rejected == 0


@pytest.mark.network
def test_Y1_another_implementation_pulls_exactly_what_it_lacks(play: Play) -> None:
    pulled, own = play.said["pulled"], {play.said["published"]["id"], play.said["pulled"]["pushed"]}
    assert sorted(pulled["ids"]) == sorted(play.shared["pulled"] - own), "all of it, each once"
    assert pulled["refused"] == 0
    assert play.live <= set(pulled["ids"])
    assert len(play.live) == AUTHORS * LIKES
    assert play.taken_back not in pulled["ids"]
    assert pulled["sessions"] == 1
    again = play.said["pulled again"]
    assert again["ids"] == []
    assert again["bytesIn"] + again["bytesOut"] < 1_000


@pytest.mark.network
def test_what_another_implementation_pushes_in_a_sync_is_kept(play: Play) -> None:
    assert play.said["pulled"]["pushed"] in play.shared["pulled"]


@pytest.mark.network
def test_we_sync_with_another_implementation_that_serves(play: Play) -> None:
    assert play.said["serving"]["id"] in play.shared["served"]
    assert play.said["served"]["sessions"][-1]["over"]


@pytest.mark.network
def test_Y6_malformed_things_of_another_implementation_stop_nothing(play: Play) -> None:
    faults = play.said["misbehaved"]["faults"]
    status = play.status["still there"]
    held_against = {what for what, one in faults.items() if one["peer"] in status.offences}
    assert held_against == KINDS_OF_FAULT
    assert set(faults) - held_against == {"half a frame"}
    assert status.state == "running"
    assert status.restarts == 0
    assert play.said["still there"]["id"] in play.shared["still there"]
    assert play.said["met"]["peer"] == status.peer_id
    well_behaved = play.said["met"]["me"]
    assert well_behaved in status.peers
    assert well_behaved not in status.offences
