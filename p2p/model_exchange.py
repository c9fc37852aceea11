"""Passing a model on: what either end of an exchange may say, and what it makes of the other.

Pure: frames in, steps and frames out; `p2p.models` moves the bytes and asks the shelf.

    opener  ask                                  opener  want: some chunks, rising
    server  offer, or nothing                    server  those chunks
                                                   …

The opener names no publisher: it hears what there is, and goes if that is nothing to it. Either
may leave whenever it likes; the chunks that came are kept, and asked for no more.

A stranger's frame never raises: what makes no sense is a `Fault`, and the exchange is over. The
server sends each chunk once at most, so an exchange costs it no more than the bundle's bytes; the
opener checks each chunk as it comes, so who lies about one is found out at once.
"""

from dataclasses import dataclass
from enum import Enum

from p2p.model_wire import (
    MAX_COUNT,
    VERSION,
    Ask,
    Chunk,
    Nothing,
    Offer,
    Want,
    decode,
    encode,
)


class Fault(Enum):
    """What no honest peer does; the text may be logged."""

    MALFORMED = "bytes that are no frame"
    ORDER = "a frame out of turn"
    RANGE = "asked for chunks that are none, or that it had"
    FALSE = "a chunk that is not the one it offered"


class Step(Enum):
    """What a frame means when there is nothing to do about it."""

    FOREIGN = "a peer of another version: no exchange, nobody to blame"


@dataclass(slots=True)
class Giving:
    """The serving end of one exchange."""

    offer: Offer | None
    """What is passed on; None: nothing."""
    _asked: bool = False
    _next: int = 0

    @property
    def given(self) -> int:
        """Chunks that were asked for, with those before them: a fresh want begins here."""
        return self._next

    def answer(self) -> bytes:
        """The frame that answers an ask."""
        return encode(self.offer or Nothing())

    def take(self, data: bytes) -> Ask | Want | Fault | Step:
        """What a frame of the opener's asks for; a Want is of chunks that there are."""
        if not self._asked:
            if data[:1] != bytes((VERSION,)):
                return Step.FOREIGN
            frame = decode(data)
            self._asked = isinstance(frame, Ask)
            return frame if isinstance(frame, Ask) else _fault(data)
        frame = decode(data)
        if not isinstance(frame, Want) or self.offer is None:
            return _fault(data)
        if frame.first < self._next or frame.first + frame.count > self.offer.chunks:
            return Fault.RANGE
        self._next = frame.first + frame.count
        return frame


@dataclass(slots=True)
class Getting:
    """The opening end of one exchange."""

    offer: Offer | None = None
    """What is fetched, once it was offered."""
    have: int = 0
    """Chunks that are here, from the first on."""
    _answered: bool = False
    _wanted: int = 0

    def ask(self) -> bytes:
        """The first frame."""
        return encode(Ask())

    def resume(self, have: int) -> None:
        """So many chunks of what was offered are here already."""
        self.have = self._wanted = have

    @property
    def complete(self) -> bool:
        """Whether every chunk is here."""
        return self.offer is not None and self.have == self.offer.chunks

    @property
    def waits(self) -> bool:
        """Whether chunks are on their way."""
        return self.have < self._wanted

    def want(self) -> Want:
        """The next chunks, for `encode`; only where nothing is awaited or complete."""
        if self.offer is None or self.waits or self.complete:
            raise ValueError("nothing is to be wanted now")
        count = min(MAX_COUNT, self.offer.chunks - self.have)
        self._wanted = self.have + count
        return Want(self.have, count)

    def take(self, data: bytes) -> Offer | Nothing | Chunk | Fault | Step:
        """What a frame of the server's brings; a Chunk is the next one, and true to the offer."""
        if not self._answered:
            return self._answer(data)
        frame = decode(data)
        if not isinstance(frame, Chunk) or self.offer is None or not self.waits:
            return _fault(data)
        if frame.number != self.have:
            return Fault.ORDER
        if not self.offer.fits(frame.number, frame.data):
            return Fault.FALSE
        self.have += 1
        return frame

    def _answer(self, data: bytes) -> Offer | Nothing | Fault | Step:
        if data[:1] != bytes((VERSION,)):
            return Step.FOREIGN
        frame = decode(data)
        if not isinstance(frame, Offer | Nothing):
            return _fault(data)
        self._answered = True
        self.offer = frame if isinstance(frame, Offer) else None
        return frame


def _fault(data: bytes) -> Fault:
    """What is wrong with a frame that is none, or came at a wrong time."""
    return Fault.MALFORMED if decode(data) is None else Fault.ORDER
