"""libp2p's swarm with a doorkeeper: who may connect, how many of one place, no memory of them.

libp2p holds an inbound connection's slot until the host stops, so a host grows deaf after some
sixty visitors, and keeps the names of peers who left. Written for libp2p 0.8.1.
"""

import ipaddress
import logging
from collections import Counter
from collections.abc import Callable
from typing import Any, cast
from weakref import WeakKeyDictionary

import trio
from libp2p.abc import IMuxedConn, INetConn, IRawConnection, ISecureConn, ISecureTransport
from libp2p.custom_types import TProtocol
from libp2p.io.abc import ReadWriteCloser
from libp2p.network.connection.raw_connection import RawConnection
from libp2p.network.swarm import Swarm
from libp2p.peer.id import ID
from libp2p.security.noise.transport import PROTOCOL_ID as NOISE
from libp2p.stream_muxer.yamux.yamux import PROTOCOL_ID as YAMUX
from libp2p.stream_muxer.yamux.yamux import Yamux
from libp2p.transport.exceptions import MuxerUpgradeFailure, SecurityUpgradeFailure
from libp2p.transport.upgrader import TransportUpgrader
from multiaddr import Multiaddr

from p2p.buckets import Buckets
from p2p.libp2p_circuit import Circuit
from p2p.libp2p_guard import Report
from p2p.libp2p_yamux import GuardedYamux

logger = logging.getLogger(__name__)

MAX_PER_SUBNET = 16
"""Inbound connections from one IPv4 /24, IPv6 /48 or relay; loopback is exempt. Guess, to be
measured."""
ARRIVALS_PER_SECOND, ARRIVALS_AT_ONCE = 16.0, 128.0
"""Connections that may come from one such place, loopback included; a handshake costs some 5 ms.
Guess, to be measured."""


class GuardedUpgrader(TransportUpgrader):
    """Noise and Yamux only; asks the doorkeeper between the two."""

    def __init__(
        self, noise: ISecureTransport, admit: Callable[[ID, str], bool], report: Report
    ) -> None:
        super().__init__({NOISE: noise}, {TProtocol(YAMUX): Yamux}, negotiate_timeout=10)
        self.noise = noise
        self.dialled: dict[ID, str] = {}
        """What is being dialled now, and for whom."""
        self._admit = admit
        self._report = report
        self._addresses: WeakKeyDictionary[ISecureConn, str] = WeakKeyDictionary()

    async def upgrade_security(
        self, raw_conn: IRawConnection, is_initiator: bool, peer_id: ID | None = None
    ) -> ISecureConn:
        """Shake hands, then ask the doorkeeper.

        Raises:
            SecurityUpgradeFailure: it failed, whatever the peer sent; or the peer is refused.
        """
        try:
            secured = await super().upgrade_security(raw_conn, is_initiator, peer_id)
        except Exception as error:
            raise SecurityUpgradeFailure(f"no handshake: {type(error).__name__}") from error
        peer = secured.get_remote_peer()
        address = self.dialled.get(peer, "") if is_initiator else ""
        address = address or _address(cast(Any, raw_conn).stream)
        if not self._admit(peer, address):
            await secured.close()
            raise SecurityUpgradeFailure("refused at the door")
        self._addresses[secured] = address
        return secured

    async def upgrade_connection(self, conn: ISecureConn, peer_id: ID) -> IMuxedConn:
        """Negotiate Yamux and return a connection that keeps its limits.

        Raises:
            MuxerUpgradeFailure: it failed, whatever the peer sent.
        """
        try:
            await super().upgrade_connection(conn, peer_id)
        except Exception as error:
            raise MuxerUpgradeFailure(f"no muxer: {type(error).__name__}") from error
        return GuardedYamux(conn, peer_id, self._report, self._addresses.pop(conn, ""))


class GuardedSwarm(Swarm):
    """A swarm that forgets who left: his slot, his cooldown, his entry among the peers.

    It also caps the inbound connections of one subnet, and how quickly they may come.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """See Swarm."""
        super().__init__(*args, **kwargs)
        self._places: Counter[str] = Counter()
        self._arrivals: Buckets[str] = Buckets(ARRIVALS_PER_SECOND, ARRIVALS_AT_ONCE)
        self.farewells: list[Callable[[ID], None]] = []
        """Called with each peer whose last connection has ended."""

    async def notify_disconnected(self, conn: INetConn) -> None:
        """Tell everybody; then forget the peer unless another connection to him is open."""
        await super().notify_disconnected(conn)
        peer = conn.muxed_conn.peer_id
        if not self.get_connections(peer):
            for farewell in self.farewells:
                farewell(peer)
            self.auto_connector.clear_cooldown(peer)
            if self.peerstore.has_peer(peer):
                self.peerstore.clear_peerdata(peer)

    async def take_in(self, circuit: Circuit) -> None:
        """Let somebody in who comes through a relay; returns once he has left."""
        await self._handle_inbound_connection(circuit, Multiaddr("/ip4/0.0.0.0/tcp/0"))

    async def _handle_inbound_connection(
        self, read_write_closer: ReadWriteCloser, maddr: Multiaddr
    ) -> None:
        places = self._places
        place = _subnet(read_write_closer)
        raw = RawConnection(read_write_closer, False)
        if not self._arrivals.take(place, 1, trio.current_time()):
            await raw.close()
            return
        try:
            self._inbound_limiter.acquire_nowait()
        except trio.WouldBlock:
            await raw.close()
            return
        places[place] += 1
        try:
            if place and places[place] > MAX_PER_SUBNET:
                return
            muxed = await self.upgrade_inbound_raw_conn(raw, maddr)
            await cast(Yamux, muxed).event_closed.wait()
        except Exception as error:  # noqa: BLE001 - this is the guard: no name yet to report
            logger.debug("an inbound connection failed: %s", type(error).__name__)
        finally:
            self._inbound_limiter.release()
            places[place] -= 1
            places += Counter()  # forgets the zeros
            with trio.CancelScope(shield=True):
                await raw.close()


def _remote(connection: ReadWriteCloser) -> tuple[str, int] | None:
    """IP and port at the other end."""
    remote = connection.get_remote_address()
    if remote is None:  # libp2p answers None for IPv6: its socket names have four parts
        try:
            remote = cast(Any, connection).stream.socket.getpeername()
        except (AttributeError, OSError):
            return None
    ip, port = cast("tuple[str, int]", remote)[:2]
    return ip.partition("%")[0], port


def _address(connection: ReadWriteCloser) -> str:
    """Where a connection comes from, as a multiaddress; empty if unknown."""
    if isinstance(connection, Circuit):
        return connection.address
    remote = _remote(connection)
    if remote is None:
        return ""
    return f"/ip{6 if ':' in remote[0] else 4}/{remote[0]}/tcp/{remote[1]}"


def _subnet(connection: ReadWriteCloser) -> str:
    """The /24, the /48 or the relay a connection comes from; empty for loopback."""
    if isinstance(connection, Circuit):
        return connection.place
    remote = _remote(connection)
    if remote is None:
        return "unknown"
    ip = ipaddress.ip_address(remote[0])
    if ip.is_loopback:
        return ""
    return str(ipaddress.ip_network((ip, 24 if ip.version == 4 else 48), strict=False))
