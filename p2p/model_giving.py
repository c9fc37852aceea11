"""Passing on the model in use to who asks: a few at a time, each within its budget.

At privacy level 0 nobody is told which model that is: which one a person uses says whom they
pinned.
"""

import logging
from typing import Final

import trio

from p2p.acquaintances import Acquaintances
from p2p.contacts import Contacts
from p2p.ledger import Ledger
from p2p.metering import Metering
from p2p.model_exchange import Fault, Giving, Step
from p2p.model_shelf import ThreadedShelf
from p2p.model_wire import Ask, Chunk, Offer, Want, encode
from p2p.reputation import Offence
from p2p.stats import Stats
from p2p.transport import Channel, PeerName
from p2p.turnstile import Turnstile
from web3rec.errors import DataError

logger = logging.getLogger(__name__)

AT_ONCE: Final = 2
"""Exchanges we serve at once, and as many again for whom we dialled."""


class ModelGiving:
    """Serves the exchanges that peers open."""

    def __init__(
        self,
        shelf: ThreadedShelf,
        ledger: Ledger,
        stats: Stats,
        peers: Acquaintances,
        contacts: Contacts,
        metering: Metering,
        share: Metering,
    ) -> None:
        """`metering` counts what goes to peers for whatever reason, `share` what models may."""
        self._shelf, self._ledger, self._stats = shelf, ledger, stats
        self._peers, self._contacts = peers, contacts
        self._metering, self._share = metering, share
        self._turnstile = Turnstile(at_once=AT_ONCE)

    async def serve(self, peer: PeerName, channel: Channel) -> None:
        """An exchange that a peer began; ends at once if it may not have one now."""
        chosen = self._contacts.chose(peer)
        if not self._turnstile.enter(peer, trio.current_time(), chosen=chosen):
            return
        giving = Giving(None)
        metered = self._share.metered(peer, self._metering.metered(peer, channel))
        try:  # from here on: who is cut off while the shelf is looked at leaves, too
            giving.offer = await self._offer()
            fault = await self._answer(metered, giving)
            if fault is not None:
                logger.debug("passing on a model was broken off: %s", fault.name)
                self._stats.offence(peer)
                now = trio.current_time()
                if self._peers.door.offend(peer, Offence.BROKEN_MODEL, now):
                    self._contacts.shun(peer)
                raise ConnectionError("broken off")
        finally:
            unfinished = giving.offer is not None and 0 < giving.given < giving.offer.chunks
            self._turnstile.leave(peer, trio.current_time(), more=unfinished)

    async def _answer(self, channel: Channel, giving: Giving) -> Fault | None:
        """Answer frame by frame until the opener leaves, or what it sent makes no sense."""
        while (frame := await channel.receive()) is not None:
            match giving.take(frame):
                case Fault() as fault:
                    return fault
                case Step():
                    return None
                case Ask():
                    await channel.send(giving.answer())
                case Want(first, count) if giving.offer is not None:
                    chunks = await self._chunks(giving.offer, first, count)
                    for number, chunk in enumerate(chunks, first):
                        if self._ledger.level <= 0:
                            raise ConnectionError("no model is passed on any more")
                        await channel.send(encode(Chunk(number, chunk)))
                        self._stats.model_bytes += len(chunk)
        return None

    async def _offer(self) -> Offer | None:
        if self._ledger.level <= 0:
            return None
        try:
            return await self._shelf.offer()
        except DataError:
            return None  # the owner hears of it where the model is used

    async def _chunks(self, said: Offer, first: int, count: int) -> list[bytes]:
        """Of the bundle that was offered. Raises ConnectionError if it is there no more."""
        try:
            found = await self._shelf.chunks(said, first, count)
        except DataError:
            found = None
        if found is None:
            raise ConnectionError("another model is in use by now")
        return found
