"""What of the log others may see, and what it was given out by; nothing here changes it."""

from collections.abc import Iterable

from web3rec.store import reading, sharing
from web3rec.store.answers import Answers
from web3rec.store.keeping import Keeping
from web3rec.store.known import Known
from web3rec.store.sharing import Page, Pending


class Showing(Answers):
    """The part of a log that others see, as far as the privacy ladder lets them."""

    _kept: Keeping

    @property
    def level(self) -> int:
        """The privacy ladder's present level, 0..3."""
        return self._stored_level()

    def known(self) -> Known:
        """All that was seen and lives beyond today, held or not. See `known`.

        Cost: that of `Seen.known`; nothing while nothing was seen. If read-only, always in full.
        """
        with self._db.lock:
            if self.read_only:
                self._kept.drop_seen()
            return self._kept.known(self._clock() // 1000)

    def envelopes(self, ids: Iterable[bytes]) -> tuple[bytes, ...]:
        """Those of these records (16 bytes of id each) that may leave now; retractions first."""
        return sharing.envelopes(self._db, self._shown_at, self._clock(), ids)

    def since(self, cursor: int, limit: int) -> Page:
        """Shared records after a cursor. See `sharing.since`."""
        return sharing.since(self._db, self._shown_at, self._clock(), cursor, limit)

    def digest(self) -> tuple[int, bytes]:
        """(count, digest) of what `since` shows; equal digests mean converged."""
        return sharing.digest(self._db, self._shown_at, self._clock())

    def outbox(self) -> tuple[Pending, ...]:
        """The ego's records that will leave at the present level."""
        return sharing.waiting(self._db, self.level, self._clock())

    def departed(self, limit: int) -> tuple[int, tuple[Pending, ...]]:
        """How many of the ego's records left, and the newest of them. See `sharing.departed`."""
        return sharing.departed(self._db, self._me, limit)

    @property
    def apportioned_by(self) -> bytes:
        """What the present quotas were made of; nothing if there are none."""
        found = reading.setting(self._db, "apportioned_by")
        return found if isinstance(found, bytes) else b""

    @property
    def _shown_at(self) -> int:
        """The level at which the log shows itself: 0 where what it holds would tell too much."""
        return 0 if self.level and self._kept.is_private else self.level

    def _stored_level(self) -> int:
        return reading.whole(reading.setting(self._db, "level"), 0)
