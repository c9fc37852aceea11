"""Finds the peers that have frozen: every connection is pinged by itself, each at its own moment.

libp2p pings one after the other, and waits for each; a few silent peers would keep it from the
rest for minutes. All at once they would keep the loop busy for as long as a second (thirty hosts
in one process), and what is passed on meanwhile is late.
"""

import random
from typing import Final

import trio
from libp2p.abc import INetConn
from libp2p.network.health.monitor import ConnectionHealthMonitor
from libp2p.peer.id import ID

SPREAD_SECONDS: Final = 5.0
"""The pings of one round are spread over so long."""


class HealthMonitor(ConnectionHealthMonitor):
    """Looks at all connections, none of which waits for another."""

    async def _check_all_connections(self) -> None:
        async with trio.open_nursery() as nursery:
            for peer, connections in self.swarm.connections.copy().items():
                for connection in list(connections):
                    nursery.start_soon(self._check_in_its_time, peer, connection)

    async def _check_in_its_time(self, peer: ID, connection: INetConn) -> None:
        await trio.sleep(random.uniform(0, SPREAD_SECONDS))  # noqa: S311 - nothing secret
        await self._check_connection_health(peer, connection)
