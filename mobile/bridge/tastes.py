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

    @property
    def liked(self) -> frozenset[str]:
        with self._office.board.lock:
            return frozenset(self._liked)

    def since(self, item: str) -> Millis | None:
        """When an item was liked; None if it is not."""
        return self._liked.get(item)

    def like(self, item: str, at: Millis) -> None:
        with self._office.board.lock:
            self._liked[item] = at

    def unlike(self, item: str) -> None:
        with self._office.board.lock:
            self._liked.pop(item, None)

    def read(self, rec: Recommender) -> None:
        """As the log has it. Cost: O(the ego's acts)."""
        found: dict[str, Millis] = {}
        for item, kind, _, at in rec.log.history():
            if kind == Event.LIKE.value:
                found.setdefault(item, Millis(at))
        with self._office.board.lock:
            self._liked = found
