"""A `Transport` on py-libp2p: TCP, Noise, Yamux and gossipsub 1.1, and nothing else.

Only the network thread imports this: libp2p costs a second and 80 MiB.
"""

import logging
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import cast

import trio
from libp2p.abc import IMuxedConn
from libp2p.crypto.ed25519 import create_new_key_pair
from libp2p.crypto.x25519 import create_new_key_pair as create_noise_key_pair
from libp2p.custom_types import TProtocol
from libp2p.host.basic_host import BasicHost
from libp2p.identity.identify_push.identify_push import ID_PUSH as IDENTIFY_PUSH
from libp2p.network.config import RetryConfig
from libp2p.network.connection.raw_connection import RawConnection
from libp2p.network.health import monitor as health
from libp2p.peer.id import ID
from libp2p.peer.peerstore import PeerStore
from libp2p.security.noise.transport import Transport as NoiseTransport
from libp2p.transport.tcp.tcp import TCP

from p2p.errors import AddressInUse, NodeError
from p2p.groups import lone
from p2p.intake import Intake, admitted
from p2p.libp2p_address import parsed, reachable, require_free
from p2p.libp2p_channel import SYNC, Server, StreamChannel
from p2p.libp2p_circuit import CIRCUIT, HOP, STOP, parted
from p2p.libp2p_gossip import Gossip, Router
from p2p.libp2p_guard import TROUBLE, background, guarded, mend
from p2p.libp2p_health import HealthMonitor
from p2p.libp2p_private import PrivateNoise, prologue
from p2p.libp2p_relay import Reached, Relay, connect, keep_reserved
from p2p.libp2p_settings import connection_config, resource_manager, router
from p2p.libp2p_swarm import GuardedSwarm, GuardedUpgrader
from p2p.libp2p_yamux import GuardedYamux
from p2p.slots import MODEL_CHANNELS, Slots
from p2p.transport import (
    MAX_MESSAGE,
    Admit,
    Channel,
    Judge,
    Link,
    PeerName,
    Purpose,
    Serve,
    everybody,
)

logger = logging.getLogger(__name__)

DIAL_SECONDS = 15.0
ROOM_SECONDS = 1.0
"""How long `publish` waits for neighbours who read slowly; then they may lose the message."""
CLOSE_SECONDS = 2.0
"""How long saying goodbye may take; a node that closes has five seconds for everything."""


class _QuietHost(BasicHost):
    """Answers identify and ping; asks nobody to identify, since we speak fixed protocols."""

    def _schedule_identify(self, peer_id: ID, *, reason: str) -> None:
        pass

    async def _push_identify_to_all_peers(self) -> None:
        pass


@dataclass(frozen=True, slots=True)
class _Live:
    swarm: GuardedSwarm
    upgrader: GuardedUpgrader
    host: BasicHost
    reached: Reached
    server: Server
    router: Router
    gossip: Gossip
    intake: Intake


