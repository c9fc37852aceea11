"""Syncs with neighbours: those we begin, those they begin, and what either may cost us.

At privacy level 0 no record and no address leaves; what is told is which of other people's
records we have seen, as anybody must who does not want them all again.
"""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

import numpy as np
import trio

from p2p import sessions
from p2p.acquaintances import Acquaintances
from p2p.contacts import Contacts
from p2p.holdings import ID_BYTES, Holdings
from p2p.ledger import Ledger
from p2p.metering import Metering
from p2p.options import NodeOptions
from p2p.reputation import Offence
from p2p.sessions import Visited
from p2p.speaking import Speaking
from p2p.stats import Stats
from p2p.sync import Offence as SyncOffence
from p2p.transport import Channel, PeerName, Transport
from p2p.turnstile import Turnstile
from p2p.visits import Turn
from web3rec.clock import Clock
from web3rec.records.model import Signed
from web3rec.types import Verdict

logger = logging.getLogger(__name__)

AT_ONCE: Final = 4
"""Sessions we begin that run at once, and as many again with whom we dialled."""
SILENCE_SECONDS: Final = 10.0
"""Longest wait for one frame."""
MAX_SESSIONS_A_VISIT: Final = 8
"""Sessions in a row with one peer, while there is more: 40,000 records, then others' turn."""
JUDGE_AT_ONCE: Final = 32
"""Signatures checked before other tasks get a turn."""


