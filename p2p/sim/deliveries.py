"""Who came to hold which record when: the one thing the whole network is for."""

from dataclasses import dataclass, field

from p2p.transport import PeerName
from web3rec.types import RecordId


@dataclass(frozen=True, slots=True)
class Said:
    """A record that left its author's device."""

    author: PeerName
    when: float
    """Seconds since the run began."""


@dataclass(slots=True)
class Deliveries:
    """Filled while the world runs; read by the report."""

    said: dict[RecordId, Said] = field(default_factory=dict)
    held: dict[RecordId, dict[PeerName, float]] = field(default_factory=dict)
    withdrawn: dict[RecordId, float] = field(default_factory=dict)
    """When its author took it back: who has not got it by then need not get it any more."""
    up: dict[PeerName, list[tuple[float, float]]] = field(default_factory=dict)
    """When each device was on the network: (from, to); an open end is infinity."""

    def says(self, id_: RecordId, author: PeerName, now: float) -> None:
        """A device released a record of its own."""
        self.said[id_] = Said(author, now)

    def holds(self, id_: RecordId, device: PeerName, now: float) -> None:
        """A device keeps a record it heard."""
        self.held.setdefault(id_, {}).setdefault(device, now)

    def withdraws(self, id_: RecordId, now: float) -> None:
        """A record is taken back."""
        self.withdrawn[id_] = now

    def comes(self, device: PeerName, now: float) -> None:
        """A device is on the network from now on."""
        self.up.setdefault(device, []).append((now, float("inf")))

    def goes(self, device: PeerName, now: float) -> None:
        """And no longer."""
        spans = self.up.get(device, [])
        if spans and spans[-1][1] == float("inf"):
            spans[-1] = (spans[-1][0], now)

    def was_up(self, device: PeerName, since: float, until: float) -> bool:
        """Whether a device was there the whole time."""
        return any(a <= since and until <= b for a, b in self.up.get(device, ()))
