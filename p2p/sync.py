"""A sync session: two ends find out who lacks what and send each other the records.

Pure: frames in, steps and frames out; `p2p.sessions` moves the bytes and asks the ledger. The
ends speak in turns, and only the one whose turn it is speaks:

    opener  hello                                                      (its whole first turn)
    server  hello · ranges… · over
    opener  ranges… · want… · over
      …
    each    want… · records… · peers · done                            (its last turn)

A turn with ranges ends in `over`; a turn without any is the last of that end. So everybody's
debts are known before its records go: what the other was found to lack, and what it asked for.
Either end may be cut off anywhere; what came until then is kept, and the next session finds what
is left, because it compares what both hold by then.

A stranger's frame never raises: what makes no sense is an `Offence`, and the session is over.
What it may cost is bounded: one hashing of what we hold, MAX_TURNS turns and MAX_RANGES ranges
frames, and as many records as we said we take.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

import numpy as np

from p2p.holdings import SALT_BYTES, Holdings, Salted, session_key
from p2p.reconcile import Range, Reconciliation
from p2p.sync_wire import (
    MAX_ADDRESS,
    MAX_BATCH,
    MAX_FRAME,
    MAX_PEERS,
    MAX_TAKE,
    MAX_WANT,
    VERSION,
    Done,
    Frame,
    Hello,
    Over,
    Peers,
    Ranges,
    Records,
    Want,
    decode,
    encode,
    packed,
)

MAX_TURNS: Final = 16
"""Turns of one end at most; two honest ends with 10^6 elements need 8 at worst."""
MAX_RANGES: Final = 48
"""Ranges frames of one end in a session at most, 3 MiB: lists of 390,000 elements."""
LOOK_AT_ONCE: Final = MAX_TAKE
"""Ids we ask the ledger for at once; among so many, retractions come first."""
_SPARE: Final = 1_024
"""More than the longest range of ours, which may leave so much of a frame unused."""


class Offence(Enum):
    """What no honest peer does; the text may be logged."""

    MALFORMED = "bytes that are no frame"
    ORDER = "a frame out of turn"
    RANGES = "ranges that overlap, go back or were not open"
    WANT = "asked for what was not offered"
    TOO_MUCH = "more records, ranges or turns than agreed"
    FORGED = "a record that no honest peer sends"


class Step(Enum):
    """What to do after a frame, when nothing came with it."""

    WAIT = "read the next frame"
    SPEAK = "our turn: send `turn()`"
    OVER = "the session ended as it should"
    FOREIGN = "a peer of another version: no session, nobody to blame"


@dataclass(frozen=True, slots=True)
class Brought:
    """Records came: judge and keep them, then read on."""

    envelopes: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Heard:
    """Addresses came; then read on."""

    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What this end is ready to do in one session."""

    serves: bool = True
    """False at privacy level 0: we may ask, and send nothing."""
    take: int = MAX_TAKE
    """Records we take at most; 0 to MAX_TAKE."""

    def __post_init__(self) -> None:
        """Raises ValueError for a number out of range."""
        if not 0 <= self.take <= MAX_TAKE:
            raise ValueError(f"take must be 0 to {MAX_TAKE} records, got {self.take}")


