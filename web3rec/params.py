"""Every number of the ranking pipeline, with its unit, range and reason.

The numbers of trust (alpha and the caps) live with it, in `trust.TrustParams`.
"""

from dataclasses import dataclass, field

from web3rec.errors import ParamError


def _open_unit(name: str, value: float) -> None:
    if not 0 < value < 1:
        raise ParamError(name, value, "in (0, 1)")


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowParams:
    """Which records count, and how much."""

    half_life_days: float = 30.0
    """Days after which an act weighs half; > 0. A guess, to be measured."""
    per_author: int = 200
    """Records of one author that count, newest sequence first; 1 to 10,000."""

    def __post_init__(self) -> None:
        if not 0 < self.half_life_days < float("inf"):
            raise ParamError("half_life_days", self.half_life_days, "a positive number of days")
        if not 1 <= self.per_author <= 10_000:
            raise ParamError("per_author", self.per_author, "1 to 10000 records")


@dataclass(frozen=True, slots=True, kw_only=True)
class RankParams:
    """Admission and personalised SALSA."""

    admission: float = 0.1
    """c in tau0 = c / n_active; in (0, 10]. HetRec: .1 keeps 99 % of open NDCG@20, 1 keeps 97 %."""
    active_cap: int = 10_000
    """n_active counts no further than this; >= 1. Else ten million free identities would lower
    tau0 and with it the bound A1. Guess, to be measured."""
    rounds: int = 1
    """SALSA round trips; 1 to 3. One with eta .3 is RP3beta; more helps thin histories."""
    restart: float = 0.15
    """rho, chance of stopping after each round trip; in (0, 1). Without effect at one round."""
    eta: float = 0.3
    """Popularity discount: scores are divided by admitted degree ** eta; in [0, 1]."""
    floor: float = 0.0
    """lambda, the least a listener sum Z is taken for; >= 0. 0 conserves mass."""
    social: float = 0.02
    """mu, share of the start that is trust instead of own taste; in [0, 1]. Measured on HetRec:
    .02 helps, .1 hurts. Grows to 1 as the ego's history shrinks to nothing."""
    social_speakers: int = 256
    """Trusted people whose tastes make up the social part, most trusted first; >= 1."""
    recency: float = 0.8
    """Weight ratio of the ego's own act to the next newer one, where times differ; in (0, 1]."""
    recency_span: int = 20
    """Own acts older than this many newer ones start nothing; >= 1."""
    candidates: int = 48
    """Items handed to the budgets at first; >= 1. More follow while a sponsor can still pay."""

    def __post_init__(self) -> None:
        if not 0 < self.admission <= 10:
            raise ParamError("admission", self.admission, "in (0, 10]")
        if self.rounds not in (1, 2, 3):
            raise ParamError("rounds", self.rounds, "1, 2 or 3")
        _open_unit("restart", self.restart)
        if not 0 <= self.eta <= 1:
            raise ParamError("eta", self.eta, "in [0, 1]")
        if not 0 <= self.floor < float("inf"):
            raise ParamError("floor", self.floor, ">= 0")
        if not 0 <= self.social <= 1:
            raise ParamError("social", self.social, "in [0, 1]")
        if not 0 < self.recency <= 1:
            raise ParamError("recency", self.recency, "in (0, 1]")
        for name in ("active_cap", "social_speakers", "recency_span", "candidates"):
            if not getattr(self, name) >= 1:
                raise ParamError(name, getattr(self, name), "at least 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetParams:
    """Sponsor budgets: how many positions one first-hop friend can ever pay for (laws B1, B2)."""

    kappa: float = 1.25
    """Positions per expected position of a sponsor; in [1, 10]. With slack .3, on HetRec: 96 % ± 1
    of honest NDCG@20 kept (400 egos), 4.3 of 20 slots lost to a copied profile with one compromised
    friend (100 egos); see docs/decisions/0001."""
    slack: float = 0.3
    """Positions by which any prefix may exceed its budget; >= 0."""

    def __post_init__(self) -> None:
        if not 1 <= self.kappa <= 10:
            raise ParamError("kappa", self.kappa, "in [1, 10]")
        if not 0 <= self.slack < float("inf"):
            raise ParamError("slack", self.slack, ">= 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """All of them, with defaults that were measured together."""

    window: WindowParams = field(default_factory=WindowParams)
    rank: RankParams = field(default_factory=RankParams)
    budget: BudgetParams = field(default_factory=BudgetParams)
