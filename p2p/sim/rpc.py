"""What gossipsub peers say to each other, as values; how many bytes it would be on the wire."""

from dataclasses import dataclass
from typing import Final, NewType

from p2p.transport import PeerName

MessageId = NewType("MessageId", int)
"""Stands for gossipsub's from‖seqno; unique in a run. Made-up ids are negative."""

ID_BYTES: Final = 50
"""Of one id in IHAVE or IWANT: 46 bytes and their frame."""
MESSAGE_BYTES: Final = 190
"""Of a message besides its data: sender, number, topic, signature, key."""
CONTROL_BYTES: Final = 20


@dataclass(frozen=True, slots=True)
class Message:
    """A published message."""

    id: MessageId
    source: PeerName
    data: bytes


@dataclass(frozen=True, slots=True)
class Rpc:
    """One remote call: messages and control entries of the one topic there is."""

    messages: tuple[Message, ...] = ()
    ihave: tuple[MessageId, ...] = ()
    iwant: tuple[MessageId, ...] = ()
    graft: bool = False
    prune: bool = False

    @property
    def size(self) -> int:
        """Bytes on the wire, about."""
        size = CONTROL_BYTES + ID_BYTES * (len(self.ihave) + len(self.iwant))
        for message in self.messages:
            size += MESSAGE_BYTES + len(message.data)
        return size

    def __str__(self) -> str:
        """For the trace: ids and flags, no bytes of records."""
        said = [f"m{m.id}" for m in self.messages]
        said += [f"h{i}" for i in self.ihave[:4]] + [f"w{i}" for i in self.iwant[:4]]
        return f"{','.join(said)}/{len(self.ihave)}/{len(self.iwant)}/{self.graft:d}{self.prune:d}"