class Syncing:
    """Serves sessions (`serve`, for the transport) and makes visits (`visit`, for the round)."""

    def __init__(
        self,
        ledger: Ledger,
        transport: Transport,
        options: NodeOptions,
        stats: Stats,
        peers: Acquaintances,
        contacts: Contacts,
        speaking: Speaking,
        metering: Metering,
        clock: Clock,
        rng: np.random.Generator,
        salt: Callable[[], bytes],
    ) -> None:
        """`salt` gives 16 bytes nobody can foresee."""
        self._ledger, self._transport, self._options = ledger, transport, options
        self._stats, self._peers, self._contacts = stats, peers, contacts
        self._shown = _Shown(ledger, speaking)
        self._clock, self._rng, self._salt = clock, rng, salt
        self._turnstile = Turnstile(pause=options.sync_gap)
        self._metering = metering
        # A crowd that answers slowly keeps nobody waiting whom we chose.
        self._slots = {chosen: trio.CapacityLimiter(AT_ONCE) for chosen in (False, True)}
        self._visited: set[PeerName] = set()
        self._turned_away: dict[PeerName, float] = {}

    async def serve(self, peer: PeerName, channel: Channel) -> None:
        """A session that a peer began; ends at once if it may not have one now.

        One session carries records both ways: of two that two peers begin at once, one goes on.
        """
        if peer in self._visited and self._transport.name < peer:
            return
        chosen = self._contacts.chose(peer)
        if not self._turnstile.enter(peer, trio.current_time(), chosen=chosen):
            return
        visited = Visited()
        try:
            visited = await sessions.host(
                self._metering.metered(peer, channel),
                self._shown,
                self._keep(peer),
                salt=self._salt(),
                addresses=self._offer(peer),
            )
            self._note(peer, visited)
            if visited.offence is not None:
                raise ConnectionError("broken off")
        finally:
            more = visited.well and visited.more
            self._turnstile.leave(peer, trio.current_time(), more=more)

    async def visit(self, turn: Turn) -> bool:
        """Visit one peer: sessions until there is nothing more, one fails, or it had its share.

        True if it brought anything new.
        """
        peer, new = turn.peer, 0
        if peer in self._turnstile or (not turn.thorough and self._waits_for(peer)):
            return False
        self._visited.add(peer)
        try:
            for _ in range(MAX_SESSIONS_A_VISIT):
                async with self._slots[self._contacts.chose(peer)]:
                    visited = await self._session(peer)
                new += visited.new
                if not (visited.well and visited.more):
                    break
        finally:
            self._visited.discard(peer)
        return new > 0

    # -- inside ----------------------------------------------------------------------------------

    async def _session(self, peer: PeerName) -> Visited:
        """One session as the opening end."""
        visited = Visited()
        with suppress(OSError, trio.TooSlowError):  # gone, or too slow; what came is kept
            async with self._transport.open(peer, timeout=SILENCE_SECONDS) as channel:
                visited = await sessions.visit(
                    self._metering.metered(peer, channel),
                    self._shown,
                    self._keep(peer),
                    salt=self._salt(),
                    addresses=self._offer(peer),
                )
                if visited.offence is not None:
                    raise ConnectionError("broken off")  # nothing more of it is waited for
        if not visited.bytes_in and peer in self._transport.peers():  # turned away, most likely
            self._turned_away[peer] = trio.current_time() + self._options.sync_gap
        self._note(peer, visited)
        return visited

    def _waits_for(self, peer: PeerName) -> bool:
        """Whether a peer turned us away so lately that it would again."""
        now, here = trio.current_time(), self._transport.peers()
        self._turned_away = {
            one: until for one, until in self._turned_away.items() if until > now and one in here
        }
        return peer in self._turned_away

    def _keep(self, peer: PeerName) -> sessions.Keep:
        """What becomes of a frame of records from this peer."""
        stats, door = self._stats, self._peers.door

        async def keep(envelopes: tuple[bytes, ...]) -> int | None:
            stats.records_received += len(envelopes)
            accepted: list[Signed] = []
            for at in range(0, len(envelopes), JUDGE_AT_ONCE):
                some = envelopes[at : at + JUDGE_AT_ONCE]
                found = door.receive(peer, some, trio.current_time())
                if found.banned:
                    self._contacts.shun(peer)
                if found.banned or found.verdict is Verdict.REJECT:
                    stats.records_rejected += 1
                    return None
                stats.records_verified += len(found.keep)
                accepted += found.keep
                await trio.lowlevel.checkpoint()
            new = await self._ledger.ingest(accepted) if accepted else 0
            stats.records_stored += new
            return new

        return keep

    def _note(self, peer: PeerName, visited: Visited) -> None:
        """What became of a session."""
        stats, now = self._stats, trio.current_time()
        stats.bytes_synced += visited.bytes_in + visited.bytes_out
        stats.records_sent += visited.sent
        if visited.well:
            stats.syncs += 1
            stats.synced = self._clock() / 1000
            self._contacts.synced[peer] = stats.synced
        if visited.heard and self._options.exchange:
            self._peers.heard(visited.heard, peer, self._contacts.address(peer), now)
        if visited.offence is None:
            return
        logger.debug("a sync was broken off: %s", visited.offence.name)
        stats.offence(peer)
        if visited.offence is not SyncOffence.FORGED and (  # that one the door has noted
            self._peers.door.offend(peer, Offence.BROKEN_SYNC, now)
        ):
            self._contacts.shun(peer)

    def _offer(self, peer: PeerName) -> tuple[str, ...]:
        """Addresses to tell a peer; none at level 0, which `sessions` sees to as well."""
        if not self._options.exchange or self._ledger.level <= 0:
            return ()
        at, ours = self._contacts.address(peer), self._transport.addresses
        return self._peers.offer(peer, at, ours, trio.current_time(), self._rng)


class _Shown:
    """The ledger without what is being published at the moment."""

    def __init__(self, ledger: Ledger, speaking: Speaking) -> None:
        self._ledger, self._speaking = ledger, speaking

    @property
    def level(self) -> int:
        return self._ledger.level

    async def holdings(self) -> Holdings:
        async with self._speaking.gate:
            held, hidden = await self._ledger.holdings(), self._speaking.under_way
        return _without(held, hidden) if hidden else held

    async def envelopes(self, ids: Sequence[bytes], /) -> tuple[bytes, ...]:
        return await self._ledger.envelopes(ids)


def _without(held: Holdings, hidden: frozenset[bytes]) -> Holdings:
    """Cost: O(n log m)."""
    ids = np.frombuffer(held.ids, f"V{ID_BYTES}")
    out = np.frombuffer(b"".join(sorted(hidden)), f"V{ID_BYTES}")
    stay = ~np.isin(ids.view(f"S{ID_BYTES}"), out.view(f"S{ID_BYTES}"))
    return Holdings(held.days[stay], ids[stay].tobytes())
