"""Our own JSON lines: what is written is read, and nothing else is."""

import contextlib
import json
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web3rec.adapters import ME, Entries, TrustEdge, read_jsonl, write_jsonl
from web3rec.adapters.dataset import Act
from web3rec.errors import DataError, ReadOnly
from web3rec.records.keys import SigningKey, did_key, libp2p_peer_id
from web3rec.types import Event, Item, ItemId, Millis

PEERS = [SigningKey.from_seed(bytes([n]) * 32).peer for n in range(1, 4)]
DIDS = [did_key(peer) for peer in PEERS]

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
ids = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20).map(ItemId)
items = st.builds(Item, ids, texts, texts, st.lists(texts, max_size=3).map(tuple))
times = st.none() | st.integers(0, 2**47).map(Millis)
acts = st.builds(Act, st.just(ME), ids, st.sampled_from(Event), st.integers(1, 8), times)
shares = st.floats(0, 1, exclude_min=True)
edges = st.builds(TrustEdge, st.just(ME), st.sampled_from(DIDS), shares, texts)
entries = st.builds(
    Entries,
    st.lists(items, max_size=4).map(tuple),
    st.lists(acts, max_size=4).map(tuple),
    st.lists(edges, max_size=3).map(tuple),
    st.lists(st.sampled_from(DIDS), max_size=2).map(tuple),
)


def write(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "me.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_one_of_each_is_read_as_worked_by_hand(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        '{"type":"item","id":"trk:42","title":"Blue Train","creator":"Coltrane","tags":["jazz"]}',
        "",
        '{"type":"act","kind":"like","item":"trk:42","at":1767225600000,"weight":2}',
        '{"type":"act","kind":"not_interested","item":"trk:7"}\r',
        f'{{"type":"trust","peer":"{DIDS[0]}","weight":0.8,"name":"Ann"}}',
        f'{{"type":"trust","peer":"{libp2p_peer_id(PEERS[1])}"}}',
        f'{{"type":"block","peer":"{PEERS[2].hex()}"}}',
    )
    assert read_jsonl(path) == Entries(
        items=(Item("trk:42", "Blue Train", "Coltrane", ("jazz",)),),
        acts=(
            Act(ME, ItemId("trk:42"), Event.LIKE, 2, Millis(1_767_225_600_000)),
            Act(ME, ItemId("trk:7"), Event.NOT_INTERESTED, 1, None),
        ),
        trust=(TrustEdge(ME, DIDS[0], 0.8, "Ann"), TrustEdge(ME, DIDS[1], 1.0)),
        blocks=(DIDS[2],),
    )


