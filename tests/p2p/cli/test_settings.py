"""`web3rec node config` and `init-config`; and that every command of the group is whole."""

import re
import stat
from pathlib import Path

import click
import pytest

from p2p.cli.group import COMMANDS, node
from p2p.config import example
from tests.web3rec.cli.calls import ROOT, Place

PAGE = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")


def command(name: str) -> click.Command:
    found = node.get_command(click.Context(node), name)
    assert found is not None
    return found


def test_config_shows_every_value_and_who_said_so(home: Place) -> None:
    (home.path / "node.toml").write_text("[node]\nsync_interval = 5\n")
    said = home.fine("node", "config", "--json", env={"WEB3REC_LOG_LEVEL": "debug"})
    found = {(one["table"], one["key"]): (one["value"], one["from"]) for one in said.objects}
    assert found["node", "sync_interval"] == (5.0, str(home.path / "node.toml"))
    assert found["log", "level"] == ("debug", "WEB3REC_LOG_LEVEL")
    assert found["control", "tcp_port"] == (None, "default")
    assert re.search(r"node\.sync_interval +5\.0 +.*node\.toml", home.fine("node", "config").out)


def test_config_refuses_what_run_would(home: Place) -> None:
    (home.path / "node.toml").write_text("[node]\nsinc_interval = 5\n")
    complaint = home("node", "config").complaint
    assert "unknown key 'sinc_interval'" in complaint
    assert home("node", "run").complaint == complaint


def test_config_shows_no_secret(home: Place) -> None:
    (home.path / "node.toml").write_text(f'[node]\nnetwork_key = "{"5a" * 32}"\n')
    for words in (["--json"], []):
        said = home.fine("node", "config", *words)
        assert "5a5a" not in said.out + said.err
        assert "(hidden)" in said.out


def test_init_config_writes_a_file_that_run_reads_and_nobody_else_can(home: Place) -> None:
    said = home.fine("node", "init-config")
    path = Path(said.out.strip())
    assert path == home.path / "node.toml"
    assert path.read_text() == example()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {one["from"] for one in home.fine("node", "config", "--json").objects} == {"default"}


def test_init_config_never_overwrites(home: Place, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text("[log]\n")
    assert "left as it is" in home("node", "init-config", str(tmp_path / "mine.toml")).complaint
    assert (tmp_path / "mine.toml").read_text() == "[log]\n"
    assert "cannot write" in home("node", "init-config", str(tmp_path / "no" / "x")).complaint


def test_init_config_prints(home: Place) -> None:
    assert home.fine("node", "init-config", "-").out == example()
    assert not (home.path / "node.toml").exists()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(name: str, home: Place) -> None:
    assert command(name).name == name
    shown = home.fine("node", name, "--help").out
    assert re.search(rf"For instance:\n +web3rec .*node {name}", shown)
    for parameter in command(name).params:
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.name


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_json_and_is_documented(name: str) -> None:
    options = [one for one in command(name).params if isinstance(one, click.Option)]
    assert "--json" in [opt for one in options for opt in one.opts]
    text = PAGE.partition("\n## Commands of extras\n")[2]
    assert f"`web3rec node {name}" in text
    for one in options:
        assert f"`{max(one.opts, key=len)}" in text, f"{name} {one.opts}"
