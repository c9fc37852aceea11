"""The seam between our protocols and whatever carries them.

Two implementations, one contract (tests/p2p/test_transport_contract.py): `p2p.memory`
(tests, examples, simulation) and `p2p.libp2p_host` (devices). A transport knows bytes and peer
names; it knows nothing of records.
"""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType, Protocol

from web3rec.types import Verdict

PeerName = NewType("PeerName", str)
"""A transport's name for a peer: libp2p's peer id in base58, or any text in memory."""

Judge = Callable[[PeerName, bytes], Verdict]
"""Called once for each distinct incoming message, synchronously; must not raise or block long."""

Admit = Callable[[PeerName, str], bool]
"""Called once for each new connection, either direction, with the peer and its address ("" if
unknown), synchronously; False hangs up before anything of the peer's is read. Must not raise."""

MAX_MESSAGE = 16 * 1024
"""Bytes of one broadcast message at most."""
MAX_FRAME = 64 * 1024
"""Bytes of one frame of a channel at most."""
SERVED_TIMEOUT = 10.0
"""`timeout` of the channels that peers open with us, in seconds."""
SERVED_SECONDS = 30.0
"""How long one channel may be served; then it is broken off."""
LINGER_SECONDS = 5.0
"""How long leaving a channel waits for the other end to finish too."""


class Purpose(StrEnum):
    """What a channel is for, by the name of its protocol; both ends must know it."""

    SYNC = "/web3rec/sync/1"
    MODEL = "/web3rec/model/1"


def everybody(_peer: PeerName, _address: str) -> bool:
    """The door that refuses nobody."""
    return True


class Channel(Protocol):
    """One end of a stream of frames between two neighbours; both ends may speak at any time."""

    async def send(self, frame: bytes) -> None:
        """Hand over one frame, in order.

        Raises:
            ValueError: the frame is not 1 to MAX_FRAME bytes.
            ConnectionError: the other end is gone or broke off.
            trio.TooSlowError: it did not read for the channel's `timeout`.
        """
        ...

    async def receive(self) -> bytes | None:
        """The other end's next frame (1 to MAX_FRAME bytes); None once it has finished.

        Raises:
            ConnectionError: it is gone, broke off, or sent something that is no frame.
            trio.TooSlowError: it sent nothing for the channel's `timeout`.
        """
        ...


Serve = Callable[[PeerName, Channel], Awaitable[None]]
"""Serves one channel that a peer opened. Returning finishes our end; an exception breaks the
channel off (the opener sees ConnectionError), and both transports live on. It is cancelled after
SERVED_SECONDS; a peer with too many channels open is not served at all."""


@dataclass(frozen=True, slots=True)
class Link:
    """One neighbour we are connected to now."""

    peer: PeerName
    outbound: bool
    """True if we dialled (one of) its connection(s)."""
    address: str
    """What we dialled, or where the peer came from; "" if unknown. Never shown to others as a
    place where it can be reached unless `outbound`."""


class Transport(Protocol):
    """Best-effort broadcast plus channels between neighbours.

    Broadcast promises no order and no delivery; a message may arrive twice at the wire, but the
    judge sees each once. A peer that sends malformed bytes never ends the transport.
    """

    @property
    def name(self) -> PeerName:
        """Our own name on this transport."""
        ...

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where others reach us, dialable as they stand; empty before `running`."""
        ...

    @property
    def offences(self) -> dict[PeerName, int]:
        """Malformed or invalid things each peer sent us since we started."""
        ...

    def running(
        self, judge: Judge, serve: Serve, admit: Admit = ..., models: Serve | None = None
    ) -> AbstractAsyncContextManager[None]:
        """Be on the network for as long as the context lasts.

        Accepted messages are passed on to further peers by the transport itself; the judge is
        where they are picked up. `serve` is for channels of Purpose.SYNC, `models` for those of
        Purpose.MODEL; None: they are not taken. `admit` defaults to welcoming everybody. However
        it ends, by cancellation from outside too, it takes a few seconds at most to hang up, so
        that neighbours know at once. Raises AddressInUse, VersionMismatch before it is entered.
        """
        ...

    def publish(self, data: bytes) -> Awaitable[None]:
        """Hand a message to the network; returns once queued, not once delivered.

        Raises ValueError above MAX_MESSAGE bytes.
        """
        ...

    def dial(self, address: str) -> Awaitable[PeerName]:
        """Connect to an address; returns the peer's name. Raises ConnectionError, ValueError."""
        ...

    def hang_up(self, peer: PeerName) -> Awaitable[None]:
        """Close every connection to a peer, if there are any; never raises for a peer that left."""
        ...

    def peers(self) -> tuple[PeerName, ...]:
        """Peers connected now, in a stable order."""
        ...

    def links(self) -> tuple[Link, ...]:
        """The same peers in the same order, with what is known of the connection."""
        ...

    def open(
        self, peer: PeerName, *, timeout: float, purpose: Purpose = Purpose.SYNC
    ) -> AbstractAsyncContextManager[Channel]:
        """Open a channel to a neighbour; leaving the context finishes our end of it.

        Leaving waits for the other end to finish too, `timeout` or LINGER_SECONDS at most, and
        breaks it off if it does not, or still sends; leaving by an exception breaks it off at
        once. `timeout` (seconds) bounds the opening and every wait for a frame. Raises
        ConnectionError (not connected, or the peer takes no such channel now), trio.TooSlowError.
        """
        ...
