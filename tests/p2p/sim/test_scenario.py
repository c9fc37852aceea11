"""Scenario files: what may stand in them, and that every mistake is named."""

from pathlib import Path

import pytest

from p2p.errors import NodeError
from p2p.sim.behaviours import NAMES
from p2p.sim.scenario import Partition, named, parsed, read, routed


def test_every_scenario_that_comes_with_it_can_be_read_and_says_what_it_is() -> None:
    for name in named():
        scenario = read(name)
        assert scenario.name == name
        assert scenario.about


def test_there_is_one_for_each_behaviour_with_200_devices_and_800_strangers() -> None:
    for name in NAMES:
        scenario = read(name)
        assert scenario.sybils.behaviour == name
        assert (scenario.peers.count, scenario.sybils.count) == (200, 800)


def test_a_file_is_read_as_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        'about = "mine"\nseconds = 30\n[peers]\ncount = 7\n[wires]\nloss = 0.25\n'
        "[[partition]]\nbegin = 1.0\nend = 2.0\n"
        "[[partition]]\nbegin = 3.0\nend = 4.0\nshare = 0.2\n"
    )
    scenario = read(str(path))
    assert scenario.name == "mine"
    assert scenario.seconds == 30.0
    assert scenario.peers.count == 7
    assert scenario.wires.loss == 0.25
    assert scenario.partitions == (
        Partition(begin=1, end=2),
        Partition(begin=3, end=4, share=0.2),
    )
    assert routed(scenario, "spec").peers.router == "spec"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nonsense = 1", "unknown key 'nonsense'"),
        ("[peers]\nnumber = 1", r"unknown key 'number' in \[peers\]"),
        ("[[partition]]\nwhen = 1", "unknown key 'when'"),
        ("partition = 1", "list of tables"),
        ("peers = 1", "must be a table"),
        ("seconds = 'long'", "seconds must be float"),
        ("[peers]\ncount = 1", "peers.count must be 2 to 5000, got 1"),
        ("[peers]\ncount = 2.5", "whole number"),
        ("[peers]\nrouter = 'mine'", "one of ours, library, spec"),
        ("[sybils]\nbehaviour = 'rude'", "sybils.behaviour must be one of"),
        ("[wires]\nloss = nan", "wires.loss must be 0 to 1"),
        ("[[partition]]\nbegin = 2.0\nend = 1.0", "begin < end"),
        ("= 1", "is not TOML"),
    ],
)
def test_every_mistake_is_named(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(NodeError, match=said):
        read(str(path))


def test_what_is_no_file_and_no_scenario_says_which_there_are(tmp_path: Path) -> None:
    with pytest.raises(NodeError, match="eclipse"):
        read("no such thing")
    (tmp_path / "latin.toml").write_bytes(b"about = '\xe9'")
    with pytest.raises(NodeError, match="UTF-8"):
        read(str(tmp_path / "latin.toml"))


def test_a_scenario_of_defaults_is_legal() -> None:
    assert parsed({}, "empty").peers.count == 20
