"""The staged tree, read as 3.11 and 3.14 would."""

import pytest

from mobile.packaging import sources
from mobile.packaging.project import Project


def test_a_small_app_passes(small: Project) -> None:
    found = sources.check(small)
    assert found.ok, found.said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("type Alias = int\n", "Python 3.11 cannot parse it"),
        ("def f[T](x: T) -> T:\n    return x\n", "Python 3.11 cannot parse it"),
        ("def f(:\n", "Python 3.11 cannot parse it"),
        ("import distutils.core\n", "which Python 3.14 has not"),
        ("def f():\n    import cgi\n", "which Python 3.14 has not"),
        ("from typing import ByteString\n", "typing.ByteString is gone"),
        ("import tkinter\n", "which is not on phones"),
        ("import web3rec.cli\n", "web3rec.cli, which is not staged"),
        ("from p2p.sim import run\n", "p2p.sim, which is not staged"),
        ("from mobile import packaging\n", "mobile.packaging, which is not staged"),
        ("from .demo import cast\n", "mobile.demo, which is not staged"),
    ],
)
def test_a_fault_is_found_with_its_place(small: Project, text: str, said: str) -> None:
    (small.staged / "mobile" / "planted.py").write_text(text)
    found = sources.check(small)
    assert not found.ok
    assert said in found.said
    assert "planted" in found.said


def test_what_only_type_checkers_import_is_not_looked_for(small: Project) -> None:
    (small.staged / "mobile" / "typed.py").write_text(
        "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from web3rec.cli import main\n"
    )
    assert sources.check(small).ok


def test_what_is_imported_where_no_type_checker_is_counts(small: Project) -> None:
    (small.staged / "mobile" / "typed.py").write_text(
        "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    pass\nelse:\n    import cgi\n"
    )
    assert "which Python 3.14 has not" in sources.check(small).said


def test_a_desktops_path_may_import_what_stays_behind_but_not_at_once(small: Project) -> None:
    main = small.staged / "mobile" / "main.py"
    main.write_text("def main() -> None:\n    from mobile.demo import cast\n")
    assert sources.check(small).ok
    main.write_text("from mobile.demo import cast\n")
    assert "mobile.demo, which is not staged" in sources.check(small).said


@pytest.mark.parametrize("gone", ["main.py", "service.py", "mobile/main.py"])
def test_an_entry_that_starts_nothing_is_found(small: Project, gone: str) -> None:
    (small.staged / gone).unlink()
    assert not sources.check(small).ok


def test_others_packages_are_named_as_the_index_names_them(small: Project) -> None:
    (small.staged / "mobile" / "planted.py").write_text("import numpy\nfrom dateutil import tz\n")
    assert set(sources.third_party(small.staged)) == {"numpy", "python-dateutil"}
