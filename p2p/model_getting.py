"""Fetching a newer model from whoever has it: one peer at a time, as far as it comes, then on.

Asked is only "what do you have?", and only if the user pinned somebody; at privacy level 0 not
even that. What is offered is judged by its head and manifest (pinned, signed, newer) before any
more of it is fetched, and the whole by the shelf. Each chunk must have the hash that came with the
offer, so whoever lies about a chunk is known at once; who lies about a hash, in the end: it is
they who offered it. Nobody pays for another's lie.
"""

import logging
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

import trio

from p2p.acquaintances import Acquaintances
from p2p.buckets import Buckets
from p2p.contacts import Contacts
from p2p.ledger import Ledger
from p2p.metering import Metering
from p2p.model_exchange import Fault, Getting
from p2p.model_shelf import ThreadedShelf, Wanted
from p2p.model_wire import CHUNK_BYTES, MAX_SIZE, Chunk, Nothing, Offer, encode
from p2p.options import ModelDraft, ModelUsed
from p2p.reputation import Offence
from p2p.stats import Stats
from p2p.transport import Channel, PeerName, Purpose, Transport
from web3rec.errors import DataError
from web3rec.rerank.bundle import Bundle, Ground

logger = logging.getLogger(__name__)

LOOK_SECONDS: Final = 1.0
"""How often we look whether somebody is to be asked."""
SHELF_SECONDS: Final = 30.0
"""How often we look what is pinned and in use."""
SETTLE_SECONDS: Final = 10.0
"""A new neighbour is asked after so long: records come first."""
ASK_SECONDS: Final = 3_600.0
"""Between two questions to a neighbour who had nothing for us."""
AGAIN_SECONDS: Final = 60.0
"""After an exchange that came to nothing; doubled each time, up to the above."""
HEAD_START: Final = 5.0
"""Whom we would rather ask comes so much earlier, not first: nobody keeps the others out."""
SILENCE_SECONDS: Final = 10.0
"""Longest wait for one frame."""
SESSION_SECONDS: Final = 25.0
"""One exchange takes no longer: the serving end's transport ends it at 30. Then the next one."""
PATIENCE_SECONDS: Final = 900.0
"""So long a model that is on its way keeps out another, unless that is a newer version of it."""
MOST_AN_HOUR: Final = 4.0 * MAX_SIZE
"""Bytes of models we take at once, and again in every hour, whoever sends them: what lies may cost.
A guess."""
REMEMBERED: Final = 64
"""Offers remembered that came to nothing."""


@dataclass(slots=True)
class _Underway:
    """What is being fetched."""

    key: bytes
    """Of its offer."""
    wanted: Wanted
    begun: float
    holders: set[PeerName] = field(default_factory=set)
    """Who offered it."""


