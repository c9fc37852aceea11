"""How to open a recommender."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from trust import TrustParams
from web3rec.checking import peer_of
from web3rec.clock import Clock, since_boot, system_clock
from web3rec.errors import ParamError
from web3rec.params import Params, QuotaParams, TuneParams
from web3rec.rank.admission import Mode
from web3rec.rerank.bundle.runtime import Runtime
from web3rec.rerank.params import RerankParams
from web3rec.types import PeerId


def _at_once(deliver: Callable[[], None]) -> None:
    deliver()


def _require_runtimes(runtimes: tuple[Runtime, ...]) -> None:
    """Raises ParamError."""
    if not isinstance(runtimes, tuple) or not all(
        callable(getattr(runtime, "session", None)) for runtime in runtimes
    ):
        raise ParamError("runtimes", runtimes, "several Runtime, such as (runtime,)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to open a recommender; the defaults are private and protected."""

    mode: Mode = Mode.CLOSED
    """Who may speak. OPEN lifts every bound: only for data without trust edges."""
    seeds: tuple[str | PeerId, ...] = ()
    """Curated peers who speak while the ego trusts nobody yet."""
    params: Params = field(default_factory=lambda: Params(tune=TuneParams()))
    """All numbers of ranking. By default some are chosen on this device's own window, which makes
    the first list after a change wait: tenths of a second; Params() takes them as they are."""
    trust: TrustParams = field(default_factory=TrustParams)
    quotas: QuotaParams = field(default_factory=QuotaParams)
    """How much of whom is stored."""
    share_delay_hours: float = 24.0
    """At privacy levels 1 and 2 a record leaves after a random delay up to this; >= 0."""
    read_only: bool = False
    """Take no lock and change nothing: works beside a running node, and on a full disk."""
    clock: Clock = system_clock
    stopwatch: Callable[[], float] = since_boot
    """Seconds that only rise: how long a wish to forget took, for its receipt"""
    bundle: str | Path | None = None
    """A model bundle to use instead of the installed one; see docs/bundles.md. It is refused
    unless its publisher is one of `publishers`, or pinned on the device (`web3rec model pin`)."""
    publishers: tuple[str | PeerId, ...] = ()
    """Whose `bundle` may be used: to name a file is not yet to trust whoever signed it."""
    rerank: RerankParams = field(default_factory=RerankParams)
    """Models that order lists, and what this device learns for itself."""
    runtimes: tuple[Runtime, ...] = ()
    """What runs larger models where there is no onnxruntime, in order; after these comes NumPy."""
    passphrase: str | Callable[[], str] | None = field(default=None, repr=False)
    """Of the key file, if it is protected by one; a callable is asked only then."""
    dispatcher: Callable[[Callable[[], None]], None] = _at_once
    """Runs what `subscribe` delivers, for instance on the UI thread."""

    def __post_init__(self) -> None:
        if not isinstance(self.mode, Mode):
            raise ParamError("mode", self.mode, "a Mode, such as Mode.CLOSED")
        for name in ("seeds", "publishers"):
            peers = getattr(self, name)
            if isinstance(peers, str):
                raise ParamError(name, peers, "several peers, such as (peer,)")
            for peer in peers:
                peer_of(peer)
        if not isinstance(self.bundle, str | Path | None):
            raise ParamError("bundle", self.bundle, "the path of a bundle, or None")
        if not isinstance(self.rerank, RerankParams):
            raise ParamError("rerank", self.rerank, "RerankParams()")
        _require_runtimes(self.runtimes)
        if not isinstance(self.quotas, QuotaParams):
            raise ParamError("quotas", self.quotas, "QuotaParams()")
        said = self.passphrase
        if not (said is None or isinstance(said, str) or callable(said)):
            raise ParamError("passphrase", "something else", "a text, or what asks for it")
        if not 0 <= self.share_delay_hours < float("inf"):
            raise ParamError("share_delay_hours", self.share_delay_hours, ">= 0 hours")
