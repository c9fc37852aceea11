"""Every number of trust, with its unit, range and reason."""

from dataclasses import dataclass

from trust.errors import TrustParamError


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustParams:
    """What the walk does, and how exactly we want to know it."""

    alpha: float = 0.15
    """Chance of stopping at each node; in (0, 1). Higher trusts strangers of strangers less, and
    lowers C. Guess, to be measured; PageRank's customary value."""

    tol: float = 5e-10
    """Largest L1 error of tau and phi; in (0, 1). Two computations of one thing then differ by less
    than 1e-9, which moves no admission at a million users. Ten times less costs 2 rounds on a
    random graph, 10 where friends trust each other."""

    max_rounds: int = 1_000
    """Most steps of one walk before we settle for a larger residual, which is then reported;
    >= 1. A walk needs at most ln(tol / 2) / ln(1 - alpha) steps: 137 by default, and a few to make
    sure. So the ceiling only bites where alpha is small: below about 0.022 at the default tol."""

    max_sponsors: int = 64
    """Columns of the attribution; >= 1. An ego with more friends has the smaller ones dealt into
    shared columns as evenly as they go. Memory and time grow in proportion. One pool for all beyond
    32 handed 15 of 20 places to one friend of an ego with 76 (docs/decisions/0006)."""

    drift: float = 0.0
    """How far tau and phi may be from exact, in L1, before a changed graph makes us compute again;
    in [0, 1). 0: no further than tol, so that what is told does not depend on what was known before
    (`trust.incremental`). Measured at 100,000 nodes and a million edges: a thousand new edges of
    random people are 0.013, a thousand of people whom the ego's walks do not reach are 0."""

    friend_cap: float = 0.25
    """Largest part of the ego's trust that one friend may hold; in (0, 1]. An ego with fewer than
    1 / friend_cap friends keeps its own proportions. So that one friend who turned bad cannot fill
    a list: 0.25 of 20 places, with a sponsor budget of 1.25, is 6.25."""

    beta: float = 0.0
    """Connectivity decay: what part of its trust a node loses whom we know almost only through one
    other; in [0, 1]. Off (0): it punishes honest people and is easily avoided (`trust.decay`).
    MeritRank's own experiments use 0.1 and more."""

    theta: float = 0.99
    """From what part of a node's visits on that counts; in (0, 1). Only used where beta > 0. Guess:
    lower punishes more honest people, higher is avoided with less."""

    def __post_init__(self) -> None:
        if not 0 < self.alpha < 1:  # written so that NaN is refused too
            raise TrustParamError("alpha", self.alpha, "in (0, 1)")
        if not 0 < self.tol < 1:
            raise TrustParamError("tol", self.tol, "in (0, 1)")
        if not 0 <= self.drift < 1:
            raise TrustParamError("drift", self.drift, "in [0, 1)")
        if not self.max_rounds >= 1:
            raise TrustParamError("max_rounds", self.max_rounds, "at least 1")
        if not self.max_sponsors >= 1:
            raise TrustParamError("max_sponsors", self.max_sponsors, "at least 1")
        if not 0 < self.friend_cap <= 1:
            raise TrustParamError("friend_cap", self.friend_cap, "in (0, 1]")
        if not 0 <= self.beta <= 1:
            raise TrustParamError("beta", self.beta, "in [0, 1]")
        if not 0 < self.theta < 1:
            raise TrustParamError("theta", self.theta, "in (0, 1)")
