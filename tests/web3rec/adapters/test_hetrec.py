"""Reading HetRec Last.fm: a small one by hand, the real one by its published counts."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web3rec.adapters.conftest import write_zip
from web3rec.adapters import TrustEdge, read_hetrec
from web3rec.adapters.dataset import Act
from web3rec.adapters.hetrec import play_bucket, read_taggings, top_tags
from web3rec.errors import DataError
from web3rec.types import Event, Item, ItemId

DURAN, SIGUR = ItemId("lastfm:artist:51"), ItemId("lastfm:artist:52")


def test_a_small_folder_is_read_as_worked_by_hand(hetrec_folder: Path) -> None:
    """13,883 plays lie in [4^6, 4^7): bucket 7; 3 plays in bucket 1; 4 plays in bucket 2."""
    data = read_hetrec(hetrec_folder)
    assert data.people == ("2", "3", "4")
    assert data.items == (
        Item(DURAN, title="Duran Duran", tags=("80s", "pop")),
        Item(SIGUR, title="Sigur Rós", tags=("café",)),
    )
    assert data.acts == (
        Act("2", DURAN, Event.LISTEN, 7),
        Act("2", SIGUR, Event.LISTEN, 1),
        Act("3", DURAN, Event.LISTEN, 2),
    )
    edges = {("2", "3"), ("3", "2"), ("2", "4"), ("4", "2")}
    assert set(data.trust) == {TrustEdge(a, b, 1.0) for a, b in edges}
    assert len(data.trust) == 4


@pytest.mark.parametrize("prefix", ["", "hetrec2011-lastfm-2k/"])
def test_a_zip_reads_like_its_folder(hetrec_folder: Path, tmp_path: Path, prefix: str) -> None:
    packed = write_zip(tmp_path / "hetrec.zip", hetrec_folder, prefix)
    assert read_hetrec(packed) == read_hetrec(hetrec_folder)


def test_who_gave_which_tag_is_kept_and_makes_the_items_own_tags(hetrec_folder: Path) -> None:
    given = read_taggings(hetrec_folder)
    assert {(one.user, one.item, one.word) for one in given if one.item == SIGUR} == {
        ("2", SIGUR, "café")
    }
    described = {ItemId(item.id): item.tags for item in read_hetrec(hetrec_folder).items}
    assert {item: tags for item, tags in top_tags(given).items() if item in described} == described


def test_tags_may_be_absent(hetrec_folder: Path) -> None:
    (hetrec_folder / "tags.dat").unlink()
    assert all(item.tags == () for item in read_hetrec(hetrec_folder).items)


@given(st.integers(1, 10**12))
def test_a_bucket_is_the_floor_of_the_logarithm_to_base_four(plays: int) -> None:
    bucket = play_bucket(plays)
    assert 1 <= bucket <= 8
    assert 4 ** (bucket - 1) <= plays
    assert bucket == 8 or plays < 4**bucket


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("user_artists.dat", "\t3\r\n", "\t-3\r\n", r"user_artists.dat line 3: .*weight.*'-3'"),
        ("user_artists.dat", "\t3\r\n", "\tNaN\r\n", r"user_artists.dat line 3: .*whole.*'NaN'"),
        ("user_artists.dat", "\t3\r\n", "\t0\r\n", r"line 3: wanted a whole number >= 1"),
        ("user_artists.dat", "\t3\r\n", "\t1_0\r\n", r"line 3: wanted a whole number"),
        ("user_artists.dat", "\t3\r\n", "\t" + "9" * 5_000 + "\r\n", r"line 3: wanted a whole"),
        ("user_artists.dat", "3\t51\t4\r\n", "3\t51", r"line 4: wanted 3 columns .* found 2"),
        ("user_artists.dat", "2\t52\t3", "2\t99\t3", r"line 3: wanted an artist .*'99'"),
        ("user_artists.dat", "userID", "user", r"line 1: wanted the columns"),
        ("user_friends.dat", "2\t4", "4\t4", r"user_friends.dat line 4: wanted two people"),
        ("user_friends.dat", "2\t4", "2\tx", r"user_friends.dat line 4: .*'x'"),
        ("user_taggedartists.dat", "2\t52\t2", "2\t52\t9", r"line 5: wanted a tag of tags.dat"),
        ("tags.dat", "3\t80s", "x\t80s", r"tags.dat line 4: .*tagID"),
    ],
    ids=lambda text: text[:20],
)
def test_a_bad_row_is_refused_with_its_line(
    hetrec_folder: Path, file: str, old: str, new: str, message: str
) -> None:
    path = hetrec_folder / file
    before = path.read_bytes().decode("latin-1")
    assert old in before
    path.write_bytes(before.replace(old, new, 1).encode("latin-1"))
    with pytest.raises(DataError, match=message) as caught:
        read_hetrec(hetrec_folder)
    assert "\n" not in str(caught.value)


def test_artists_that_are_not_utf8_are_refused_with_their_line(hetrec_folder: Path) -> None:
    path = hetrec_folder / "artists.dat"
    path.write_bytes(path.read_bytes().decode().encode("latin-1"))
    with pytest.raises(DataError, match=r"artists.dat line 3: wanted UTF-8 text.*0xf3"):
        read_hetrec(hetrec_folder)


def test_a_missing_file_is_named(hetrec_folder: Path) -> None:
    (hetrec_folder / "user_friends.dat").unlink()
    with pytest.raises(DataError, match=r"wanted user_friends.dat"):
        read_hetrec(hetrec_folder)


def test_progress_rises_to_the_number_of_lines(hetrec_folder: Path) -> None:
    seen: list[tuple[int, int]] = []
    read_hetrec(hetrec_folder, lambda done, total: seen.append((done, total)))
    assert seen == sorted(seen)
    assert seen[-1][0] == seen[-1][1] > 0


@pytest.mark.slow
def test_the_real_zip_has_its_published_counts(hetrec_zip: Path) -> None:
    start = time.process_time()
    data = read_hetrec(hetrec_zip)
    seconds = time.process_time() - start
    assert len(data.people) == 1_892
    assert len(data.items) == 17_632
    assert len(data.acts) == data.rows == 92_834
    assert len(data.trust) == 2 * 12_717
    assert {1, 8} <= {act.weight for act in data.acts} <= set(range(1, 9))
    assert max(len(item.tags) for item in data.items) == 5
    assert seconds < 5, "about .6 s on one core; far more means a reader that went quadratic"
