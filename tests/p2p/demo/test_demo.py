"""The demo as it is run: real nodes on loopback, small."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from tests.web3rec.walkers import bundle

pytestmark = [pytest.mark.slow, pytest.mark.network]


def demo(*words: str, scratch: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "web3rec", "demo", *words],
        env=os.environ | {"TMPDIR": str(scratch)},
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


def checked(outcome: dict[str, Any], peers: int) -> None:
    assert outcome["converged"] is True
    assert outcome["bound_held"] is True
    assert len(outcome["egos"]) == peers
    for ego in outcome["egos"]:
        assert ego["list"]
        assert all(line["title"] and line["score"] > 0 and line["reason"] for line in ego["list"])
        assert ego["spam_slots_ours"] <= ego["bound"] + 1e-9
        assert 0 <= ego["exposure_ours"] <= 1
        assert 0 <= ego["ndcg_ours"] <= 1
        assert 0 <= ego["ndcg_popular"] <= 1


def test_a_small_play_converges_holds_its_bound_and_leaves_nothing_behind(tmp_path: Path) -> None:
    picture = tmp_path / "demo.png"
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    done = demo(
        "--peers", "2", "--people", "40", "--acts", "15", "--sybils", "60", "--json",
        "--plot", str(picture), scratch=scratch,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    outcome = json.loads(done.stdout)
    checked(outcome, peers=2)
    assert outcome["synthetic_trust"] is True
    assert "SYNTHETIC" in done.stderr
    assert all(ego["spam_slots_open"] >= 15 for ego in outcome["egos"])
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert [p for p in scratch.iterdir() if p.name.startswith("web3rec")] == []


def test_real_friendships_hold_too(hetrec_zip: Path, tmp_path: Path) -> None:
    done = demo(
        "--data", str(hetrec_zip), "--peers", "3", "--people", "60", "--acts", "15",
        "--sybils", "60", "--json", scratch=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    outcome = json.loads(done.stdout)
    checked(outcome, peers=3)
    assert outcome["synthetic_trust"] is False


def test_nodes_order_by_a_bundle_where_it_serves_them_and_the_bound_holds(tmp_path: Path) -> None:
    path = tmp_path / "model.bundle"
    path.write_bytes(bundle({"graph": 1.0, "words_mean": 4.0}))
    words = ["--peers", "2", "--people", "40", "--acts", "15", "--sybils", "60"]
    done = demo(*words, "--bundle", str(path), "--json", scratch=tmp_path)
    assert done.returncode == 0, done.stderr
    outcome = json.loads(done.stdout)
    checked(outcome, peers=2)
    for ego in outcome["egos"]:
        assert ego["model"] in {"toy 1", None}
        assert (ego["model_attacked"] == "toy 1") == (ego["model_note"] == "")


def test_people_see_lists_a_table_and_a_verdict(tmp_path: Path) -> None:
    done = demo(
        "--peers", "2", "--people", "30", "--acts", "10", "--sybils", "20", "--listed", "3",
        scratch=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for words in ("NDCG@20", "open graph", "bound B1", "trusts"):
        assert words in done.stdout
    assert "every node converged" in " ".join(done.stderr.split())


@pytest.mark.parametrize(
    "words",
    [["--data", "nowhere"], ["--people", "few"], ["--peers", "1"], ["--bundle", "nowhere"]],
    ids=" ".join,
)
def test_what_cannot_be_played_is_one_line(words: list[str], tmp_path: Path) -> None:
    done = demo(*words, scratch=Path(tempfile.gettempdir()))
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
