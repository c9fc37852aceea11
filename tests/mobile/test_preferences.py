"""Preferences come back as they were saved, and no file can do harm."""

import json
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobile import json_file
from mobile.preferences import FILE, LEAST_BYTES, MOST_BYTES, Preferences, load, save
from mobile.viewmodel import Scheme
from web3rec.errors import ParamError

CHOSEN = st.builds(
    Preferences,
    scheme=st.sampled_from(Scheme),
    network_on=st.booleans(),
    unmetered_only=st.booleans(),
    charging_only=st.booleans(),
    background=st.booleans(),
    learning=st.booleans(),
    max_bytes_day=st.integers(LEAST_BYTES, MOST_BYTES),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("preferences")


@given(chosen=CHOSEN)
def test_what_was_saved_is_loaded(folder: Path, chosen: Preferences) -> None:
    save(folder, chosen)
    assert load(folder) == chosen


def test_a_new_device_has_the_defaults_and_looking_makes_no_file(tmp_path: Path) -> None:
    assert load(tmp_path / "none") == Preferences()
    assert not (tmp_path / "none").exists()


def test_the_file_is_for_its_owner_only_and_no_draft_is_left(tmp_path: Path) -> None:
    save(tmp_path / "new", Preferences())
    assert [path.name for path in (tmp_path / "new").iterdir()] == [FILE]
    assert stat.S_IMODE((tmp_path / "new" / FILE).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


@given(data=st.binary(max_size=200))
def test_no_bytes_raise(folder: Path, data: bytes) -> None:
    (folder / FILE).write_bytes(data)
    assert isinstance(load(folder), Preferences)


@given(said=st.dictionaries(st.sampled_from([*Preferences.__slots__, "else"]), JSON))
def test_any_json_gives_valid_preferences(folder: Path, said: dict[str, object]) -> None:
    (folder / FILE).write_text(json.dumps(said))
    loaded = load(folder)
    for name in set(Preferences.__slots__) - {"scheme", "max_bytes_day"}:
        value = said.get(name)
        right = value if isinstance(value, bool) else getattr(Preferences(), name)
        assert getattr(loaded, name) is right


def test_one_wrong_value_costs_only_itself(tmp_path: Path) -> None:
    said = {"scheme": "dark", "learning": False, "max_bytes_day": True, "unknown": 1}
    (tmp_path / FILE).write_text(json.dumps(said))
    assert load(tmp_path) == Preferences(scheme=Scheme.DARK, learning=False)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[" * 10_000,
        b'{"learning": false}' + b" " * json_file.LONGEST,
        b'{"max_bytes_day": ' + b"9" * 5_000 + b"}",
        b"[]",
        b"\xff\xfe",
    ],
    ids=["empty", "deep", "long", "a number without end", "a list", "no text"],
)
def test_a_hostile_file_gives_the_defaults(tmp_path: Path, data: bytes) -> None:
    (tmp_path / FILE).write_bytes(data)
    assert load(tmp_path) == Preferences()


def test_what_is_no_plain_file_gives_the_defaults_at_once(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text('{"learning": false}')
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / FILE).symlink_to(target)
    (tmp_path / "b").mkdir()
    os.mkfifo(tmp_path / "b" / FILE)
    (tmp_path / "c" / FILE).mkdir(parents=True)
    for name in "abc":
        assert load(tmp_path / name) == Preferences()


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(tmp_path, Preferences(learning=False))

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        save(tmp_path, Preferences())
    assert load(tmp_path) == Preferences(learning=False)
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


@pytest.mark.parametrize(
    "wrong",
    [{"max_bytes_day": 0}, {"max_bytes_day": True}, {"scheme": "dark"}, {"network_on": 1}],
)
def test_a_wrong_preference_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ParamError, match=next(iter(wrong))):
        Preferences(**wrong)  # type: ignore[arg-type]  # on purpose
