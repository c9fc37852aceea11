"""A private network: who does not hold its key cannot finish a handshake, on either side.

The key goes into the prologue of the Noise handshake, which both sides must agree on byte by byte;
js-libp2p and go-libp2p can set the same. libp2p's own pre-shared keys are not used: its cipher has
a nonce of eight bytes where the specification has 24, so nobody else understands it, it proves
nothing by itself, and each byte is encrypted twice (docs/decisions/0015).
"""

from hashlib import sha256

from libp2p.crypto.keys import KeyPair, PrivateKey
from libp2p.security.noise.patterns import IPattern, PatternXX
from libp2p.security.noise.transport import Transport

KEY_SIZE = 32
"""Bytes of a network's key."""
DOMAIN = b"web3rec private network 1\n"


def prologue(network_key: bytes) -> bytes:
    """What both sides of a handshake mix in: 32 bytes that do not give the key away.

    Raises:
        ValueError: the key is not 32 bytes.
    """
    if len(network_key) != KEY_SIZE:
        raise ValueError(f"a network's key must be {KEY_SIZE} bytes, got {len(network_key)}")
    return sha256(DOMAIN + network_key).digest()


class PrivateNoise(Transport):
    """Noise XX with a prologue."""

    def __init__(self, keys: KeyPair, noise_key: PrivateKey, network_key: bytes) -> None:
        super().__init__(keys, noise_key)
        self._prologue = prologue(network_key)

    def get_pattern(self) -> IPattern:
        """One handshake."""
        return PatternXX(
            self.local_peer, self.libp2p_privkey, self.noise_privkey, prologue=self._prologue
        )
