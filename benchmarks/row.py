"""One line of bench.json, and one of bench-network.json."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One figure of the network, and what it was to be."""

    case: str
    what: str
    value: float
    unit: str
    at_most: float | None = None
    """The target, where less is better"""
    at_least: float | None = None
    """The target, where more is better"""
    beside: float | None = None
    """The same of the design's prototype"""
    load: float = 0.0
    """The machine's load average when the case began"""
    others: float = 0.0
    """Cores that other processes kept busy meanwhile"""

    @property
    def reached(self) -> bool | None:
        """Whether the target is met; None if there is none."""
        if self.at_most is not None:
            return self.value <= self.at_most
        return None if self.at_least is None else self.value >= self.at_least
