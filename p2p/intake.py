"""Where messages of strangers come in: each to the judge once, each offence to its sender.

Shared by both transports. Knows no network and no clock; callers pass `now`.
"""

import logging
from collections import OrderedDict
from hashlib import sha256

from p2p.transport import MAX_MESSAGE, Admit, Judge, PeerName
from web3rec.types import Verdict

logger = logging.getLogger(__name__)

MEMORY_SECONDS = 300.0
"""How long a message is remembered; gossipsub's seen_ttl. Later copies are judged anew."""
MEMORY_MESSAGES = 16_384
"""Messages remembered at most (a hash each, 3 MiB in all); the oldest are forgotten."""
MAX_OFFENDERS = 1_024
"""Peers whose offences are counted at most; a stranger can make names for nothing."""


class Intake:
    """Calls the judge once for each distinct message and counts what peers did wrong."""

    def __init__(self, judge: Judge, offences: dict[PeerName, int]) -> None:
        """`offences` is filled in place, so that it outlives a restart of the network."""
        self._judge = judge
        self._offences = offences
        self._seen: OrderedDict[bytes, float] = OrderedDict()

    def saw(self, data: bytes, now: float) -> bool:
        """Remember a message; True if it was remembered already. Cost: one sha256."""
        while self._seen and next(iter(self._seen.values())) <= now - MEMORY_SECONDS:
            self._seen.popitem(last=False)
        key = sha256(data).digest()
        if key in self._seen:
            return True
        self._seen[key] = now
        if len(self._seen) > MEMORY_MESSAGES:
            self._seen.popitem(last=False)
        return False

    def accepts(self, sender: PeerName, data: bytes, now: float) -> bool:
        """True if the message is new and the judge accepts it: pass it on. Never raises."""
        if len(data) > MAX_MESSAGE:
            self.offence(sender, "a message over the limit")
            return False
        if self.saw(data, now):
            return False
        try:
            verdict = self._judge(sender, data)
        except Exception as error:  # noqa: BLE001 - a judge's mistake must not end the network
            logger.warning("the judge failed, message dropped: %s", type(error).__name__)
            return False
        if verdict is Verdict.REJECT:
            self.offence(sender, "a rejected message")
        return verdict is Verdict.ACCEPT

    def offence(self, sender: PeerName, what: str) -> None:
        """Hold one thing against a peer; says what, never the bytes."""
        logger.debug("offence of %s: %s", sender[-8:], what)
        if sender not in self._offences and len(self._offences) >= MAX_OFFENDERS:
            del self._offences[min(self._offences, key=self._offences.__getitem__)]
        self._offences[sender] = self._offences.get(sender, 0) + 1


def admitted(admit: Admit, peer: PeerName, address: str) -> bool:
    """What the doorkeeper says of a new connection; a doorkeeper that fails keeps it shut."""
    try:
        return admit(peer, address)
    except Exception as error:  # noqa: BLE001 - its mistake must not end the network
        logger.warning("the doorkeeper failed, connection refused: %s", type(error).__name__)
        return False
