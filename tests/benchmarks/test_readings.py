"""What `make bench` says of the network: readings, their targets, and the tables made of them."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks import catching_up, receiving, reconciling, report
from benchmarks.envelopes import signed
from benchmarks.row import Reading
from benchmarks.targets import LIVE, PURE
from p2p.holdings import Holdings
from web3rec.records import judge
from web3rec.types import Millis, Verdict

NONE = Reading(case="a case", what="seconds", value=3.0, unit="s")


def test_a_target_is_met_on_its_own_side_and_at_its_bound() -> None:
    assert NONE.reached is None
    assert [replace(NONE, at_most=bound).reached for bound in (2.9, 3.0, 3.1)] == [
        False, True, True,
    ]  # fmt: skip
    assert [replace(NONE, at_least=bound).reached for bound in (2.9, 3.0, 3.1)] == [
        True, True, False,
    ]  # fmt: skip


def test_a_missed_target_stands_out_and_a_case_is_named_once() -> None:
    table = report.reached(
        [
            replace(NONE, at_most=2, load=7.25, others=1.75),
            replace(NONE, what="records", value=5_155.4, unit="records/s", at_least=4_000),
        ]
    )
    assert table.splitlines()[2:] == [
        "| a case | seconds | 3 s | ≤ 2 s | **no** | 7.2, 1.8 |",
        "|  | records | 5,155 records/s | ≥ 4,000 records/s | yes |  |",
    ]


def test_figures_beside_the_prototype_share_a_line() -> None:
    kilobytes = replace(NONE, what="bytes", value=44.0, unit="kB", at_most=60, beside=59)
    spent = replace(NONE, what="CPU", value=9.61, unit="ms", at_most=15, beside=10)
    assert report.compared([kilobytes, spent]).splitlines() == [
        "| | bytes, kB | CPU, ms | prototype | target | reached | others, cores |",
        "|---|--:|--:|---|---|---|--:|",
        "| a case | 44 | 9.61 | 59, 10 | ≤ 60 kB, ≤ 15 ms | yes | 0.0 |",
    ]
    assert "**no**" in report.compared([kilobytes, replace(spent, value=15.1)])


def test_a_report_fills_the_places_of_what_was_measured_and_no_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "benchmarks.md"
    names = ("beside", "network-machine", "network", "sync")
    page.write_text("".join(f"<!-- bench:{n} -->\nold {n}\n<!-- /bench:{n} -->\n" for n in names))
    found = {"machine": {"trio": "0.1"}, "readings": [asdict(NONE)]}
    (tmp_path / "bench-network.json").write_text(json.dumps(found))
    monkeypatch.setattr(report, "DOCS", tmp_path)
    report.main(tmp_path)
    text = page.read_text()
    assert "old beside" in text
    assert "old network" not in text
    assert "old sync" not in text
    assert "trio 0.1" in text
    assert "| a case | seconds | 3 s |" in text


def test_nothing_measured_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="python -m benchmarks"):
        report.main(tmp_path)


def test_every_case_is_a_module_that_is_there() -> None:
    here = Path(report.__file__).parent
    assert all((here / f"{case}.py").exists() for case in PURE + LIVE)


def test_the_records_are_ones_a_stranger_would_accept(rng: np.random.Generator) -> None:
    made = list(signed(rng, 200, authors=7))
    now = Millis(max(one.record.t for one in made) * 1000)
    found = [judge(one.envelope, now, lambda _id: False).verdict for one in made]
    assert found == [Verdict.ACCEPT] * 200
    assert len({one.id for one in made}) == 200
    assert len({one.record.author for one in made}) == 7


def test_a_comparison_finds_exactly_the_differences(rng: np.random.Generator) -> None:
    def some(first: int, last: int) -> Holdings:
        return Holdings.of({(20_000 + n % 60, n.to_bytes(16, "big")) for n in range(first, last)})

    assert reconciling.compare(some(0, 900), some(0, 900)).found == 0
    told = reconciling.compare(some(0, 905), some(10, 900))
    assert told.found == 15
    assert told.round_trips <= 3


@pytest.mark.slow
def test_what_is_received_is_kept(tmp_path: Path, rng: np.random.Generator) -> None:
    envelopes = [one.envelope for one in signed(rng, 150, authors=7)]
    cost = receiving.receive(envelopes, tmp_path)
    assert cost.judge_us > 0
    assert cost.ingest_us > 0


@pytest.mark.slow
@pytest.mark.network
def test_an_empty_node_in_a_process_of_its_own_gets_everything() -> None:
    found, spent = catching_up.measure(300, authors=7)
    assert found.records == 300
    assert found.seconds > 0
    assert spent > 0
