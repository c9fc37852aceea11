"""What a field of an options class may hold is read off the class, and text becomes that."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2p.control.options import ControlOptions
from p2p.errors import NodeError
from p2p.fields import as_toml, from_text, from_toml, settings_of
from p2p.logs import LogOptions
from p2p.options import NodeOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One of each."""

    name: str = "x"
    """A name; it may
    go on in a second line."""
    many: tuple[str, ...] | list[str] = ()
    port: int | None = None
    """A port, or none."""
    rate: float = 1.0
    either: int | float = 2
    on: bool = False
    where: Path | None = None
    mode: Literal["a", "b"] = "a"


def test_kinds_defaults_and_docs_are_those_of_the_class() -> None:
    found = settings_of(Sample)
    assert {name: one.kind for name, one in found.items()} == {
        "name": str, "many": tuple, "port": int, "rate": float, "either": float, "on": bool,
        "where": Path, "mode": str,
    }  # fmt: skip
    assert found["name"].doc == "A name; it may\ngo on in a second line."
    assert found["many"].doc == ""
    assert found["port"].default is None


@pytest.mark.parametrize("options", [NodeOptions, ControlOptions, LogOptions])
def test_every_option_of_ours_can_be_said_in_a_file_and_has_its_docs(options: type) -> None:
    for one in settings_of(options).values():
        assert one.doc, one.name
        assert one.default is None or as_toml(one.default), one.name


def test_a_class_that_a_file_cannot_say_is_our_mistake() -> None:
    @dataclass
    class Pairs:
        pairs: dict[str, str] = field(default_factory=dict)

    @dataclass
    class Numbers:
        many: tuple[int, ...] = ()

    @dataclass
    class Bare:
        name: str

    for wrong in (Pairs, Numbers, Bare):
        with pytest.raises(TypeError):
            settings_of(wrong)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("name", "two words", "two words"),
        ("many", " /a  /b ", ("/a", "/b")),
        ("port", "4001", 4001),
        ("rate", "2.5", 2.5),
        ("on", "Yes", True),
        ("on", "0", False),
        ("where", "/tmp/x", Path("/tmp/x")),  # noqa: S108 - no file is made
    ],
)
def test_text_becomes_what_the_field_holds(name: str, text: str, value: object) -> None:
    assert from_text(settings_of(Sample)[name], text, "HERE") == value


@pytest.mark.parametrize(("name", "text"), [("port", "x"), ("rate", ""), ("on", "perhaps")])
def test_other_text_is_refused_with_what_was_wanted(name: str, text: str) -> None:
    with pytest.raises(NodeError, match=r"^HERE must be "):
        from_text(settings_of(Sample)[name], text, "HERE")


@pytest.mark.parametrize(
    ("name", "value"),
    [("port", 1.5), ("port", True), ("rate", False), ("on", 1), ("many", "x"), ("where", 1)],
)
def test_toml_of_another_kind_is_refused(name: str, value: object) -> None:
    with pytest.raises(NodeError, match=r"^HERE must be "):
        from_toml(settings_of(Sample)[name], value, "HERE")


@given(
    st.one_of(
        st.text(alphabet=st.characters(exclude_categories=["Cs"])),
        st.booleans(),
        st.integers(-(2**63), 2**63 - 1),
        st.floats(allow_nan=False),
        st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"])), max_size=3),
    )
)
def test_what_is_written_as_toml_reads_back(value: object) -> None:
    assert tomllib.loads(f"it = {as_toml(value)}")["it"] == value
