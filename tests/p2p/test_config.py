"""A node's settings: file, environment, flags; what is not known is refused by name."""

from pathlib import Path

import pytest

from p2p.config import node_options
from p2p.errors import NodeError
from p2p.options import NodeOptions


def written(tmp_path: Path, text: str | bytes) -> Path:
    file = tmp_path / "node.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def test_nothing_said_means_the_defaults() -> None:
    assert node_options(None, {}, {}) == NodeOptions()


def test_flags_win_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    file = written(tmp_path, '[node]\ntopic = "file"\nlisten = ["/a"]\ncatchup_interval = 5\n')
    environ = {"WEB3REC_TOPIC": "environ", "WEB3REC_BOOTSTRAP": "/x /y"}
    chosen = node_options(file, environ, {"topic": "flag", "listen": (), "flush_interval": None})
    assert chosen == NodeOptions(
        topic="flag", listen=("/a",), bootstrap=("/x", "/y"), catchup_interval=5
    )
    assert node_options(file, environ, {}).topic == "environ"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[node]\nport = 1\n", "unknown key 'port'"),
        ("[network]\n", "unknown key 'network'"),
        ("node = 3\n", "must be a table"),
        ("[node\n", "is not TOML"),
        ("[node]\nlisten = 'x'\n", "listen must be a list"),
        ("[node]\nlisten = [1]\n", "listen must be a list"),
        ("[node]\ntopic = 5\n", "topic must be text"),
        ("[node]\ncatchup_interval = 'soon'\n", "catchup_interval must be a number"),
        ("[node]\ncatchup_interval = true\n", "catchup_interval must be a number"),
        ("[node]\ncatchup_interval = nan\n", "catchup_interval must be > 0"),
        ("[node]\nbatch_records = 2.5\n", "batch_records must be a whole number"),
        (b"[node]\ntopic = '\xff'\n", "is not UTF-8"),
    ],
)
def test_what_cannot_be_meant_is_one_line_that_names_it(
    tmp_path: Path, text: str | bytes, says: str
) -> None:
    with pytest.raises(NodeError, match=says) as refused:
        node_options(written(tmp_path, text), {}, {})
    assert "\n" not in str(refused.value)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(NodeError, match="cannot read"):
        node_options(tmp_path / "absent.toml", {}, {})
