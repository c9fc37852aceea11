"""A private network: only who holds its key gets in, from either side."""

import hashlib

import pytest
from libp2p.security.noise.transport import Transport as Noise
from libp2p.transport.exceptions import SecurityUpgradeFailure

from p2p.libp2p_host import Libp2pTransport
from p2p.libp2p_private import PrivateNoise, prologue
from tests.p2p.carriers import TOPIC, MakeHost, eventually, gathering
from tests.p2p.strangers import insides, noise_to

KEY, OTHER = b"k" * 32, b"o" * 32
LOOPBACK = "/ip4/127.0.0.1/tcp/0"


def hosts(*keys: bytes | None) -> MakeHost:
    return lambda n: Libp2pTransport(
        bytes([n + 1]) * 32, listen=[LOOPBACK], topic=TOPIC, network_key=keys[n]
    )


def test_the_prologue_is_a_hash_of_the_key() -> None:
    assert prologue(KEY) == hashlib.sha256(b"web3rec private network 1\n" + KEY).digest()
    assert prologue(KEY) != prologue(OTHER)
    for wrong in (b"", b"k" * 31, b"k" * 33):
        with pytest.raises(ValueError, match="key must be 32 bytes"):
            Libp2pTransport(b"s" * 32, listen=[], topic=TOPIC, network_key=wrong)


@pytest.mark.network
@pytest.mark.slow
class TestOnTheWire:
    async def test_those_who_share_a_key_hear_and_serve_each_other(self) -> None:
        async with gathering(hosts(KEY, KEY), 2) as (one, two):
            await one.dial(two)
            assert isinstance(insides(one).upgrader.noise, PrivateNoise)
            await one.transport.publish(b"among us")
            await eventually(lambda: two.count(b"among us"))
            assert await two.ask(one, b"?") == [b"echo ?"]

    @pytest.mark.parametrize("lack", [None, OTHER], ids=["no key", "another key"])
    async def test_who_lacks_the_key_connects_in_neither_direction(
        self, lack: bytes | None
    ) -> None:
        async with gathering(hosts(KEY, KEY, lack), 3) as (one, two, outsider):
            await one.dial(two)
            for dialler, other in ((outsider, one), (one, outsider)):
                with pytest.raises(ConnectionError, match="no answer from"):
                    await dialler.dial(other)
            assert not outsider.transport.peers()
            assert one.transport.peers() == (two.transport.name,)
            await two.transport.publish(b"not for everybody")
            await eventually(lambda: one.count(b"not for everybody"))
            assert not outsider.heard

    async def test_the_refusal_comes_from_the_handshake_itself(self) -> None:
        """Before any name is checked: the doorkeeper is not even asked."""
        asked: list[str] = []

        def admit(peer: str, address: str) -> bool:
            asked.append(peer)
            return True

        async with gathering(hosts(KEY, None), 2) as (one, outsider):
            one.admitting = admit
            with pytest.raises(SecurityUpgradeFailure, match="no handshake"):
                await noise_to(outsider, one)
            assert not asked
            assert type(insides(outsider).upgrader.noise) is Noise

    async def test_two_outsiders_may_still_talk_to_each_other(self) -> None:
        async with gathering(hosts(None, None), 2) as (one, two):
            await one.dial(two)
