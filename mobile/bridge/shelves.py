"""The library: the whole catalogue or what a query finds, with hearts."""

from collections.abc import Mapping

from mobile.bridge.office import LIBRARY, Office
from mobile.bridge.tastes import Tastes
from mobile.presenting.library import Catalogue, Entry, Rows
from web3rec.recommender import Recommender
from web3rec.types import Item, ItemKey

_BARE = "The catalogue is empty."


class Shelves:
    """Searches on the desk; of queries that come faster than answers, the last one counts."""

    def __init__(self, office: Office, tastes: Tastes) -> None:
        """Nothing is read yet."""
        self._office, self._board, self._tastes = office, office.board, tastes
        office.renewals[LIBRARY] = self.make
        self._items: Mapping[ItemKey, Item] | None = None
        self._catalogue: Catalogue | None = None
        self._entries: dict[str, Entry] = {}
        self._found: tuple[Catalogue | None, str, tuple[Entry, ...]] = (None, "", ())

    def search(self, words: str) -> None:
        """Show what these words find; everything for none."""
        self._board.amend("library", query=words, searching=True)
        self._office.renew(LIBRARY)

    def entry(self, item: str) -> Entry | None:
        """An item of the catalogue, by its id."""
        return self._entries.get(item)

    def following(self, item: str) -> tuple[str, ...]:
        """What stands behind an item in the library as it is shown."""
        found = [entry.item for entry in self._found[2]]
        return tuple(found[found.index(item) + 1 :]) if item in found else ()

    def drop(self) -> None:
        """Let go of what can be made again; the rows that are shown stay."""
        self._office.desk.ask(self._drop)

    def make(self, rec: Recommender) -> None:
        """Search, and read the catalogue first if it is another. Cost: 10 µs an item then."""
        items = rec.log.items()
        if self._catalogue is None or self._items != items:
            self._items, self._catalogue = items, Catalogue(items.values())
            self._entries = {entry.item: entry for entry in self._catalogue.entries}
        query = self._board.state.library.query
        if self._found[:2] != (self._catalogue, query):
            self._found = (self._catalogue, query, self._catalogue.found(query))
        found = self._found[2]
        note = "" if found else f"Nothing found for “{query}”." if items else _BARE
        with self._board.lock:
            if self._board.state.library.query != query:
                return  # the answer to the new one follows
            rows = Rows(found, self._tastes.liked)
            self._board.amend("library", rows=rows, total=len(items), note=note, searching=False)

    def _drop(self) -> None:
        self._items = self._catalogue = None
