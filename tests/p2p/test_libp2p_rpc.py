"""What is left of a stranger's RPC before anybody acts on it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from libp2p.exceptions import ParseError
from libp2p.pubsub.pb import rpc_pb2
from libp2p.utils import encode_varint_prefixed

from p2p.libp2p_rpc import (
    CHANGES_AT_ONCE,
    IDS_AT_ONCE,
    MAX_BACKOFF,
    MAX_IDS,
    MAX_RPC,
    MESSAGES_AT_ONCE,
    MESSAGES_PER_SECOND,
    Share,
    cut_frame,
    only_ours,
)
from tests.p2p.carriers import TOPIC

topics = st.sampled_from([TOPIC, "other", ""])
ids = st.lists(st.binary(max_size=4), max_size=MAX_IDS + 5)


@st.composite
def rpcs(draw: st.DrawFn) -> rpc_pb2.RPC:
    rpc = rpc_pb2.RPC()
    for names in draw(st.lists(st.lists(topics, max_size=2), max_size=3)):
        rpc.publish.add(from_id=b"x", data=b"y", seqno=b"z", topicIDs=names)
    for topic in draw(st.lists(topics, max_size=4)):
        rpc.subscriptions.add(subscribe=draw(st.booleans()), topicid=topic)
    if draw(st.booleans()):
        rpc.senderRecord = b"signed"
    for topic in draw(st.lists(topics, max_size=3)):
        rpc.control.ihave.add(topicID=topic, messageIDs=draw(ids))
        rpc.control.iwant.add(messageIDs=draw(ids))
        rpc.control.graft.add(topicID=topic)
        prune = rpc.control.prune.add(topicID=topic, backoff=draw(st.integers(0, 2**63)))
        prune.peers.add(peerID=b"somebody", signedPeerRecord=b"record")
    return rpc


@given(rpcs())
def test_what_is_left_of_an_rpc_concerns_our_topic_and_is_short(rpc: rpc_pb2.RPC) -> None:
    before = rpc_pb2.RPC()
    before.CopyFrom(rpc)
    kept = only_ours(rpc, TOPIC)
    assert not kept.HasField("senderRecord")
    assert list(kept.publish) == [m for m in before.publish if list(m.topicIDs) == [TOPIC]]
    assert all(entry.topicid == TOPIC for entry in kept.subscriptions)
    assert len(kept.subscriptions) <= 1
    control = kept.control
    assert {e.topicID for e in control.ihave} <= {TOPIC}
    assert {e.topicID for e in control.graft} <= {TOPIC}
    assert {e.topicID for e in control.prune} <= {TOPIC}
    assert all(len(e.messageIDs) <= MAX_IDS for e in control.ihave)
    assert all(len(e.messageIDs) <= MAX_IDS for e in control.iwant)
    lists = (control.ihave, control.iwant, control.graft, control.prune)
    assert all(len(entries) <= 1 for entries in lists)
    assert all(p.backoff <= MAX_BACKOFF and not p.peers for p in control.prune)
    again = rpc_pb2.RPC()
    again.CopyFrom(kept)
    assert only_ours(again, TOPIC) == kept


def test_the_last_word_on_a_subscription_counts() -> None:
    rpc = rpc_pb2.RPC()
    rpc.subscriptions.add(subscribe=True, topicid=TOPIC)
    rpc.subscriptions.add(subscribe=False, topicid=TOPIC)
    assert [entry.subscribe for entry in only_ours(rpc, TOPIC).subscriptions] == [False]


@given(st.lists(st.binary(max_size=300), max_size=6), st.integers(1, 50))
def test_frames_are_cut_the_same_however_they_arrive(frames: list[bytes], step: int) -> None:
    wire = b"".join(map(encode_varint_prefixed, frames))
    unread, cut = bytearray(), []
    for start in range(0, len(wire), step):
        unread += wire[start : start + step]
        while (frame := cut_frame(unread)) is not None:
            cut.append(frame)
    assert cut == frames
    assert not unread


@pytest.mark.parametrize("head", [b"\xff\xff\xff\xff", b"\x81\x80\x04", b"\x80\x80\x80\x01"])
def test_lengths_over_the_limit_are_refused_before_the_body(head: bytes) -> None:
    with pytest.raises(ParseError):
        cut_frame(bytearray(head))
    assert cut_frame(bytearray(b"\x80\x80\x04")) is None  # MAX_RPC itself may still come
    assert MAX_RPC == 4 << 14


def test_no_message_is_asked_for_twice_in_one_breath() -> None:
    rpc = rpc_pb2.RPC()
    for _ in range(3):
        rpc.control.iwant.add(messageIDs=[b"b", b"a", b"b"] * 50)
    assert [list(e.messageIDs) for e in only_ours(rpc, TOPIC).control.iwant] == [[b"b", b"a"]]


def offering(n: int) -> rpc_pb2.RPC:
    rpc = rpc_pb2.RPC()
    rpc.control.ihave.add(topicID=TOPIC, messageIDs=[b"%d" % k for k in range(n)])
    rpc.publish.add(data=b"kept")
    return rpc


def changing() -> rpc_pb2.RPC:
    rpc = rpc_pb2.RPC()
    rpc.subscriptions.add(subscribe=True, topicid=TOPIC)
    rpc.control.graft.add(topicID=TOPIC)
    return rpc


def test_control_beyond_the_fair_share_is_dropped_and_messages_are_not() -> None:
    share = Share()
    for _ in range(int(IDS_AT_ONCE) // MAX_IDS):
        assert share.cut(offering(MAX_IDS), 5.0)
    excess = offering(MAX_IDS)
    assert not share.cut(excess, 5.0)
    assert not excess.control.ihave
    assert [m.data for m in excess.publish] == [b"kept"]
    assert share.cut(offering(MAX_IDS), 6.0)  # a second later there is room again
    for _ in range(int(CHANGES_AT_ONCE) // 2):
        assert share.cut(changing(), 6.0)
    excess = changing()
    assert not share.cut(excess, 6.0)
    assert not excess.subscriptions
    assert not excess.control.graft


def test_a_heartbeat_a_second_is_within_the_share_for_ever() -> None:
    share = Share()
    for second in range(1_000):
        rpc = offering(MAX_IDS)
        rpc.control.graft.add(topicID=TOPIC)
        assert share.cut(rpc, float(second))


def test_who_sends_many_messages_is_kept_waiting() -> None:
    share = Share()
    rpc = rpc_pb2.RPC(publish=[rpc_pb2.Message()] * 500)
    for _ in range(int(MESSAGES_AT_ONCE) // 500):
        assert share.delay(rpc, 1.0) == 0
    assert share.delay(rpc, 1.0) == pytest.approx(500 / MESSAGES_PER_SECOND)
