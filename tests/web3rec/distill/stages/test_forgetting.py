"""`distill forget`: what is left is a run on data that never had the person or the item."""

import json
import shutil
import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.web3rec.distill.stages.kitchens import CROWD, PLAIN, Kitchen
from tests.web3rec.distill.stages.test_running import names
from web3rec.distill import forgotten
from web3rec.distill.stages import classroom, forgetting
from web3rec.distill.stages.forgetting import forget
from web3rec.distill.stages.material import known_names, material
from web3rec.distill.stages.running import EVERYTHING, cooked
from web3rec.distill.stages.verifying import summary, verified
from web3rec.distill.stages.workshop import Workshop
from web3rec.errors import DataError, ParamError
from web3rec.records import SigningKey
from web3rec.rerank.bundle import Bundle, Trusted, loaded

KEYED = PLAIN.replace("[bundle]", '[bundle]\nkey = "key.pem"')
SHARDED = KEYED + "[shards]\ncount = 3\n"
WHO, WHAT = "zelda-7731", "quartz-opus-88"
"""Names that are part of no other name."""
RECIPES = {"crowd": KEYED + CROWD, "shards": SHARDED}


def renamed(text: str) -> str:
    """The town's plays, with one person and one item of those names."""
    rows = [line.split("\t") for line in text.splitlines()]
    return "".join(
        "\t".join((WHO if p == "p40" else p, WHAT if t == "a2t06" else t, *rest)) + "\n"
        for p, t, *rest in rows
    )


@pytest.fixture
def kitchen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kitchen:
    """Without pictures, which take longer than all else here."""
    monkeypatch.setattr("web3rec.distill.stages.plot.drawn", lambda _report: b"a picture")
    SigningKey.from_seed(bytes(32)).save(tmp_path / "key.pem")
    found = Kitchen.at(tmp_path)
    plays = tmp_path / "plays.tsv"
    plays.write_text(renamed(plays.read_text()))
    return found


def without(kitchen: Kitchen, *gone: str) -> None:
    """Take all lines of somebody or of an item out of the data itself."""
    plays = kitchen.folder / "plays.tsv"
    lines = plays.read_text().splitlines(keepends=True)
    plays.write_text("".join(x for x in lines if not set(x.split("\t")) & set(gone)))


def held(workshop: Workshop) -> dict[str, bytes]:
    """Every file but the lock, and the database, whose pages may lie otherwise."""
    found = {
        path.relative_to(workshop.directory).as_posix(): path.read_bytes()
        for path in sorted(workshop.directory.rglob("*"))
        if path.is_file() and path.name != ".lock" and not path.name.startswith("judgements.db")
    }
    for name in found:  # a record says of what data; the data itself is another here
        if name.startswith("stages/"):
            found[name] = json.dumps(json.loads(found[name])["wrote"]).encode()
    return found


def judged(workshop: Workshop) -> set[tuple[object, ...]]:
    with sqlite3.connect(workshop.path("judgements.db")) as db:
        rows = set(db.execute("SELECT * FROM judgement"))
    db.close()
    return rows


def never(kitchen: Kitchen, text: str, out: str, *gone: str) -> Workshop:
    """A run on data that never had them, under the same list."""
    workshop = kitchen.bench(text, "never").workshop
    workshop.prepare().release()
    shutil.copy(kitchen.folder / out / forgotten.FILE, workshop.path(forgotten.FILE))
    without(kitchen, *gone)
    cooked(EVERYTHING, kitchen.bench(text, "never"))
    return workshop


@pytest.mark.slow
@pytest.mark.parametrize(
    ("recipe", "wish"), [("crowd", (WHO, WHAT)), ("shards", (WHO,)), ("shards", (WHAT,))]
)
def test_U1_U3_the_directory_is_that_of_data_that_never_had_them(
    kitchen: Kitchen, recipe: str, wish: tuple[str, ...]
) -> None:
    """To the byte; and the bytes of their names are in no file."""
    text = RECIPES[recipe]
    bench = kitchen.bench(text)
    cooked(EVERYTHING, bench)
    workshop = bench.workshop
    assert any(WHO.encode() in data for data in held(workshop).values())
    (workshop.directory / ".lessons.npz.draft").write_text(f"{WHO} {WHAT}")  # of one who was killed
    found = forget(bench, [w for w in wish if w == WHO], [w for w in wish if w == WHAT])
    assert found.entries == len(wish)
    for path in workshop.directory.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert not any(one.encode() in data for one in wish), path.name
    fresh = never(kitchen, text, "out", *wish)
    assert held(workshop) == held(fresh)
    assert judged(workshop) == judged(fresh)


