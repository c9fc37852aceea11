"""A misbehaving peer: a libp2p host of our own whose insides the tests hold in their hands.

Everything stays on loopback and is bounded; nothing here is meant for anybody else's host.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import trio
from libp2p.abc import INetStream, ISecureConn
from libp2p.custom_types import TProtocol
from libp2p.io.trio import TrioTCPStream
from libp2p.network.connection.raw_connection import RawConnection
from libp2p.peer.id import ID
from libp2p.pubsub.pb import rpc_pb2
from libp2p.stream_muxer.yamux.yamux import Yamux

from p2p.libp2p_host import Libp2pTransport, _Live
from p2p.transport import Transport
from tests.p2p.carriers import TOPIC, Peer, eventually, gathering, libp2p_hosts


def insides(peer: Peer | Transport) -> _Live:
    transport = peer.transport if isinstance(peer, Peer) else peer
    assert isinstance(transport, Libp2pTransport)
    return transport._running()


def id_of(peer: Peer) -> ID:
    return ID.from_base58(peer.transport.name)


@asynccontextmanager
async def scene() -> AsyncIterator[tuple[Peer, Peer, Peer]]:
    """A victim with an honest neighbour, and a stranger who is not connected yet."""
    async with gathering(libp2p_hosts(), 3) as (victim, friend, stranger):
        await friend.dial(victim)
        yield victim, friend, stranger
        await assert_well(victim, friend)


async def assert_well(victim: Peer, friend: Peer) -> None:
    """The victim still hears, speaks and answers."""
    token = b"still here %d" % len(victim.heard)
    await friend.transport.publish(token + b"?")
    await victim.transport.publish(token + b"!")
    await eventually(lambda: victim.count(token + b"?"))
    await eventually(lambda: friend.count(token + b"!"))
    assert await friend.ask(victim, token) == [b"echo " + token]


async def stream_to(stranger: Peer, victim: Peer, protocol: str) -> INetStream:
    return await insides(stranger).host.new_stream(id_of(victim), [TProtocol(protocol)])


def yamux_between(one: Peer, other: Peer) -> Yamux:
    (connection,) = insides(one).swarm.get_connections(id_of(other))
    assert isinstance(connection.muxed_conn, Yamux)
    return connection.muxed_conn


async def tcp_to(victim: Peer) -> trio.SocketStream:
    _, _, host, _, port, *_ = victim.transport.addresses[0].split("/")
    return await trio.open_tcp_stream(host, int(port))


async def noise_to(stranger: Peer, victim: Peer) -> ISecureConn:
    """A connection that has shaken hands, and nothing more."""
    raw = RawConnection(TrioTCPStream(await tcp_to(victim)), True)
    try:
        return await insides(stranger).swarm.upgrader.upgrade_security(raw, True, id_of(victim))
    except BaseException:
        await raw.close()
        raise


def signed_by(author: Peer, data: bytes, seqno: int) -> rpc_pb2.Message:
    """A gossip message with an honest signature."""
    gossip = insides(author).gossip
    message = rpc_pb2.Message(
        data=data, topicIDs=[TOPIC], from_id=id_of(author).to_bytes(), seqno=seqno.to_bytes(8)
    )
    assert gossip.sign_key is not None
    message.signature = gossip.sign_key.sign(b"libp2p-pubsub:" + message.SerializeToString())
    return message


def freeze(frozen: Peer, other: Peer) -> None:
    """From now on nothing that arrives is read."""

    async def never(_n: int | None = None) -> bytes:
        await trio.sleep_forever()
        raise AssertionError

    yamux_between(frozen, other).secured_conn.read = never  # type: ignore[assignment]