class Libp2pTransport:
    """One libp2p host on one gossip topic; implements `p2p.transport.Transport`."""

    def __init__(
        self,
        key_seed: bytes,
        *,
        listen: Sequence[str],
        topic: str,
        network_key: bytes | None = None,
        relay_serve: bool = False,
        relays: Sequence[str] = (),
    ) -> None:
        """Prepare a host; nothing is opened before `running`.

        Args:
            key_seed: 32 bytes, the seed of the Ed25519 transport key; never an author's key.
            listen: multiaddresses such as `/ip4/127.0.0.1/tcp/0`; port 0 lets the system choose.
            topic: the one gossip topic.
            network_key: 32 bytes that all hosts of a private network share; with it nobody
                connects who lacks it, or has another.
            relay_serve: carry connections of peers who cannot be dialled, within the limits of
                `p2p.libp2p_relay`.
            relays: addresses of nodes that do so, to be reachable through while this runs.

        Raises:
            ValueError: the seed or the key is not 32 bytes, or an address is no TCP multiaddress.
        """
        if len(key_seed) != 32:
            raise ValueError(f"key_seed must be 32 bytes, got {len(key_seed)}")
        self.offences: dict[PeerName, int] = {}
        self._keys = create_new_key_pair(key_seed)
        self._id = ID.from_pubkey(self._keys.public_key)
        if network_key is not None:
            prologue(network_key)  # raises if it cannot be used
        self._network_key = network_key
        self._listen = [parsed(address) for address in listen]
        self._topic = topic
        self._relay_serve = relay_serve
        self._relays = [str(parsed(address)) for address in relays]
        self._live: _Live | None = None

    @property
    def name(self) -> PeerName:
        """The peer id in base58, `12D3Koo…`."""
        return PeerName(str(self._id))

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where we listen, and relays that reach us, with `/p2p/<our name>`; empty before."""
        if self._live is None:
            return ()
        bound = [a for x in self._live.swarm.listeners.values() for a in x.get_addrs()]
        here = {f"{r}/p2p/{self.name}" for a in bound for r in reachable(str(a))}
        relays = self._live.reached.relays.values()
        there = {f"{relay}/{CIRCUIT}/p2p/{self.name}" for relay in relays}
        return (*sorted(here), *sorted(there))

    @asynccontextmanager
    async def running(
        self, judge: Judge, serve: Serve, admit: Admit = everybody, models: Serve | None = None
    ) -> AsyncIterator[None]:
        """Be on the network; see `Transport.running`.

        Raises:
            VersionMismatch: libp2p is not the version the guard was written for.
            AddressInUse: a port is taken.
            NodeError: an address cannot be listened on, or this transport runs already.
        """
        mend()
        health.ConnectionHealthMonitor = HealthMonitor  # type: ignore[misc]
        if self._live is not None:
            raise NodeError("this transport is running already: make another one")
        for address in self._listen:
            require_free(address)
        live = self._built(judge, serve, admit, models)
        try:
            async with background(live.swarm):
                if self._listen and not await live.swarm.listen(*self._listen):
                    raise AddressInUse(f"cannot listen on {', '.join(map(str, self._listen))}")
                async with background(live.gossip), background(live.router):
                    await live.gossip.wait_until_ready()
                    await live.gossip.subscribe(self._topic)
                    self._live = live
                    try:
                        async with trio.open_nursery() as nursery:
                            for relay in self._relays:
                                nursery.start_soon(keep_reserved, live.reached, self._relay, relay)
                            yield
                            nursery.cancel_scope.cancel()
                    finally:
                        self._live = None
                        await _hang_up(live.swarm)
        except BaseExceptionGroup as group:
            raise lone(group) from None

    async def publish(self, data: bytes) -> None:
        """Hand a message to the mesh; see `Transport.publish`."""
        if len(data) > MAX_MESSAGE:
            raise ValueError(f"a message must be at most {MAX_MESSAGE} bytes, got {len(data)}")
        gossip = self._running().gossip
        await gossip.room(ROOM_SECONDS)
        await gossip.publish(self._topic, data)
        await trio.lowlevel.checkpoint()

    async def dial(self, address: str) -> PeerName:
        """Connect to `/ip4/…/tcp/…/p2p/<peer id>`; returns at once if connected already.

        `<address of a relay>/p2p-circuit/p2p/<peer id>` leads through the relay.
        """
        live = self._running()
        hop = parted(address)
        target = parsed(f"{hop[0].rpartition('/p2p/')[0]}/p2p/{hop[1]}" if hop else address)
        try:
            peer = ID.from_base58(str(target.value_for_protocol("p2p")))
        except (LookupError, ValueError):
            raise ValueError(f"{address!r} must end in /p2p/<peer id> to be dialled") from None
        if peer == self._id:
            raise ValueError(f"{address!r} is this host's own address")
        if not live.swarm.get_connections(peer):
            relay = await self._relay(hop[0]) if hop else None
            live.upgrader.dialled[peer] = address
            try:
                with trio.fail_after(DIAL_SECONDS):
                    if relay is None:
                        await live.swarm.dial_addr(target, peer)
                    else:
                        way = await connect(live.host, relay, peer, address)
                        await live.swarm.upgrade_outbound_raw_conn(RawConnection(way, True), peer)
            except Exception as error:
                raise ConnectionError(f"no answer from {address}: {_why(error)}") from error
            finally:
                live.upgrader.dialled.pop(peer, None)
        return PeerName(str(peer))

    async def hang_up(self, peer: PeerName) -> None:
        """Cut all connections to a peer; see `Transport.hang_up`."""
        try:
            connections = self._running().swarm.get_connections(ID.from_base58(peer))
        except ValueError:
            return  # a name of no peer
        await _cut([one.muxed_conn for one in connections])

    def peers(self) -> tuple[PeerName, ...]:
        """The peer ids connected now, sorted."""
        connections = {} if self._live is None else self._live.swarm.connections
        return tuple(sorted(PeerName(str(peer)) for peer, open_ in connections.items() if open_))

    def links(self) -> tuple[Link, ...]:
        """The same peers, each with who dialled and where."""
        links: list[Link] = []
        if self._live is None:
            return ()
        for peer in self.peers():
            ours = self._live.swarm.get_connections(ID.from_base58(peer))
            muxed = [one.muxed_conn for one in ours if isinstance(one.muxed_conn, GuardedYamux)]
            best = max(muxed, key=lambda one: one.is_initiator)
            links.append(Link(peer, best.is_initiator, best.address))
        return tuple(links)

    @asynccontextmanager
    async def open(
        self,
        peer: PeerName,
        *,
        timeout: float,  # noqa: ASYNC109 - of each wait for a frame, not of the call
        purpose: Purpose = Purpose.SYNC,
    ) -> AsyncIterator[Channel]:
        """Open a channel to a neighbour; see `Transport.open`."""
        live = self._running()
        if peer not in self.peers():
            raise ConnectionError("not connected to this peer: dial it first")
        try:
            with trio.fail_after(timeout):
                protocol = TProtocol(purpose.value)
                stream = await live.host.new_stream(ID.from_base58(peer), [protocol])
        except trio.TooSlowError:
            raise
        except Exception as error:
            raise ConnectionError(f"this peer takes no channel: {type(error).__name__}") from error
        channel = StreamChannel(stream, peer, timeout, live.intake)
        try:
            yield channel
        except BaseException:
            await channel.break_off()
            raise
        await channel.leave(drain=False)

    async def _relay(self, address: str) -> ID:
        return ID.from_base58(await self.dial(address))

    def _running(self) -> _Live:
        if self._live is None:
            raise NodeError("the transport is not running: enter `running(...)` first")
        return self._live

    def _built(self, judge: Judge, serve: Serve, admit: Admit, models: Serve | None) -> _Live:
        intake = Intake(judge, self.offences)

        def report(peer: ID, what: str) -> None:
            intake.offence(PeerName(str(peer)), what)

        def admits(peer: ID, address: str) -> bool:
            return admitted(admit, PeerName(str(peer)), address)

        noise_key = create_noise_key_pair().private_key
        noise = (
            NoiseTransport(self._keys, noise_privkey=noise_key)
            if self._network_key is None
            else PrivateNoise(self._keys, noise_key, self._network_key)
        )
        upgrader = GuardedUpgrader(noise, admits, report)
        store = PeerStore()
        store.add_key_pair(self._id, self._keys)
        swarm = GuardedSwarm(
            self._id,
            store,
            upgrader,
            [TCP()],
            retry_config=RetryConfig(max_retries=0),  # the daemon dials again, with back-off
            connection_config=connection_config(),
        )
        swarm.set_resource_manager(resource_manager())
        host = _QuietHost(swarm, disable_identify_address_discovery=True)
        host.remove_stream_handler(IDENTIFY_PUSH)
        mesh = router()
        gossip = Gossip(host, mesh, topic=self._topic, intake=intake, report=report)
        server = Server(serve, intake, Slots())
        host.set_stream_handler(SYNC, server.stream_handler)
        if models is not None:
            also = Server(models, intake, Slots(MODEL_CHANNELS))
            host.set_stream_handler(TProtocol(Purpose.MODEL.value), also.stream_handler)
        swarm.set_stream_handler(guarded(swarm.common_stream_handler, report))
        if self._relay_serve:
            relay = Relay(host, swarm)
            host.set_stream_handler(HOP, relay.stream_handler)
            swarm.farewells.append(relay.forget)
        reached = Reached(host, swarm, report)
        if self._relays:
            host.set_stream_handler(STOP, reached.stream_handler)
            swarm.farewells.append(reached.forget)
        return _Live(swarm, upgrader, host, reached, server, mesh, gossip, intake)


def _why(error: BaseException) -> str:
    """The innermost reason, in a word; a stranger's own words are not repeated."""
    while error.__cause__ is not None:
        error = error.__cause__
    return type(error).__name__


async def _cut(connections: Iterable[IMuxedConn]) -> None:
    """End connections at once; libp2p ends them one after the other, .2 s each."""

    async def cut(connection: IMuxedConn) -> None:
        with suppress(*TROUBLE):
            await cast(GuardedYamux, connection).cut()

    with trio.CancelScope(deadline=trio.current_time() + CLOSE_SECONDS, shield=True):
        async with trio.open_nursery() as nursery:
            for one in connections:
                nursery.start_soon(cut, one)


async def _hang_up(swarm: GuardedSwarm) -> None:
    """Say goodbye to everybody and stop listening."""
    await _cut([one.muxed_conn for one in swarm.get_connections()])
    with trio.CancelScope(deadline=trio.current_time() + CLOSE_SECONDS, shield=True):
        try:
            await swarm.close()
        except Exception as error:  # noqa: BLE001 - we are leaving: nothing is to stop that
            logger.debug("closing failed: %s", type(error).__name__)
