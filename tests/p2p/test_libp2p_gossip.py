"""One topic, one judge, nothing kept for strangers."""

import pytest
import trio
import trio.testing
from libp2p.abc import INetStream
from libp2p.peer.id import ID
from libp2p.pubsub.pb import rpc_pb2
from libp2p.pubsub.rpc_queue import RpcQueue
from libp2p.utils import encode_varint_prefixed

from p2p.libp2p_gossip import MESHSUB, QUEUE, ROOM, ROOM_LOOK_SECONDS, Gossip
from p2p.libp2p_host import ROOM_SECONDS
from tests.p2p.carriers import TOPIC, Peer, eventually
from tests.p2p.strangers import id_of, insides, scene, signed_by, stream_to, yamux_between

SLOW = [pytest.mark.network, pytest.mark.slow]


@pytest.mark.parametrize(("waiting", "seconds"), [(0, 0), (ROOM, 0), (10 * ROOM, ROOM_SECONDS)])
async def test_who_publishes_waits_for_slow_readers_but_not_for_long(
    autojump_clock: trio.testing.MockClock, waiting: int, seconds: float
) -> None:
    class Silent(Gossip):
        def __init__(self, queue: RpcQueue) -> None:
            slow = {ID(b"slow %d" % n): queue for n in range(2)}
            self.peer_queues = {**slow, ID(b"quick"): RpcQueue()}

    queue = RpcQueue(max_size=QUEUE)
    for _ in range(waiting):
        queue.push(rpc_pb2.RPC())
    began = trio.current_time()
    await Silent(queue).room(ROOM_SECONDS)
    assert trio.current_time() - began == pytest.approx(seconds)


async def test_one_slow_reader_alone_does_not_hold_up_who_publishes(
    autojump_clock: trio.testing.MockClock,
) -> None:
    class Silent(Gossip):
        def __init__(self, queue: RpcQueue) -> None:
            self.peer_queues = {ID(b"slow"): queue, ID(b"quick"): RpcQueue()}

    queue = RpcQueue(max_size=QUEUE)
    for _ in range(QUEUE):
        queue.push(rpc_pb2.RPC())
    began = trio.current_time()
    await Silent(queue).room(ROOM_SECONDS)
    assert trio.current_time() == began


async def test_who_publishes_goes_on_when_the_queue_has_shrunk(
    autojump_clock: trio.testing.MockClock, nursery: trio.Nursery
) -> None:
    class Silent(Gossip):
        def __init__(self, queue: RpcQueue) -> None:
            self.peer_queues = {ID(b"slow"): queue}

    async def read() -> None:
        while len(queue):
            await trio.sleep(0.01)
            await queue.pop()

    queue = RpcQueue(max_size=QUEUE)
    for _ in range(ROOM + 20):
        queue.push(rpc_pb2.RPC())
    nursery.start_soon(read)
    began = trio.current_time()
    await Silent(queue).room(ROOM_SECONDS)
    assert trio.current_time() - began == pytest.approx(0.2, abs=ROOM_LOOK_SECONDS)


async def say(stranger: Peer, victim: Peer, *rpcs: rpc_pb2.RPC) -> None:
    stream = await stream_to(stranger, victim, MESHSUB)
    for rpc in rpcs:
        await stream.write(encode_varint_prefixed(rpc.SerializeToString()))
    await stream.close()


