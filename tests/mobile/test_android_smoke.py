"""The app's inside runs where the system is called android and lacks what Android lacks."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from mobile.libp2p_stubs import STUBS
from web3rec.rerank.bundle import onnx_backend

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.network
@pytest.mark.skipif(
    not onnx_backend.is_there(), reason="Java's stand-in runs on onnxruntime: web3rec[onnx]"
)
def test_on_a_pretended_android_the_app_opens_recommends_and_gossips(tmp_path: Path) -> None:
    """Optimised (-OO), as python-for-android runs it; models by Java; two nodes on loopback."""
    done = subprocess.run(
        [sys.executable, "-OO", "-m", "tests.mobile.on_android", str(tmp_path)],
        cwd=ROOT,
        check=False,
        timeout=300,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["stripped"], "not as python-for-android runs it"
    assert not said["kivy"], "something behind the screens loads Kivy"
    assert set(said["stubs"]) == {stub.package for stub in STUBS.values() if stub.top}
    assert said["device"] == ["Android", "unmetered", False]
    assert said["java"] == [True, ""]
    assert (said["model"], said["note"], said["sessions"]) == ("toy 1", "", 1)
    assert said["talked"]["synced"] >= 1
    assert said["talked"]["heard"] >= 1
    assert said["talked"]["offences"] == [{}, {}]
    assert said["app"]["failure"] == ""
    assert said["app"]["rows"] >= 1
    assert said["app"]["closed"] is True
    assert set(said["called"]) <= {"psutil.Process"}
