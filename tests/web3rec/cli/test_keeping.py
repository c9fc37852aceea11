"""`withhold`, `private`, `key`, `rotate`, and sealed exports, as people type them."""

from pathlib import Path

import pytest

from tests.web3rec.cli.calls import STRANGER, Place
from web3rec.cli import passphrase
from web3rec.identity import KEY_FILE
from web3rec.sealing import is_sealed


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file with a passphrase that only we can read."""
    path = tmp_path / "passphrase"
    path.touch(mode=0o600)
    path.write_text("open sesame\n")
    return path


def waiting(place: Place) -> list[str]:
    return [one["known_as"] for one in place.fine("outbox", "--json").objects]


def test_what_is_withheld_is_not_in_the_outbox(home: Place) -> None:
    home.fine("share", "1")
    for item in ("trk:1", "trk:2", "trk:3"):
        home.fine("record", "like", item)
    (done,) = home.fine("withhold", "trk:2", "--json").objects
    assert done == {"withheld": True, "stopped": 1, "left": 0, "retractions": 0}
    assert "stays here; records stopped on their way: 0" in home.fine("withhold", "--tag", "X").out
    assert sorted(waiting(home)) == ["trk:1", "trk:3"]
    assert home.fine("withhold", "--list").out == "item trk:2\ntag x\n"
    assert home.fine("withhold", "--list", "--json").objects == [
        {"items": ["trk:2"], "tags": ["x"]}
    ]
    assert home.fine("withhold", "trk:2", "--undo", "--json").objects == [
        {"withheld": False, "was": True}
    ]
    assert "it was not withheld" in home.fine("withhold", "trk:2", "--undo").out
    home.fine("record", "share", "trk:2")
    assert sorted(waiting(home)) == ["trk:1", "trk:2", "trk:3"]


def test_what_had_left_is_offered_to_be_taken_back(home: Place, tmp_path: Path) -> None:
    now = tmp_path / "now.toml"
    now.write_text("[options]\nshare_delay_hours = 0\n")
    home.fine("share", "1")
    home.fine("--config", str(now), "record", "like", "trk:1")
    from web3rec import Recommender  # noqa: PLC0415 - the network's part

    with Recommender.open(home.path) as rec:
        assert len(rec.log.release()) == 1
    said = home.fine("withhold", "trk:1")
    assert "1 records had left before" in said.err
    assert "--retract" in said.err


@pytest.mark.parametrize(
    "words",
    [(), ("trk:1", "--tag", "x"), ("--list", "trk:1"), ("--list", "--undo"),
     ("trk:1", "--undo", "--retract")],
)  # fmt: skip
def test_wrong_usage_of_withhold_says_so(home: Place, words: tuple[str, ...]) -> None:
    assert home("withhold", *words).code == 2


def test_a_private_session_is_remembered_and_shown(home: Place) -> None:
    home.fine("share", "3")
    assert home.fine("private").out.startswith("no private session")
    assert "nothing you do now" in home.fine("private", "on").out
    home.fine("record", "like", "trk:1")
    home.fine("trust", STRANGER, "1")
    assert "private session is on" in home.fine("outbox").err
    assert home.fine("private", "off", "--json").objects == [{"private": False}]
    assert waiting(home) == []
    home.fine("record", "like", "trk:2")
    assert waiting(home) == ["trk:2"]
    assert len(home.acts()) == 2


def test_a_key_is_protected_used_and_unprotected(home: Place, secret: Path) -> None:
    (before,) = home.fine("key", "show", "--json").objects
    assert (before["protected"], before["mode"], before["former"]) == (False, "0600", [])
    home.fine("key", "protect", "--passphrase-file", str(secret))
    assert is_sealed((home.path / KEY_FILE).read_bytes())
    (shown,) = home.fine("key", "show", "--json").objects  # nobody has to be asked
    assert shown == before | {"protected": True}
    assert "nobody can be asked" in home("outbox").complaint
    env = {"WEB3REC_PASSPHRASE_FILE": str(secret)}
    home.fine("record", "like", "trk:1", env=env)
    home.fine("key", "unprotect", env=env)
    assert home.fine("key", "show").out.splitlines()[1].endswith("without a passphrase, mode 0600")
    assert home.acts() == [("trk:1", "like")]


def test_a_wrong_passphrase_says_no_more_than_that(home: Place, secret: Path) -> None:
    home.fine("key", "protect", "--passphrase-file", str(secret))
    secret.write_text("open barley")
    said = home("outbox", env={"WEB3REC_PASSPHRASE_FILE": str(secret)}).complaint
    assert said.endswith("does not open: the passphrase is wrong, or the file was altered")
    assert "barley" not in said
    secret.chmod(0o644)
    said = home("outbox", env={"WEB3REC_PASSPHRASE_FILE": str(secret)}).complaint
    assert "others on this machine can read" in said


def test_at_a_terminal_the_passphrase_is_asked_for(
    home: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passphrase, "at_terminal", lambda: True)
    assert home("key", "protect", answer="one two\none two\n").code == 0
    said = home("share", "1", answer="one two\n")
    assert said.code == 0
    assert "one two" not in said.out + said.err
    assert home("share", "2", answer="one too\n").code == 1
    assert home("key", "protect", answer="one two\nthree\nthree\n").code == 0
    assert home("share", answer="three\n").code == 0


def test_a_rotated_key_is_another_and_the_old_one_is_kept(home: Place) -> None:
    (was,) = home.fine("key", "show", "--json").objects
    home.fine("record", "like", "trk:1")
    assert home("rotate", answer="n\n").code == 1
    (done,) = home.fine("rotate", "--stolen", "--yes", "--json").objects
    assert done["old"] == was["did"] != done["did"]
    (now,) = home.fine("key", "show", "--json").objects
    assert (now["did"], now["former"]) == (done["did"], [was["did"]])
    assert Path(done["kept"]).stat().st_mode & 0o777 == 0o600
    assert home.acts() == [("trk:1", "like")]
    assert home.fine("doctor").code == 0


def test_a_key_that_others_can_read_is_not_used(home: Place) -> None:
    (home.path / KEY_FILE).chmod(0o640)
    assert "chmod 600" in home("recommend").complaint
    said = home("doctor")
    assert said.code == 1
    assert "chmod 600" in said.out


def test_a_sealed_export_moves_a_history(home: Place, tmp_path: Path, secret: Path) -> None:
    home.fine("record", "like", "trk:1", "--title", "Blue Train")
    home.fine("export", str(tmp_path / "me.sealed"), "--passphrase-file", str(secret))
    sealed = (tmp_path / "me.sealed").read_bytes()
    assert is_sealed(sealed)
    assert b"Blue" not in sealed
    other = Place(tmp_path / "other")
    other.fine("init", "--level", "3")
    assert "nobody can be asked" in other("import", str(tmp_path / "me.sealed")).complaint
    other.fine("import", str(tmp_path / "me.sealed"), "--passphrase-file", str(secret))
    assert other.acts() == [("trk:1", "like")]
    assert waiting(other) == []  # it was made at level 0, and that goes with it


@pytest.mark.parametrize("command", ["key", "rotate"])
def test_where_there_is_no_key_it_says_so(nowhere: Place, command: str) -> None:
    words = ("show",) if command == "key" else ("--yes",)
    assert "web3rec init" in nowhere(command, *words).complaint
