"""A peer nobody can dial, reached through a relay that opted in; and what a relay does not do."""

import gc
from itertools import count

import pytest
import trio
from libp2p.relay.circuit_v2.pb.circuit_pb2 import HopMessage, PeerId, Status, StopMessage

from p2p import libp2p_relay
from p2p.libp2p_circuit import HOP, STOP, hear, parted, say
from p2p.libp2p_guard import TROUBLE
from p2p.libp2p_host import Libp2pTransport
from tests.p2p.carriers import TOPIC, MakeHost, Peer, eventually, gathering, libp2p_hosts
from tests.p2p.strangers import id_of, insides, stream_to
from tests.p2p.test_libp2p_channel import GARBAGE
from tests.p2p.test_libp2p_memory_of_strangers import mentions

LOOPBACK = "/ip4/127.0.0.1/tcp/0"
SLOW = [pytest.mark.network, pytest.mark.slow]
seeds = count(1)


def host(**options: object) -> MakeHost:
    return lambda n: Libp2pTransport(
        next(seeds).to_bytes(32),
        topic=TOPIC,
        **{"listen": [LOOPBACK], **options},  # type: ignore[arg-type]
    )


def relays() -> MakeHost:
    return host(relay_serve=True)


def hidden(*relays: Peer) -> MakeHost:
    return host(listen=[], relays=[relay.transport.addresses[0] for relay in relays])


def test_an_address_through_a_relay_has_two_parts() -> None:
    relay = "/ip4/127.0.0.1/tcp/1/p2p/R"
    assert parted(relay) is None
    assert parted(f"{relay}/p2p-circuit/p2p/P") == (relay, "P")
    for wrong in ("/p2p-circuit/p2p/P", f"{relay}/p2p-circuit", f"{relay}/p2p-circuit/p2p/",
                  f"{relay}/p2p-circuit/p2p/P/p2p-circuit/p2p/Q"):  # fmt: skip
        with pytest.raises(ValueError, match="through a relay must be"):
            parted(wrong)


