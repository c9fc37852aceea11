"""MovieLens: timed star ratings of films, in any of the three layouts GroupLens has used.

    ml-latest, ml-latest-small, ml-20m and later   ratings.csv  movies.csv   (or .tsv, or .gz)
    ml-1m, ml-10m                                  ratings.dat  movies.dat   fields between ::
    ml-100k                                        u.data       u.item       Latin-1, other film ids

The data: Harper & Konstan, "The MovieLens Datasets: History and Context", ACM TiiS 5(4), 2015.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from web3rec.adapters.dataset import Act, Dataset, Progress, quiet
from web3rec.adapters.folder import Folder, Table, ticker
from web3rec.records.model import MAX_TAG_CHARS
from web3rec.types import Event, Item, ItemId, Millis

RATINGS: Final = ("ratings.csv", "ratings.tsv", "ratings.dat", "u.data")
"""The file of ratings, one of these: it tells the layout."""
STARS: Final = tuple(f"{half / 2:g}" for half in range(1, 11))
LEAST: Final = 3.0
"""Stars below which a rating is left out: it says "not this", and no such thing is ever shared."""
GENRES_100K: Final = (
    *("unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime"),
    *("Documentary", "Drama", "Fantasy", "Film-Noir", "Horror", "Musical", "Mystery"),
    *("Romance", "Sci-Fi", "Thriller", "War", "Western"),
)
_NO_GENRE: Final = ("(no genres listed)", "unknown")


def stars_to_act(stars: float) -> tuple[Event, int] | None:
    """What a rating is taken for: 5 a strong LIKE, 4 and 4.5 a LIKE, 3 and 3.5 a LISTEN.

    The extra weight of 5 stars is worth 2 % of NDCG@20 on ml-latest-small (RP3beta, last fifth
    hidden). None below LEAST.
    """
    if stars < LEAST:
        return None
    if stars < 4:
        return Event.LISTEN, 1
    return Event.LIKE, 2 if stars >= 5 else 1


def read_movielens(path: Path, progress: Progress = quiet) -> Dataset:
    """Read the folder or the zip; genres become tags, titles keep their year.

    Raises:
        DataError: a file is missing or damaged, or a row is not what it should be; nothing of the
            data set is handed over then.

    Cost: about .4 s for 100,000 ratings, 8 bytes of file for some 100 of memory.
    """
    layout = _layout(Folder.open(path))
    tick = ticker([layout.films, layout.ratings], progress)

    items: dict[str, Item] = {}
    for line, fields in layout.films.rows(tick):
        layout.films.whole(line, "movieId", fields[0])
        tags = layout.tags(fields)
        items[fields[0]] = Item(
            ItemId(layout.prefix + fields[0]), title=fields[1].strip(), tags=tags
        )

    ids = {film: ItemId(item.id) for film, item in items.items()}
    meaning = _meanings()
    ratings, rows = layout.ratings, 0
    people: dict[str, None] = {}
    acts = []
    for line, (user, film, stars, seconds) in ratings.rows(tick):
        rows += 1
        if user not in people:
            ratings.whole(line, "userId", user)
            people[user] = None
        if film not in ids:
            ratings.refuse(line, f"wanted a film of {layout.films.name}, found {film[:40]!r}")
        if stars not in meaning:
            ratings.refuse(line, f"wanted 0.5 to 5 stars in halves, found {stars[:40]!r}")
        at = Millis(1_000 * ratings.whole(line, "timestamp", seconds))
        if act := meaning[stars]:
            acts.append(Act(user, ids[film], act[0], act[1], at))
    left_out = f"{rows - len(acts):,} of {rows:,} ratings left out: fewer than {LEAST:g} stars"
    return Dataset(
        name=layout.name,
        people=tuple(people),
        items=tuple(items.values()),
        acts=tuple(acts),
        rows=rows,
        notes=(left_out,),
    )


@dataclass(frozen=True, slots=True)
class _Layout:
    name: str
    prefix: str
    """Film ids of ml-100k name other films than those of all later sets, hence another prefix."""
    films: Table
    ratings: Table

    def tags(self, fields: Sequence[str]) -> tuple[str, ...]:
        if len(fields) == 3:
            genres: Iterator[str] = iter(fields[2].split("|"))
        else:
            flags = zip(GENRES_100K, fields[-len(GENRES_100K) :], strict=True)
            genres = (genre for genre, flag in flags if flag == "1")
        return tuple(g for g in genres if 0 < len(g) <= MAX_TAG_CHARS and g not in _NO_GENRE)


def _layout(folder: Folder) -> _Layout:
    name = folder.need(*RATINGS)
    rated = ("userId", "movieId", "rating", "timestamp")
    if name.startswith("u.data"):
        dates = ("title", "release", "video", "url")
        film = folder.need("u.item")
        films = Table(
            film,
            folder.text(film, "latin-1"),
            ("movieId", *dates, *GENRES_100K),
            header=False,
            delimiter="|",
        )
        ratings = Table(name, folder.text(name), rated, header=False, delimiter="\t")
        return _Layout("MovieLens 100K", "ml-100k:movie:", films, ratings)
    described = ("movieId", "title", "genres")
    if name.startswith("ratings.dat"):
        film = folder.need("movies.dat")
        films = Table(film, folder.text(film, "latin-1"), described, header=False, delimiter="::")
        ratings = Table(name, folder.text(name), rated, header=False, delimiter="::")
        return _Layout("MovieLens", "movielens:movie:", films, ratings)
    film = folder.need("movies.csv", "movies.tsv")
    films = Table(film, folder.text(film), described, quoted=True)
    return _Layout("MovieLens", "movielens:movie:", films, Table(name, folder.text(name), rated))


def _meanings() -> dict[str, tuple[Event, int] | None]:
    """Every legal spelling of a rating -> its act: "4", "4.0" and "4.5", but not "NaN" or "6"."""
    meaning = {text: stars_to_act(float(text)) for text in STARS}
    meaning.update({f"{text}.0": act for text, act in meaning.items() if "." not in text})
    return meaning
