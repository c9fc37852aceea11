"""What is known of libp2p 0.8.1 and answered nowhere else: one claim each (docs/decisions/0015)."""

import ast
from contextlib import suppress
from pathlib import Path

import pytest
import trio
from libp2p.pubsub.pubsub import get_peer_and_seqno_msg_id
from libp2p.utils import encode_delim

import p2p
from p2p.transport import MAX_MESSAGE
from tests.p2p.carriers import eventually, gathering, libp2p_hosts
from tests.p2p.strangers import freeze, insides, noise_to, scene, yamux_between

pytestmark = [pytest.mark.network, pytest.mark.slow]

HELLO = encode_delim(b"/multistream/1.0.0")


def test_nothing_of_ours_is_named_like_what_the_wheel_brings_along() -> None:
    root = Path(p2p.__file__).parents[1]
    imported = set()
    for path in [
        *root.glob("p2p/**/*.py"),
        *root.glob("web3rec/**/*.py"),
        *root.glob("trust/*.py"),
    ]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                imported.add(node.module.partition(".")[0])
    assert "trio" in imported
    assert not imported & {"examples", "docs", "interop", "stubs"}


@pytest.mark.parametrize("muxer", [b"/mplex/6.7.0", b"/spdystream/1.0.0", b"/quic-v1"])
async def test_no_muxer_but_yamux_is_taken(muxer: bytes) -> None:
    async with scene() as (victim, _, stranger):
        secured = await noise_to(stranger, victim)
        await secured.write(HELLO + encode_delim(muxer))
        reply = b""
        with trio.fail_after(3):
            while len(reply) < len(HELLO + encode_delim(b"na")):
                reply += await secured.read(1)
        assert reply == HELLO + encode_delim(b"na")
        await secured.close()


async def test_message_ids_are_author_and_number_so_that_ihave_works() -> None:
    async with gathering(libp2p_hosts(), 1) as (one,):
        gossip = insides(one).gossip
        assert gossip._msg_id_constructor is get_peer_and_seqno_msg_id
        assert list(gossip.topic_ids) == ["test/1"]  # one: GRAFT lists leak with more than three


async def test_nothing_is_dialled_that_we_did_not_dial() -> None:
    """libp2p's own connector knows no address to try: we dial without telling it."""
    async with gathering(libp2p_hosts(), 3) as (one, two, three):
        await one.dial(two)
        await two.dial(three)
        await one.transport.publish(b"x")
        await eventually(lambda: three.count(b"x"))
        for peer in (one, two, three):
            assert list(insides(peer).host.get_peerstore().peers_with_addrs()) == []
            assert insides(peer).swarm.auto_connector._in_flight_dials == set()
        assert one.transport.peers() == (two.transport.name,)


@pytest.mark.parametrize(
    "greeting",
    [b"", b"\xff" * 300, HELLO + b"\x80\x80\x80", HELLO + encode_delim(b"/noise") + b"\0\x60" +
     bytes(96), HELLO + encode_delim(b"/noise") + b"\0\0", b"HTTP/1.1 400 Bad Request\r\n\r\n"],
)  # fmt: skip
async def test_dialling_somebody_who_talks_nonsense_is_a_connection_error(greeting: bytes) -> None:
    async def talk(stream: trio.SocketStream) -> None:
        with suppress(trio.BrokenResourceError):  # hung up on, with good reason
            await stream.send_all(greeting)
            await stream.send_eof()
            async for _ in stream:
                pass

    async with gathering(libp2p_hosts(), 2) as (one, two), trio.open_nursery() as nursery:
        (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
        nursery.start_soon(trio.serve_listeners, talk, [listener])
        port = listener.socket.getsockname()[1]
        address = f"/ip4/127.0.0.1/tcp/{port}/p2p/{two.transport.name}"
        with pytest.raises(ConnectionError, match="no answer from"):
            await one.transport.dial(address)
        await one.dial(two)
        nursery.cancel_scope.cancel()


async def test_a_neighbour_who_reads_no_gossip_does_not_hold_up_the_others() -> None:
    async with scene() as (victim, friend, stranger):
        await stranger.dial(victim)
        await eventually(lambda: len(insides(victim).gossip.peer_queues) == 2)
        freeze(stranger, victim)
        sent = [b"%d " % n + bytes(MAX_MESSAGE - 5) for n in range(40)]
        for data in sent:  # 640 KiB: more than the window of the stranger's stream
            await victim.transport.publish(data)
        await eventually(lambda: set(sent) <= set(friend.texts))


async def test_leaving_does_not_wait_for_a_neighbour_who_reads_nothing() -> None:
    async with gathering(libp2p_hosts(), 1) as (stays,):
        with trio.fail_after(8):
            async with gathering(lambda n: libp2p_hosts()(n + 1), 1) as (leaves,):
                await leaves.dial(stays)
                muxer = yamux_between(leaves, stays)

                async def stuck(_data: bytes) -> None:
                    await trio.sleep_forever()

                muxer.secured_conn.write = stuck  # type: ignore[assignment]
        await eventually(lambda: not stays.transport.peers())
