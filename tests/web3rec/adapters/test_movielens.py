"""Reading MovieLens: all three layouts by hand, the one that ships by its published counts."""

import gzip
import time
from pathlib import Path

import pytest

from tests.web3rec.adapters.conftest import MOVIELENS, write_folder, write_zip
from web3rec.adapters import read_movielens
from web3rec.adapters.dataset import Act
from web3rec.adapters.movielens import GENRES_100K, STARS, stars_to_act
from web3rec.errors import DataError
from web3rec.types import Event, Item, ItemId, Millis

TOY, PRESIDENT = ItemId("movielens:movie:1"), ItemId("movielens:movie:11")
ACTS = (
    Act("1", TOY, Event.LIKE, 1, Millis(964_982_703_000)),
    Act("2", TOY, Event.LIKE, 2, Millis(964_982_931_000)),
    Act("2", PRESIDENT, Event.LISTEN, 1, Millis(964_982_400_000)),
)


def test_a_small_folder_is_read_as_worked_by_hand(movielens_folder: Path) -> None:
    data = read_movielens(movielens_folder)
    assert data.people == ("1", "2")
    assert data.items == (
        Item(TOY, title="Toy Story (1995)", tags=("Adventure", "Animation")),
        Item(PRESIDENT, title="American President, The (1995)"),
    )
    assert data.acts == ACTS
    assert data.rows == 4
    assert data.trust == ()
    assert data.notes == ("1 of 4 ratings left out: fewer than 3 stars",)


@pytest.mark.parametrize("form", ["tsv", "gz", "tsv.gz", "zip", "crlf", "bom"])
def test_every_variant_of_the_layout_reads_the_same(tmp_path: Path, form: str) -> None:
    expected = read_movielens(write_folder(tmp_path / "plain", MOVIELENS))
    files = dict(MOVIELENS)
    if form.startswith("tsv"):
        files["ratings.tsv"] = files.pop("ratings.csv").replace(",", "\t")
    if form == "crlf":
        files = {name: text.replace("\n", "\r\n") for name, text in files.items()}
    if form == "bom":
        files = {name: "\ufeff" + text for name, text in files.items()}
    path = write_folder(tmp_path / form, files)
    if form.endswith("gz"):
        for file in list(path.iterdir()):
            (path / f"{file.name}.gz").write_bytes(gzip.compress(file.read_bytes()))
            file.unlink()
    if form == "zip":
        path = write_zip(tmp_path / "ml.zip", path, "ml-latest-small/")
    assert read_movielens(path) == expected


def test_the_1m_layout_is_read(tmp_path: Path) -> None:
    films = "1::Toy Story (1995)::Adventure|Animation\n11::Misérables, Les (1995)::Drama\n"
    files = {"movies.dat": films, "ratings.dat": "1::1::4::964982703\n2::1::5::964982931\n"}
    data = read_movielens(write_folder(tmp_path / "1m", files, latin=("movies.dat",)))
    assert data.acts == ACTS[:2]
    assert data.items[1].title == "Misérables, Les (1995)"


def test_the_100k_layout_is_read_under_ids_of_its_own(tmp_path: Path) -> None:
    flags = "|".join("1" if genre in ("Action", "Western") else "0" for genre in GENRES_100K)
    files = {
        "u.item": f"2|GoldenEye (1995)|01-Jan-1995||url|{flags}\n",
        "u.data": "7\t2\t3\t881250949\n",
    }
    data = read_movielens(write_folder(tmp_path / "100k", files))
    assert data.items == (Item("ml-100k:movie:2", "GoldenEye (1995)", tags=("Action", "Western")),)
    at = Millis(881_250_949_000)
    assert data.acts == (Act("7", ItemId("ml-100k:movie:2"), Event.LISTEN, 1, at),)


def test_more_stars_never_mean_less() -> None:
    order = [Event.LISTEN, Event.LIKE]
    meant = [stars_to_act(float(stars)) for stars in STARS]
    assert meant[:5] == [None] * 5
    depth = [(order.index(act[0]), act[1]) for act in meant if act]
    assert depth == sorted(depth)


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("ratings.csv", "4.0", "NaN", r"ratings.csv line 2: wanted 0.5 to 5 stars .*'NaN'"),
        ("ratings.csv", "4.0", "-4.0", r"ratings.csv line 2: .*'-4.0'"),
        ("ratings.csv", "4.0", "5.5", r"ratings.csv line 2: .*'5.5'"),
        ("ratings.csv", "4.0", "", r"ratings.csv line 2: .*''"),
        ("ratings.csv", "964981247", "-1", r"ratings.csv line 3: .*timestamp.*'-1'"),
        ("ratings.csv", "964981247", "1e9", r"ratings.csv line 3: .*timestamp"),
        ("ratings.csv", "2,11,3.5,964982400\n", "2,11,3.5", r"line 5: wanted 4 columns .*found 3"),
        ("ratings.csv", "2,11,3.5", "2,12,3.5", r"line 5: wanted a film of movies.csv.*'12'"),
        ("ratings.csv", "\n2,1,", "\nx,1,", r"line 4: .*userId.*'x'"),
        ("ratings.csv", "rating,", "stars,", r"ratings.csv line 1: wanted the columns"),
        ("movies.csv", '(1995)",', "(1995),", r"movies.csv line 3: wanted comma-separated"),
        ("movies.csv", "\n1,Toy", "\n?,Toy", r"movies.csv line 2: .*movieId"),
        ("movies.csv", "movieId,title,genres\n1", "1", r"movies.csv line 1: wanted the columns"),
    ],
)
def test_a_bad_row_is_refused_with_its_line(
    movielens_folder: Path, file: str, old: str, new: str, message: str
) -> None:
    path = movielens_folder / file
    before = path.read_text(encoding="utf-8")
    assert old in before
    path.write_text(before.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DataError, match=message) as caught:
        read_movielens(movielens_folder)
    assert "\n" not in str(caught.value)


def test_an_empty_file_is_refused(movielens_folder: Path) -> None:
    (movielens_folder / "ratings.csv").write_bytes(b"")
    with pytest.raises(DataError, match=r"ratings.csv line 1: wanted the columns"):
        read_movielens(movielens_folder)


def test_a_truncated_gz_is_refused(movielens_folder: Path) -> None:
    packed = gzip.compress((movielens_folder / "ratings.csv").read_bytes())
    (movielens_folder / "ratings.csv").unlink()
    (movielens_folder / "ratings.csv.gz").write_bytes(packed[:-9])
    with pytest.raises(DataError, match=r"ratings.csv.gz: damaged"):
        read_movielens(movielens_folder)


@pytest.mark.slow
def test_the_set_that_ships_has_its_published_counts(movielens_small: Path) -> None:
    start = time.process_time()
    data = read_movielens(movielens_small)
    seconds = time.process_time() - start
    assert (data.rows, len(data.people), len(data.items)) == (100_836, 610, 9_742)
    assert len(data.acts) == 81_763
    assert len({act.item for act in data.acts} - {item.id for item in data.items}) == 0
    assert seconds < 5, "about .25 s on one core; far more means a reader that went quadratic"


def test_the_set_that_ships_keeps_its_terms_beside_it(movielens_small: Path) -> None:
    terms = (movielens_small / "README.txt").read_text(encoding="utf-8")
    assert "under these same license conditions" in terms
    assert "Harper and Joseph A. Konstan. 2015" in terms
