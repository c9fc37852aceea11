"""No machine's paths in what ships."""

import pytest

from mobile.packaging import traces
from mobile.packaging.project import Project


def test_a_clean_tree_passes_and_is_measured(small: Project) -> None:
    found = traces.check(small)
    assert found.ok
    assert found.said.startswith("7 files")


@pytest.mark.parametrize("path", ["/home/someone/web3rec/x", "C:\\\\Users\\\\x\\\\y", "/Users/x/y"])
def test_somebodys_directory_is_found(small: Project, path: str) -> None:
    (small.staged / "mobile" / "main.py").write_text(f"HERE = '{path}'\n".replace("\\\\", "\\"))
    assert "mobile/main.py names" in traces.check(small).said


def test_the_checkouts_own_path_is_found(small: Project) -> None:
    (small.staged / "data.json").write_text(f'{{"from": "{small.root.resolve()}"}}')
    assert f"data.json names {small.root.resolve()}" in traces.check(small).said
