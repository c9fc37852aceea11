"""docs/control-api.md names everything there is, and its example runs."""

import re
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from p2p.control.metrics import NodeCollector, Requests, registry, text
from p2p.control.problems import TITLES
from p2p.control.table import table
from tests.p2p.control.devices import ANN_DID, FakeDevice, lively, serving

DOCS = Path(__file__).parents[3] / "docs" / "control-api.md"
PAGE = DOCS.read_text(encoding="utf-8")


def test_every_code_is_there_with_its_status() -> None:
    rows = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \| (\d+) \|", PAGE, re.MULTILINE)
    told = {code: int(status) for codes, status in rows for code in re.findall(r"`(\w+)`", codes)}
    assert told == {code: status for code, (status, _) in TITLES.items()}


def test_every_route_is_there(tmp_path: Path) -> None:
    with lively(tmp_path) as rec:
        routes = table(rec, FakeDevice(), page=True, stop=None, exposition=lambda: b"")
    missing = {route.path for route in routes if f"{route.path}`" not in PAGE}
    assert missing == set()
    named = set(re.findall(r"(?<=[` ])(/v1/[\w/{}]+)`", PAGE))
    assert named <= {route.path for route in routes}


def test_every_metric_is_there() -> None:
    collector = NodeCollector(FakeDevice().status, dict, Requests(), int)
    names = {
        f"{one.name}_total" if one.type == "counter" else one.name
        for one in text_string_to_metric_families(text(registry(collector)).decode())
        if "_process_" not in one.name
    }
    told = set(re.findall(r"`(web3rec_\w+)[`{]", PAGE)) - {"web3rec_process_"}
    assert told == names


@pytest.mark.network
def test_its_example_runs(tmp_path: Path) -> None:
    found = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    example, _, _ = found[1].partition("    for event in")
    store = tmp_path / "s"
    with serving(store):
        heard: dict[str, object] = {}
        for shown, here in (("~/.local/share/web3rec", str(store)), ("did:key:z6Mk…", ANN_DID)):
            example = example.replace(shown, here)
        exec(example, heard)  # noqa: S102 - our own docs
    assert heard["listing"]
    assert heard["why"]
