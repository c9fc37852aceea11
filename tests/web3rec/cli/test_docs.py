"""The documentation is whole, and true: every command, every option, every example."""

import re
import shlex
from pathlib import Path

import click
import pytest

from tests.web3rec.cli.calls import ROOT, Place
from web3rec.cli import main
from web3rec.cli.group import COMMANDS

PAGE = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")


def command(name: str) -> click.Command:
    found = main.get_command(click.Context(main), name)
    assert found is not None
    return found


def section(name: str) -> str:
    """What docs/cli.md says of a command."""
    _, found, rest = PAGE.partition(f"\n## web3rec {name}\n")
    assert found, f"docs/cli.md has no section on {name}"
    return rest.partition("\n## ")[0]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(name: str, nowhere: Place) -> None:
    first, _, rest = (command(name).help or "").partition("\n")
    assert COMMANDS[name][2] == first
    assert re.search(rf"\n +web3rec .*{name}", rest)
    shown = nowhere.fine(name, "--help").out
    assert re.search(rf"For instance:\n +web3rec .*{name}", shown), "click joined the lines"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_has_help(name: str) -> None:
    for parameter in command(name).params:
        if isinstance(parameter, click.Option):
            assert parameter.help or parameter.name == "limit", parameter.name


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_is_documented(name: str) -> None:
    text = section(name)
    assert f"$ web3rec {name}" in text
    for parameter in command(name).params:
        if isinstance(parameter, click.Option):
            longest = max(parameter.opts, key=len)
            assert f"`{longest}" in text, f"{name} {longest}"


@pytest.mark.parametrize("name", ["node", "demo", "sim"])
def test_commands_of_extras_are_documented(name: str) -> None:
    assert f"`web3rec {name}" in PAGE.partition("\n## Commands of extras\n")[2]


@pytest.mark.slow
def test_the_examples_run_in_order(
    nowhere: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    lines = re.findall(r"^\$ web3rec (.*)$", PAGE, re.MULTILINE)
    assert len(lines) > 25
    for line in lines:
        if re.match(r"sim (?!--list)", line):
            continue  # a minute or more: tests/p2p/sim plays smaller ones
        if line.startswith("distill "):
            continue  # half a minute, and build/ is ours: test_distill runs a smaller one
        said = nowhere(*shlex.split(line))
        assert said.code == 0, f"{line}: {said.err}"
