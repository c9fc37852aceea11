"""`web3rec sim` as it is called."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from p2p.errors import NodeError
from p2p.sim.behaviours import NAMES
from p2p.sim.cli import sim

TINY = """
about = "tiny"
seconds = 12
[peers]
count = 5
victims = 1
[sybils]
count = 5
behaviour = "censor"
[publishing]
warm_up = 3.0
tail = 4.0
rate = 2.0
"""


def called(*words: str) -> Result:
    return CliRunner().invoke(sim, words)


@pytest.fixture
def tiny(tmp_path: Path) -> str:
    path = tmp_path / "tiny.toml"
    path.write_text(TINY)
    return str(path)


def test_the_list_names_all_scenarios() -> None:
    done = called("--list")
    assert done.exit_code == 0
    first = [line.split()[0] for line in done.stdout.splitlines()]
    assert {*NAMES, "calm", "weather", "storm"} <= set(first)


def test_a_run_says_what_came_of_it_and_repeats(tiny: str) -> None:
    done = called(tiny, "--seed", "3")
    assert done.exit_code == 0, done.output
    for word in ("tiny, seed 3", "5 devices", "censor", "delivery", "victim", "trace", "passed"):
        assert word in done.stdout
    trace = next(line for line in done.stdout.splitlines() if line.startswith("trace"))
    again = called(tiny, "--seed", "3", "--json")
    report = json.loads(again.stdout)
    assert report["trace"] == trace.split()[1]
    assert report["passed"] is True
    assert json.loads(called(tiny, "--seed", "4", "--json").stdout)["trace"] != report["trace"]


def test_events_and_a_picture_go_to_files(tiny: str, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    events, picture = tmp_path / "events.txt", tmp_path / "sim.png"
    done = called(tiny, "--trace", str(events), "--plot", str(picture), "--json")
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert len(events.read_text().splitlines()) == report["events"]
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_the_router_can_be_another(tiny: str) -> None:
    one, other = (json.loads(called(tiny, "--json", *words).stdout) for words in WAYS)
    assert one["trace"] != other["trace"]


WAYS: tuple[list[str], list[str]] = ([], ["--router", "spec"])


def test_a_missed_goal_is_exit_code_1(tmp_path: Path) -> None:
    path = tmp_path / "lossy.toml"
    path.write_text(TINY + "[wires]\nloss = 1.0\n[goal]\ndelivery = 0.9\n")
    done = called(str(path))
    assert done.exit_code == 1
    assert "FAILED: replay it with the same seed" in done.stdout


def test_mistakes_are_named() -> None:
    for words in ((), ("no such scenario",)):
        done = called(*words)
        assert isinstance(done.exception, NodeError)
        assert "scenario" in str(done.exception)
