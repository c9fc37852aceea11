"""gossipsub 1.1 with its doors closed: one topic, one judge, nothing kept for strangers.

libp2p's `Pubsub` reads, routes and answers as it came; we replace what it does with a stranger's
bytes. An RPC is cut down to what concerns our topic before the router sees it; signed peer
records and peer exchange are dropped unread; each message is judged once, synchronously.
"""

import logging
import time
from collections import Counter
from typing import cast

import trio
from libp2p.abc import IHost, INetStream
from libp2p.custom_types import TProtocol
from libp2p.exceptions import ParseError
from libp2p.network.stream.exceptions import StreamError
from libp2p.peer.id import ID
from libp2p.pubsub.gossipsub import GossipSub
from libp2p.pubsub.pb import rpc_pb2
from libp2p.pubsub.pubsub import Pubsub
from libp2p.pubsub.rpc_queue import RpcQueue
from libp2p.pubsub.validators import signature_validator
from libp2p.tools.timed_cache.last_seen_cache import LastSeenCache

from p2p.intake import Intake
from p2p.libp2p_guard import Report
from p2p.libp2p_rpc import MAX_RPC, Share, cut_frame, only_ours
from p2p.libp2p_yamux import GuardedYamux
from p2p.transport import PeerName
from web3rec.clock import system_clock

logger = logging.getLogger(__name__)

MESHSUB = TProtocol("/meshsub/1.1.0")
"""The one version we speak; 1.2 doubled the bytes and lost messages (measured)."""
TURN = 8
"""Messages of one RPC we look at before others have their turn, some 2 ms."""
MAX_READERS = 2
"""Gossip streams one peer may have open to us; one is normal, two while it reconnects."""
QUEUE = 256
"""RPCs that may wait for one peer; libp2p's 32 overflow in a burst."""
ROOM = 16
"""Who publishes waits while more RPCs than this wait for most peers, so that the rest of QUEUE is
left for what is passed on. One slow reader alone holds up nobody: it loses messages instead."""
ROOM_LOOK_SECONDS = 0.02
SEEN_SECONDS = 300
"""How long a message id is remembered."""
SEEN_MESSAGES = 65_536
"""Message ids remembered at most, some 10 MiB; a flood makes us forget early, not grow."""


class Router(GossipSub):
    """GossipSub without signed records, without a log of deliveries, forgetting old back-offs."""

    async def publish(self, msg_forwarder: ID, pubsub_msg: rpc_pb2.Message) -> None:
        """Hand a judged message to the mesh; a full queue loses it, sync mends that."""
        pubsub = self.pubsub
        if pubsub is None:
            return
        self.mcache.put(pubsub_msg)
        rpc = rpc_pb2.RPC(publish=[pubsub_msg])
        for peer in self._get_peers_to_send(
            pubsub_msg.topicIDs, msg_forwarder, ID(pubsub_msg.from_id)
        ):
            queue = pubsub.peer_queues.get(peer)
            if queue is not None and not queue.push(rpc):
                logger.debug("the queue to %s is full, message lost", str(peer)[-8:])

    async def send_recent_messages(self, peer_id: ID, topic: str) -> None:
        """Queue what was said lately for a peer that has just subscribed.

        libp2p writes it past the queue, between the pieces of what the queue is writing.
        """
        queue = self.pubsub.peer_queues.get(peer_id) if self.pubsub is not None else None
        if queue is None:
            return
        for message_id in self.mcache.window(topic):
            message = self.mcache.get(message_id)
            if message is not None:
                queue.push(rpc_pb2.RPC(publish=[message]))

    def send_rpc(self, peer_id: ID, rpc: rpc_pb2.RPC, priority: bool = False) -> None:
        """Queue an RPC without our signed record; everybody checks it at each RPC."""
        rpc.ClearField("senderRecord")
        super().send_rpc(peer_id, rpc, priority)

    async def handle_graft(self, graft_msg: rpc_pb2.ControlGraft, sender_peer_id: ID) -> None:
        """Take a GRAFT, but not of a caller into a full mesh: callers may be anybody.

        The library takes it and drops peers by chance at the next heartbeat, so that whoever asks
        most often has the mesh. docs/decisions/0021 has what that cost.
        """
        mesh = self.mesh.get(graft_msg.topicID, set())
        full = len(mesh) >= self.degree_high and sender_peer_id not in mesh
        if full and not self._dialled(sender_peer_id):
            self._add_back_off(sender_peer_id, graft_msg.topicID, False)
            await self.emit_prune(graft_msg.topicID, sender_peer_id, False, False)
            return
        await super().handle_graft(graft_msg, sender_peer_id)

    def _dialled(self, peer_id: ID) -> bool:
        """Whether we dialled (one of) the connection(s) to a peer."""
        if self.pubsub is None:
            return False
        open_ = self.pubsub.host.get_network().get_connections(peer_id)
        return any(cast(GuardedYamux, one.muxed_conn).is_initiator for one in open_)

    def remove_peer(self, peer_id: ID) -> None:
        """Forget a peer, his back-off too: names are free, and each would leave one behind."""
        super().remove_peer(peer_id)
        for peers in self.back_off.values():
            peers.pop(peer_id, None)

    def _periodic_security_cleanup(self) -> None:
        super()._periodic_security_cleanup()
        now = time.time()  # the router's own clock, see _add_back_off
        for topic, peers in self.back_off.items():
            self.back_off[topic] = {peer: until for peer, until in peers.items() if until > now}


