"""Whom we are connected to: dial, dial again, hang up, notice who comes and goes.

The owner's addresses (bootstrap, wishes) are kept connected always; besides them a few peers of
our own choice from the book (`p2p.outbound`). Whoever is banned is let in nowhere.
"""

import time
from collections.abc import Sequence
from typing import Final

import numpy as np
import trio

from p2p.acquaintances import Acquaintances
from p2p.options import KnownAddress, Neighbour
from p2p.outbound import Pick
from p2p.reputation import Offence
from p2p.stats import Stats, Wishes
from p2p.transport import Link, PeerName, Transport
from p2p.visits import Visits
from web3rec.clock import Clock

LOOK_SECONDS: Final = 0.5
"""How often we look who is connected."""
SWEEP_SECONDS: Final = 60.0
"""How often we forget what needs no remembering."""
DIAL_SECONDS: Final = 10.0
"""A dial takes no longer."""
FIRST_RETRY: Final = 1.0
LAST_RETRY: Final = 60.0
"""Seconds between two dials to the same owner's address, doubling from first to last."""


class Contacts:
    """The tasks that make and end connections, and the door the transport asks."""

    def __init__(
        self,
        transport: Transport,
        peers: Acquaintances,
        visits: Visits,
        stats: Stats,
        wishes: Wishes,
        clock: Clock,
        rng: np.random.Generator,
    ) -> None:
        """`clock` stamps what is shown to people; all else goes by trio's."""
        self._transport, self._peers, self._visits = transport, peers, visits
        self._stats, self._wishes = stats, wishes
        self._clock, self._rng = clock, rng
        self._dialling: set[str] = set()
        self._since: dict[PeerName, float] = {}
        self._blamed = dict(transport.offences)  # of an earlier run: charged then
        self._shunned: set[PeerName] = set()
        self._shown = -1  # which state of the book
        self.synced: dict[PeerName, float] = {}
        """Peer -> unix seconds of the last good sync; of connected peers only."""

    def admit(self, peer: PeerName, address: str) -> bool:
        """The transport's question at each new connection. Never raises."""
        chosen = address in self._dialling
        if self._peers.door.admits(peer, address, trio.current_time(), chosen=chosen):
            return True
        self._stats.refused += 1
        return False

    def shun(self, peer: PeerName) -> None:
        """A peer was banned: hang up at the next look; what it told us is not believed."""
        self._shunned.add(peer)
        self._peers.book.disown(peer)

    def address(self, peer: PeerName) -> str:
        """Where a connected peer is, "" if unknown."""
        return next((one.address for one in self._transport.links() if one.peer == peer), "")

    def chose(self, peer: PeerName) -> bool:
        """Whether we are connected to a peer because we dialled; who dials us may be anybody."""
        return any(link.outbound for link in self._transport.links() if link.peer == peer)

    async def keep_in_touch(self, bootstrap: Sequence[str]) -> None:
        """Stay connected to the owner's addresses and to a few of our choice; say who is here.

        Runs until cancelled; what is not a ConnectionError or TooSlowError in a dial ends it.
        """
        owners: set[str] = set()
        swept = trio.current_time()
        async with trio.open_nursery() as nursery:
            while True:
                now = trio.current_time()
                fresh = [a for a in (*bootstrap, *self._wishes.addresses) if a not in owners]
                for address in dict.fromkeys(fresh):
                    owners.add(address)
                    nursery.start_soon(self.stay_connected, address)
                self._peers.book.own(fresh, now)
                self._obey()
                self._look(now)
                for peer in self._shunned & set(self._transport.peers()):
                    nursery.start_soon(self._transport.hang_up, peer)
                self._shunned.clear()
                self._choose(nursery, now)
                if now >= swept + SWEEP_SECONDS:
                    swept = now
                    self._peers.sweep(now)
                await trio.sleep(LOOK_SECONDS)

    async def stay_connected(self, address: str) -> None:
        """Dial, and dial again when the connection is lost; give up on what is no address."""
        wait = FIRST_RETRY
        while True:
            since = trio.current_time()
            try:
                peer = await self._dial(address)
            except ValueError as error:
                self._stats.unreached(address, f"not an address we can dial: {error}")
                return
            except (OSError, trio.TooSlowError) as error:
                self._stats.unreached(address, str(error) or f"no answer in {DIAL_SECONDS:g} s")
            else:
                self._stats.reached(address)
                self._peers.book.reached(address, trio.current_time())
                await self._lost(peer)
            lasted = trio.current_time() - since
            wait = FIRST_RETRY if lasted > LAST_RETRY else wait
            await trio.sleep(wait)
            wait = min(2 * wait, LAST_RETRY)

    # -- inside ----------------------------------------------------------------------------------

    def _choose(self, nursery: trio.Nursery, now: float) -> None:
        """Dial one more peer of our own choice, if there is room for one."""
        peers = self._peers

        def shunned(peer: PeerName) -> bool:
            return peers.shuns(peer, now)

        pick = peers.outbound.next(now, self._transport.peers(), shunned, self._rng)
        if pick is not None:
            nursery.start_soon(self._meet, pick)

    async def _meet(self, pick: Pick) -> None:
        """One connection of our own choice, from its dial to its end."""
        outbound = self._peers.outbound
        try:
            peer = await self._dial(pick.address)
        except (ValueError, OSError, trio.TooSlowError):
            online = bool(self._transport.peers())
            outbound.failed(pick, trio.current_time(), self._rng, online=online)
            return
        outbound.reached(pick, trio.current_time())
        if pick.feeler:
            await self._transport.hang_up(peer)
        else:
            await self._lost(peer)
        outbound.ended(pick, trio.current_time(), self._rng)

    async def _dial(self, address: str) -> PeerName:
        """Raises what `Transport.dial` raises."""
        self._dialling.add(address)
        try:
            with trio.fail_after(DIAL_SECONDS):
                return await self._transport.dial(address)
        finally:
            self._dialling.discard(address)

    async def _lost(self, peer: PeerName) -> None:
        """Return once the peer is not connected (any more)."""
        while True:
            await trio.sleep(LOOK_SECONDS)
            if peer not in self._transport.peers():
                return

    def _obey(self) -> None:
        """What the owner wants of peers."""
        wishes, now = self._wishes, trio.current_time()
        self._shunned.update(self._peers.heed(wishes.bans, now))
        if wishes.catch_up:
            wishes.catch_up = False
            self._visits.wish()

    def _look(self, now: float) -> None:
        """Who is here; what the transport holds against whom."""
        transport, stats = self._transport, self._stats
        stats.looked = time.monotonic()
        links = transport.links()
        here = {link.peer for link in links}
        for peer in self.synced.keys() - here:  # some leave before they were ever seen here
            del self.synced[peer]
        for peer in here - self._since.keys():
            self._since[peer] = self._clock() / 1000
        for peer, count in transport.offences.items():
            more = count - self._blamed.get(peer, 0)
            if more > 0 and self._peers.door.offend(peer, Offence.WIRE, now, times=more):
                self.shun(peer)
        self._blamed = dict(transport.offences)
        for peer in self._since.keys() - here:  # after the blame: the door knew where it was
            del self._since[peer]
            self._peers.door.left(peer)
        peers = transport.peers()
        stats.peers, stats.addresses = peers, transport.addresses
        stats.wire_offences = {str(name): count for name, count in self._blamed.items()}
        if self._shown != self._peers.book.changes:
            self._shown, stats.known = self._peers.book.changes, len(self._peers.book)
            stats.book = tuple(
                KnownAddress(e.address.text, e.source.name.lower(), bool(e.anchor))
                for e in self._peers.book
            )
        stats.neighbours = self._seen(links, now)
        self._visits.seen(peers, now)

    def _seen(self, links: Sequence[Link], now: float) -> tuple[Neighbour, ...]:
        reputation = self._peers.reputation
        at = {link.peer: link for link in links}

        def until(peer: PeerName) -> float:
            left = reputation.banned(peer, now)
            return self._clock() / 1000 + left if left else 0.0

        return tuple(
            Neighbour(
                peer=str(peer),
                connected=peer in at,
                outbound=peer in at and at[peer].outbound,
                address=at[peer].address if peer in at else "",
                since=self._since.get(peer, 0.0),
                offences=self._blamed.get(peer, 0) + self._stats.offences.get(peer, 0),
                score=reputation.score(peer, now),
                banned_until=until(peer),
                synced=self.synced.get(peer, 0.0),
            )
            for peer in dict.fromkeys((*at, *reputation.held(now)))
        )