class Session:
    """One end of one session."""

    def __init__(self, holdings: Holdings, terms: Terms, salt: bytes, *, opener: bool) -> None:
        """Raises ValueError unless the salt has 16 bytes; make it anew for each session.

        `opener`: True for the end that opened the channel; it speaks first.
        """
        if len(salt) != SALT_BYTES:
            raise ValueError(f"a salt has {SALT_BYTES} bytes, got {len(salt)}")
        self.last = False
        """True once our last turn has begun: `due`, `records` and `farewell` follow."""
        self.unserved = 0
        """Ids the other end lacks that the ledger did not give us, so far."""
        self.turns = 0
        """Turns the other end has ended: round trips, seen from the opener."""
        self._holdings, self._terms, self._salt, self._opener = holdings, terms, salt, opener
        self._theirs: Hello | None = None
        self._compared: Reconciliation | None = None
        self._begins = not opener  # the server says the first ranges
        self._taken = self._sent = self._ranges_heard = self._ranges_sent = 0
        self._stage = 0  # of the frames in a turn, see _STAGES
        self._opens = False  # this turn of theirs has ranges
        self._their_done: Done | None = None
        self._over = False
        self._ours = False  # it is our turn
        self._left = False  # records of ours were left for another session

    @property
    def more(self) -> bool:
        """True if another session would find more to send, either way, as far as is known."""
        theirs = self._their_done is not None and self._their_done.more
        return theirs or self._mine_more

    @property
    def _mine_more(self) -> bool:
        return self._left or (self._compared is not None and self._compared.cut_short)

    def hello(self) -> bytes:
        """The opener's first turn; the server's `turn` begins with it by itself."""
        return encode(Hello(self._terms.serves, self._terms.take, self._salt))

    def take(self, data: bytes) -> "Step | Brought | Heard | Offence":  # noqa: PLR0911
        """What the other end's next frame means for us. Never raises, whatever the bytes.

        After an Offence, OVER or FOREIGN nothing more may be taken.
        """
        frame = None if self._over else decode(data)
        if frame is None:
            foreign = self._theirs is None and data[:1] != bytes((VERSION,))
            return Step.FOREIGN if foreign else Offence.MALFORMED
        if self._ours or not self._in_order(frame):
            return Offence.ORDER
        match frame:
            case Hello():
                return self._greeted(frame)
            case Ranges(ranges):
                return self._told(ranges)
            case Want(hashes):
                return self._asked(hashes)
            case Records(envelopes):
                self._taken += len(envelopes)
                return Brought(envelopes) if self._taken <= self._terms.take else Offence.TOO_MUCH
            case Peers(addresses):
                return Heard(addresses)
            case Over():
                return self._ended()
            case Done():
                self._their_done = frame
                return self._ended()

    def turn(self) -> Iterator[bytes]:
        """The frames of our turn; of the last one, those before its records."""
        if self._begins:
            yield self.hello()
        ranges = self._answer()
        self._ranges_sent += len(ranges)
        yield from ranges
        if self._compared is not None:
            wants = self._compared.wants() if self._asks else ()
            for at in range(0, len(wants), MAX_WANT):
                yield encode(Want(np.asarray(wants[at : at + MAX_WANT], ">u8").tobytes()))
        self._begins = False
        if ranges:
            self._ours = False
            yield encode(Over())
        else:
            self.last = True

    def due(self) -> Iterator[tuple[bytes, ...]]:
        """16-byte ids to ask the ledger for, newest days first, while the other end takes more.

        Hand what the ledger gives to `records` before going on.
        """
        if self._compared is None or not self._terms.serves:
            return
        places = self._compared.owed()
        for at in range(0, len(places), LOOK_AT_ONCE):
            if self._sent >= self._room:
                self._left = self._room > 0
                return
            yield tuple(map(self._holdings.id, places[at : at + LOOK_AT_ONCE].tolist()))

    def records(self, asked: int, envelopes: Sequence[bytes]) -> list[bytes]:
        """Frames of what the ledger gave for `asked` ids; no more than the other end takes."""
        self.unserved += max(0, asked - len(envelopes))
        fits = envelopes[: self._room - self._sent]
        self._left |= len(fits) < len(envelopes)
        self._sent += len(fits)
        rows = (tuple(fits[at : at + MAX_BATCH]) for at in range(0, len(fits), MAX_BATCH))
        return [encode(Records(row)) for row in rows]

    def farewell(self, addresses: Sequence[str] = ()) -> list[bytes]:
        """The end of our last turn.

        Args:
            addresses: for the other end's peer book; those above MAX_ADDRESS bytes and all after
                the first MAX_PEERS are left out, and all of them at level 0.
        """
        fit = tuple(one for one in addresses if 1 <= len(one.encode()) <= MAX_ADDRESS)[:MAX_PEERS]
        frames: list[Frame] = [Peers(fit)] if fit and self._terms.serves else []
        self._ours, self._over = False, self._their_done is not None
        return [encode(frame) for frame in (*frames, Done(self._mine_more))]

    @property
    def over(self) -> bool:
        """True once both ends have had their last turn."""
        return self._over

    @property
    def sent(self) -> int:
        """Records handed out to be sent."""
        return self._sent

    @property
    def _room(self) -> int:
        """Records the other end takes."""
        return 0 if self._theirs is None else self._theirs.take

    @property
    def _asks(self) -> bool:
        """Whether we may ask for what the other end lists."""
        return self._terms.take > 0 and self._theirs is not None and self._theirs.serves

    def _in_order(self, frame: Frame) -> bool:
        """Whether this frame may come here: the order within a turn is that of the stages."""
        stage = _STAGES[type(frame)]
        if isinstance(frame, Hello) != (self._theirs is None):
            return False
        if isinstance(frame, Hello):
            return True
        # A turn with ranges ends in `over`, without them in `done`; nothing but wants between.
        fits = stage >= self._stage and self._their_done is None
        if isinstance(frame, Over):
            fits = fits and self._opens
        elif isinstance(frame, Records | Peers | Done):
            fits = fits and not self._opens
        self._stage = stage + isinstance(frame, Peers)
        return fits

    def _greeted(self, hello: Hello) -> Step:
        """Hash what we hold, if there is anything that could be sent either way."""
        self._theirs = hello
        if self._asks or (self._terms.serves and hello.take > 0):
            salts = (self._salt, hello.salt) if self._opener else (hello.salt, self._salt)
            self._compared = Reconciliation(Salted.of(self._holdings, session_key(*salts)))
        self._ours = not self._opener
        return Step.SPEAK if self._ours else Step.WAIT

    def _told(self, ranges: Sequence[Range]) -> "Step | Offence":
        self._opens = True
        self._ranges_heard += 1
        if self._ranges_heard > MAX_RANGES:
            return Offence.TOO_MUCH
        sense = self._compared is not None and self._compared.hear(ranges)
        return Step.WAIT if sense else Offence.RANGES

    def _asked(self, hashes: bytes) -> "Step | Offence":
        if self._compared is None or not self._terms.serves:
            return Offence.WANT
        wanted = np.frombuffer(hashes, ">u8").astype(np.uint64)
        return Step.WAIT if self._compared.asked(wanted) else Offence.WANT

    def _ended(self) -> "Step | Offence":
        """Their turn is over: ours, unless we had our last."""
        self.turns += 1
        self._stage, self._opens = 0, False
        if self.last:
            self._over = True
            return Step.OVER
        self._ours = self.turns <= MAX_TURNS
        return Step.SPEAK if self._ours else Offence.TOO_MUCH

    def _answer(self) -> list[bytes]:
        """Ranges frames for what is open; none when all is known."""
        if self._compared is None:
            return []
        most = (MAX_RANGES - self._ranges_sent) * (MAX_FRAME - _SPARE)
        said = self._compared.begin(most) if self._begins else self._compared.answer(most)
        return packed(said)


_STAGES: Final[dict[type[Frame], int]] = {
    Hello: 0,
    Ranges: 1,
    Want: 2,
    Records: 3,
    Peers: 4,
    Over: 6,
    Done: 6,
}
"""The order of frames in a turn; a peers frame comes once, the others as often as they like."""
