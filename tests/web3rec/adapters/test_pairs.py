"""Reading anybody's own interactions and trust."""

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web3rec.adapters import Act, TrustEdge, read_pairs, read_trust
from web3rec.errors import DataError
from web3rec.types import Event, ItemId, Millis

ROWS = [
    ("ann", "b1", "16", "1600000000"),
    ("ann", "b2", "2.5", "1600000001"),
    ("bob", "b1", "1", "7"),
]
"""16 plays lie in bucket 3, 2.5 in bucket 1."""
ACTS = (
    Act("ann", ItemId("b1"), Event.LISTEN, 3, Millis(1_600_000_000_000)),
    Act("ann", ItemId("b2"), Event.LISTEN, 1, Millis(1_600_000_001_000)),
    Act("bob", ItemId("b1"), Event.LISTEN, 1, Millis(7_000)),
)


def written(folder: Path, text: str, name: str = "plays.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


@pytest.mark.parametrize("mark", [",", "\t", ";", "::", " ", "  "])
@pytest.mark.parametrize(
    "head", [None, ("user_id", "item_id", "plays", "time"), ("a", "b", "c", "d")]
)
def test_any_separator_and_header_will_do(
    tmp_path: Path, mark: str, head: tuple[str, ...] | None
) -> None:
    lines = [mark.join(row) for row in ([head, *ROWS] if head else ROWS)]
    found = read_pairs(written(tmp_path, "\r\n".join(lines) + "\n\n"))
    assert found.acts == ACTS
    assert found.people == ("ann", "bob")
    assert [item.id for item in found.items] == ["b1", "b2"]
    assert (found.name, found.rows, found.trust, found.notes) == ("plays", 3, (), ())


@pytest.mark.parametrize(
    ("text", "users"),
    [
        ("userID,movieID\n1,2\n", ["1"]),
        ("node_1,node_2\n1,2\n", ["1"]),
        ("who,what\n1,2\n", ["1"]),
        ("ann,blue train\nbob,kind of blue\n", ["ann", "bob"]),
        ("User,Item\nann,blue train\n", ["ann"]),
        ("1,2\n3,4\n", ["1", "3"]),
        ("ann,2\n", ["ann"]),
    ],
)
def test_a_header_of_two_columns_is_told_from_names(
    tmp_path: Path, text: str, users: list[str]
) -> None:
    assert list(read_pairs(written(tmp_path, text)).people) == users


@given(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), min_size=1, max_size=20))
def test_tables_of_numbers_lose_no_row(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, int]]
) -> None:
    path = written(tmp_path_factory.mktemp("t"), "".join(f"{u}\t{i}\n" for u, i in rows))
    assert [(int(act.user), int(act.item)) for act in read_pairs(path).acts] == rows


def test_packed_tables_and_json_objects_are_read_too(tmp_path: Path) -> None:
    path = tmp_path / "plays.csv.gz"
    path.write_bytes(gzip.compress("\n".join(",".join(row) for row in ROWS).encode()))
    assert read_pairs(path).acts == ACTS
    likes = written(tmp_path, json.dumps({"1": ["Pop", "Jazz", "Pop"], "2": [7]}), "likes.json")
    assert [(act.user, act.item, act.weight) for act in read_pairs(likes).acts] == [
        ("1", "Pop", 1), ("1", "Jazz", 1), ("2", "7", 1),
    ]  # fmt: skip


def test_times_may_be_milliseconds(tmp_path: Path) -> None:
    found = read_pairs(written(tmp_path, "a,b,1,1600000000123\nc,d,1,1600000000.5\n"))
    assert [act.at for act in found.acts] == [1_600_000_000_123, 1_600_000_000_500]


def test_too_little_weight_is_left_out_and_told(tmp_path: Path) -> None:
    path = written(tmp_path, "1 2 -3\n1 3 0\n1 4 2.5\n1 5 4\n")
    assert [act.item for act in read_pairs(path).acts] == ["4", "5"]
    found = read_pairs(path, least=3)
    assert [act.item for act in found.acts] == ["5"]
    assert found.notes == ("3 of 4 interactions left out: too little weight",)
    with pytest.raises(DataError, match="none of 4 interactions weighs enough"):
        read_pairs(path, least=9)


def test_trust_is_a_share_of_the_largest_and_distrust_is_left_out(tmp_path: Path) -> None:
    plays = written(tmp_path, "ann b1\n", "plays.txt")
    trust = written(
        tmp_path, "from,to,feature,time\nann,bob,10,3\nbob,cid,5,2\ncid,ann,-1,1\nann,ann,1,1\n"
    )
    found = read_pairs(plays, trust)
    assert found.trust == (TrustEdge("ann", "bob", 1.0), TrustEdge("bob", "cid", 0.5))
    assert found.people == ("ann", "bob", "cid"), "who is only trusted belongs to it"
    assert found.notes == ("2 edges left out: distrust, or trust in oneself",)


def test_mutual_trust_counts_both_ways_and_the_last_word_counts(tmp_path: Path) -> None:
    path = written(tmp_path, "1 2 4\n2 3 2\n1 2 1\n")
    assert {(e.source, e.target): e.weight for e in read_trust(path)[0]} == {
        ("1", "2"): 0.5, ("2", "3"): 1.0,
    }  # fmt: skip
    both = {(e.source, e.target) for e in read_trust(path, mutual=True)[0]}
    assert both == {("1", "2"), ("2", "1"), ("2", "3"), ("3", "2")}
    taken_back = written(tmp_path, "1 2 1\n2 3 1\n1 2 -1\n", "back.txt")
    assert [e.target for e in read_trust(taken_back)[0]] == ["3"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        ("1,2\n3\n", "line 2: wanted at least two fields"),
        ("1,2,3\n1,2,nan\n", "line 2: wanted a number as weight, found 'nan'"),
        ("1,2,3\n1,2,1e300\n", "line 2: wanted a number as weight"),
        ("1,2,3,4\n1,2,3,yesterday\n", "line 2: wanted a number as time"),
        ("1,2,3,4\n1,2,3,-1\n", "line 2: wanted a time since 1970"),
        ("1,2\n,3\n", "line 2: wanted names of 1 to 512 characters"),
        ('{"a": 3}', "wanted a list of items for 'a'"),
        ('{"a": ', "wanted a table or a JSON object"),
    ],
)  # fmt: skip
def test_a_bad_row_is_refused_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        read_pairs(written(tmp_path, text))
    assert "\n" not in str(caught.value)


def test_files_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nothing.csv: there is no such file"):
        read_pairs(tmp_path / "nothing.csv")
    plays = written(tmp_path, "1 2\n")
    with pytest.raises(DataError, match=r"friends.csv: there is no such file"):
        read_pairs(plays, tmp_path / "friends.csv")
    with pytest.raises(DataError, match="none of 1 rows is trust"):
        read_trust(written(tmp_path, "1 1\n", "self.txt"))
