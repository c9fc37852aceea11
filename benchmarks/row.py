"""One line of bench.json."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One contest; times are CPU milliseconds of one request."""

    case: str
    graph: str
    ours_ms: float
    peer: str | None = None
    peer_ms: float | None = None
    ratio: float | None = None
    """peer_ms / ours_ms: how many times faster ours is"""
    rss_mb: float = 0.0
    """How far ours grew in memory, from the plain arrays to the peak"""
    peer_rss_mb: float | None = None
    ours_setup_ms: float = 0.0
    peer_setup_ms: float | None = None
