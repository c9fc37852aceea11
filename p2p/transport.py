"""The seam between our protocols and whatever carries them.

Two implementations, one contract test (tests/p2p/test_transport_contract.py): `p2p.memory`
(tests, examples, simulation) and `p2p.libp2p_host` (devices). A transport knows bytes and peer
names; it knows nothing of records.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import NewType, Protocol

from web3rec.types import Verdict

PeerName = NewType("PeerName", str)
"""A transport's name for a peer: libp2p's peer id in base58, or any text in memory."""

Judge = Callable[[PeerName, bytes], Verdict]
"""Called once for each distinct incoming message, synchronously; must not raise or block long."""

Answer = Callable[[PeerName, bytes], AsyncIterator[bytes]]
"""Serves one request of one peer: yields response frames (each 1 to MAX_FRAME bytes).

An exception breaks the answer off: the asker sees ConnectionError, both transports live on. The
iterator may be closed early, when the asker leaves or is too slow.
"""

MAX_MESSAGE = 16 * 1024
"""Bytes of one broadcast message at most."""
MAX_FRAME = 64 * 1024
"""Bytes of one request or response frame at most."""


class Transport(Protocol):
    """Best-effort broadcast plus request/response streams between neighbours.

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

    def running(self, judge: Judge, answer: Answer) -> AbstractAsyncContextManager[None]:
        """Be on the network for as long as the context lasts.

        Accepted messages are passed on to further peers by the transport itself; the judge is
        where they are picked up. However it ends, by cancellation from outside too, it takes a
        few seconds at most to hang up, so that neighbours know at once. Raises AddressInUse,
        VersionMismatch before it is entered.
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

    def peers(self) -> tuple[PeerName, ...]:
        """Peers connected now, in a stable order."""
        ...

    def ask(
        self, peer: PeerName, request: bytes, *, timeout: float
    ) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """Send one request, iterate over the response frames until the peer ends them.

        `timeout` (seconds) bounds every wait for a frame. Raises ConnectionError (the peer is
        gone, broke off, or sent something that is no frame), trio.TooSlowError, and ValueError
        unless the request is 1 to MAX_FRAME bytes.
        """
        ...
