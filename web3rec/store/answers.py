"""What the log answers to the recommender and to whoever shows it; nothing here changes it."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager

from web3rec.clock import Clock
from web3rec.records.succession import Succession
from web3rec.store import catalogue, earning, expiry, lines, reading, telling, withheld
from web3rec.store.database import Database
from web3rec.store.reading import Row
from web3rec.store.telling import Told
from web3rec.store.vouched import Edge, vouched
from web3rec.store.withheld import Withheld
from web3rec.types import Item, ItemKey, Millis, PeerId, RecordId


class Answers:
    """The half of a log that asks."""

    def __init__(self, db: Database, me: PeerId, clock: Clock) -> None:
        """Made by `Log`."""
        self._db, self._me, self._clock = db, me, clock
        self._catalogue: dict[ItemKey, Item] | None = None
        self._who = Succession()  # as it was when the changed authors were told last

    @property
    def author(self) -> PeerId:
        """Whose log it is: the ego."""
        return self._me

    def who_is_who(self) -> Succession:
        """Which keys took over from which; the ego's own from nobody but the ego."""
        return lines.who_is_who(self._db, self._me, self._clock() // 1000)

    def keys_of(self, peer: PeerId) -> tuple[PeerId, ...]:
        """All keys that are this person's, as far as is known; the first one first."""
        who = self.who_is_who()
        return who.line(who.of(peer))

    def interactions(self) -> list[Row]:
        """Live interactions of all authors that are not quarantined. See `reading`, `lines`."""
        with self._db.reading():
            rows = reading.interactions(self._db, self._me, self._clock() // 1000)
            who = self.who_is_who()
        if not who.heads and not who.ended:
            return rows
        theirs = [row for row in rows if who.of(row[0]) != self._me]
        mine = [row for row in rows if row[0] == self._me]
        return [*lines.said_by_one(theirs, who), *mine]

    def endorsements(self) -> list[tuple[PeerId, int, PeerId, int]]:
        """Live trust edges: author, n, peer, weight in eighths. See `lines`."""
        with self._db.reading():
            rows = reading.endorsements(self._db, self._me, self._clock() // 1000)
            who = self.who_is_who()
        if not who.heads and not who.ended:
            return rows
        theirs = [row for row in rows if who.of(row[0]) != self._me]
        mine = [row for row in rows if row[0] == self._me]
        return [
            (author, n, peer, weight)
            for author, n, peer, weight in lines.about_whom(
                [*lines.said_by_one(theirs, who), *mine], who
            )
        ]

    def stated_trust(self) -> list[tuple[PeerId, int, bool]]:
        """What the ego says of whom, by the key it named: peer, weight, is it for good here.

        Later ones replace earlier ones.
        """
        now = self._clock() // 1000
        return [
            (p, w, private) for p, w, _, private in reading.stated_trust(self._db, self._me, now)
        ]

    def told(
        self, authors: Collection[PeerId] | None = None, unheard: Collection[PeerId] = ()
    ) -> Iterator[Told]:
        """All live statements that make a graph, some authors at a time. See `telling`."""
        return telling.told(self._db, self._me, self._clock() // 1000, authors, unheard)

    def touched(self) -> dict[ItemKey, Millis]:
        """When the ego last touched each item, on its own clock."""
        return reading.touched(self._db, self._me)

    def unwanted(self) -> frozenset[ItemKey]:
        """Items the ego said it is not interested in."""
        return reading.unwanted(self._db)

    def replies(self) -> list[tuple[ItemKey, bool]]:
        """What the ego said to items of lists, and whether it accepted them. See `reading`."""
        return reading.replies(self._db)

    def payments(self) -> list[tuple[PeerId, bool, float]]:
        """What the ego said about positions, and who had paid for them. See `earning`."""
        with self._db.reading():
            who, paid = self.who_is_who(), earning.payments(self._db)
        return [(who.of(payer), accepted, part) for payer, accepted, part in paid]

    def withheld(self) -> Withheld:
        """Items and tags that are never shared. See `withheld`."""
        return withheld.withheld(self._db)

    def blocked(self) -> frozenset[PeerId]:
        return reading.blocked(self._db)

    def silenced(self) -> frozenset[PeerId]:
        """Whom the ego does not hear: the blocked, by whatever key they go now; not the ego."""
        with self._db.reading():
            who, blocked = self.who_is_who(), self.blocked()
        return (blocked | {who.of(peer) for peer in blocked}) - {self._me}

    def names(self) -> dict[PeerId, str]:
        """What the ego calls its peers; a name goes with whoever took over."""
        with self._db.reading():
            who, names = self.who_is_who(), self.given_names()
        return {who.of(peer): name for peer, name in names.items()} | {
            peer: name for peer, name in names.items() if who.of(peer) == peer
        }

    def given_names(self) -> dict[PeerId, str]:
        """What the ego calls its peers, by the key it named."""
        return reading.names(self._db)

    def items(self, *, described: bool = True) -> dict[ItemKey, Item]:
        """The app's catalogue; with described=False also bare names the ego touched."""
        if not described:
            return catalogue.all_items(self._db, described=False)
        with self._db.lock:
            self._db.check_open()
            if self._catalogue is None or self.read_only:
                self._catalogue = catalogue.all_items(self._db)
            return dict(self._catalogue)

    def some_items(self, keys: Collection[ItemKey]) -> dict[ItemKey, Item]:
        """Those of these items that have a name here, described or only touched."""
        return catalogue.some_items(self._db, keys)

    def descriptions(
        self, keys: Collection[ItemKey] | None = None
    ) -> list[tuple[ItemKey, PeerId, RecordId, Item]]:
        """What peers call items; only these items, if given."""
        with self._db.reading():
            who = self.who_is_who()
            found = catalogue.descriptions(self._db, self._clock() // 1000, keys)
        return [(key, who.of(author), id_, item) for key, author, id_, item in found]

    def history(self) -> list[tuple[str, str, int, int]]:
        """The ego's own acts in order of time: item, kind, weight, touched (ms)."""
        return [act[:4] for act in reading.history(self._db, self._me)]

    def whole_history(self) -> list[tuple[str, str, int, int, bool]]:
        """The same, and whether each is for good here. See `reading.history`."""
        return reading.history(self._db, self._me)

    def vouched(self, *, private: bool) -> list[Edge]:
        """Live trust edges as far as others may know them. See `vouched`."""
        return vouched(self._db, self._me, self._clock() // 1000, private=private)

    def counts(self) -> Mapping[str, int]:
        """How much there is of what."""
        return reading.counts(self._db)

    def authors(self) -> dict[PeerId, int]:
        """How many records of each author are held."""
        return reading.authors(self._db)

    def changed_authors(self) -> frozenset[PeerId] | None:
        """Whose live statements may have changed since this was last asked, by what was written.

        None if nobody can say: asked for the first time, another process may have written (the log
        is read-only), or what was seen in between was taken back. What lapses is not in it: see
        `lapsed`. Ask while the log is `steady`, and once for all who want to know. Who has several
        keys goes by the last; when that changes for anybody, nobody can say either.
        """
        changed, before = self._db.changed_authors(), self._who
        self._who = self.who_is_who()
        if changed is None or self._who != before:
            return None
        return frozenset(self._who.of(author) for author in changed)

    def steady(self) -> AbstractContextManager[None]:
        """Several questions of one moment: no change comes between them."""
        return self._db.reading()

    def lapsed(self) -> int:
        """How much that is past its time is still held: reads leave it out, `expire` erases it."""
        return expiry.lapsed(self._db, self._clock() // 1000)

    @property
    def read_only(self) -> bool:
        return self._db.read_only

    def check_open(self) -> None:
        """Raises Closed after `close`."""
        self._db.check_open()