class TestOnTheWire:
    pytestmark = SLOW

    async def test_a_peer_without_an_address_is_reached_through_a_relay(self) -> None:
        async with gathering(relays(), 1) as (relay,), gathering(hidden(relay), 1) as (one,):
            await eventually(lambda: one.transport.addresses)
            (address,) = one.transport.addresses
            assert address == f"{relay.transport.addresses[0]}/p2p-circuit/p2p/{one.transport.name}"
            async with gathering(host(), 1) as (guest,):
                await guest.dial(one)
                assert one.transport.name in guest.transport.peers()
                assert await guest.ask(one, b"through", b"x" * 50_000) == [
                    b"echo through", b"echo " + b"x" * 50_000]  # fmt: skip
                assert await one.ask(guest, b"back") == [b"echo back"]
                links = {link.peer: link for link in one.transport.links()}
                link = links[guest.transport.name]
                assert (link.outbound, link.address) == (
                    False, f"/p2p/{relay.transport.name}/p2p-circuit")  # fmt: skip
                await relay.transport.hang_up(guest.transport.name)
                await eventually(lambda: guest.transport.name not in one.transport.peers())

    async def test_who_is_behind_a_relay_is_still_asked_for_at_the_door(self) -> None:
        async with gathering(relays(), 1) as (relay,), gathering(hidden(relay), 1) as (one,):
            await eventually(lambda: one.transport.addresses)
            asked: list[str] = []

            def nobody(peer: str, address: str) -> bool:
                asked.append(peer)
                return False

            one.admitting = nobody
            async with gathering(host(), 1) as (guest,):
                with pytest.raises(ConnectionError, match="no answer from"):
                    await guest.dial(one)
                assert asked == [guest.transport.name]

    async def test_a_host_that_did_not_opt_in_carries_nobody(self) -> None:
        async with (
            gathering(libp2p_hosts(), 2) as (plain, guest),
            gathering(hidden(plain), 1) as (one,),
        ):
            await eventually(one.transport.peers)
            await trio.sleep(0.2)
            assert one.transport.addresses == ()
            way = f"{plain.transport.addresses[0]}/p2p-circuit/p2p/{one.transport.name}"
            with pytest.raises(ConnectionError, match="no answer from"):
                await guest.transport.dial(way)

    async def test_only_who_reserved_is_reached_and_only_for_himself(self) -> None:
        """The name in a request for a place is not looked at."""
        async with gathering(relays(), 1) as (relay,), gathering(host(), 3) as (one, two, three):
            for peer in (one, two, three):
                await peer.dial(relay)
            stream = await stream_to(one, relay, HOP)
            who = PeerId(id=id_of(two).to_bytes())
            await say(stream, HopMessage(type=HopMessage.RESERVE, peer=who))
            assert (await hear(stream, HopMessage)).status == Status.OK
            for target, status in ((two, Status.NO_RESERVATION), (three, Status.NO_RESERVATION)):
                stream = await stream_to(three, relay, HOP)
                who = PeerId(id=id_of(target).to_bytes())
                await say(stream, HopMessage(type=HopMessage.CONNECT, peer=who))
                assert (await hear(stream, HopMessage)).status == status

    async def test_R8_a_place_is_forgotten_with_the_connection(self) -> None:
        async with gathering(relays(), 1) as (relay,):
            async with gathering(hidden(relay), 1) as (one,):
                await eventually(lambda: one.transport.addresses)
                name = id_of(one)
                assert mentions(insides(relay), [name, str(name)])
            await eventually(lambda: not relay.transport.peers())
            await trio.sleep(0.3)  # notices of the end
            gc.collect()
            assert mentions(insides(relay), [name, str(name)]) == []

    async def test_places_are_few(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(libp2p_relay, "MAX_RESERVATIONS", 2)
        async with gathering(relays(), 1) as (relay,), gathering(host(), 3) as peers:
            answers = []
            for peer in peers:
                await peer.dial(relay)
                stream = await stream_to(peer, relay, HOP)
                await say(stream, HopMessage(type=HopMessage.RESERVE))
                answers.append((await hear(stream, HopMessage)).status)
            assert answers == [Status.OK, Status.OK, Status.RESERVATION_REFUSED]

    async def test_a_circuit_carries_so_much_and_ends(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(libp2p_relay, "CIRCUIT_BYTES", 300_000)
        async with gathering(relays(), 1) as (relay,), gathering(hidden(relay), 1) as (one,):
            await eventually(lambda: one.transport.addresses)
            async with gathering(host(), 1) as (guest,):
                await guest.dial(one)
                with pytest.raises((ConnectionError, trio.TooSlowError)):
                    await guest.ask(one, *[b"x" * 60_000] * 10)
                await eventually(lambda: guest.transport.name not in one.transport.peers())
                await eventually(lambda: one.transport.name not in guest.transport.peers())
                await guest.dial(one)  # and another one may begin
                assert await guest.ask(one, b"again") == [b"echo again"]

    async def test_circuits_of_one_peer_are_few(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(libp2p_relay, "CIRCUITS_PER_PEER", 1)
        async with gathering(relays(), 1) as (relay,), gathering(hidden(relay), 1) as (one,):
            await eventually(lambda: one.transport.addresses)
            async with gathering(host(), 2) as (guest, other):
                await guest.dial(one)
                with pytest.raises(ConnectionError, match="no answer from"):
                    await other.dial(one)
                await guest.transport.hang_up(one.transport.name)
                await eventually(lambda: guest.transport.name not in one.transport.peers())
                await eventually(lambda: one.transport.name not in other.transport.peers())
                await other.dial(one)

    async def test_a_circuit_nobody_asked_for_is_refused_and_an_offence(self) -> None:
        async with gathering(relays(), 1) as (relay,), gathering(hidden(relay), 1) as (one,):
            await eventually(lambda: one.transport.addresses)
            async with gathering(host(), 1) as (stranger,):
                await one.dial(stranger)
                stream = await stream_to(stranger, one, STOP)
                who = PeerId(id=id_of(stranger).to_bytes())
                await say(stream, StopMessage(type=StopMessage.CONNECT, peer=who))
                assert (await hear(stream, StopMessage)).status == Status.PERMISSION_DENIED
                assert one.transport.offences == {stranger.transport.name: 1}

    @pytest.mark.parametrize("protocol", [HOP, STOP])
    async def test_Y6_a_malformed_frame_does_not_stop_a_relay_or_who_is_behind_it(
        self, protocol: str
    ) -> None:
        async with gathering(relays(), 1) as (relay,), gathering(hidden(relay), 1) as (one,):
            await eventually(lambda: one.transport.addresses)
            async with gathering(host(), 2) as (stranger, guest):
                victim = relay if protocol == HOP else one
                await stranger.dial(victim)
                for garbage in [*GARBAGE, b"\x02\x08\x07", b"\x04\x08\x01\x12\x00"]:
                    stream = await stream_to(stranger, victim, protocol)
                    try:
                        await stream.write(garbage)
                        await stream.close()
                    except TROUBLE:
                        pass  # refused at any point
                await guest.dial(one)
                assert await guest.ask(one, b"well?") == [b"echo well?"]
