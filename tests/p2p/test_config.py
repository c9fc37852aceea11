"""A node's settings: file, environment, flags; what is not known is refused by name."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from p2p.config import TABLES, Config, config_file, example, read_config
from p2p.control.options import ControlOptions
from p2p.errors import NodeError
from p2p.fields import settings_of
from p2p.logs import LogOptions
from p2p.options import NodeOptions


def written(tmp_path: Path, text: str | bytes) -> Path:
    file = tmp_path / "node.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def read(
    file: Path | None = None,
    environ: Mapping[str, str] | None = None,
    **flags: Mapping[str, Any],
) -> Config:
    return read_config(file, environ or {}, flags)


def test_nothing_said_means_the_defaults() -> None:
    config = read()
    assert (config.node, config.control, config.log) == (
        NodeOptions(), ControlOptions(), LogOptions(),
    )  # fmt: skip
    assert {one.origin for one in config.chosen} == {"default"}


def test_flags_win_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    file = written(
        tmp_path, '[node]\ntopic = "file"\nlisten = ["/a"]\nsync_interval = 5\noutbound = 2\n'
    )
    environ = {"WEB3REC_TOPIC": "environ", "WEB3REC_BOOTSTRAP": "/x /y"}
    flags = {"topic": "flag", "listen": (), "flush_interval": None}
    config = read(file, environ, node=flags)
    assert config.node == NodeOptions(
        topic="flag", listen=("/a",), bootstrap=("/x", "/y"), sync_interval=5, outbound=2
    )
    assert read(file, environ).node.topic == "environ"
    said = {one.name: one.origin for one in config.chosen if one.table == "node"}
    assert said["topic"] == "--topic"
    assert said["bootstrap"] == "WEB3REC_BOOTSTRAP"
    assert said["listen"] == str(file)
    assert said["flush_interval"] == "default"


def test_every_table_is_read(tmp_path: Path) -> None:
    file = written(tmp_path, '[control]\ntcp_port = 0\nmetrics = true\n[log]\nlevel = "debug"\n')
    config = read(file, {"WEB3REC_LOG_FORMAT": "json", "WEB3REC_CONTROL_CONNECTIONS": "7"})
    assert config.control == ControlOptions(tcp_port=0, metrics=True, connections=7)
    assert config.log == LogOptions(level="debug", format="json")


def test_every_field_may_come_from_the_environment() -> None:
    for table, options in TABLES.items():
        for name, setting in settings_of(options).items():
            if isinstance(setting.default, bool | int | float):
                environ = {f"WEB3REC_{table.upper()}_{name.upper()}": str(setting.default)}
                found = [one for one in read(None, environ).chosen if one.origin != "default"]
                assert [(one.table, one.name) for one in found] == [(table, name)]


def test_the_long_name_of_a_variable_wins_over_the_short_one() -> None:
    environ = {"WEB3REC_NODE_TOPIC": "long", "WEB3REC_TOPIC": "short"}
    assert read(None, environ).node.topic == "long"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[node]\nport = 1\n", "unknown key 'port'"),
        ("[network]\n", r"unknown key 'network'; allowed: \[node\], \[control\], \[log\]"),
        ("[control]\ntopic = 'x'\n", "unknown key 'topic' in .control."),
        ("node = 3\n", "must be a table"),
        ("[node\n", "is not TOML"),
        ("[node]\nlisten = 'x'\n", "listen must be a list"),
        ("[node]\nlisten = [1]\n", "listen must be a list"),
        ("[node]\ntopic = 5\n", "topic must be text"),
        ("[node]\nsync_interval = 'soon'\n", "sync_interval must be a number"),
        ("[node]\nsync_interval = true\n", "sync_interval must be a number"),
        ("[node]\nsync_interval = nan\n", r"node.toml: sync_interval must be > 0"),
        ("[node]\nbatch_records = 2.5\n", "batch_records must be a whole number"),
        ("[node]\nmdns = 1\n", "mdns must be true or false"),
        ("[control]\ntcp_host = '192.0.2.1'\n", "tcp_host must be a loopback address"),
        ("[log]\nlevel = 'loud'\n", "level must be one of debug"),
        (b"[node]\ntopic = '\xff'\n", "is not UTF-8"),
    ],
)
def test_what_cannot_be_meant_is_one_line_that_names_it(
    tmp_path: Path, text: str | bytes, says: str
) -> None:
    with pytest.raises(NodeError, match=says) as refused:
        read(written(tmp_path, text))
    assert "\n" not in str(refused.value)
    assert "node.toml" in str(refused.value)


@pytest.mark.parametrize(
    ("variable", "text", "says"),
    [
        ("WEB3REC_NODE_PORT", "1", "unknown variable WEB3REC_NODE_PORT"),
        ("WEB3REC_CONTROL_TOPIC", "1", "allowed: WEB3REC_CONTROL_SOCKET"),
        ("WEB3REC_NODE_INBOX", "many", "WEB3REC_NODE_INBOX must be a whole number, got 'many'"),
        ("WEB3REC_NODE_INBOX", "0", "WEB3REC_NODE_INBOX: inbox must be at least 1"),
    ],
)
def test_what_cannot_be_meant_in_the_environment_is_named(
    variable: str, text: str, says: str
) -> None:
    with pytest.raises(NodeError, match=says):
        read(None, {variable: text, "WEB3REC_DIR": "/x", "HOME": "/y"})


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(NodeError, match="cannot read"):
        read(tmp_path / "absent.toml")


def test_the_file_of_the_directory_is_read_unless_another_is_named(tmp_path: Path) -> None:
    assert config_file(None, tmp_path) is None
    usual = written(tmp_path, "")
    assert config_file(None, tmp_path) == usual
    assert config_file(tmp_path / "other", tmp_path) == tmp_path / "other"


def test_the_example_shows_every_setting_and_changes_nothing(tmp_path: Path) -> None:
    text = example()
    assert read(written(tmp_path, text)).node == NodeOptions()
    for table, options in TABLES.items():
        assert f"\n[{table}]\n" in text
        for name in settings_of(options):
            assert re.search(rf"^# {name} = .", text, re.MULTILINE)


def test_the_example_with_its_defaults_switched_on_means_the_defaults(tmp_path: Path) -> None:
    lines = (line for line in example().splitlines() if not line.endswith("= …"))
    on = "\n".join(re.sub(r"^# (\w+ = )", r"\1", line) for line in lines)
    config = read(written(tmp_path, on))
    assert (config.node, config.control, config.log) == (
        NodeOptions(), ControlOptions(), LogOptions(),
    )  # fmt: skip
    assert sum(one.origin != "default" for one in config.chosen) > 30


def test_a_network_key_is_not_shown(tmp_path: Path) -> None:
    config = read(written(tmp_path, f'[node]\nnetwork_key = "{"5a" * 32}"\n'))
    (shown,) = [one.shown for one in config.chosen if one.name == "network_key"]
    assert shown == '"(hidden)"'
    assert config.node.network_key == "5a" * 32
