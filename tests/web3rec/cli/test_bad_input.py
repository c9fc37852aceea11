"""Whatever is wrong: one line that says what to do, an exit code, and nothing lost.

`Said.complaint` checks the line: alone on stderr, no traceback, nothing on stdout.
"""

import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.web3rec.cli.calls import STRANGER, Place

HOLD = """
import sys
from web3rec import Recommender
with Recommender.open(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def lived(home: Place) -> Place:
    """A device with something to lose, closed as it should be."""
    home.fine("record", "like", "trk:1", "--title", "Blue Train")
    home.fine("record", "skip", "trk:2")
    home.fine("trust", STRANGER, "0.5", "--name", "Ann")
    return home


def untouched(place: Place) -> None:
    assert place.acts() == [("trk:1", "like"), ("trk:2", "skip")]
    assert [one["name"] for one in place.fine("peers", "--json").objects] == ["Ann"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["record", "adore", "trk:3"], "'adore' is not one of"),
        (["record", "like", "trk:3", "--weight", "-1"], "from 1 to 8, got -1"),
        (["record", "like", "trk:3", "--weight", "nan"], "not a valid integer"),
        (["record", "like", "trk:3", "--weight", "9" * 30], "from 1 to 8"),
        (["record", "like", "trk:3", "--at", "2222-01-01"], "in the future"),
        (["record", "like", "trk:3", "--at", "1960-01-01"], "before 1970"),
        (["record", "like", "trk:3", "--at", "tomorrow"], "2026-01-31"),
        (["record", "like", ""], "non-empty"),
        (["record", "like", "x" * 513], "512"),
        (["record", "like", "\udcff\udcfe"], "UTF-8"),
        (["trust", STRANGER, "-1"], "in [0, 1]"),
        (["trust", STRANGER, "nan"], "in [0, 1]"),
        (["trust", STRANGER, "much"], "not a valid float"),
        (["trust", "did:key:z6Mk", "1"], "did:key"),
        (["recommend", "-n", "0"], "1<=x<=1000"),
        (["recommend", "--frob"], "see `web3rec recommend --help`"),
        (["recommend", "--seed", "nobody"], "names no peer"),
        (["why", "hash:xyz"], "hash:"),
        (["frob"], "see `web3rec --help`"),
        (["--frob"], "see `web3rec --help`"),
        (["import", "/no/such/file"], "/no/such/file"),
        (["export", "/no/such/folder/me.jsonl"], "choose another place"),
        (["--config", "/no/such.toml", "recommend"], "/no/such.toml"),
        (["--config", "/no/such.toml", "record", "like", "trk:3"], "/no/such.toml"),
    ],
)
def test_a_wrong_word_is_one_line(lived: Place, words: list[str], says: str) -> None:
    assert says in lived(*words).complaint
    untouched(lived)


def garbage(path: Path) -> None:
    path.write_bytes(b"\x00\x01\x02 this is no data set \xff")


def other_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("holiday.jpg", b"\xff\xd8")


def broken_zip(path: Path) -> None:
    other_zip(path)
    path.write_bytes(path.read_bytes()[:-10] + b"PK\x05\x06" + b"\x00" * 18)


def latin1(path: Path) -> None:
    path.write_bytes(b'{"type": "act", "kind": "like", "item": "caf\xe9"}\n')


def half_good(path: Path) -> None:
    good = '{"type": "act", "kind": "like", "item": "trk:7"}\n'
    path.write_text(good + good.replace("like", "adore"))


def nan_weight(path: Path) -> None:
    path.write_text(f'{{"type": "trust", "peer": "{STRANGER}", "weight": NaN}}\n')


def folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (garbage, "neither HetRec"),
        (other_zip, "neither HetRec"),
        (broken_zip, "given"),
        (latin1, "UTF-8"),
        (half_good, "given line 2"),
        (nan_weight, "(0, 1]"),
        (folder, "neither HetRec"),
    ],
)
@pytest.mark.parametrize("form", ["auto", "hetrec", "movielens", "jsonl"])
def test_a_file_that_cannot_be_read_is_one_line_and_nothing_of_it_comes_in(
    lived: Place, tmp_path: Path, make: Callable[[Path], None], says: str, form: str
) -> None:
    file = tmp_path / "given"
    make(file)
    complaint = lived("import", str(file), "--format", form).complaint
    if form == "auto":
        assert says in complaint
    untouched(lived)


@contextmanager
def held(directory: Path) -> Iterator[None]:
    """Another process has the directory open."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(directory)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield
        process.communicate()


