"""The key of the connection: made once, kept private, refused when spoilt."""

import stat
from pathlib import Path

import pytest

from p2p.errors import NodeError
from p2p.transport_key import FILE, transport_seed


def test_it_is_made_once_and_only_we_may_read_it(tmp_path: Path) -> None:
    seed = transport_seed(tmp_path)
    assert len(seed) == 32
    assert transport_seed(tmp_path) == seed
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_two_devices_differ(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    assert transport_seed(tmp_path) != transport_seed(tmp_path / "other")


def test_a_draft_left_by_a_crash_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / f"{FILE}.new").write_bytes(b"half")
    assert len(transport_seed(tmp_path)) == 32


@pytest.mark.parametrize("content", [b"", b"short", bytes(33)])
def test_a_spoilt_file_is_refused_and_kept(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(NodeError, match=f"got {len(content)}: delete it"):
        transport_seed(tmp_path)
    assert (tmp_path / FILE).read_bytes() == content


def test_a_directory_that_is_not_there_is_explained(tmp_path: Path) -> None:
    with pytest.raises(NodeError, match="needs to write beside its log"):
        transport_seed(tmp_path / "nowhere")
