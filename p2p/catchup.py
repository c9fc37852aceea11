"""Catching up: fetch from a neighbour what its log holds behind the place we last reached.

Pure: bytes and pages in, bytes and records out; `p2p.daemon` reads the log and moves the bytes.
The two ends of a session:

    asker    Asking(log id, cursor)     .request ─►            ◄─ frames .take(frame)
    answerer Answering.to(request, id)  .same(shared) if that is all, else .header,
                                        then while .need is not None: .frame(page)

Simple and correct, not frugal: who holds exactly the same is told so and no more, but a cursor
says nothing about records that gossip already brought, so while anything differs they come again
(and are dropped as known, unverified), and a record ignored today (a fast clock, a newer
version) is not offered again. Range-based set reconciliation replaces this module
in a later issue behind the same seam: requests and frames go through `Transport.ask` and its
answer callback, records through `Ledger`, so the daemon's loop and the transports stay.
"""

from dataclasses import dataclass
from typing import Final, Protocol

from p2p import wire

EMPTY_LOG: Final = b""
"""What a ledger gives as the log id of a peer it never caught up with."""


class PageLike(Protocol):
    """What one look into a log gives; `web3rec.store.Page` is one."""

    @property
    def envelopes(self) -> tuple[bytes, ...]: ...
    @property
    def cursor(self) -> int: ...
    @property
    def more(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Shared:
    """What a log shows to anybody, in short."""

    count: int
    """How many records; 0 to MAX_CURSOR."""
    digest: bytes
    """32 bytes, the same for the same records in whichever order."""
    end: int
    """A cursor behind which the log holds nothing that is not in the digest. Records in the
    digest may stand behind it: they come once more, none is left out."""


UNSAID: Final = Shared(0, wire.NO_DIGEST, 0)
"""What a device that reveals nothing says of itself."""


@dataclass(slots=True)
class Answering:
    """The answering end: which pages to read, and the frames they become."""

    cursor: int
    """Read from here."""
    left: int
    """Records this session may still hold."""
    said: tuple[int, bytes]
    """(count, digest) of what the asker shares itself."""
    log_id: bytes
    """Ours."""
    restarted: bool
    """True if the asker's cursor is void here."""
    _done: bool = False

    @staticmethod
    def to(request: bytes, log_id: bytes) -> "Answering | None":
        """Begin to answer; None if the request is malformed.

        A cursor is a place in one log. When the asker's belongs to another (ours was born anew,
        or it never asked), it is void and the answer starts at 0. `log_id` is ours.
        """
        asked = wire.decode_request(request)
        if asked is None:
            return None
        restarted = asked.log_id != log_id
        return Answering(
            cursor=0 if restarted else asked.cursor,
            left=asked.limit,
            said=(asked.held, asked.digest),
            log_id=log_id,
            restarted=restarted,
        )

    @property
    def comparable(self) -> bool:
        """True if the asker said what it shares, so that `same` is worth a try."""
        return self.said[1] != wire.NO_DIGEST

    def same(self, shared: Shared) -> bytes | None:
        """The only frame, and the session is over, if the asker shares what we share; else None."""
        if not self.comparable or self.said != (shared.count, shared.digest):
            return None
        self._done = True
        self.cursor = max(self.cursor, shared.end)
        return wire.encode_frame(wire.Same(self.log_id, self.restarted, self.cursor))

    @property
    def header(self) -> bytes:
        """The first frame, unless all is `same`."""
        return wire.encode_frame(wire.Header(self.log_id, self.restarted))

    @property
    def need(self) -> tuple[int, int] | None:
        """(cursor, limit) of the page to read next, or None when the session is over."""
        return (
            None if self._done or not self.left else (self.cursor, min(self.left, wire.MAX_BATCH))
        )

    def frame(self, page: PageLike) -> bytes:
        """The page last needed, as a frame; an empty page is always the last.

        Cost: O(bytes). Raises ValueError if the page is larger than what `need` asked for.
        """
        if len(page.envelopes) > self.left:
            raise ValueError(f"a page of {len(page.envelopes)} records, {self.left} were asked for")
        more = page.more and bool(page.envelopes)
        self.left -= len(page.envelopes)
        # A log restored from a backup ends before a cursor it once gave out; never send one back.
        self.cursor = max(self.cursor, page.cursor)
        self._done = not more
        return wire.encode_frame(wire.Batch(page.envelopes, self.cursor, more))

    def nothing(self) -> bytes:
        """A frame that says: nothing here for you, and no reason to ask on. Ends the session."""
        self._done = True
        return wire.encode_frame(wire.Batch((), self.cursor, more=False))


@dataclass(slots=True)
class Asking:
    """The asking end: the request, and what may be believed of the frames that come back."""

    log_id: bytes
    """The answerer's log: as we remember it, then as its header says; EMPTY_LOG if unknown."""
    cursor: int
    """Place reached in that log by the frames taken so far."""
    left: int = wire.MAX_SESSION
    """Records we are still ready to take."""
    mine: Shared = UNSAID
    """What we share ourselves."""
    more: bool = False
    """True if the last batch said that the log goes on."""
    _started: bool = False
    _done: bool = False

    @property
    def request(self) -> bytes:
        """The bytes to send first."""
        known = len(self.log_id) == wire.LOG_ID_BYTES
        log_id, cursor = (self.log_id, self.cursor) if known else (wire.NO_LOG, 0)
        return wire.encode_request(
            wire.Request(log_id, cursor, self.left, self.mine.count, self.mine.digest)
        )

    @property
    def done(self) -> bool:
        """True once no further frame may come."""
        return self._done

    def take(self, data: bytes) -> tuple[bytes, ...] | None:
        """The envelopes of the next frame (none but of a batch); None if it breaks the rules.

        The rules: a header first and only once, which says `restarted` exactly when its log is
        not the one we named; then batches that together hold no more than we asked for, whose
        cursors rise; an empty batch is the last one. Or, if we said what we share, a `same`
        alone, whose cursor does not go back. After None the session is worthless: hang up.
        Never raises, whatever the bytes.
        """
        frame = None if self._done else wire.decode_frame(data)
        match frame:
            case wire.Header(log_id, restarted) if self._begins(log_id, restarted=restarted):
                return ()
            case wire.Same(log_id, restarted, cursor) if self.mine.digest != wire.NO_DIGEST:
                if not self._begins(log_id, restarted=restarted) or cursor < self.cursor:
                    return None
                self.cursor, self._done = cursor, True
                return ()
            case wire.Batch(envelopes, cursor, more) if self._started:
                rises = cursor > self.cursor if envelopes else cursor >= self.cursor and not more
                if not rises or len(envelopes) > self.left:
                    return None
                self.cursor, self.more = cursor, more
                self.left -= len(envelopes)
                self._done = not more or not self.left
                return envelopes
            case _:
                return None

    def _begins(self, log_id: bytes, *, restarted: bool) -> bool:
        """Whether an answer may begin so; if it may, we now read that log."""
        if self._started or restarted == (log_id == self.log_id):
            return False
        self._started = True
        if restarted:
            self.log_id, self.cursor = log_id, 0
        return True
