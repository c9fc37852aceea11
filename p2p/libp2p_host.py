"""A `Transport` on py-libp2p: TCP, Noise, Yamux and gossipsub 1.1, and nothing else.

Only the network thread imports this: libp2p costs a second and 80 MiB.
"""

import errno
import logging
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import trio
from libp2p.abc import INetConn
from libp2p.crypto.ed25519 import create_new_key_pair
from libp2p.crypto.x25519 import create_new_key_pair as create_noise_key_pair
from libp2p.custom_types import TProtocol
from libp2p.host.basic_host import BasicHost
from libp2p.identity.identify_push.identify_push import ID_PUSH as IDENTIFY_PUSH
from libp2p.network.config import ConnectionConfig, RetryConfig
from libp2p.peer.id import ID
from libp2p.peer.peerstore import PeerStore
from libp2p.rcmgr.manager import ResourceLimits, ResourceManager
from libp2p.security.noise.transport import PROTOCOL_ID as NOISE
from libp2p.security.noise.transport import Transport as NoiseTransport
from libp2p.stream_muxer.yamux.yamux import PROTOCOL_ID as YAMUX
from libp2p.stream_muxer.yamux.yamux import Yamux
from libp2p.transport.tcp.tcp import TCP
from multiaddr import Multiaddr

from p2p.errors import AddressInUse, NodeError
from p2p.groups import lone
from p2p.intake import Intake
from p2p.libp2p_catchup import CATCHUP, Replies, Server
from p2p.libp2p_gossip import MESHSUB, Gossip, Router
from p2p.libp2p_guard import TROUBLE, GuardedSwarm, GuardedUpgrader, background, guarded, mend
from p2p.transport import MAX_FRAME, MAX_MESSAGE, Answer, Judge, PeerName

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
    host: BasicHost
    router: Router
    gossip: Gossip
    intake: Intake


class Libp2pTransport:
    """One libp2p host on one gossip topic; implements `p2p.transport.Transport`."""

    def __init__(self, key_seed: bytes, *, listen: Sequence[str], topic: str) -> None:
        """Prepare a host; nothing is opened before `running`.

        Args:
            key_seed: 32 bytes, the seed of the Ed25519 transport key; never an author's key.
            listen: multiaddresses such as `/ip4/127.0.0.1/tcp/0`; port 0 lets the system choose.
            topic: the one gossip topic.

        Raises:
            ValueError: the seed is not 32 bytes, or an address is no TCP multiaddress.
        """
        if len(key_seed) != 32:
            raise ValueError(f"key_seed must be 32 bytes, got {len(key_seed)}")
        self.offences: dict[PeerName, int] = {}
        self._keys = create_new_key_pair(key_seed)
        self._id = ID.from_pubkey(self._keys.public_key)
        self._listen = [_parsed(address) for address in listen]
        self._topic = topic
        self._live: _Live | None = None

    @property
    def name(self) -> PeerName:
        """The peer id in base58, `12D3Koo…`."""
        return PeerName(str(self._id))

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where we listen, with `/p2p/<our name>`; empty while not running."""
        if self._live is None:
            return ()
        bound = [a for x in self._live.swarm.listeners.values() for a in x.get_addrs()]
        return tuple(sorted({f"{r}/p2p/{self.name}" for a in bound for r in _reachable(str(a))}))

    @asynccontextmanager
    async def running(self, judge: Judge, answer: Answer) -> AsyncIterator[None]:
        """Be on the network; see `Transport.running`.

        Raises:
            VersionMismatch: libp2p is not the version the guard was written for.
            AddressInUse: a port is taken.
            NodeError: an address cannot be listened on, or this transport runs already.
        """
        mend()
        if self._live is not None:
            raise NodeError("this transport is running already: make another one")
        for address in self._listen:
            _require_free(address)
        live = self._built(judge, answer)
        try:
            async with background(live.swarm):
                if self._listen and not await live.swarm.listen(*self._listen):
                    raise AddressInUse(f"cannot listen on {', '.join(map(str, self._listen))}")
                async with background(live.gossip), background(live.router):
                    await live.gossip.wait_until_ready()
                    await live.gossip.subscribe(self._topic)
                    self._live = live
                    try:
                        yield
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
        """Connect to `/ip4/…/tcp/…/p2p/<peer id>`; returns at once if connected already."""
        live = self._running()
        target = _parsed(address)
        try:
            peer = ID.from_base58(str(target.value_for_protocol("p2p")))
        except (LookupError, ValueError):
            raise ValueError(f"{address!r} must end in /p2p/<peer id> to be dialled") from None
        if peer == self._id:
            raise ValueError(f"{address!r} is this host's own address")
        if not live.swarm.get_connections(peer):
            try:
                with trio.fail_after(DIAL_SECONDS):
                    await live.swarm.dial_addr(target, peer)
            except TROUBLE as error:
                raise ConnectionError(f"no answer from {address}: {error}") from error
        return PeerName(str(peer))

    def peers(self) -> tuple[PeerName, ...]:
        """The peer ids connected now, sorted."""
        connections = {} if self._live is None else self._live.swarm.connections
        return tuple(sorted(PeerName(str(peer)) for peer, open_ in connections.items() if open_))

    @asynccontextmanager
    async def ask(
        self,
        peer: PeerName,
        request: bytes,
        *,
        timeout: float,  # noqa: ASYNC109 - of each wait for a frame, not of the call
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        """Ask a neighbour; see `Transport.ask`."""
        if not 0 < len(request) <= MAX_FRAME:
            raise ValueError(f"a request must be 1 to {MAX_FRAME} bytes, got {len(request)}")
        live = self._running()
        if peer not in self.peers():
            raise ConnectionError(f"not connected to {peer}: dial it first")
        try:
            with trio.fail_after(timeout):
                stream = await live.host.new_stream(ID.from_base58(peer), [CATCHUP])
        except trio.TooSlowError:
            raise
        except TROUBLE as error:
            raise ConnectionError(f"{peer} does not take requests: {error}") from error
        replies = Replies(stream, peer, timeout, live.intake)
        try:
            await replies.send(request)
            yield replies
        finally:
            await replies.close()

    def _running(self) -> _Live:
        if self._live is None:
            raise NodeError("the transport is not running: enter `running(...)` first")
        return self._live

    def _built(self, judge: Judge, answer: Answer) -> _Live:
        intake = Intake(judge, self.offences)

        def report(peer: ID, what: str) -> None:
            intake.offence(PeerName(str(peer)), what)

        noise = NoiseTransport(self._keys, noise_privkey=create_noise_key_pair().private_key)
        upgrader = GuardedUpgrader({NOISE: noise}, {TProtocol(YAMUX): Yamux}, negotiate_timeout=10)
        upgrader.report = report
        store = PeerStore()
        store.add_key_pair(self._id, self._keys)
        swarm = GuardedSwarm(
            self._id,
            store,
            upgrader,
            [TCP()],
            retry_config=RetryConfig(max_retries=0),  # the daemon dials again, with back-off
            connection_config=_connection_config(),
        )
        swarm.set_resource_manager(_resource_manager())
        host = _QuietHost(swarm, disable_identify_address_discovery=True)
        host.remove_stream_handler(IDENTIFY_PUSH)
        router = _router()
        gossip = Gossip(host, router, topic=self._topic, intake=intake, report=report)
        host.set_stream_handler(CATCHUP, Server(answer).serve)
        swarm.set_stream_handler(guarded(swarm.common_stream_handler, report))
        return _Live(swarm, host, router, gossip, intake)


def _connection_config() -> ConnectionConfig:
    """A phone's worth of connections; a frozen peer is found out in half a minute.

    A shorter `ping_timeout` cuts off peers that are merely busy: checking the signatures of a
    burst takes seconds on a loaded device.
    """
    return ConnectionConfig(
        max_connections=64,
        high_watermark=32,
        low_watermark=8,
        min_connections=4,
        max_connections_per_peer=2,
        enable_health_monitoring=True,
        abort_connection_on_ping_failure=True,
        health_check_interval=15,
        ping_timeout=15,
        health_initial_delay=10,
        unhealthy_grace_period=1,
    )


def _resource_manager() -> ResourceManager:
    """Counts connections and streams; its per-peer tables would keep every stranger's name."""
    return ResourceManager(
        ResourceLimits(max_connections=128, max_memory_mb=64, max_streams=1_024),
        enable_metrics=False,
        enable_memory_limits=False,
        enable_circuit_breaker=False,
        enable_graceful_degradation=False,
        enable_rate_limiting=False,
    )


