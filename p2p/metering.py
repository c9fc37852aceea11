"""What a peer may make us send: channels that wait when its budget, or everybody's, is spent (Y5).

Whom we dialled and who dialled us have budgets of their own: a crowd that takes all it gets keeps
nobody waiting whom we chose.
"""

from typing import Final

import trio

from p2p.budgets import Budgets
from p2p.contacts import Contacts
from p2p.transport import Channel, PeerName

PATIENCE_SECONDS: Final = 30.0
"""Who would have to wait longer is not sent the frame at all."""


class Metering:
    """The budgets of one daemon; all that travels in channels is counted in them."""

    def __init__(self, contacts: Contacts, per_peer: float, in_all: float) -> None:
        """Bytes a minute to one peer and to all, for either sort of peers; see `Budgets`."""
        self._contacts = contacts
        self._budgets = {chosen: Budgets(per_peer, in_all) for chosen in (False, True)}

    def metered(self, peer: PeerName, channel: Channel) -> Channel:
        """The channel to this peer, but that it sends no more than the budgets allow."""
        return _Metered(channel, peer, self._budgets[self._contacts.chose(peer)])


class _Metered:
    """A channel that sends a peer no more than its budget: what is beyond waits."""

    def __init__(self, channel: Channel, peer: PeerName, budgets: Budgets) -> None:
        self._channel, self._peer, self._budgets = channel, peer, budgets

    async def send(self, frame: bytes) -> None:
        while not self._budgets.grant(self._peer, len(frame), trio.current_time()):
            wait = self._budgets.wait(self._peer, len(frame), trio.current_time())
            if wait > PATIENCE_SECONDS:
                raise ConnectionError("more than this peer may have in a minute")
            await trio.sleep(max(wait, 0.01))
        await self._channel.send(frame)

    async def receive(self) -> bytes | None:
        return await self._channel.receive()