@pytest.mark.slow
def test_X3_the_next_bundle_is_newer_and_committed_to_the_list(kitchen: Kitchen) -> None:
    bench = kitchen.bench(KEYED.replace('name = "toy"', 'name = "toy"\nversion = 4'))
    cooked(EVERYTHING, bench)
    assert sealed(bench.workshop).manifest.training.forgotten is None
    first = forget(bench, [WHO])
    one = sealed(bench.workshop)
    assert one.manifest.version == first.version == 5
    forget(bench, (), [WHAT])
    two = sealed(bench.workshop)
    assert two.manifest.version == 6
    listed = forgotten.read(bench.workshop.read(forgotten.FILE))
    assert two.manifest.training.forgotten == listed.commitment
    assert one.manifest.training.forgotten != two.manifest.training.forgotten
    assert summary(list(verified(bench.workshop)))["ok"]
    cooked(EVERYTHING, kitchen.bench(KEYED))  # the recipe says 1
    assert sealed(bench.workshop).manifest.version == 6
    bench.workshop.path(forgotten.FILE).write_bytes(
        forgotten.NOTHING.with_([(forgotten.Kind.PERSON, "p3")], bytes(32), 7).written()
    )
    assert "report" in summary(list(verified(bench.workshop)))["wrong"]


def sealed(workshop: Workshop) -> Bundle:
    peer = SigningKey.from_seed(bytes(32)).peer
    found = loaded(workshop.path("model.bundle"), Trusted(publishers=frozenset({peer})))
    assert isinstance(found, Bundle)
    return found


