"""What the ego likes, as far as hearts show it: read from the log, ahead of it while acts wait."""

from mobile.bridge.office import Office
from web3rec.recommender import Recommender
from web3rec.types import Event, Millis


class Tastes:
    """Item -> when it was liked first. Its lock is the board's."""

    def __init__(self, office: Office) -> None:
        """Nothing is read yet."""
        self._office = office
        self._liked: dict[str, Millis] = {}
        self._ahead: dict[str, Millis | None] = {}  # what is shown before it is done

    @property
    def liked(self) -> frozenset[str]:
        with self._office.board.lock:
            return frozenset(self._liked)

    def since(self, item: str) -> Millis | None:
        """When an item was liked; None if it is not."""
        return self._liked.get(item)

    def show(self, item: str, at: Millis | None) -> None:
        """Liked since then, or not liked, until `settle` whatever the log says."""
        with self._office.board.lock:
            self._ahead[item] = at
            self._set(item, at)

    def settle(self, item: str, at: Millis | None) -> None:
        """The log says so now, or will never; nothing if something else was shown since."""
        with self._office.board.lock:
            if item in self._ahead and self._ahead[item] == at:
                del self._ahead[item]

    def read(self, rec: Recommender) -> None:
        """As the log has it. Cost: O(the ego's acts)."""
        found: dict[str, Millis] = {}
        for item, kind, _, at in rec.log.history():
            if kind == Event.LIKE.value:
                found.setdefault(item, Millis(at))
        with self._office.board.lock:
            self._liked = found
            for item, ahead in self._ahead.items():
                self._set(item, ahead)

    def _set(self, item: str, at: Millis | None) -> None:
        if at is None:
            self._liked.pop(item, None)
        else:
            self._liked[item] = at
