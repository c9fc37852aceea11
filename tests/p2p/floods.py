"""One peer that asks for too much, in each way our limits know of; for the tests of those limits.

On loopback only, and only as long as the caller lets it run. `python -m tests.p2p.floods KIND
ADDRESS SECONDS` runs one in a process of its own.
"""

import os
import struct
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

import trio
from libp2p.abc import INetStream
from libp2p.custom_types import TProtocol
from libp2p.peer.id import ID
from libp2p.pubsub.pb import rpc_pb2
from libp2p.stream_muxer.yamux.yamux import Yamux
from libp2p.utils import encode_varint_prefixed

from p2p.libp2p_channel import SYNC
from p2p.libp2p_gossip import MESHSUB
from p2p.libp2p_host import Libp2pTransport
from p2p.transport import MAX_FRAME, MAX_MESSAGE
from tests.p2p.carriers import TOPIC, Peer
from tests.p2p.strangers import insides, signed_by

MARK = b"flood "
"""What every message of a flood begins with."""


@dataclass
class Nuisance:
    """A stranger, whom he pesters, and how often he did so far."""

    stranger: Peer
    address: str
    done: int = 0
    spare: list[INetStream] = field(default_factory=list)

    @property
    def victim(self) -> ID:
        return ID.from_base58(self.address.rpartition("/")[2])

    async def stream(self, protocol: str) -> INetStream:
        await self.stranger.transport.dial(self.address)
        return await insides(self.stranger).host.new_stream(self.victim, [TProtocol(protocol)])

    async def yamux(self) -> Yamux:
        await self.stranger.transport.dial(self.address)
        connection, *_ = insides(self.stranger).swarm.get_connections(self.victim)
        assert isinstance(connection.muxed_conn, Yamux)
        return connection.muxed_conn

    async def say(self, make: Callable[[int], rpc_pb2.RPC]) -> None:
        """Write RPCs until the stream breaks."""
        stream = await self.stream(MESHSUB)
        while True:
            self.done += 1
            await stream.write(encode_varint_prefixed(make(self.done).SerializeToString()))


async def messages(n: Nuisance) -> None:
    """New messages with good signatures, which the judge does not want."""

    def rpc(k: int) -> rpc_pb2.RPC:
        k *= 10
        said = [signed_by(n.stranger, MARK + b"%d" % i, i) for i in range(k, k + 10)]
        return rpc_pb2.RPC(publish=said)

    await n.say(rpc)


async def forgeries(n: Nuisance) -> None:
    """Messages with signatures that are none: a check each, for nothing."""
    message = signed_by(n.stranger, MARK, 1)

    def rpc(k: int) -> rpc_pb2.RPC:
        rpc = rpc_pb2.RPC()
        for i in range(200):
            forged = rpc.publish.add()
            forged.CopyFrom(message)
            forged.seqno = (k * 1_000 + i).to_bytes(8)
        return rpc

    await n.say(rpc)


async def oversize_messages(n: Nuisance) -> None:
    """Messages over the limit of a message, in RPCs within the limit of an RPC."""
    data = MARK * (2 * MAX_MESSAGE // len(MARK))
    await n.say(lambda k: rpc_pb2.RPC(publish=[signed_by(n.stranger, data, k)]))


async def control(n: Nuisance) -> None:
    """Subscribe, leave, graft and prune without end, and offer and ask for messages."""

    def rpc(k: int) -> rpc_pb2.RPC:
        rpc = rpc_pb2.RPC()
        rpc.subscriptions.add(subscribe=bool(k % 2), topicid=TOPIC)
        rpc.control.graft.add(topicID=TOPIC)
        rpc.control.prune.add(topicID=TOPIC, backoff=1)
        ids = [b"%032d" % (k * 100 + i) for i in range(100)]
        rpc.control.ihave.add(topicID=TOPIC, messageIDs=ids)
        rpc.control.iwant.add(messageIDs=ids)
        return rpc

    await n.say(rpc)


async def unknown_topics(n: Nuisance) -> None:
    """Control for topics nobody has heard of."""

    def rpc(k: int) -> rpc_pb2.RPC:
        rpc = rpc_pb2.RPC()
        for i in range(300):
            topic = f"{MARK.decode()}{k}/{i}"
            rpc.subscriptions.add(subscribe=True, topicid=topic)
            rpc.control.graft.add(topicID=topic)
            rpc.control.prune.add(topicID=topic, backoff=2**40)
        return rpc

    await n.say(rpc)


async def oversize_frames(n: Nuisance) -> None:
    """Channels whose first frame claims to be larger than a frame may be."""
    while True:
        stream = await n.stream(SYNC)
        await stream.write((MAX_FRAME + 1).to_bytes(4, "big") + bytes(MAX_FRAME))
        await stream.reset()
        n.done += 1


async def channels(n: Nuisance) -> None:
    """Channels opened, spoken on, and dropped."""
    while True:
        stream = await n.stream(SYNC)
        await stream.write(b"\0\0\0\5hello")
        await stream.reset()
        n.done += 1


async def silent_channels(n: Nuisance) -> None:
    """Channels opened and kept, with nothing said on them."""
    while True:
        n.spare.append(await n.stream(SYNC))
        n.done += 1


async def streams(n: Nuisance) -> None:
    """Streams opened and left alone, more than a connection may have."""
    muxer = await n.yamux()
    while True:
        await muxer.open_stream()
        n.done += 1


async def windows(n: Nuisance) -> None:
    """Bytes beyond what the victim gave credit for."""
    stream = await n.stream(SYNC)
    muxed = stream.muxed_stream  # type: ignore[attr-defined]
    while True:
        muxed.send_window = 2**30
        await muxed.write(b"\0\1\0\0" + bytes(MAX_FRAME))
        n.done += 1


async def frames(n: Nuisance) -> None:
    """Yamux frames that mean nothing, or ask for an answer each."""
    muxer = await n.yamux()
    pings = struct.pack("!BBHII", 0, 2, 1, 0, 7) * 40
    junk = struct.pack("!BBHII", 0, 7, 0, 3, 3) * 2_000
    while True:
        await muxer.secured_conn.write(pings + junk)
        n.done += 2_040


async def churn(n: Nuisance) -> None:
    """Come and go."""
    while True:
        await n.stranger.transport.dial(n.address)
        await n.stranger.transport.hang_up(n.stranger.transport.peers()[0])
        n.done += 1


KINDS: dict[str, Callable[[Nuisance], Awaitable[None]]] = {
    kind.__name__: kind
    for kind in (
        messages, forgeries, oversize_messages, control, unknown_topics, oversize_frames,
        channels, silent_channels, streams, windows, frames, churn,
    )
}  # fmt: skip


async def keep_at_it(kind: str, nuisance: Nuisance) -> None:
    """Begin again whenever the victim hangs up."""
    while True:
        with suppress(Exception):  # whatever it says: that is the point
            await KINDS[kind](nuisance)
        nuisance.spare.clear()
        await trio.sleep(0.01)


async def alone(kind: str, address: str, seconds: float) -> None:
    """Be a nuisance in a process of one's own; prints how often."""
    listen = ["/ip4/127.0.0.1/tcp/0"]
    stranger = Peer(Libp2pTransport(os.urandom(32), listen=listen, topic=TOPIC))
    async with stranger.running():
        nuisance = Nuisance(stranger, address)
        with trio.move_on_after(seconds):
            await keep_at_it(kind, nuisance)
        sys.stdout.write(f"{nuisance.done}\n")


if __name__ == "__main__":
    trio.run(alone, sys.argv[1], sys.argv[2], float(sys.argv[3]))
