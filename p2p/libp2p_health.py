"""Finds the peers that have frozen: every connection is pinged by itself, all at the same time.

libp2p pings one after the other, and waits for each; a few silent peers would keep it from the
rest for minutes.
"""

import trio
from libp2p.network.health.monitor import ConnectionHealthMonitor


class HealthMonitor(ConnectionHealthMonitor):
    """Looks at all connections at once."""

    async def _check_all_connections(self) -> None:
        async with trio.open_nursery() as nursery:
            for peer, connections in self.swarm.connections.copy().items():
                for connection in list(connections):
                    nursery.start_soon(self._check_connection_health, peer, connection)
