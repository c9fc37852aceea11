"""Torch is an extra: what needs it says so, what does not never loads it."""

import sys

import pytest

from web3rec.distill.students.steady import steady
from web3rec.errors import DataError


def test_training_without_torch_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(DataError, match=r"web3rec\[distill\]"), steady(0):
        pass


def test_settings_of_torch_are_what_they_were_afterwards() -> None:
    torch = pytest.importorskip("torch", reason="needs the extra distill")
    before = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    with steady(3):
        assert torch.get_num_threads() == 1
        assert torch.are_deterministic_algorithms_enabled()
    with pytest.raises(ZeroDivisionError), steady(3):
        raise ZeroDivisionError
    assert (torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()) == before
    with steady(3) as one:
        drawn = one.rand(3)
    with steady(3) as two:
        assert one.equal(two.rand(3), drawn)