class TestOnTheWire:
    pytestmark = SLOW

    async def test_messages_with_a_bad_signature_are_an_offence_and_not_judged(self) -> None:
        async with scene() as (victim, friend, stranger):
            await stranger.dial(victim)
            good = signed_by(stranger, b"good", 1)
            altered = signed_by(stranger, b"true", 2)
            altered.data = b"altered"
            forged = signed_by(stranger, b"forged", 3)
            forged.from_id = id_of(friend).to_bytes()
            unsigned = signed_by(stranger, b"unsigned", 4)
            unsigned.ClearField("signature")
            nobody = signed_by(stranger, b"nobody", 5)
            nobody.from_id = b"\x00\x01nonsense"
            nobody.key = b"\xff" * 40
            bad = [altered, forged, unsigned, nobody]
            await say(stranger, victim, rpc_pb2.RPC(publish=[*bad, good]))
            await eventually(lambda: victim.count(b"good"))
            assert victim.texts == [b"good"]
            assert victim.transport.offences == {stranger.transport.name: len(bad)}

    async def test_messages_in_our_own_name_are_dropped(self) -> None:
        async with scene() as (victim, _, stranger):
            await stranger.dial(victim)
            echo = signed_by(victim, b"as if from you", 7)
            await say(
                stranger, victim, rpc_pb2.RPC(publish=[echo, signed_by(stranger, b"after", 8)])
            )
            await eventually(lambda: victim.count(b"after"))
            assert not victim.count(b"as if from you")

    async def test_R8_control_for_unknown_topics_leaves_no_state_behind(self) -> None:
        async with scene() as (victim, _, stranger):
            await stranger.dial(victim)
            rpcs = []
            for n in range(40):
                rpc = rpc_pb2.RPC()
                for k in range(20):
                    topic = f"unknown/{n}/{k}"
                    rpc.subscriptions.add(subscribe=True, topicid=topic)
                    rpc.control.graft.add(topicID=topic)
                    rpc.control.ihave.add(topicID=topic, messageIDs=[b"id"])
                    prune = rpc.control.prune.add(topicID=topic, backoff=2**40)
                    prune.peers.add(peerID=id_of(stranger).to_bytes()[:-2] + b"%02d" % k)
                rpcs.append(rpc)
            end = rpc_pb2.RPC(publish=[signed_by(stranger, b"end", 1)])
            await say(stranger, victim, *rpcs, end)
            await eventually(lambda: victim.count(b"end"))
            live = insides(victim)
            router = live.router
            assert {*router.mesh, *router.fanout, *router.back_off, *live.gossip.peer_topics} <= {
                TOPIC
            }
            for table in (router.graft_flood_tracking, router.ihave_message_limits):
                assert {topic for by_topic in table.values() for topic in by_topic} <= {TOPIC}
            assert len(live.host.get_peerstore().peer_ids()) <= 3

    async def test_R8_nothing_of_a_stranger_is_kept_once_he_is_gone(self) -> None:
        async with scene() as (victim, _, stranger):
            await stranger.dial(victim)
            await say(stranger, victim, rpc_pb2.RPC(publish=[signed_by(stranger, b"hi", 1)]))
            await eventually(lambda: victim.count(b"hi"))
            await insides(stranger).swarm.close_peer(id_of(victim))
            name, who = stranger.transport.name, id_of(stranger)
            live = insides(victim)
            router, gossip = live.router, live.gossip
            await eventually(lambda: name not in victim.transport.peers())
            await eventually(lambda: who not in gossip.peers and not gossip._readers[who])
            # The news that the connection is gone travels by a queue of libp2p's own.
            await eventually(lambda: who not in gossip.peer_topics.get(TOPIC, ()))
            await eventually(lambda: who not in router.peer_protocol)
            await eventually(lambda: who not in router.mesh[TOPIC])
            await eventually(lambda: who not in gossip.peer_queues)
            await eventually(lambda: who not in live.swarm.health_data)
            recent = live.swarm.auto_connector._recent_disconnects
            await eventually(lambda: who not in {*recent, *live.host.get_peerstore().peer_ids()})

    async def test_our_rpcs_carry_no_signed_record(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async with scene() as (victim, friend, stranger):
            gossip = insides(victim).gossip
            write, sent = gossip.write_msg, list[rpc_pb2.RPC]()

            async def spy(stream: INetStream, rpc: rpc_pb2.RPC) -> bool:
                sent.append(rpc)
                return await write(stream, rpc)

            monkeypatch.setattr(gossip, "write_msg", spy)
            await victim.transport.publish(b"said before he came")
            await stranger.dial(victim)
            await victim.transport.publish(b"said after")
            await eventually(lambda: friend.count(b"said after"))
            await eventually(lambda: stranger.count(b"said before he came"))
            assert sent
            assert not any(rpc.HasField("senderRecord") for rpc in sent)
            assert not gossip.get_hello_packet().HasField("senderRecord")

    async def test_a_third_gossip_stream_of_one_peer_is_refused(self) -> None:
        async with scene() as (victim, _, stranger):
            await stranger.dial(victim)
            streams = [await stream_to(stranger, victim, MESHSUB) for _ in range(6)]
            await eventually(lambda: victim.transport.offences)
            assert insides(victim).gossip._readers[id_of(stranger)] <= 2
            assert len(streams) == 6
            assert yamux_between(stranger, victim).is_established


class TestGrafts:
    async def test_a_full_mesh_takes_no_more_callers_but_whom_we_dialled(self) -> None:
        """Callers may be anybody: who asks most often shall not have the mesh."""
        async with scene() as (victim, _other, _stranger):
            router = insides(victim).router
            full = {ID(bytes([0, 36, 8, 1, 18, 32, *[n] * 32])) for n in range(router.degree_high)}
            router.mesh[TOPIC] = set(full)
            caller = ID(bytes([0, 36, 8, 1, 18, 32, *[99] * 32]))
            graft = rpc_pb2.ControlGraft(topicID=TOPIC)
            await router.handle_graft(graft, caller)
            assert router.mesh[TOPIC] == full
            router.mesh[TOPIC].discard(next(iter(full)))
            router.back_off.clear()
            await router.handle_graft(graft, caller)
            assert caller in router.mesh[TOPIC]
            router.mesh[TOPIC] -= full | {caller}
