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

    half_life_days: float = 180.0
    """Days after which an act weighs half; > 0. MovieLens small, 100k, 200 validation people each:
    180 gives 11 % and 1 % more NDCG@20 than 30, 7 gives 3 % and 8 % less; longer is no better."""
    per_author: int = 200
    """Records of one author that count, newest sequence first; 1 to 10,000."""
    trust_half_life_days: float = 365.0
    """Days by which a trust edge may be older than its author's newest until it weighs half; > 0,
    infinite for never. A year is a guess: trust is stated rarely and meant to last, and fading it
    keeps it fresh, not safe (MeritRank's epoch decay makes some attacks worse)."""

    def __post_init__(self) -> None:
        if not 0 < self.half_life_days < float("inf"):
            raise ParamError("half_life_days", self.half_life_days, "a positive number of days")
        if not self.trust_half_life_days > 0:
            raise ParamError("trust_half_life_days", self.trust_half_life_days, "days, > 0")
        if not 1 <= self.per_author <= 10_000:
            raise ParamError("per_author", self.per_author, "1 to 10000 records")


@dataclass(frozen=True, slots=True, kw_only=True)
class RankParams:
    """Admission and personalised SALSA."""

    admission: float = 0.1
    """c in tau0 = c / n_active; in (0, 10]. HetRec: .1 keeps 99 % of open NDCG@20, 1 keeps 97 %."""
    active_cap: int = 1_000
    """n_active counts no further than this; >= 1. Else free identities would lower tau0 and with it
    the bound A1. HetRec under 10,000 Sybils who crowd out what honest people hold: 85 % of NDCG@20
    is left at 1,000, 5 % at 10,000 (docs/decisions/0003)."""
    rounds: int = 1
    """SALSA round trips; 1 to 3. More helps thin histories."""
    restart: float = 0.15
    """rho, chance of stopping after each round trip; in (0, 1). Without effect at one round."""
    eta: float = 0.3
    """Popularity discount: scores are divided by admitted degree ** eta; in [0, 1]."""
    popular: float = 0.0
    """pi, weight of what the admitted hold, by number, against all that is said of taste; in
    [0, 1]. 0 for a catalogue where taste tells; `rank.tuning` raises it where it does not."""
    floor: float = 0.0
    """lambda, the least a listener sum Z is taken for; >= 0. 0 conserves mass."""
    social: float = 0.02
    """mu, share of the start that is trust instead of own taste; in [0, 1]. Measured on HetRec:
    .02 helps, .1 hurts. Grows to 1 as the ego's history shrinks to nothing."""
    social_speakers: int = 256
    """Trusted people whose tastes make up the social part, most trusted first; >= 1."""
    recency: float = 0.9
    """Weight ratio of the ego's own act to the next newer one, where times differ; in (0, 1]. Data
    disagree: .8 is best for MovieLens 1M and 100k, 1 for small and Last.fm; .9 loses least at
    worst, and `rank.tuning` chooses (docs/decisions/0011)."""
    recency_span: int = 20
    """Own acts older than this many newer ones start nothing; >= 1."""
    candidates: int = 40
    """Items handed to the budgets at first; >= 1. More follow while a sponsor can still pay."""

    def __post_init__(self) -> None:
        if not 0 < self.admission <= 10:
            raise ParamError("admission", self.admission, "in (0, 10]")
        if self.rounds not in (1, 2, 3):
            raise ParamError("rounds", self.rounds, "1, 2 or 3")
        _open_unit("restart", self.restart)
        if not 0 <= self.eta <= 1:
            raise ParamError("eta", self.eta, "in [0, 1]")
        if not 0 <= self.popular <= 1:
            raise ParamError("popular", self.popular, "in [0, 1]")
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
class TuneParams:
    """How a device chooses eta, mu, rounds, pi and the weight of item to item for itself.

    See `rank.tuning`, docs/decisions/0011. What is not chosen here stays as it is.
    """

    work: int = 200_000_000
    """Array entries read before the replays stop; >= 0, 0 tunes nothing. Some 4 ns each: most of a
    second on one core."""
    voters: int = 400
    """Most replays; >= 1. Where one item each can be hidden, all of these are wanted."""
    enough_voters: int = 64
    """Replays after which they may stop before `work` is done; >= 1."""
    exact: float = 0.06
    """Relative standard error of how well they are served at best, from which they may; >= 0. Long
    histories get there with less than a hundred replays, thin ones hardly ever."""
    least_voters: float = 8.0
    """(sum of votes)^2 / sum of votes^2, how many equal voters they amount to; below this nothing
    is changed; >= 1."""
    least_items: int = 3
    """Items that somebody must hold to be replayed; >= 2."""
    share: float = 0.2
    """Part of a voter's items that is hidden; in (0, 1)."""
    caution: float = 0.5
    """Standard errors of the paired gain that a setting must gain to be chosen; >= 0. Measured on
    16 graphs: 0 and .5 are alike, 1 loses .4 %, 2 loses 3 %."""
    etas: tuple[float, ...] = (0.0, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8)
    """eta tried; each in [0, 1]."""
    populars: tuple[float, ...] = (0.0, 0.3, 0.9, 1.0)
    """pi tried; each in [0, 1]."""
    socials: tuple[float, ...] = (0.0, 0.1)
    """mu tried, besides the one given, at one round and pi 0; each in [0, 1]."""
    rounds: tuple[int, ...] = (1, 2, 3)
    """Round trips tried; each 1 to 3."""
    alikes: tuple[float, ...] = ()
    """Weights of item to item tried besides the one given (`SourceParams.alike`); each >= 0.
    Measured: 0 and .5 as well find nothing better and cost 1 % in bad luck."""
    recencies: tuple[float, ...] = (0.7, 1.0)
    """Recency tried besides the one given, over all own acts, at one round, where weights tell age;
    each in (0, 1]."""

    def __post_init__(self) -> None:
        for name, least in (("work", 0), ("exact", 0), ("caution", 0)):
            if not least <= getattr(self, name) < float("inf"):
                raise ParamError(name, getattr(self, name), f">= {least}")
        for name, least in (
            ("voters", 1),
            ("enough_voters", 1),
            ("least_voters", 1),
            ("least_items", 2),
        ):
            if not getattr(self, name) >= least:
                raise ParamError(name, getattr(self, name), f"at least {least}")
        _open_unit("share", self.share)
        for name in ("etas", "populars", "socials"):
            if not all(0 <= value <= 1 for value in getattr(self, name)):
                raise ParamError(name, getattr(self, name), "all in [0, 1]")
        if not all(0 < value <= 1 for value in self.recencies):
            raise ParamError("recencies", self.recencies, "all in (0, 1]")
        if not all(0 <= weight < float("inf") for weight in self.alikes):
            raise ParamError("alikes", self.alikes, "all >= 0")
        if not set(self.rounds) <= {1, 2, 3}:
            raise ParamError("rounds", self.rounds, "of 1, 2 and 3")


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceParams:
    """Sources beside the walk, and how they are blended with it; see docs/decisions/0012.

    A source's weight is what its best item adds, the walk's best adding 1; 0 does not ask it.
    """

    alike: float = 1.0
    """Weight of item-to-item cosine; >= 0. HetRec, 300 validation egos: .5 to 1.5 are alike, 1.4 to
    1.7 % above the walk alone (2 % in open mode); on rated films 1 is the best of 0, .5 and 1."""
    words: float = 2.0
    """Weight of the ego's words where it gives some; >= 0. Guess, to be measured: who asks for
    something is heard before what is known of it."""
    interests: float = 0.0
    """Weight of one list for each interest; >= 0. Measured: no gain in accuracy."""
    fresh: float = 0.0
    """Weight of items that few hold so far; >= 0. Explores, which costs accuracy."""
    k1: float = 1.2
    """BM25: how soon repetitions of a term stop counting; >= 0. The usual value."""
    b: float = 0.75
    """BM25: how much a long description is worth less; in [0, 1]. The usual value."""
    smooth: float = 0.02
    """Added to the part of a person's row that matches a word, so that nobody who lacks one word is
    silenced; in (0, 1]. HetRec, 150 validation egos: .01 to .03 are alike, .1 is 3 % worse."""
    guides: float = 0.7
    """Part of the speakers on words that are those whom the ego trusts, or whose taste it shares,
    rather than all who hold what matches; in [0, 1]. Validation: .5 to .8 are alike."""
    plain: float = 0.5
    """What an item that matches no word counts, a full match adding 1; > 0. .25 to 1 are alike."""
    last: int = 64
    """Own items that item-to-item and interests start from, newest first; >= 1."""
    fading: float = 0.8
    """Weight ratio of an own item to the next newer one there, where times differ; in (0, 1]."""
    groups: int = 5
    """Interests at most; >= 1. Guess, to be measured."""
    near: float = 0.15
    """Mean cosine from which two groups of own items are one interest; in (0, 1]. A guess."""
    offered: int = 100
    """Items that all interests together offer at most; >= 1."""
    few: float = 3.0
    """Admitted listeners up to which an item is fresh; > 0. Guess, to be measured."""
    bonus: float = 0.5
    """Diag-LinUCB's alpha: how many standard deviations of doubt are hoped for; >= 0. A guess."""

    def __post_init__(self) -> None:
        least_zero = ("alike", "words", "interests", "fresh", "k1", "bonus")
        units = ("smooth", "fading", "near")
        ranges = [(name, 0 <= getattr(self, name) < float("inf"), ">= 0") for name in least_zero]
        ranges += [(name, 0 <= getattr(self, name) <= 1, "in [0, 1]") for name in ("b", "guides")]
        ranges += [(name, 0 < getattr(self, name) <= 1, "in (0, 1]") for name in units]
        ranges += [
            (name, 0 < getattr(self, name) < float("inf"), "> 0") for name in ("plain", "few")
        ]
        ranges += [
            (name, getattr(self, name) >= 1, "at least 1") for name in ("last", "groups", "offered")
        ]
        for name, holds, wanted in ranges:
            if not holds:
                raise ParamError(name, getattr(self, name), wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetParams:
    """Sponsor budgets: how much of a list friends can ever pay for (laws B1 to B3).

    Chosen on validation egos of HetRec, whose figures stand in docs/decisions/0010.
    """

    kappa: float = 1.5
    """Positions per expected position that a sponsor may pay for; in [1, 10]."""
    slack: float = 0.5
    """Positions by which any prefix may exceed that; >= 0."""
    alone: float = 0.3
    """Positions that one friend alone may stand behind, per position expected of it against those
    expected of everyone else; >= 0. .2 to .4 are alike on honest lists."""
    alone_slack: float = 0.05
    """Positions by which any prefix may exceed that; >= 0. Below 1, nobody alone buys the top."""
    pair: float = 0.5
    """The same for any two friends together; >= 0, 10 hardly asks for anything."""
    pair_slack: float = 0.1
    """The same for any two friends together; >= 0."""
    quorum: float = 0.75
    """An item is taken only if sponsors with room carry this part of its support; in (0, 1]. Less
    fills more honest lists and lets spam lean on the few honest who vouch for it, too."""

    def __post_init__(self) -> None:
        if not 1 <= self.kappa <= 10:
            raise ParamError("kappa", self.kappa, "in [1, 10]")
        for name in ("slack", "alone", "alone_slack", "pair", "pair_slack"):
            if not 0 <= getattr(self, name) < float("inf"):
                raise ParamError(name, getattr(self, name), ">= 0")
        if not 0 < self.quorum <= 1:
            raise ParamError("quorum", self.quorum, "in (0, 1]")


@dataclass(frozen=True, slots=True, kw_only=True)
class EarnedParams:
    """How fast a sponsor's budget follows the ego's replies; see docs/earned-trust.md."""

    gain: float = 0.1
    """A position accepted multiplies merit by 1 + gain; in [0, 1]. Guess, to be measured: with
    loss .25, three accepted positions make up for one rejected."""
    loss: float = 0.25
    """A position rejected multiplies merit by 1 - loss; in (0, 1). Guess, to be measured."""
    most: float = 1.5
    """Merit at most; in [1, 10]. It multiplies the bound B1 of a single list for a sponsor who
    behaved well until today, so it is kept small. Guess, to be measured."""
    muted: float = 0.05
    """Merit below which a sponsor is not heard; in (0, 1). Eleven rejected positions at a loss
    of .25, if none was accepted."""

    def __post_init__(self) -> None:
        if not 0 <= self.gain <= 1:
            raise ParamError("gain", self.gain, "in [0, 1]")
        if not 0 < self.loss < 1:
            raise ParamError("loss", self.loss, "in (0, 1)")
        if not 1 <= self.most <= 10:
            raise ParamError("most", self.most, "in [1, 10]")
        if not 0 < self.muted < 1:
            raise ParamError("muted", self.muted, "in (0, 1)")


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaParams:
    """How much of whom a device stores; see docs/decisions/0017.

    A place is room for one act, one statement of trust and one retraction.
    """

    shared: int = 20_000
    """N, places shared out by trust: u gets N tau(u) of them; 1 to 10,000,000. At 20 places for
    everyone who may speak (tau >= 1e-3 of ranking's tau0) it is what 1,000 people need."""
    people: int = 1_000
    """People with a quota of their own, most trusted first; 0 to 100,000. As many as ranking counts
    (`RankParams.active_cap`)."""
    least: int = 20
    """Places of anybody who has any; 1 to 200. Guess, to be measured: where a list starts to
    know a taste."""
    most: int = 200
    """Places of anybody at most; `least` to 200, the window of the merge rule."""
    pool: int = 40_000
    """Places of all whom nobody trusts, together; 0 to 10,000,000. Up to pool / most of them keep
    all they said, up to pool / least of them some of it."""
    seen: int = 200_000
    """Ids that are remembered, held or not, so that nobody offers them again; 1,000 to 10,000,000.
    Some 100 bytes each on disk if it is not held, 30 in memory."""

    def __post_init__(self) -> None:
        for name, least, most in (
            ("shared", 1, 10_000_000),
            ("people", 0, 100_000),
            ("least", 1, 200),
            ("most", self.least, 200),
            ("pool", 0, 10_000_000),
            ("seen", 1_000, 10_000_000),
        ):
            value = getattr(self, name)
            if type(value) is not int or not least <= value <= most:
                raise ParamError(name, value, f"a whole number from {least} to {most}")

    @property
    def places(self) -> int:
        """Places that are given out at most, strangers' included."""
        return self.shared + self.people * self.least + self.pool


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """All of them, with defaults that were measured together."""

    window: WindowParams = field(default_factory=WindowParams)
    rank: RankParams = field(default_factory=RankParams)
    budget: BudgetParams = field(default_factory=BudgetParams)
    earned: EarnedParams = field(default_factory=EarnedParams)
    sources: SourceParams = field(default_factory=SourceParams)
    tune: TuneParams | None = None
    """None: the numbers above are used as they are; else a view chooses some of them itself"""
