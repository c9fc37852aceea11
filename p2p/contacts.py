"""Whom we are connected to: dial, dial again, notice who comes, and say whom to visit when.

Knows addresses, names and time; what a visit is (a catch-up) is its caller's business.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

import trio

from p2p.stats import Stats, Wishes
from p2p.transport import PeerName, Transport

LOOK_SECONDS: Final = 0.5
"""How often we look who is connected."""
DIAL_SECONDS: Final = 10.0
"""A dial takes no longer."""
FIRST_RETRY: Final = 1.0
LAST_RETRY: Final = 60.0
"""Seconds between two dials to the same address, doubling from first to last."""

Visit = Callable[[PeerName], Awaitable[None]]


@dataclass(slots=True)
class Contact:
    """When to visit one connected peer next."""

    due: float = float("-inf")
    """On trio's clock."""
    visits: int = 0
    here: bool = False
    """True while a visit is under way."""

    def ended(self, now: float, interval: float) -> None:
        """After a visit: soon again at first, because gossip takes a while to settle.

        1, 2, 4 ... seconds, and `interval` in the long run.
        """
        self.due = now + min(2.0 ** min(self.visits, 16), interval)
        self.visits += 1
        self.here = False


async def keep_in_touch(
    transport: Transport,
    bootstrap: Sequence[str],
    interval: float,
    visit: Visit,
    stats: Stats,
    wishes: Wishes,
) -> None:
    """Stay connected to the bootstrap and wished-for addresses; visit every connected peer.

    On connecting, then every `interval` seconds in the long run, one visit a peer at a time.
    Runs until cancelled; what is not a ConnectionError or TooSlowError in a dial, or escapes a
    visit, ends it.
    """
    contacts: dict[PeerName, Contact] = {}
    dialled: set[str] = set()

    async def visited(peer: PeerName, contact: Contact) -> None:
        await visit(peer)
        contact.ended(trio.current_time(), interval)

    async with trio.open_nursery() as nursery:
        while True:
            for address in (*bootstrap, *wishes.addresses):
                if address not in dialled:
                    dialled.add(address)
                    nursery.start_soon(stay_connected, transport, address, stats)
            peers = transport.peers()
            stats.peers, stats.addresses = peers, transport.addresses
            stats.wire_offences = {str(name): count for name, count in transport.offences.items()}
            contacts = {peer: contacts.get(peer) or Contact() for peer in peers}
            for peer, contact in contacts.items():
                due = contact.due <= trio.current_time() or wishes.catch_up
                if due and not contact.here:
                    contact.here = True
                    nursery.start_soon(visited, peer, contact)
            wishes.catch_up = False
            await trio.sleep(LOOK_SECONDS)


async def stay_connected(transport: Transport, address: str, stats: Stats) -> None:
    """Dial, and dial again when the connection is lost; give up on what is no address."""
    wait = FIRST_RETRY
    while True:
        since = trio.current_time()
        try:
            with trio.fail_after(DIAL_SECONDS):
                peer = await transport.dial(address)
        except ValueError as error:
            stats.unreached(address, f"not an address we can dial: {error}")
            return
        except (OSError, trio.TooSlowError) as error:
            stats.unreached(address, str(error) or f"no answer in {DIAL_SECONDS:g} s")
        else:
            stats.reached(address)
            await _lost(transport, peer)
        lasted = trio.current_time() - since
        wait = FIRST_RETRY if lasted > LAST_RETRY else wait
        await trio.sleep(wait)
        wait = min(2 * wait, LAST_RETRY)


async def _lost(transport: Transport, peer: PeerName) -> None:
    """Return once the peer is not connected (any more)."""
    while True:
        await trio.sleep(LOOK_SECONDS)
        if peer not in transport.peers():
            return
