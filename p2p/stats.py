"""What a node has done and sees, and what its owner wants of it; shared between threads."""

from dataclasses import dataclass, field
from typing import Final

from p2p.options import KnownAddress, ModelDraft, ModelUsed, Neighbour

MAX_NAMES: Final = 1_024
"""Peers whose offences we count by name."""


@dataclass(slots=True)
class Stats:
    """What a daemon has done, and who it sees. Written in the network thread, read anywhere.

    Counts only rise; tuples and dicts are replaced, never changed in place, so a reader in
    another thread sees a whole one.
    """

    records_sent: int = 0
    records_received: int = 0
    records_verified: int = 0
    records_stored: int = 0
    records_rejected: int = 0
    messages_sent: int = 0
    messages_received: int = 0
    messages_dropped: int = 0
    syncs: int = 0
    synced: float = 0.0
    bytes_synced: int = 0
    looked: float = 0.0
    refused: int = 0
    known: int = 0
    peers: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()
    book: tuple[KnownAddress, ...] = ()
    """The addresses known, as of the last few seconds."""
    offences: dict[str, int] = field(default_factory=dict)
    """Broken sync frames and requests, by peer."""
    wire_offences: dict[str, int] = field(default_factory=dict)
    """The transport's own count, as of the last look; includes messages we rejected."""
    unreachable: dict[str, str] = field(default_factory=dict)
    """Address -> why the last dial failed."""
    model_used: ModelUsed | None = None
    model_draft: ModelDraft | None = None
    """What is being fetched."""
    models_fetched: int = 0
    model_bytes: int = 0
    """Of models, sent and received."""

    def offence(self, peer: str) -> None:
        """Count against a peer; strangers beyond MAX_NAMES go uncounted, to bound memory."""
        counts = self.offences
        if peer in counts or len(counts) < MAX_NAMES:
            self.offences = counts | {peer: counts.get(peer, 0) + 1}

    def unreached(self, address: str, why: str) -> None:
        """A dial failed."""
        self.unreachable = self.unreachable | {address: why}

    def reached(self, address: str) -> None:
        """A dial succeeded."""
        self.unreachable = {a: why for a, why in self.unreachable.items() if a != address}


@dataclass(slots=True)
class Wishes:
    """What the owner of a running daemon wants; looked at twice a second. Any thread."""

    addresses: list[str] = field(default_factory=list)
    """Stay connected to these as well as to the bootstrap addresses; append only."""
    catch_up: bool = False
    """Sync with every peer now; the daemon sets it back."""
    bans: list[tuple[str, float]] = field(default_factory=list)
    """(peer, seconds): hang up and stay away that long; 0 pardons. Append only; the daemon takes
    them out."""
