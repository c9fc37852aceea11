"""What the demo says of the model that nodes order their lists by."""

from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from p2p.demo.measure import EgoReport
from p2p.demo.show import models
from p2p.demo.stage import Stage
from tests.strategies import NOW
from tests.web3rec.walkers import PUBLISHER, bundle
from web3rec import DataError

EGO = EgoReport("7", 1, 3, (), 0.1, 0.1, 5, compromised="9", bound=2.0)


def told(reports: list[EgoReport], bundle: Path | None, *, attacked: bool) -> list[str]:
    console = Console(file=StringIO(), width=200)
    models(console, reports, bundle, attacked=attacked)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue().strip().splitlines()


def test_without_a_bundle_nothing_is_said() -> None:
    assert told([EGO], None, attacked=True) == []


def test_it_says_what_ordered_how_many_lists_why_not_and_whether_the_bound_held() -> None:
    path = Path("model.bundle")
    used = replace(EGO, model="toy 1", model_attacked="toy 1")
    refused = replace(EGO, node=2, model="toy 1", model_note="toy 1 is not used: no gain")
    broken = replace(used, node=3, spam_slots_ours=3)
    reports = [used, refused, broken]
    assert told(reports, path, attacked=False)[0] == "Ordered by: toy 1 on 3 nodes"
    assert told(reports, path, attacked=True) == [
        "Ordered by: toy 1 on 2 nodes, the graph alone on 1 nodes; the bound held on 2 of 3",
        "  node 2: toy 1 is not used: no gain",
    ]


def test_to_play_a_bundle_is_to_mean_whoever_signed_it(tmp_path: Path) -> None:
    path = tmp_path / "model.bundle"
    path.write_bytes(bundle({"graph": 1.0}))
    stage = Stage(tmp_path, NOW, path)
    assert stage._model == {"bundle": path, "publishers": (PUBLISHER.peer,)}


def test_what_is_no_bundle_is_said_before_anything_is_played(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a model")
    with pytest.raises(DataError, match="not the bytes of a bundle"):
        Stage(tmp_path, NOW, path)
