"""The config file: what it may say, and how it is refused."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web3rec.cli.calls import STRANGER
from tests.web3rec.store.logs import scratch
from web3rec import DataError
from web3rec.cli.config import FILE, Config, read_config


def read(directory: Path, text: str | bytes, environ: dict[str, str] | None = None) -> Config:
    (directory / FILE).write_bytes(text.encode() if isinstance(text, str) else text)
    return read_config(directory, None, environ or {})


def test_no_file_is_the_defaults(tmp_path: Path) -> None:
    assert read_config(tmp_path, None, {}) == Config()


def test_all_of_it(tmp_path: Path) -> None:
    text = f'[options]\nmode = "open"\nseeds = ["{STRANGER}"]\nshare_delay_hours = 1.5\n'
    assert read(tmp_path, text) == Config("open", (STRANGER,), 1.5)


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    told = {"WEB3REC_SEEDS": f" {STRANGER}, {'00' * 32}", "WEB3REC_SHARE_DELAY_HOURS": "0"}
    config = read(tmp_path, "[options]\nseeds = []\nshare_delay_hours = 9\n", told)
    assert config == Config("closed", (STRANGER, "00" * 32), 0.0)


def test_a_named_file_is_read_instead(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("this is no TOML")
    named = tmp_path / "other.toml"
    named.write_text("[options]\nshare_delay_hours = 2\n")
    assert read_config(tmp_path, named, {}).share_delay_hours == 2


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[options]\nmoode = 1\n", "unknown key 'moode' in [options]; allowed: mode, seeds"),
        ("level = 1\n", "unknown key 'level'; allowed: [options]"),
        ("options = 1\n", "a table"),
        ('[options]\nmode = "wide"\n', '"closed" or "open"'),
        ("[options]\nmode = 1\n", '"closed" or "open"'),
        ('[options]\nseeds = "did:key:z"\n', "a list"),
        ("[options]\nseeds = [1]\n", "as text"),
        ('[options]\nseeds = ["Ann"]\n', "names no peer"),
        ("[options]\nshare_delay_hours = -1\n", "hours >= 0"),
        ("[options]\nshare_delay_hours = nan\n", "hours >= 0"),
        ("[options]\nshare_delay_hours = inf\n", "hours >= 0"),
        ("[options]\nshare_delay_hours = true\n", "hours >= 0"),
        ('[options]\nshare_delay_hours = "1"\n', "hours >= 0"),
        ("[options]\nmode = \n", "line 2"),
        ('[options]\nmode = """\n\n', "line 2"),
        (b"[options]\n\nmode = 'caf\xe9'\n", "line 3: wanted UTF-8 text, found the byte 0xe9"),
    ],
)
def test_what_it_may_not_say_is_one_line_that_names_the_file(
    tmp_path: Path, text: str | bytes, says: str
) -> None:
    with pytest.raises(DataError) as caught:
        read(tmp_path, text)
    message = str(caught.value)
    assert says in message
    assert str(tmp_path / FILE) in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WEB3REC_SEEDS", "Ann"),
        ("WEB3REC_SHARE_DELAY_HOURS", "soon"),
        ("WEB3REC_SHARE_DELAY_HOURS", "nan"),
        ("WEB3REC_SHARE_DELAY_HOURS", "-1"),
    ],
)
def test_a_bad_variable_is_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(DataError, match=name):
        read_config(tmp_path, None, {name: value})


@given(st.binary(max_size=200))
def test_any_bytes_are_a_config_or_a_data_error(data: bytes) -> None:
    with scratch() as directory:
        try:
            config = read(directory, data)
        except DataError:
            return
    assert isinstance(config, Config)
