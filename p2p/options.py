"""What a node can be told; every field has a unit, a range and a reason."""

import math
from dataclasses import dataclass, field
from typing import Final

from p2p.errors import NodeError

_POSITIVE: Final = (
    "flush_interval",
    "sync_interval",
    "records_per_second",
    "author_records_per_second",
    "bytes_per_minute",
)
_NOT_NEGATIVE: Final = ("publish_gap", "sync_gap")
_AT_LEAST: Final = {
    "inbox": 1,
    "outbound": 0,
    "records_burst": 32,
    "author_burst": 1,
}
"""A burst below a message's 32 records would refuse whole messages for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeOptions:
    """How one node meets the network."""

    listen: tuple[str, ...] | list[str] = ("/ip4/127.0.0.1/tcp/0",)
    """Multiaddresses to listen on; port 0 lets the system choose."""
    bootstrap: tuple[str, ...] | list[str] = ()
    """Peers to stay connected to: multiaddresses that end in /p2p/<peer id>."""
    topic: str = "web3rec/1"
    """The one gossip topic; peers on other topics never hear each other."""

    flush_interval: float = 2.0
    """Seconds between two looks at the outbox; > 0. Short is prompt, long batches better."""
    batch_records: int = 32
    """Records in one gossip message at most; 1 to 32 (p2p.wire refuses more)."""
    publish_gap: float = 0.01
    """Seconds between two published messages; >= 0. Below .01 stock queues overflow (measured)."""
    inbox: int = 1024
    """Messages that may wait for the database before gossip is dropped; >= 1. Sync repairs."""

    sync_interval: float = 60.0
    """Seconds between two syncs with a connected peer in the long run, when gossip is quiet
    (p2p.visits says how soon after news, and how rarely when it is not); > 0."""
    sync_gap: float = 60.0
    """Seconds a peer has to wait between two syncs it begins with us, after a few it has for
    nothing (p2p.turnstile); >= 0."""

    records_per_second: float = 50.0
    """Records a neighbour may gossip to us in the long run, and that we gossip ourselves; > 0.
    What does not fit is not lost: sync brings it."""
    records_burst: float = 500.0
    """Records that may be gossiped at once after a silence; >= 32."""
    author_records_per_second: float = 5.0
    """Records of one author that are checked in gossip, in the long run; > 0."""
    author_burst: float = 100.0
    """Records of one author that are checked at once; >= 1."""
    bytes_per_minute: float = 16 * 1024 * 1024.0
    """Bytes we send one peer in syncs it asks for, in any minute; > 0. A guess: a whole store of
    20,000 records is 4 MiB."""

    outbound: int = 8
    """Peers we dial by ourselves and stay connected to, besides `bootstrap`; >= 0. Whom one
    dials one has chosen; whoever dials us may be anybody."""
    exchange: bool = True
    """Tell peers of addresses we reached, and hear theirs. Not done at privacy level 0."""
    fetch_models: bool = True
    """Ask peers for newer models of the publishers you pinned, and pass on the one in use. Not
    done at privacy level 0."""
    mdns: bool = False
    """Find and be found by peers in the local network; announces this device there. Keep it off
    on networks you do not trust."""
    relay_serve: bool = False
    """Carry connections for peers who cannot be dialled; bounded, and we see who talks to whom."""
    relays: tuple[str, ...] | list[str] = ()
    """Relays to be reachable through: multiaddresses that end in /p2p/<peer id>."""
    network_key: str = ""
    """64 hex digits: only who has the same key can connect at all; "" for the open network."""

    def __post_init__(self) -> None:
        for name in _POSITIVE:
            if not 0 < getattr(self, name) < math.inf:
                raise NodeError(f"{name} must be > 0 and finite, got {getattr(self, name)!r}")
        for name in _NOT_NEGATIVE:
            if not 0 <= getattr(self, name) < math.inf:
                raise NodeError(f"{name} must be >= 0 seconds, got {getattr(self, name)!r}")
        for name, least in _AT_LEAST.items():
            if not least <= getattr(self, name) < math.inf:
                raise NodeError(f"{name} must be at least {least}, got {getattr(self, name)!r}")
        if not 1 <= self.batch_records <= 32:
            raise NodeError(f"batch_records must be 1 to 32, got {self.batch_records!r}")
        if self.network_key and not _is_key(self.network_key):
            raise NodeError("network_key must be 64 hex digits, or empty for the open network")


def _is_key(text: str) -> bool:
    try:
        return len(bytes.fromhex(text)) == 32 and len(text) == 64
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One peer a node is connected to, or holds something against."""

    peer: str
    connected: bool
    outbound: bool = False
    """True if we dialled it."""
    address: str = ""
    """Where it is; "" if unknown."""
    since: float = 0.0
    """Unix seconds since when it is connected; 0 if it is not."""
    offences: int = 0
    """Malformed or invalid things it sent since we started."""
    score: float = 0.0
    """What is held against it now, fading; 0 is a clean slate (p2p.reputation)."""
    banned_until: float = 0.0
    """Unix seconds; 0 if it is not banned."""
    synced: float = 0.0
    """Unix seconds of the last sync that ended well; 0 if there was none."""


@dataclass(frozen=True, slots=True)
class KnownAddress:
    """One address in a node's peer book."""

    address: str
    """Multiaddress that ends in /p2p/<peer id>."""
    source: str
    """Who told: "owner", "exchange", "mdns" or "inbound"."""
    anchor: bool
    """Whether it is among those dialled first after a restart."""


@dataclass(frozen=True, slots=True)
class ModelUsed:
    """The model that orders lists; its publisher is pinned."""

    name: str
    version: int


@dataclass(frozen=True, slots=True)
class ModelDraft:
    """A model that is being fetched from peers."""

    name: str
    version: int
    bytes: int
    """Of it that are here."""
    size: int
    """Bytes in all."""


@dataclass(frozen=True, slots=True)
class NodeStatus:
    """One look at a node; counts since it started, times in seconds."""

    state: str
    """"new", "running", "paused", "closed" or "failed: <why>"."""
    peer_id: str = ""
    """The libp2p peer id of the transport key; never the author's key."""
    addresses: tuple[str, ...] = ()
    peers: tuple[str, ...] = ()
    records_sent: int = 0
    records_received: int = 0
    records_verified: int = 0
    records_stored: int = 0
    records_rejected: int = 0
    messages_sent: int = 0
    messages_received: int = 0
    messages_dropped: int = 0
    syncs: int = 0
    """Syncs that ended well, whichever side began them."""
    synced: float = 0.0
    """Unix seconds of the last of them; 0 if there was none."""
    bytes_synced: int = 0
    """Bytes sent and received in syncs."""
    looked: float = 0.0
    """When the daemon last looked round (`time.monotonic`); it does twice a second. 0: not yet."""
    refused: int = 0
    """Connections of banned peers that were turned away."""
    known: int = 0
    """Addresses in the peer book."""
    restarts: int = 0
    offences: dict[str, int] = field(default_factory=dict)
    """Peer id -> malformed or invalid things it sent us."""
    unreachable: dict[str, str] = field(default_factory=dict)
    """Address we should be connected to but are not -> why the last attempt failed."""
    neighbours: tuple[Neighbour, ...] = ()
    """Who is connected, and whom something is held against."""
    model_used: ModelUsed | None = None
    """As of the last half minute; None: none, or `fetch_models` is off."""
    model_draft: ModelDraft | None = None
    models_fetched: int = 0
    """Models that came from peers and were put to use."""
    model_bytes: int = 0
    """Bytes of models sent to peers and received."""
