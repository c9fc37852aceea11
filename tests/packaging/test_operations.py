"""docs/operations.md names commands, settings and metrics that there are."""

import re
import shlex
from typing import Final

import click
import pytest

from p2p.cli import node
from p2p.config import TABLES
from p2p.control.metrics import NodeCollector, Requests, registry, text
from p2p.fields import settings_of
from p2p.options import NodeStatus
from tests.packaging.test_unit import ROOT
from web3rec.cli import main

PAGE: Final = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


def called() -> list[list[str]]:
    """The words of every call of ours, in code spans and blocks; `w` is its alias there."""
    found = []
    blocks = "\n".join(re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)).splitlines()
    for line in [*re.findall(r"`([^`\n]+)`", PAGE), *blocks]:
        for part in re.split(r"&&|;|\|", line.partition("   #")[0]):
            words = shlex.split(part, comments=True)
            if words and words[0] in ("w", "web3rec") and len(words) > 1:
                found.append(words[1:])
    return found


def test_every_command_and_flag_exists() -> None:
    assert len(called()) > 30
    for words in called():
        command: click.Command | None = main.get_command(click.Context(main), words[0])
        rest = words[1:]
        if command is node and rest:
            command, rest = node.get_command(click.Context(node), rest[0]), rest[1:]
        assert command is not None, words
        known = {opt for one in command.params for opt in one.opts}
        assert {word for word in rest if word.startswith("-")} <= known, words


def test_every_setting_in_its_examples_exists() -> None:
    table = ""
    for line in "\n".join(re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)).splitlines():
        if heading := re.match(r" *\[(\w+)\]", line):
            table = heading[1]
        elif key := re.match(r" *(\w+) =", line):
            assert key[1] in settings_of(TABLES[table])


@pytest.mark.parametrize(
    "name", ["sync_gap", "records_per_second", "records_burst", "bytes_per_minute", "outbound"]
)
def test_the_limits_it_names_are_settings(name: str) -> None:
    assert f"`{name}`" in PAGE
    assert name in settings_of(TABLES["node"])


def test_every_metric_of_its_table_exists() -> None:
    collector = NodeCollector(lambda: NodeStatus("running"), dict, Requests(), lambda: 0)
    served = set(re.findall(r"^# TYPE (\S+)", text(registry(collector)).decode(), re.MULTILINE))
    named = re.search(r"\| metric \|.*?\n\n", PAGE, re.DOTALL)
    assert named is not None
    for row in named[0].strip().splitlines()[2:]:
        for metric in re.findall(r"`([a-z_]+)[`{]", row.split("|")[1]):
            assert f"web3rec_{metric}" in served, metric
