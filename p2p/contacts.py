"""Whom we are connected to: dial, dial again, notice who comes and goes."""

from collections.abc import Sequence
from typing import Final

import trio

from p2p.stats import Stats, Wishes
from p2p.transport import PeerName, Transport
from p2p.visits import Visits

LOOK_SECONDS: Final = 0.5
"""How often we look who is connected."""
DIAL_SECONDS: Final = 10.0
"""A dial takes no longer."""
FIRST_RETRY: Final = 1.0
LAST_RETRY: Final = 60.0
"""Seconds between two dials to the same address, doubling from first to last."""


async def keep_in_touch(
    transport: Transport,
    bootstrap: Sequence[str],
    visits: Visits,
    stats: Stats,
    wishes: Wishes,
) -> None:
    """Stay connected to the bootstrap and wished-for addresses; say who is here.

    Tells `visits` who is connected and what is wished for. Runs until cancelled; what is not a
    ConnectionError or TooSlowError in a dial ends it.
    """
    dialled: set[str] = set()
    async with trio.open_nursery() as nursery:
        while True:
            for address in (*bootstrap, *wishes.addresses):
                if address not in dialled:
                    dialled.add(address)
                    nursery.start_soon(stay_connected, transport, address, stats)
            peers = transport.peers()
            stats.peers, stats.addresses = peers, transport.addresses
            stats.wire_offences = {str(name): count for name, count in transport.offences.items()}
            visits.seen(peers, trio.current_time())
            if wishes.catch_up:
                wishes.catch_up = False
                visits.wish()
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
