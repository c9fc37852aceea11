"""The staged tree runs with what ships, and with nothing else."""

from pathlib import Path

import pytest

from mobile.packaging import trial

pytestmark = pytest.mark.slow


def _app(root: Path, text: str) -> Path:
    (root / "web3rec").mkdir()
    (root / "web3rec" / "__init__.py").write_text(
        "from contextlib import nullcontext\n\n"
        "class Event:\n    PLAY = 1\n\n"
        "class Recommender:\n"
        "    @staticmethod\n    def open(path):\n        return nullcontext(Recommender())\n"
        "    def record(self, event, item): ...\n"
        "    def recommend(self, limit): ...\n"
    )
    (root / "web3rec" / "planted.py").write_text(text)
    return root


def test_what_ships_may_be_imported(tmp_path: Path) -> None:
    staged = _app(tmp_path, "import numpy\n")
    assert trial.tried(staged, frozenset({"numpy", "web3rec"})) == (2, [])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import rich\n", "No module named 'rich'"),
        ("assert __doc__ is not None or 1 / 0\n", ""),
        ("x = len(len.__doc__) + len((lambda: 1).__doc__)\n", "TypeError"),
        ("import sys\nassert 0\nif sys.platform == 'android': raise OSError('no')\n", "OSError"),
    ],
)
def test_what_would_fail_there_fails_here(tmp_path: Path, text: str, said: str) -> None:
    _, failed = trial.tried(_app(tmp_path, text), frozenset({"numpy", "web3rec"}))
    assert [said in fault for fault in failed] == ([True] if said else [])


def test_a_store_that_gives_no_list_is_found(tmp_path: Path) -> None:
    staged = _app(tmp_path, "")
    init = staged / "web3rec" / "__init__.py"
    init.write_text(init.read_text().replace("self, limit", "self"))
    _, failed = trial.tried(staged, frozenset({"web3rec"}))
    assert failed[0].startswith("a store, a record and a list: TypeError")