@pytest.mark.slow
def test_a_second_process_is_refused_to_write_and_allowed_to_read(
    lived: Place, tmp_path: Path
) -> None:
    writes = [
        ("record", "like", "trk:3"),
        ("trust", STRANGER, "1"),
        ("share", "1"),
        ("forget", "--all", "--yes"),
        ("import", str(tmp_path)),
        ("init",),
    ]
    with held(lived.path):
        for words in writes:
            said = lived(*words)
            assert said.code == 1
            assert "in use" in said.complaint
        assert "in use" in lived.process("record", "like", "trk:3").complaint
        for words in [("recommend",), ("outbox",), ("peers",), ("doctor",), ("share",)]:
            lived.fine(*words)
        untouched(lived)
    untouched(lived)
    lived.fine("record", "like", "trk:3")


def flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    for at in range(4096, 4096 + 64):
        data[at] ^= 0xFF
    path.write_bytes(data)


def shortened(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:6000])


def overwritten(path: Path) -> None:
    path.write_bytes(b"not a database, by any means " * 300)


@pytest.mark.parametrize("spoil", [flipped, shortened, overwritten])
def test_a_damaged_log_is_refused_and_left_as_it_is(
    lived: Place, spoil: Callable[[Path], None]
) -> None:
    log = lived.path / "log.db"
    sound = log.read_bytes()
    spoil(log)
    spoilt = log.read_bytes()
    for words in [("recommend",), ("record", "like", "trk:3"), ("peers",), ("init",)]:
        assert "web3rec doctor --quarantine" in lived(*words).complaint
    assert log.read_bytes() == spoilt
    log.write_bytes(sound)
    untouched(lived)


@pytest.mark.parametrize("content", [b"", b"garbage", b"\xff\xfe\x00", b"-----BEGIN PRIVATE KEY"])
def test_a_garbage_key_file_is_refused_and_no_new_key_made(lived: Place, content: bytes) -> None:
    key = lived.path / "author.key"
    good = key.read_bytes()
    key.write_bytes(content)
    for words in [("recommend",), ("record", "like", "trk:3"), ("init",)]:
        assert "author.key" in lived(*words).complaint
    assert key.read_bytes() == content
    key.write_bytes(good)
    untouched(lived)


def test_a_lost_key_file_is_not_replaced(lived: Place) -> None:
    (lived.path / "author.key").unlink()
    assert "restore the key file" in lived("init").complaint
    assert not (lived.path / "author.key").exists()


COMMANDS = [
    ("recommend",),
    ("why", "a"),
    ("outbox",),
    ("peers",),
    ("export", "x"),
    ("record", "like", "a"),
    ("trust", STRANGER, "1"),
    ("block", STRANGER),
    ("share",),
    ("share", "1"),
    ("forget", "--all"),
    ("import", "x"),
    ("doctor", "--quarantine"),
]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_without_a_store_every_command_says_how_to_make_one_and_makes_none(
    nowhere: Place, words: tuple[str, ...]
) -> None:
    said = nowhere(*words)
    assert said.code == 1
    assert "`web3rec init` makes one" in said.complaint
    assert not nowhere.path.exists()


def test_a_directory_that_is_a_file(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("precious")
    for words in [("init",), ("recommend",), ("record", "like", "a")]:
        assert str(file) in Place(file)(*words).complaint
    assert file.read_text() == "precious"