@given(entries)
def test_what_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, e: Entries
) -> None:
    path = tmp_path_factory.mktemp("round") / "me.jsonl"
    write_jsonl(path, e)
    assert read_jsonl(path) == e


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("not json", "wanted one JSON object"),
        ("[1]", "wanted one JSON object"),
        ('{"type":"item","id":"a"', "wanted one JSON object"),
        ("[" * 40_000, "wanted one JSON object"),
        ('{"type":"item","id":"' + "a" * 70_000 + '"}', "at most 65536 bytes"),
        ('{"id":"a"}', '"type" to be one of item, act, trust, block, withhold, found None'),
        ('{"type":["item"],"id":"a"}', '"type" to be one of'),
        ('{"type":"dislike","id":"a"}', "found 'dislike'"),
        ('{"type":"item","id":"a","titel":"b"}', "only the keys .* found 'titel'"),
        ('{"type":"item","id":"a","id":"b"}', "every key once"),
        ('{"type":"item"}', '"id" to be text, found nothing'),
        ('{"type":"item","id":""}', "1 to 512 characters, found 0"),
        ('{"type":"item","id":"' + "a" * 513 + '"}', "1 to 512 characters, found 513"),
        ('{"type":"item","id":"\\ud800"}', "half of a surrogate pair"),
        ('{"type":"item","id":"a","tags":"jazz"}', '"tags" to be a list'),
        ('{"type":"item","id":"a","tags":[1]}', '"tags" to be text, found 1'),
        ('{"type":"item","id":"a","title":NaN}', '"title" to be text, found nan'),
        ('{"type":"act","item":"a"}', '"kind" to be one of .*found nothing'),
        ('{"type":"act","kind":"hate","item":"a"}', "found 'hate'"),
        ('{"type":"act","kind":"like"}', '"item" to be text, found nothing'),
        ('{"type":"act","kind":"like","item":"a","at":-1}', '"at" to be a whole number'),
        ('{"type":"act","kind":"like","item":"a","at":1.5}', '"at" to be a whole number'),
        ('{"type":"act","kind":"like","item":"a","at":NaN}', '"at" to be a whole number'),
        ('{"type":"act","kind":"like","item":"a","at":true}', '"at" to be a whole number'),
        ('{"type":"act","kind":"like","item":"a","weight":0}', "from 1 to 8, found 0"),
        ('{"type":"act","kind":"like","item":"a","weight":9}', "from 1 to 8, found 9"),
        ('{"type":"act","kind":"like","item":"a","weight":' + "9" * 5_000 + "}", "JSON object"),
        ('{"type":"trust","weight":1}', '"peer" to be text, found nothing'),
        ('{"type":"trust","peer":"bob"}', "bob"),
        *(
            (
                f'{{"type":"trust","peer":"{DIDS[0]}","weight":{weight}}}',
                r'"weight" to be in \(0, 1]',
            )
            for weight in ("0", "-1", "1.01", "NaN", "Infinity", "true", '"1"', "null")
        ),
        (f'{{"type":"trust","peer":"{DIDS[0]}","name":7}}', '"name" to be text, found 7'),
        (f'{{"type":"trust","peer":"{DIDS[0]}","name":"{"x" * 121}"}}', "at most 120 characters"),
        (f'{{"type":"block","peer":"{DIDS[0]}","weight":1}}', "found 'weight'"),
        (f'{{"type":"block","peer":"{DIDS[0]}","name":"Ann"}}', "found 'name'"),
    ],
    ids=lambda text: text[:40],
)
def test_a_bad_line_is_refused_with_its_number(tmp_path: Path, line: str, message: str) -> None:
    path = write(tmp_path, '{"type":"item","id":"a"}', line)
    with pytest.raises(DataError, match=message) as caught:
        read_jsonl(path)
    assert str(caught.value).startswith("me.jsonl line 2: ")
    assert "\n" not in str(caught.value)


def test_a_line_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "me.jsonl"
    path.write_bytes(b'{"type":"item","id":"\xff"}')
    with pytest.raises(DataError, match=r"me.jsonl line 1: wanted UTF-8 text, found the byte 0xff"):
        read_jsonl(path)


def test_a_missing_file_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none.jsonl: cannot be read: No such file"):
        read_jsonl(tmp_path / "none.jsonl")


@given(
    st.binary(max_size=200) | st.dictionaries(texts, texts).map(lambda d: json.dumps(d).encode())
)
def test_any_bytes_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "me.jsonl"
    path.write_bytes(data)
    with contextlib.suppress(DataError):
        assert isinstance(read_jsonl(path), Entries)


@pytest.mark.parametrize(
    "bad",
    [
        Entries(items=(Item(""),)),
        Entries(items=(Item("\ud800"),)),
        Entries(acts=(Act(ME, ItemId("a"), Event.LIKE, 9),)),
        Entries(trust=(TrustEdge(ME, DIDS[0], float("nan")),)),
        Entries(blocks=("bob",)),
    ],
)
def test_what_could_not_be_read_is_not_written(tmp_path: Path, bad: Entries) -> None:
    path = write(tmp_path, "the file of last week")
    with pytest.raises(DataError, match="entry 1: "):
        write_jsonl(path, bad)
    assert path.read_text() == "the file of last week"
    assert list(tmp_path.iterdir()) == [path]


def test_the_file_is_its_owners_only(tmp_path: Path) -> None:
    path = write(tmp_path, "the file of last week")
    write_jsonl(path, Entries(items=(Item("a"),)))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(ReadOnly, match="cannot be written: No such file"):
        write_jsonl(tmp_path / "none" / "me.jsonl", Entries())


def test_a_write_that_fails_leaves_no_draft(tmp_path: Path) -> None:
    (tmp_path / "me.jsonl").mkdir()
    with pytest.raises(ReadOnly, match="cannot be written"):
        write_jsonl(tmp_path / "me.jsonl", Entries())
    assert [p.name for p in tmp_path.iterdir()] == ["me.jsonl"]


def test_progress_ends_at_the_number_of_lines(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    path = write(tmp_path, *['{"type":"item","id":"a"}'] * 5_000)
    read_jsonl(path, lambda done, total: seen.append((done, total)))
    assert seen == [(4_096, 5_000), (5_000, 5_000)]
