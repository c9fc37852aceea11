"""Peers in the local network, found by multicast DNS. Optional, and off unless asked for.

Source: libp2p's mDNS specification: the service is `_p2p._udp.local`, an instance has a random
name, and its TXT record holds one `dnsaddr=<multiaddress>` for each address.

Announcing tells everybody in the same network that this device is here and by which transport key,
so it is a separate step: `open` only asks (which shows that somebody asks), `announce` answers,
`hush` says goodbye. Pause and private session close it. What others announce is a stranger's word:
read totally, few at a time, and for the book to judge.
"""

import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Final, Protocol

from p2p.addresses import Reach, address
from p2p.buckets import Buckets
from p2p.transport import PeerName

SERVICE: Final = "_p2p._udp.local."
PREFIX: Final = b"dnsaddr="
MAX_ANNOUNCED: Final = 8
"""Addresses in one TXT record, ours or read: it has to fit into one packet."""
MAX_STRING: Final = 255
HEARD_RATE: Final = 5.0
HEARD_BURST: Final = 50.0
"""Announcements a second that are looked at: a network at home has fewer peers."""

Heard = Callable[[str, bytes], None]
"""Called with an instance's full name and its TXT record, from any thread."""
Found = Callable[[tuple[str, ...]], None]
"""Called with addresses somebody announced, from any thread; must be quick."""


class Responder(Protocol):
    """What speaks multicast DNS: `p2p.mdns_zeroconf`, or a fake in tests."""

    def browse(self, heard: Heard) -> None:
        """Ask who is there, now and then; tell `heard` of every answer."""
        ...

    def announce(self, name: str, port: int, txt: bytes) -> None:
        """Answer who asks. Raises NodeError if somebody there objects."""
        ...

    def hush(self) -> None:
        """Say goodbye and answer no more; again is nothing."""
        ...

    def close(self) -> None: ...


class Mdns:
    """Finds peers nearby, and lets them find us if told so.

    Not thread-safe. Its calls may block for a second or two: make them from a worker thread.
    `found` is called from a thread of the responder.
    """

    def __init__(
        self,
        me: PeerName,
        found: Found,
        responder: Callable[[], Responder],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Nothing is opened yet.

        Args:
            me: our own peer id, which is not reported to us.
            found: is told what others announce.
            responder: makes one, such as `ZeroconfResponder`, each time this is opened.
            clock: seconds, not running backwards.
        """
        self._me, self._found, self._clock = me, found, clock
        self._make = responder
        self._responder: Responder | None = None
        self._pace: Buckets[None] = Buckets(HEARD_RATE, HEARD_BURST)

    def open(self) -> None:
        """Ask for peers from now on; announce nothing. Raises what making a responder raises."""
        self._opened()

    def announce(self, addresses: Sequence[str]) -> bool:
        """Let the local network know where we can be dialled; False if it could not dial us.

        Only addresses of private networks are announced. The name is a fresh random one each
        time, so that it does not tell devices apart from one day to the next (the peer id does).
        """
        responder = self._opened()
        responder.hush()
        read = [found for text in addresses if (found := address(text)) is not None]
        local = [found for found in read if found.at.reach is Reach.LOCAL][:MAX_ANNOUNCED]
        if not local:
            return False
        txt = txt_of(found.text for found in local)
        responder.announce(f"{secrets.token_hex(16)}.{SERVICE}", local[0].port, txt)
        return True

    def hush(self) -> None:
        """Announce nothing any more."""
        if self._responder is not None:
            self._responder.hush()

    def close(self) -> None:
        """Say goodbye, ask nobody; may be opened again."""
        responder, self._responder = self._responder, None
        if responder is not None:
            responder.hush()
            responder.close()

    def _opened(self) -> Responder:
        if self._responder is None:
            self._responder = self._make()
            self._responder.browse(self._heard)
        return self._responder

    def _heard(self, name: str, txt: bytes) -> None:
        if self._responder is None or not name.lower().endswith(SERVICE):
            return
        if not self._pace.take(None, 1, self._clock()):
            return
        read = [address(text) for text in told(txt)]
        texts = tuple(one.text for one in read if one is not None and one.peer != self._me)
        if texts:
            self._found(texts)


def told(txt: bytes) -> tuple[str, ...]:
    """The addresses in a stranger's TXT record, unread; at most MAX_ANNOUNCED. Total."""
    texts: list[str] = []
    place = 0
    while place < len(txt) and len(texts) < MAX_ANNOUNCED:
        end = place + 1 + txt[place]
        string = txt[place + 1 : end]
        if end <= len(txt) and string.lower().startswith(PREFIX) and string.isascii():
            texts.append(string[len(PREFIX) :].decode("ascii"))
        place = end
    return tuple(texts)


def txt_of(texts: Iterable[str]) -> bytes:
    """The TXT record that announces these addresses; what is longer than a string is left out."""
    strings = (PREFIX + text.encode() for text in texts)
    return b"".join(bytes([len(s)]) + s for s in strings if len(s) <= MAX_STRING)
