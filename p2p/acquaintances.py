"""Everything a node knows of its peers: whom to let in, what is held against whom, where they are.

    door ─► may this connection, this message be        book ─► outbound: whom to dial
    reputation: what is held against whom               offer, heard: addresses told and heard

Pure: callers pass the time. It outlives a restart of the network stack, and by `rows` and
`restore` a restart of the program.
"""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from p2p.addresses import Address, Whereabouts, address, whereabouts
from p2p.admission import Doorkeeper, Limits
from p2p.book import Book
from p2p.book_entry import Row as Place
from p2p.book_entry import Source
from p2p.options import NodeOptions
from p2p.outbound import Outbound, OutboundParams
from p2p.reputation import Reputation
from p2p.reputation import Row as Standing
from p2p.transport import PeerName
from web3rec.records.rules import Judgement, Welcome

OFFERED: Final = 32
"""Addresses told in one sync at most."""


class Acquaintances:
    """One node's peers, as far as they are worth remembering."""

    def __init__(
        self,
        judge: Callable[[bytes, Welcome], Judgement],
        me: PeerName,
        options: NodeOptions,
        *,
        read: Callable[[str], Address | None] = address,
        where: Callable[[str], Whereabouts] = whereabouts,
    ) -> None:
        """`judge`: what the ledger says of one envelope; `read` and `where` know addresses."""
        self.reputation = Reputation()
        self.door = Doorkeeper(
            judge,
            self.reputation,
            Limits(
                peer_rate=options.records_per_second,
                peer_burst=options.records_burst,
                author_rate=options.author_records_per_second,
                author_burst=options.author_burst,
            ),
            where,
        )
        self.book = Book(me, read=read, where=where)
        self.outbound = Outbound(self.book, OutboundParams(outbound=options.outbound))
        self._read, self._where = read, where

    def shuns(self, peer: PeerName, now: float) -> bool:
        """Whether we want nothing of a peer at present."""
        return self.reputation.banned(peer, now) > 0

    def offer(
        self, peer: PeerName, at: str, ours: Sequence[str], now: float, rng: np.random.Generator
    ) -> tuple[str, ...]:
        """What to tell a peer connected from `at`: where we are ourselves, as far as it can dial
        that, and some of those we reached lately.
        """
        reach = self._where(at).reach
        found = [self._read(text) for text in ours]
        own = [one.text for one in found if one and one.at.reach >= reach and not one.named]
        return (*own, *self.book.offer(peer, at, now, OFFERED, rng))[:OFFERED]

    def heard(self, texts: Sequence[str], teller: PeerName, at: str, now: float) -> None:
        """A peer told where it is itself, and where others are. Total."""
        self.book.heard(texts, teller, at, now, Source.INBOUND)
        self.book.heard(texts, teller, at, now, Source.EXCHANGE)

    def heed(self, bans: list[tuple[str, float]], now: float) -> tuple[PeerName, ...]:
        """Do as the owner wants, taking each (peer, seconds; 0 pardons) out; who is banned now."""
        banned: list[PeerName] = []
        while bans:
            name, seconds = bans.pop(0)
            peer = PeerName(name)
            if seconds > 0:
                self.reputation.ban(peer, seconds, now)
                self.book.disown(peer)
                banned.append(peer)
            else:
                self.reputation.pardon(peer)
        return tuple(banned)

    def sweep(self, now: float) -> None:
        """Forget what needs no remembering. Call once a minute or so."""
        self.door.sweep(now)
        self.book.sweep(now)

    def rows(self, now: float) -> tuple[tuple[Standing, ...], tuple[Place, ...]]:
        """All that is to survive the program; see `restore`."""
        self.outbound.drop_anchor(now)
        return self.reputation.rows(now), self.book.rows(now)

    def restore(
        self,
        standings: Sequence[tuple[bool, str, float, int, float]],
        places: Sequence[tuple[str, int, str, str, float, float | None, int, int]],
        now: float,
        *,
        away: float,
    ) -> None:
        """Take back what `rows` gave, `away` seconds ago."""
        self.reputation.restore(standings, now, away=away)
        self.book.restore(places, now, away=away)
