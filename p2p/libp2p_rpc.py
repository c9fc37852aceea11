"""What is left of a stranger's RPC before anybody acts on it: our topic, short lists, a fair share.

Knows protocol buffers and limits; no streams, no peers.
"""

from libp2p.exceptions import ParseError
from libp2p.pubsub.pb import rpc_pb2

from p2p.pace import Pace

MAX_RPC = 64 * 1024
"""Bytes of one RPC at most."""
MAX_IDS = 128
"""Message ids we read of one control message; a second at 20 messages a second names 60."""
MAX_BACKOFF = 600
"""Seconds a peer may ask us to keep away; it would keep the entry for ever."""
MESSAGES_PER_SECOND, MESSAGES_AT_ONCE = 1_000.0, 2_000.0
"""Messages (or RPCs without one) one peer may send; each costs us a signature check. The quickest
honest pair was measured at half of it."""
IDS_PER_SECOND, IDS_AT_ONCE = 256.0, 1_024.0
"""Message ids one peer may offer or ask for; a heartbeat a second offers MAX_IDS of them."""
CHANGES_PER_SECOND, CHANGES_AT_ONCE = 2.0, 32.0
"""Times one peer may subscribe, graft or prune; a heartbeat a second needs one. Each subscription
is answered with the messages of the last seconds."""


def only_ours(rpc: rpc_pb2.RPC, topic: str) -> rpc_pb2.RPC:
    """Cut an RPC down, in place, to what concerns our topic.

    Drops the signed record, messages and control entries of other topics, peer exchange and
    extensions; shortens lists of ids to MAX_IDS, asks for none twice, and cuts back-offs to
    MAX_BACKOFF.
    Cost: O(entries).
    """
    rpc.ClearField("senderRecord")
    messages = [m for m in rpc.publish if list(m.topicIDs) == [topic]]
    topics = [s for s in rpc.subscriptions if s.topicid == topic]
    if len(messages) < len(rpc.publish):
        del rpc.publish[:]
        rpc.publish.extend(messages)
    if len(topics) != len(rpc.subscriptions) or len(topics) > 1:
        del rpc.subscriptions[:]
        rpc.subscriptions.extend(topics[-1:])
    if rpc.HasField("control"):
        control = rpc_pb2.ControlMessage()
        offered = [
            i for have in rpc.control.ihave if have.topicID == topic for i in have.messageIDs
        ]
        wanted = [i for want in rpc.control.iwant for i in want.messageIDs]
        if offered:
            control.ihave.add(topicID=topic, messageIDs=offered[:MAX_IDS])
        if wanted:
            control.iwant.add(messageIDs=list(dict.fromkeys(wanted))[:MAX_IDS])
        control.graft.extend([g for g in rpc.control.graft if g.topicID == topic][:1])
        for prune in [p for p in rpc.control.prune if p.topicID == topic][:1]:
            control.prune.add(topicID=topic, backoff=min(prune.backoff, MAX_BACKOFF))
        if control.ByteSize():
            rpc.control.CopyFrom(control)
        else:
            rpc.ClearField("control")
    return rpc


class Share:
    """What one stream of RPCs may still ask of us."""

    def __init__(self) -> None:
        """Nothing is spent."""
        self._messages = Pace(MESSAGES_PER_SECOND, MESSAGES_AT_ONCE)
        self._ids = Pace(IDS_PER_SECOND, IDS_AT_ONCE)
        self._changes = Pace(CHANGES_PER_SECOND, CHANGES_AT_ONCE)

    def delay(self, rpc: rpc_pb2.RPC, now: float) -> float:
        """Seconds to wait before the next RPC is read."""
        return self._messages.spend(max(1, len(rpc.publish)), now)

    def cut(self, rpc: rpc_pb2.RPC, now: float) -> bool:
        """Drop what goes beyond the share, in place; False if anything had to go."""
        control = rpc.control
        ids = sum(len(have.messageIDs) for have in control.ihave)
        ids += sum(len(want.messageIDs) for want in control.iwant)
        changes = len(rpc.subscriptions) + len(control.graft) + len(control.prune)
        fair = True
        if ids and not self._ids.affords(ids, now):
            fair = False
            del control.ihave[:], control.iwant[:]
        if changes and not self._changes.affords(changes, now):
            fair = False
            del rpc.subscriptions[:], control.graft[:], control.prune[:]
        return fair


def cut_frame(unread: bytearray) -> bytes | None:
    """Take one varint-prefixed frame off the front; None if it is not all there yet."""
    head = next((n for n, byte in enumerate(unread[:4], start=1) if not byte & 0x80), 0)
    if not head:
        if len(unread) >= 4:
            raise ParseError("a length of more than four bytes")
        return None
    length = sum((byte & 0x7F) << 7 * n for n, byte in enumerate(unread[:head]))
    if length > MAX_RPC:
        raise ParseError(f"an RPC over {MAX_RPC} bytes")
    if len(unread) < head + length:
        return None
    frame = bytes(unread[head : head + length])
    del unread[: head + length]
    return frame
