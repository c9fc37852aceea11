"""The examples run, and show what they promise."""

import runpy

import pytest

from tests.web3rec.cli.calls import ROOT


def printed(name: str, capsys: pytest.CaptureFixture[str]) -> str:
    runpy.run_path(str(ROOT / "examples" / name), run_name="__main__")
    return capsys.readouterr().out


def test_quickstart_lists_with_reasons(capsys: pytest.CaptureFixture[str]) -> None:
    out = printed("quickstart.py", capsys)
    assert "1. So What (Miles Davis): Ann, whom you trust, shares your taste in “Blue Train”" in out
    assert "of its score through Ann" in out


def test_forget_me_leaves_the_list_of_a_device_that_never_knew(
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = printed("forget_me.py", capsys)
    assert "erased {'records': 1}" in out
    assert "1 retraction follows" in out
    assert "signed by your key: True" in out
    assert "The audit: 7 of 7 stages" in out
    assert "The like mattered: True. It left no trace: True." in out
