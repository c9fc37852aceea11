"""R8: what a stranger names, and who he is, is gone once he is gone.

The tables are not listed by hand: everything that hangs on the running stack is walked.
"""

import gc
from collections import deque
from collections.abc import Iterable, Iterator
from types import FunctionType, MethodType, ModuleType
from typing import Any

import pytest
import trio
from libp2p.host.exceptions import HostException
from libp2p.peer.id import ID
from libp2p.pubsub.pb import rpc_pb2
from libp2p.utils import encode_varint_prefixed

from p2p.libp2p_channel import SYNC
from p2p.libp2p_gossip import MESHSUB
from p2p.libp2p_health import HealthMonitor
from tests.p2p.carriers import TOPIC, Peer, eventually
from tests.p2p.strangers import id_of, insides, scene, signed_by, stream_to

pytestmark = [pytest.mark.network, pytest.mark.slow]

BOUNDED = {
    "offences",  # counts outlive the visit on purpose, MAX_OFFENDERS of them
    "_offences",
    "seen_messages",  # hashes and ids of messages, bounded in number and time
    "mcache",
    "_seen",
}
PLAIN = (str, bytes, bytearray, int, float)
OPAQUE = (*PLAIN, ModuleType, type, FunctionType, MethodType, trio.Nursery, trio.CancelScope)


def children(thing: object) -> Iterator[tuple[str, object]]:
    """What a container holds, or an object's attributes, each with a step of its path."""
    if isinstance(thing, dict):
        for key, value in list(thing.items()):
            yield f"{{{type(key).__name__}}}", key
            yield f"[{key if isinstance(key, str) else type(key).__name__}]", value
    elif isinstance(thing, list | tuple | set | frozenset | deque):
        for one in list(thing):
            yield "[]", one
    elif not isinstance(thing, OPAQUE) and not type(thing).__module__.startswith(
        ("trio", "logging")
    ):
        slots = getattr(type(thing), "__slots__", ())
        names = [*getattr(thing, "__dict__", {}), *(s for s in slots if hasattr(thing, s))]
        for name in names:
            if name not in BOUNDED:
                yield f".{name}", getattr(thing, name)


def mentions(root: object, needles: Iterable[Any]) -> list[str]:
    """Paths from a root to anything that is, or contains, one of the needles."""
    wanted = list(needles)
    texts = [n for n in wanted if isinstance(n, str)]
    blobs = [n for n in wanted if isinstance(n, bytes)]
    found, seen = [], set[int]()
    queue: deque[tuple[str, object]] = deque([("live", root)])
    while queue:
        path, thing = queue.popleft()
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        hit = (
            (isinstance(thing, str) and any(text in thing for text in texts))
            or (isinstance(thing, bytes | bytearray) and any(blob in thing for blob in blobs))
            or (isinstance(thing, ID) and thing in wanted)
        )
        if hit:
            found.append(path)
        else:
            queue.extend((path + step, child) for step, child in children(thing))
    return found


def names_of(stranger: Peer) -> list[Any]:
    who = id_of(stranger)
    return [who, str(who), who.to_bytes(), "unknown/"]


async def misbehave(stranger: Peer, victim: Peer) -> None:
    """Names of topics, ids and peers wherever the protocols take one."""
    stream = await stream_to(stranger, victim, MESHSUB)
    for n in range(30):
        rpc = rpc_pb2.RPC(senderRecord=b"signed by whom?")
        for k in range(20):
            topic = f"unknown/{n}/{k}"
            rpc.subscriptions.add(subscribe=True, topicid=topic)
            rpc.publish.add(data=b"x", topicIDs=[topic], from_id=id_of(stranger).to_bytes())
            rpc.control.graft.add(topicID=topic)
            rpc.control.ihave.add(topicID=topic, messageIDs=[b"unknown/%d" % k])
            rpc.control.idontwant.add(messageIDs=[b"unknown/%d" % k])
            prune = rpc.control.prune.add(topicID=topic, backoff=2**40)
            prune.peers.add(peerID=id_of(stranger).to_bytes(), signedPeerRecord=b"unknown/")
        rpc.subscriptions.add(subscribe=True, topicid=TOPIC)
        rpc.control.ihave.add(topicID=TOPIC, messageIDs=[b"unknown/%d" % n])
        rpc.control.iwant.add(messageIDs=[b"unknown/%d" % n])
        rpc.control.graft.add(topicID=TOPIC)
        prune = rpc.control.prune.add(topicID=TOPIC, backoff=2**40)
        prune.peers.add(peerID=id_of(stranger).to_bytes(), signedPeerRecord=b"unknown/")
        await stream.write(encode_varint_prefixed(rpc.SerializeToString()))
    said = signed_by(stranger, b"end", 1)
    await stream.write(encode_varint_prefixed(rpc_pb2.RPC(publish=[said]).SerializeToString()))
    for protocol in (SYNC, "/ipfs/id/1.0.0", "/ipfs/ping/1.0.0"):
        await (await stream_to(stranger, victim, protocol)).write(b"unknown/" * 10)
    with pytest.raises(HostException):
        await stream_to(stranger, victim, "/unknown/protocol")


async def test_R8_nothing_named_by_a_stranger_is_kept_while_he_stays() -> None:
    async with scene() as (victim, _, stranger):
        await stranger.dial(victim)
        await misbehave(stranger, victim)
        await eventually(lambda: victim.count(b"end"))
        gc.collect()
        assert mentions(insides(victim), ["unknown/"]) == []


async def test_R8_nothing_of_a_stranger_is_kept_once_he_has_left() -> None:
    async with scene() as (victim, friend, stranger):
        for _ in range(2):
            await stranger.dial(victim)
            await misbehave(stranger, victim)
            await eventually(lambda: victim.count(b"end"))
            await HealthMonitor(insides(victim).swarm)._check_all_connections()
            await stranger.transport.hang_up(victim.transport.name)
            await eventually(lambda: stranger.transport.name not in victim.transport.peers())
        await eventually(lambda: not insides(victim).gossip._readers[id_of(stranger)], 12)
        insides(victim).gossip._readers.clear()  # looking made an entry
        await trio.sleep(0.3)  # notices of the end, and the router's next heartbeat
        insides(victim).router._periodic_security_cleanup()
        gc.collect()
        assert mentions(insides(victim), [id_of(friend)])  # the walk finds those who are here
        assert mentions(insides(victim), names_of(stranger)) == []


async def test_peers_named_in_a_prune_are_not_dialled_and_not_remembered() -> None:
    async with scene() as (victim, friend, stranger):
        await stranger.dial(victim)
        rpc = rpc_pb2.RPC()
        prune = rpc.control.prune.add(topicID=TOPIC, backoff=60)
        nobody = ID(id_of(stranger).to_bytes()[:-4] + b"none")
        prune.peers.add(peerID=nobody.to_bytes(), signedPeerRecord=b"record")
        rpc.publish.append(signed_by(stranger, b"after", 1))
        stream = await stream_to(stranger, victim, MESHSUB)
        await stream.write(encode_varint_prefixed(rpc.SerializeToString()))
        await eventually(lambda: victim.count(b"after"))
        gc.collect()
        assert mentions(insides(victim), [nobody, nobody.to_bytes(), str(nobody)]) == []
        here = {friend.transport.name, stranger.transport.name}
        assert set(victim.transport.peers()) == here
        store = insides(victim).host.get_peerstore()
        assert not any(store.addrs(peer) for peer in map(id_of, (friend, stranger)) if peer in
                       store.peers_with_addrs())  # fmt: skip
