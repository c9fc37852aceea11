"""HetRec 2011 Last.fm: who played which artist how often, and who is whose friend.

The data: Cantador, Brusilovsky & Kuflik, HetRec workshop at RecSys 2011; for non-commercial use.
Plays carry no time, so no act does. Its tag file is Latin-1, its artists are UTF-8.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from web3rec.adapters.dataset import Act, Dataset, Progress, TrustEdge, quiet
from web3rec.adapters.folder import Folder, Table, ticker
from web3rec.records.model import MAX_TAG_CHARS, MAX_WEIGHT
from web3rec.types import Event, Item, ItemId

MEMBERS: Final = ("user_artists.dat", "artists.dat", "user_friends.dat")
"""What must be there; tags.dat with user_taggedartists.dat is used where both are."""
TOP_TAGS: Final = 5


def play_bucket(plays: int) -> int:
    """The weight of so many plays: 1 + floor(log4(plays)), at most 8.

    >>> [play_bucket(n) for n in (1, 3, 4, 16, 13_883, 10**9)]
    [1, 1, 2, 3, 7, 8]
    """
    return min(1 + (plays.bit_length() - 1) // 2, MAX_WEIGHT)


class Tagging(NamedTuple):
    """Somebody gave an artist a tag."""

    user: str
    item: ItemId
    word: str
    number: int
    """The tag's; of tags given equally often the lower counts as more"""


def read_taggings(path: Path) -> tuple[Tagging, ...]:
    """Who gave which artist which tag, in the order of the file; also artists nobody describes.

    Raises:
        DataError: a file is missing or damaged.
    """
    folder = Folder.open(path)
    return tuple(_taggings(*_tag_tables(folder)))


def top_tags(given: Iterable[Tagging]) -> dict[ItemId, tuple[str, ...]]:
    """Artist -> its (up to five) most given tags, ties by number; over-long ones are left out."""
    counts: dict[ItemId, Counter[tuple[int, str]]] = defaultdict(Counter)
    for one in given:
        counts[one.item][one.number, one.word] += 1
    return {
        item: tuple(
            word
            for _number, word in sorted(count, key=lambda tag: (-count[tag], tag[0]))
            if 0 < len(word) <= MAX_TAG_CHARS
        )[:TOP_TAGS]
        for item, count in counts.items()
    }


def read_hetrec(path: Path, progress: Progress = quiet) -> Dataset:
    """Read the folder or the zip.

    Plays become LISTEN acts in weight buckets; a friendship becomes an edge of weight 1 each way,
    also where the file names it one way only; an artist's tags are its (up to) five most given.

    Raises:
        DataError: a file is missing or damaged, or a row is not what it should be; nothing of the
            data set is handed over then.

    Cost: about .6 s and 100 MB for the published 92,834 plays.
    """
    folder = Folder.open(path)
    plays = _table(folder, "user_artists.dat", ("userID", "artistID", "weight"))
    artists = _table(folder, "artists.dat", ("id", "name"))
    friends = _table(folder, "user_friends.dat", ("userID", "friendID"))
    tables, tagged = [artists, plays, friends], None
    if folder.find("tags.dat") and folder.find("user_taggedartists.dat"):
        tagged = _tag_tables(folder)
        tables += tagged
    tick = ticker(tables, progress)

    names: dict[str, str] = {}
    for line, (artist, name) in artists.rows(tick):
        artists.whole(line, "id", artist)
        names[artist] = name.strip()
    ids = {artist: _id(artist) for artist in names}

    people: dict[str, None] = {}
    acts = []
    for line, (user, artist, count) in plays.rows(tick):
        if artist not in ids:
            plays.refuse(line, f"wanted an artist of artists.dat, found {artist[:40]!r}")
        if user not in people:
            plays.whole(line, "userID", user)
            people[user] = None
        weight = play_bucket(plays.whole(line, "weight", count, least=1))
        acts.append(Act(user, ids[artist], Event.LISTEN, weight))

    pairs: dict[tuple[str, str], None] = {}
    for line, (user, friend) in friends.rows(tick):
        for person in (user, friend):
            friends.whole(line, "userID", person)
            people.setdefault(person)
        if user == friend:
            friends.refuse(line, f"wanted two people, found {user!r} twice")
        pairs[user, friend] = pairs[friend, user] = None

    tags = top_tags(_taggings(*tagged, tick=tick)) if tagged else {}
    return Dataset(
        name="HetRec 2011 Last.fm",
        people=tuple(people),
        items=tuple(
            Item(ids[a], title=name, tags=tags.get(ids[a], ())) for a, name in names.items()
        ),
        acts=tuple(acts),
        trust=tuple(TrustEdge(user, friend) for user, friend in pairs),
        rows=len(acts),
        notes=("plays carry no time; friendships count as trust both ways",),
    )


def _table(folder: Folder, name: str, columns: tuple[str, ...], encoding: str = "utf-8") -> Table:
    member = folder.need(name)
    return Table(member, folder.text(member, encoding), columns, delimiter="\t")


def _tag_tables(folder: Folder) -> tuple[Table, Table]:
    return (
        _table(folder, "tags.dat", ("tagID", "tagValue"), "latin-1"),
        _table(folder, "user_taggedartists.dat", ("userID", "artistID", "tagID")),
    )


def _id(artist: str) -> ItemId:
    return ItemId(f"lastfm:artist:{artist}")


def _taggings(
    values: Table, given: Table, tick: Callable[[int], None] = lambda _lines: None
) -> Iterator[Tagging]:
    words: dict[str, str] = {}
    for line, (tag, value) in values.rows(tick):
        values.whole(line, "tagID", tag)
        words[tag] = value.strip()
    for line, (user, artist, tag) in given.rows(tick):
        if tag not in words:
            given.refuse(line, f"wanted a tag of {values.name}, found {tag[:40]!r}")
        yield Tagging(user, _id(artist), words[tag], int(tag))
