"""What a node can be told; every field has a unit, a range and a reason."""

from dataclasses import dataclass, field

from p2p.errors import NodeError


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeOptions:
    """How one node meets the network."""

    listen: tuple[str, ...] | list[str] = ("/ip4/127.0.0.1/tcp/0",)
    """Multiaddresses to listen on; port 0 lets the system choose."""
    bootstrap: tuple[str, ...] | list[str] = ()
    """Peers to connect to: multiaddresses that end in /p2p/<peer id>."""
    topic: str = "web3rec/1"
    """The one gossip topic; peers on other topics never hear each other."""
    flush_interval: float = 2.0
    """Seconds between two looks at the outbox; > 0. Short is prompt, long batches better."""
    batch_records: int = 32
    """Records in one gossip message at most; 1 to 32 (p2p.wire refuses more)."""
    publish_gap: float = 0.01
    """Seconds between two published messages; >= 0. Below .01 stock queues overflow (measured)."""
    catchup_interval: float = 60.0
    """Seconds between two catch-ups with a connected peer in the long run, when gossip is quiet
    (p2p.visits says how soon after news, and how rarely when it is not); > 0."""
    inbox: int = 1024
    """Messages that may wait for the database before gossip is dropped; >= 1. Catch-up repairs."""

    records_per_second: float = 1_000.0
    """Records a neighbour may gossip to us, or fetch from us, in the long run; > 0. A guess: a
    fifth of a core spent on signatures. The 50 first planned would throttle one that brings a whole
    data set; the network issue narrows it to authors and trust."""
    records_burst: float = 100_000.0
    """Records a neighbour may bring or fetch at once after a silence; >= 100 (a catch-up batch
    must fit). A guess: a whole data set."""

    def __post_init__(self) -> None:
        for name in ("flush_interval", "catchup_interval"):
            if not getattr(self, name) > 0:
                raise NodeError(f"{name} must be > 0 seconds, got {getattr(self, name)!r}")
        if not self.records_per_second > 0:
            raise NodeError(f"records_per_second must be > 0, got {self.records_per_second!r}")
        if not self.records_burst >= 100:
            raise NodeError(f"records_burst must be at least 100, got {self.records_burst!r}")
        if not self.publish_gap >= 0:
            raise NodeError(f"publish_gap must be >= 0 seconds, got {self.publish_gap!r}")
        if not 1 <= self.batch_records <= 32:
            raise NodeError(f"batch_records must be 1 to 32, got {self.batch_records!r}")
        if self.inbox < 1:
            raise NodeError(f"inbox must be at least 1 message, got {self.inbox!r}")


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
    catchups: int = 0
    restarts: int = 0
    offences: dict[str, int] = field(default_factory=dict)
    """Peer id -> malformed or invalid things it sent us."""
    unreachable: dict[str, str] = field(default_factory=dict)
    """Address we should be connected to but are not -> why the last attempt failed."""
