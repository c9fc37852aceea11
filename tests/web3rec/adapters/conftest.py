"""Small data sets in the formats of the real ones."""

import zipfile
from pathlib import Path

import pytest

HETREC = {
    "artists.dat": "id\tname\turl\tpictureURL\n51\tDuran Duran\tu\tp\n52\tSigur Rós\tu\tp\n",
    "user_artists.dat": "userID\tartistID\tweight\r\n2\t51\t13883\r\n2\t52\t3\r\n3\t51\t4\r\n",
    "user_friends.dat": "userID\tfriendID\r\n2\t3\r\n3\t2\r\n2\t4\r\n",
    "tags.dat": "tagID\ttagValue\r\n1\tpop\r\n2\tcafé\r\n3\t80s\r\n",
    "user_taggedartists.dat": (
        "userID\tartistID\ttagID\tday\tmonth\tyear\r\n"
        "2\t51\t1\t1\t4\t2009\r\n3\t51\t3\t1\t4\t2009\r\n2\t51\t3\t1\t4\t2009\r\n2\t52\t2\t1\t4\t2009\r\n"
    ),
}
"""File name -> text of a HetRec data set of three people and two artists."""

MOVIELENS = {
    "movies.csv": (
        "movieId,title,genres\n"
        "1,Toy Story (1995),Adventure|Animation\n"
        '11,"American President, The (1995)",(no genres listed)\n'
    ),
    "ratings.csv": (
        "userId,movieId,rating,timestamp\n"
        "1,1,4.0,964982703\n1,11,2.5,964981247\n2,1,5.0,964982931\n2,11,3.5,964982400\n"
    ),
}
"""File name -> text of a MovieLens data set of two people and two films."""


def write_folder(folder: Path, files: dict[str, str], latin: tuple[str, ...] = ()) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).write_bytes(text.encode("latin-1" if name in latin else "utf-8"))
    return folder


def write_zip(path: Path, folder: Path, prefix: str = "") -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, prefix + file.name)
    return path


@pytest.fixture
def hetrec_folder(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "hetrec", HETREC, latin=("tags.dat",))


@pytest.fixture
def movielens_folder(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "movielens", MOVIELENS)


@pytest.fixture(scope="session")
def movielens_small() -> Path:
    """The data set that ships with the examples."""
    return Path(__file__).resolve().parents[3] / "examples" / "data" / "ml-latest-small"