def _router() -> Router:
    return Router(
        [MESHSUB],
        degree=6,
        degree_low=4,
        degree_high=12,
        gossip_window=3,
        gossip_history=5,
        heartbeat_initial_delay=0.1,
        heartbeat_interval=1,
        do_px=False,
        adaptive_gossip_enabled=False,
        spam_protection_enabled=False,
        eclipse_protection_enabled=False,
    )


def _parsed(address: str) -> Multiaddr:
    try:
        parsed = Multiaddr(address)
        names = [protocol.name for protocol in parsed.protocols()]
    except ValueError as error:
        raise ValueError(f"{address!r} is no multiaddress: {error}") from None
    if names[:2] not in ([kind, "tcp"] for kind in ("ip4", "ip6", "dns4", "dns6", "dns")):
        raise ValueError(f"an address must look like /ip4/127.0.0.1/tcp/4001, got {address!r}")
    if names[2:] not in ([], ["p2p"]):
        raise ValueError(f"an address must be plain TCP, nothing on top of it, got {address!r}")
    return parsed


def _host_and_port(address: Multiaddr) -> tuple[str, int]:
    host = next(p for name in ("ip4", "ip6") if (p := _value(address, name)))
    return host, int(_value(address, "tcp"))


def _value(address: Multiaddr, protocol: str) -> str:
    try:
        return str(address.value_for_protocol(protocol))
    except LookupError:
        return ""


def _require_free(address: Multiaddr) -> None:
    """libp2p listens with SO_REUSEPORT and would share a taken port in silence."""
    host, port = _host_and_port(address)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen()
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise AddressInUse(f"{address} is taken: choose another port, or 0") from None
            raise NodeError(f"cannot listen on {address}: {error.strerror}") from None


def _reachable(address: str) -> tuple[str, ...]:
    """An address others can dial: `0.0.0.0` becomes loopback and the way out of this machine."""
    if not address.startswith("/ip4/0.0.0.0/"):
        return (address,)
    rest = address.removeprefix("/ip4/0.0.0.0")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # a documentation address; UDP connects send nothing
            ways = {"127.0.0.1", probe.getsockname()[0]}
        except OSError:
            ways = {"127.0.0.1"}
    return tuple(f"/ip4/{way}{rest}" for way in sorted(ways))


async def _hang_up(swarm: GuardedSwarm) -> None:
    """Close all connections at once; libp2p closes them one after the other, .2 s each."""

    async def close(what: GuardedSwarm | INetConn) -> None:
        try:
            await what.close()
        except Exception as error:  # noqa: BLE001 - we are leaving: nothing is to stop that
            logger.debug("closing failed: %s", type(error).__name__)

    with trio.CancelScope(deadline=trio.current_time() + CLOSE_SECONDS, shield=True):
        async with trio.open_nursery() as nursery:
            for part in (swarm, *swarm.get_connections()):
                nursery.start_soon(close, part)