class ModelGetting:
    """Asks neighbours in turn, and fetches."""

    def __init__(
        self,
        shelf: ThreadedShelf,
        ledger: Ledger,
        transport: Transport,
        stats: Stats,
        peers: Acquaintances,
        contacts: Contacts,
        metering: Metering,
    ) -> None:
        """Nothing is read or asked before `go_round`."""
        self._shelf, self._ledger, self._transport = shelf, ledger, transport
        self._stats, self._peers, self._contacts = stats, peers, contacts
        self._metering = metering
        self._due: dict[PeerName, float] = {}
        self._failed: dict[PeerName, int] = {}
        self._underway: _Underway | None = None
        self._refused: dict[bytes, bool] = {}  # key -> whether it was a lie
        self._room: Buckets[None] = Buckets(MOST_AN_HOUR / 3_600, MOST_AN_HOUR)
        self._pins = True  # until it was looked at: what came for who is pinned no more goes then
        self._looked = float("-inf")

    async def go_round(self) -> None:
        """Ask who is due, one after the other, until cancelled."""
        while True:
            peer = None
            try:
                if await self._may_ask():
                    peer = self._next(trio.current_time())
                if peer is not None:
                    await self._visit(peer)
            except DataError as error:
                logger.warning("models cannot be kept: %s", type(error).__name__)
                self._pins, self._looked = False, trio.current_time() + ASK_SECONDS
            if peer is None:
                await trio.sleep(LOOK_SECONDS)

    # -- whom to ask -----------------------------------------------------------------------------

    async def _may_ask(self) -> bool:
        """Whether there is anything to ask for, as of the last look at the shelf."""
        now = trio.current_time()
        if now >= self._looked + SHELF_SECONDS:
            self._looked = now
            await self._look()
        return self._pins and self._ledger.level > 0

    async def _look(self) -> None:
        """What is pinned and in use. Raises DataError."""
        had, self._stats.model_used = self._pins, await self._shelf.used()
        self._pins = await self._shelf.pins()
        if had and not self._pins:
            await self._give_up()

    def _next(self, now: float) -> PeerName | None:
        """Who is due longest; who has what is on its way, and whom we chose, a little before."""
        here = self._transport.peers()
        for peer in here:
            self._due.setdefault(peer, now + SETTLE_SECONDS)
        self._due = {p: due for p, due in self._due.items() if p in here or due > now}
        self._failed = {p: n for p, n in self._failed.items() if p in self._due}
        holders = self._underway.holders if self._underway else set()
        waiting = [
            (self._due[peer] - HEAD_START * ((peer in holders) + self._contacts.chose(peer)), peer)
            for peer in here
            if self._due[peer] <= now
        ]
        return min(waiting)[1] if waiting else None

    # -- one exchange ----------------------------------------------------------------------------

    async def _visit(self, peer: PeerName) -> None:
        """One exchange, and what follows from it. Raises DataError."""
        getting = Getting()
        fault: Fault | None = None
        self._again(peer)
        with suppress(OSError, trio.TooSlowError):  # gone, too slow, busy, or of another age
            async with self._transport.open(
                peer, timeout=SILENCE_SECONDS, purpose=Purpose.MODEL
            ) as channel:
                with trio.move_on_after(SESSION_SECONDS):
                    fault = await self._talk(peer, self._metering.metered(peer, channel), getting)
                if fault is not None:
                    raise ConnectionError("broken off")
        if fault is not None:
            self._blame(peer, Offence.FALSE_MODEL if fault is Fault.FALSE else None)
        elif getting.complete and getting.offer is not None:
            await self._install(getting.offer)

    async def _talk(self, peer: PeerName, channel: Channel, getting: Getting) -> Fault | None:
        """Ask, and fetch what is worth it. What came is kept, however this ends."""
        await channel.send(getting.ask())
        while (data := await channel.receive()) is not None:
            found = getting.take(data)
            match found:
                case Fault():
                    return found
                case Offer() if await self._takes(peer, found):
                    getting.resume(await self._shelf.resumed(found))
                case Nothing():
                    self._rest(peer)
                    return None
                case Chunk(number, chunk) if getting.offer is not None:
                    await self._shelf.keep(getting.offer, number, chunk)
                    self._stats.model_bytes += len(chunk)
                    self._failed.pop(peer, None)
                    self._due[peer] = trio.current_time()
                case _:  # nothing for us, or a peer of another version
                    return None
            self._show(getting)
            if getting.complete or not (getting.waits or await self._want(peer, channel, getting)):
                return None
        return None

    async def _want(self, peer: PeerName, channel: Channel, getting: Getting) -> bool:
        """Ask for the next chunks; False if we have taken too much lately, or no longer may."""
        want, now = getting.want(), trio.current_time()
        if self._ledger.level <= 0:
            return False
        size = want.count * CHUNK_BYTES
        if not self._room.take(None, size, now):
            self._due[peer] = now + self._room.wait(None, size, now)
            return False
        await channel.send(encode(want))
        return True

    async def _takes(self, peer: PeerName, offer: Offer) -> bool:
        """Whether to fetch what a peer offers. Raises DataError."""
        now, key = trio.current_time(), offer.key
        if key in self._refused:
            if self._refused[key]:
                self._blame(peer, Offence.FALSE_MODEL)
            self._rest(peer)
            return False
        wanted = await self._shelf.wanted(offer)
        now_on = self._underway
        if wanted is None:
            if now_on is not None and now_on.key == key:
                await self._give_up()  # the user has it by now, or uses another
            self._rest(peer)
            return False
        if now_on is None or now_on.key != key:
            if now_on is not None and not _gives_way(now_on, wanted, now):
                return False
            self._underway = now_on = _Underway(key, wanted, now)
        now_on.holders.add(peer)
        return True

    async def _install(self, offer: Offer) -> None:
        """All is here: use it, if it is what it said. Raises DataError."""
        underway, self._underway = self._underway, None
        self._stats.model_draft = None
        found = await self._shelf.install(offer)
        if isinstance(found, Bundle):
            self._stats.models_fetched += 1
            self._stats.model_used = ModelUsed(found.manifest.name, found.manifest.version)
            for peer in underway.holders if underway is not None else ():
                self._rest(peer)
            logger.info("a newer model of a pinned publisher was fetched and is in use")
            return
        lie = found.ground is Ground.HASH
        logger.warning("a model was fetched and is of no use: %s", found.ground)
        while len(self._refused) >= REMEMBERED:
            del self._refused[next(iter(self._refused))]
        self._refused[offer.key] = lie
        for peer in underway.holders if underway is not None and lie else ():
            self._blame(peer, Offence.FALSE_MODEL)

    async def _give_up(self) -> None:
        """Keep nothing of what is on its way. Raises DataError."""
        self._underway = self._stats.model_draft = None
        await self._shelf.drop()

    # -- what became of it -----------------------------------------------------------------------

    def _again(self, peer: PeerName) -> None:
        """An exchange begins that may come to nothing."""
        times = self._failed[peer] = min(self._failed.get(peer, 0) + 1, 7)
        pause = min(AGAIN_SECONDS * 2 ** (times - 1), ASK_SECONDS)
        self._due[peer] = trio.current_time() + pause

    def _rest(self, peer: PeerName) -> None:
        """It answered as it should, and has nothing for us now."""
        self._failed.pop(peer, None)
        self._due[peer] = trio.current_time() + ASK_SECONDS

    def _blame(self, peer: PeerName, offence: Offence | None) -> None:
        self._stats.offence(peer)
        self._due[peer] = trio.current_time() + ASK_SECONDS
        what = offence or Offence.BROKEN_MODEL
        if self._peers.door.offend(peer, what, trio.current_time()):
            self._contacts.shun(peer)

    def _show(self, getting: Getting) -> None:
        if getting.offer is None or self._underway is None:
            return
        size, wanted = getting.offer.size, self._underway.wanted
        here = size - getting.offer.rest + CHUNK_BYTES * getting.have
        self._stats.model_draft = ModelDraft(wanted.name, wanted.version, min(here, size), size)


def _gives_way(underway: _Underway, other: Wanted, now: float) -> bool:
    """Whether something else may take the place of what is on its way."""
    mine = underway.wanted
    same = (mine.publisher, mine.name) == (other.publisher, other.name)
    newer = same and other.version > mine.version
    return newer or now >= underway.begun + PATIENCE_SECONDS
