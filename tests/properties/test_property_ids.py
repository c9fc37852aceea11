"""Every property of the design has a test whose name says so, and the table of them is current."""

from pathlib import Path

import pytest

from tests.properties import ids


@pytest.fixture(scope="module")
def answers() -> dict[str, list[tuple[Path, str]]]:
    return ids.answers()


def _in_order(id_: str) -> tuple[str, int]:
    return id_[0], int(id_[1:])


_DUE: list[str] = sorted(ids.DUE, key=_in_order)


@pytest.mark.parametrize("id_", _DUE)
def test_every_property_is_answered(answers: dict[str, list[tuple[Path, str]]], id_: str) -> None:
    assert answers.get(id_), f"no test is named after {id_}: {says(id_)}"


def test_every_property_that_is_due_is_explained() -> None:
    explained = {id_ for group in ids.PROPERTIES.values() for id_ in group}
    assert explained >= ids.DUE


def test_ids_are_read_off_names_by_hand() -> None:
    assert ids.ids_of("test_R8_who_is_gone") == ["R8"]
    assert ids.ids_of("test_D2_D3_each_level") == ["D2", "D3"]
    assert ids.ids_of("TestSync.test_Y1_converges") == ["Y1"]
    assert ids.ids_of("test_B12x_and_utf8_are_none") == []
    assert ids.is_of("A1", Path("tests/p2p/control/test_server.py"))
    assert not ids.is_of("A1", Path("tests/web3rec/rank/test_admission.py"))


def test_the_table_is_current() -> None:
    assert ids.TABLE.read_text(encoding="utf-8") == ids.table(), (
        "run: python -m tests.properties.ids"
    )


def says(id_: str) -> str:
    return next(group[id_] for group in ids.PROPERTIES.values() if id_ in group)