@pytest.mark.slow
def test_only_the_shard_of_who_left_is_made_again(
    kitchen: Kitchen, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = kitchen.bench(SHARDED)
    cooked(EVERYTHING, bench)
    rooms = {
        n: classroom.load(bench.workshop, (f"shard-{n:02}.npz", f"shard-{n:02}.json"))
        for n in range(3)
    }
    mine = {lesson.person: n for n, room in rooms.items() for lesson in room.lessons}
    person, shard = next(iter(mine.items()))
    before = held(bench.workshop)
    asked: list[str] = []
    make = classroom.classroom

    def counting(material: object, *args: object) -> object:
        asked.extend(material.part)  # type: ignore[attr-defined]
        return make(material, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(classroom, "classroom", counting)
    found = forget(bench, [person])
    assert found.shards == 1
    assert set(asked) == {one for one, n in mine.items() if n == shard} - {person}
    after = held(bench.workshop)
    same = {name for name in before if name in after and before[name] == after[name]}
    for n in range(3):
        for what in (".npz", ".json", ".calibration.json", ".student.npz"):
            assert (f"shard-{n:02}{what}" in same) == (n != shard)
    assert {"shard-held.npz", "shard-held.json"} <= same
    assert before["student.npz"] != after["student.npz"]


@pytest.mark.slow
def test_shards_that_are_no_more_leave_nothing(kitchen: Kitchen) -> None:
    cooked(EVERYTHING, kitchen.bench(SHARDED))
    cooked(EVERYTHING, kitchen.bench(SHARDED.replace("count = 3", "count = 2")))
    out = kitchen.folder / "out"
    assert not list(out.rglob("shard-02*"))
    assert len(list(out.glob("shard-*.npz"))) == 5
    cooked(EVERYTHING, kitchen.bench(KEYED))
    assert not list(out.rglob("shard-*"))


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.slow
def test_F2_U3_who_is_killed_while_forgetting_has_forgotten(
    kitchen: Kitchen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Right after the list is written; the next run, or the wish again, ends the same."""
    text = SHARDED
    for out in ("one", "two"):
        cooked(EVERYTHING, kitchen.bench(text, out))
        with monkeypatch.context() as patch:
            patch.setattr(forgetting, "_clear", _dies)
            with pytest.raises(Killed):
                forget(kitchen.bench(text, out), [WHO])
    key = kitchen.folder / "one" / forgotten.FILE
    shutil.copy(key, kitchen.folder / "two" / forgotten.FILE)
    assert names(cooked(EVERYTHING, kitchen.bench(text, "one")))[0] == "lessons"
    again = forget(kitchen.bench(text, "two"), [WHO])
    assert (again.entries, again.version) == (1, 2)
    one, two = (kitchen.bench(text, out).workshop for out in ("one", "two"))
    assert held(one) == held(two)
    assert not any(WHO.encode() in data for data in held(two).values())


def _dies(*_args: object) -> None:
    raise Killed


@pytest.mark.slow
def test_U3_where_no_bundle_can_be_made_the_old_one_is_gone_all_the_same(
    kitchen: Kitchen, monkeypatch: pytest.MonkeyPatch
) -> None:
    cooked(EVERYTHING, kitchen.bench(KEYED))
    stiff = KEYED.replace('kind = "linear"', 'kind = "linear"\nl2 = 1e12')
    with pytest.raises(DataError, match="there is no bundle"):
        forget(kitchen.bench(stiff), [WHO])
    assert not (kitchen.folder / "out" / "model.bundle").exists()


def test_a_wish_that_cannot_be_met_changes_nothing(kitchen: Kitchen) -> None:
    bench = kitchen.bench(KEYED)
    with pytest.raises(DataError, match="2 of 3 are not in the data") as caught:
        forget(bench, ["nobody-9", WHO], ["nothing-9"])
    assert "nobody-9" not in str(caught.value)
    with pytest.raises(ParamError, match="1 to 10,000"):
        forget(bench)
    assert not bench.workshop.path(forgotten.FILE).exists()


def read_past(
    kitchen: Kitchen, text: str, *wish: tuple[forgotten.Kind, str]
) -> Mapping[str, object]:
    """What a recipe reads past a list; the bench is not cooked."""
    bench = kitchen.bench(text)
    listed = forgotten.NOTHING.with_(wish, bytes(32), 2) if wish else forgotten.NOTHING
    written = replace(bench.written, forgotten=listed)
    found = material(written)
    people, items = known_names(written)
    return {
        "people": people,
        "known": items,
        "items": found.stay.items,
        "acts": found.stay.acts,
        "hidden": found.hidden,
        "part": found.part,
    }


PARTS = KEYED.replace(
    'format = "pairs"\npath = "plays.tsv"', 'format = "parts"\ntrain = "a.tsv"\ntest = "b.tsv"'
)
SPLIT = KEYED.replace('format = "pairs"\npath = "plays.tsv"', 'format = "split"\npath = "parts"')
HETREC = KEYED.replace('format = "pairs"\npath = "plays.tsv"', 'format = "hetrec"\npath = "lastfm"')


def lay(kitchen: Kitchen, gone: frozenset[str] = frozenset()) -> None:
    """The same small town in each format, without some of the lines."""
    rng = np.random.default_rng(0)
    folder = kitchen.folder
    own = {
        str(n + 1): [str(k + 1) for k in rng.choice(30, 8, replace=False).tolist()]
        for n in range(60)
    }
    rows = [(p, i) for p, each in own.items() if f"p{p}" not in gone for i in each]
    hide = {p: each[-2:] for p, each in own.items()}
    rows = [(p, i) for p, i in rows if f"i{i}" not in gone]
    train, test = (
        [(p, i) for p, i in rows if (i in hide[p]) == hidden] for hidden in (False, True)
    )
    for name, lines in (("a.tsv", train), ("b.tsv", test)):
        (folder / name).write_text("".join(f"{p}\t{i}\n" for p, i in lines))
    (folder / "parts").mkdir(exist_ok=True)
    for name, lines in (("train.txt", train), ("test.txt", test)):
        (folder / "parts" / name).write_text("".join(f"{p} {i}\n" for p, i in lines))
    lastfm = folder / "lastfm"
    lastfm.mkdir(exist_ok=True)
    artists = "".join(f"{n}\tname {n}\n" for n in range(1, 32) if f"i{n}" not in gone)
    (lastfm / "artists.dat").write_text("id\tname\n" + artists)
    plays = "".join(f"{p}\t{i}\t{1 + int(i)}\n" for p, i in rows)
    (lastfm / "user_artists.dat").write_text("userID\tartistID\tweight\n" + plays)
    (lastfm / "user_friends.dat").write_text("userID\tfriendID\n")
    (lastfm / "tags.dat").write_text("tagID\ttagValue\n1\tjazz\n2\tloud\n")
    tags = "".join(
        f"{p}\t{i}\t{1 + int(p) % 2}\n" for p, i in rows if int(p) % 7 == 5 or int(i) < 5
    )
    (lastfm / "user_taggedartists.dat").write_text("userID\tartistID\ttagID\n" + tags)


@pytest.mark.parametrize("text", [PARTS, SPLIT, HETREC], ids=["parts", "split", "hetrec"])
@pytest.mark.parametrize("person", ["5", "1"])
def test_every_format_is_read_as_if_the_lines_were_not_there(
    kitchen: Kitchen, text: str, person: str
) -> None:
    """Words that somebody gave an artist go with them."""
    prefix = "lastfm:artist:" if text == HETREC else ""
    kinds = forgotten.Kind
    lay(kitchen)
    whole = read_past(kitchen, text)
    found = read_past(kitchen, text, (kinds.PERSON, person), (kinds.ITEM, f"{prefix}3"))
    lay(kitchen, frozenset({f"p{person}", "i3"}))
    assert found == read_past(kitchen, text)
    assert found != whole
