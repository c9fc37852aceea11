"""The snapshot renewed: what pip says is kept, and no address."""

import subprocess
from collections.abc import Sequence
from datetime import date

import pytest

from mobile.packaging import audit, refreshing
from mobile.packaging.project import Project
from mobile.packaging.recipes import name_of
from mobile.packaging.refreshing import BUILDER, RefreshError, refresh


def _fake(wanted: Sequence[str], platforms: Sequence[str]) -> dict[str, tuple[str, list[str]]]:
    """An index with a pure wheel of everything; of click a compiled one where it is built."""
    made = {}
    for each in wanted:
        name, _, version = each.partition("==")
        compiled = (name, platforms) == ("click", BUILDER)
        tag = "cp314-cp314-linux_x86_64" if compiled else "py3-none-any"
        if name != "varint":
            made[name_of(name)] = (f"{name}-{version}-{tag}.whl", ["idna>=3"])
    return made


def test_what_every_platform_takes_is_kept(bare: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refreshing, "_ask", _fake)
    bare.snapshot.unlink()
    refresh(bare, date(2026, 12, 1))
    kept = audit.read(bare.snapshot)
    assert kept.taken == "2026-12-01"
    assert kept.wheels["trio"] == ("trio-0.35.0-py3-none-any.whl",)
    assert kept.needs["trio"] == ("idna>=3",)
    assert len(kept.wheels["click"]) == 2
    assert kept.wheels["varint"] == ()
    assert kept.wheels["protobuf"] == ("protobuf-6.33.6-py3-none-any.whl",)
    assert "numpy" not in kept.wheels


def test_a_report_of_pip_is_read_without_its_address() -> None:
    report = {
        "install": [
            {
                "metadata": {"name": "Dag_CBOR", "requires_dist": ["b", "a"]},
                "download_info": {"url": "scheme://host/x/dag_cbor-0.3.3-py3-none-any.whl#sha=1"},
            },
            {
                "metadata": {"name": "six"},
                "download_info": {"url": "scheme://host/six-1.17.0-py2.py3-none-any.whl"},
            },
        ]
    }
    assert refreshing._read(report) == {
        "dag-cbor": ("dag_cbor-0.3.3-py3-none-any.whl", ["a", "b"]),
        "six": ("six-1.17.0-py2.py3-none-any.whl", []),
    }


def test_an_index_out_of_reach_is_said_without_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: object, **__: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess([], 1, "", "ERROR: no route to scheme://host/simple/")

    monkeypatch.setattr(subprocess, "run", unreachable)
    with pytest.raises(RefreshError, match=r"no route to \(address\)"):
        refreshing._ask(["six==1.17.0"], BUILDER)


def test_what_has_no_wheel_is_left_out_and_the_rest_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def lacking(words: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        asked.append(words[-1])
        said = f"ERROR: No matching distribution found for {words[-1]}"
        return subprocess.CompletedProcess(words, 1, "", said)

    monkeypatch.setattr(subprocess, "run", lacking)
    assert refreshing._ask(["varint==1.0.2", "python_baseconv==1.2.2"], BUILDER) == {}
    assert asked == ["python_baseconv==1.2.2", "varint==1.0.2"]