class _Seen(LastSeenCache):
    """Message ids seen lately; bounded, and without the thread libp2p starts for each."""

    def __init__(self) -> None:
        self.cache = {}

    def add(self, key: bytes) -> bool:
        new = key not in self.cache
        self.cache[key] = int(trio.current_time()) + SEEN_SECONDS
        while (
            len(self.cache) > SEEN_MESSAGES or next(iter(self.cache.values())) < trio.current_time()
        ):
            del self.cache[next(iter(self.cache))]
        return new

    def has(self, key: bytes) -> bool:
        return key in self.cache


class Gossip(Pubsub):
    """Pubsub for one topic that reads, checks and judges what strangers send."""

    def __init__(
        self, host: IHost, router: Router, *, topic: str, intake: Intake, report: Report
    ) -> None:
        super().__init__(
            host,
            router,
            seen_ttl=SEEN_SECONDS,
            strict_signing=True,
            max_subscriptions_per_peer=8,
            max_subscriptions_per_rpc=8,
            max_inbound_rpc_size=MAX_RPC,
            allowed_topics={topic},
        )
        # Seconds would repeat numbers after a restart, and repeated numbers are dropped as seen.
        self.counter = system_clock() * 1_000_000
        self.seen_messages.stop()
        self.seen_messages = _Seen()
        self._topic = topic
        self._intake = intake
        self._report = report
        self._readers: Counter[ID] = Counter()

    def get_hello_packet(self) -> rpc_pb2.RPC:
        """Our subscriptions, without a signed record."""
        return rpc_pb2.RPC(
            subscriptions=[rpc_pb2.RPC.SubOpts(subscribe=True, topicid=t) for t in self.topic_ids]
        )

    def _build_announce_rpc(
        self, topic_id: str, subscribe: bool
    ) -> tuple[rpc_pb2.RPC, rpc_pb2.RPC.SubOpts]:
        entry = rpc_pb2.RPC.SubOpts(subscribe=subscribe, topicid=topic_id)
        return rpc_pb2.RPC(subscriptions=[entry]), entry

    async def handle_dead_peer_queue(self) -> None:
        """Drop who has left, and mend the gossip of who came back before we noticed.

        libp2p keeps writing to the stream of the connection that ended.
        """
        async with self.dead_peer_receive_channel:
            self.event_handle_dead_peer_queue_started.set()
            async for peer in self.dead_peer_receive_channel:
                stream = self.peers.get(peer)
                if stream is None or cast(GuardedYamux, stream.muxed_conn).is_closed:
                    self._handle_dead_peer(peer)

    def _forget_all_subscriptions(self, peer_id: ID) -> None:
        if self._peer_is_connected(peer_id):  # he said so on the new connection, and only once
            self._replayed_recent_topics.pop(peer_id, None)
        else:
            super()._forget_all_subscriptions(peer_id)

    async def stream_handler(self, stream: INetStream) -> None:
        """Read one inbound gossip stream to its end; raises only what the guard reports."""
        peer = stream.muxed_conn.peer_id
        if self._readers[peer] >= MAX_READERS:
            raise ParseError("too many gossip streams")
        self._readers[peer] += 1
        try:
            await self.continuously_read_stream(stream)
        except StreamError as error:
            logger.debug("a gossip stream of %s ended: %s", str(peer)[-8:], type(error).__name__)
        finally:
            self._readers[peer] -= 1
            self._readers += Counter()  # forgets the zeros
            if not self._readers[peer] and not self._peer_is_connected(peer):
                # What was still unread when the peer left has named it again.
                self._forget_all_subscriptions(peer)
                self.router.remove_peer(peer)

    async def continuously_read_stream(self, stream: INetStream) -> None:
        """Read RPCs until the stream ends, none faster than its share.

        Raises:
            ParseError: a length or an RPC that is none.
            StreamError: the stream broke.
        """
        peer = stream.muxed_conn.peer_id
        unread = bytearray()
        share = Share()
        while self.manager.is_running:
            frame = cut_frame(unread)
            if frame is None:
                more = await stream.read(MAX_RPC)
                if not more:
                    return
                unread += more
                continue
            rpc = rpc_pb2.RPC()
            try:
                rpc.ParseFromString(frame)
            except Exception as error:
                raise ParseError("bytes that are no RPC") from error
            only_ours(rpc, self._topic)
            if not share.cut(rpc, trio.current_time()):
                self._report(peer, "gossip: more than a fair share of control")
            await self._handle(peer, rpc)
            await trio.sleep(share.delay(rpc, trio.current_time()))

    async def _handle(self, peer: ID, rpc: rpc_pb2.RPC) -> None:
        for n, message in enumerate(rpc.publish, start=1):
            await self.push_msg(peer, message)
            if n % TURN == 0:
                await trio.lowlevel.checkpoint()
        for entry in rpc.subscriptions:
            self.handle_subscription(peer, entry)
        if rpc.HasField("control"):
            await self.router.handle_rpc(rpc, peer)

    async def push_msg(self, msg_forwarder: ID, msg: rpc_pb2.Message) -> None:
        """Judge a message and pass it on if the judge accepts it.

        Seen before, from us but not by us: dropped. A bad signature is the forwarder's offence.
        """
        if self._is_msg_seen(msg):
            return
        if msg_forwarder != self.my_id:
            if msg.from_id == self.my_id.to_bytes():
                return
            try:
                signed = signature_validator(msg)
            except Exception:  # noqa: BLE001 - it raises on keys it cannot read
                signed = False
            if not signed:
                self._report(msg_forwarder, "a message with a bad signature")
                return
            self._mark_msg_seen(msg)
            name = PeerName(str(msg_forwarder))
            if not self._intake.accepts(name, msg.data, trio.current_time()):
                return
        else:
            self._mark_msg_seen(msg)
            self._intake.saw(msg.data, trio.current_time())
        await self.router.publish(msg_forwarder, msg)

    async def room(self, seconds: float) -> None:
        """Return once at most half of the peers have more than ROOM RPCs waiting, or in time."""
        with trio.move_on_after(seconds):
            # libp2p's queues set no event when they shrink
            while self._most_are_slow():  # noqa: ASYNC110
                await trio.sleep(ROOM_LOOK_SECONDS)

    def _most_are_slow(self) -> bool:
        slow = sum(len(queue) > ROOM for queue in self.peer_queues.values())
        return 2 * slow > len(self.peer_queues)

    async def handle_sending_messages(
        self, peer_id: ID, stream: INetStream, queue: RpcQueue
    ) -> None:
        """Send what is queued for one peer.

        The queue is longer than libp2p makes it, and cuts RPCs to what the other end reads:
        answers to IWANT would be up to 1 MiB, and be held against us.
        """
        queue._queue.max_size = QUEUE  # noqa: SLF001 - it offers no other way
        queue.max_message_size = MAX_RPC
        await super().handle_sending_messages(peer_id, stream, queue)
