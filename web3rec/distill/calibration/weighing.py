"""From doubt to weights: soft, never to 0, and at most a third of all people below one half.

    z_u = max over styles of ln(P / (1 - P)) + echo ln(1 + e_u) + trust (1 - t_u)
    w_u = max(least, 1 / (1 + exp(sharp (z_u - z*))))

P is u's place among all people, 0 to 1, by the curve between them and imposters of one style: so
one unseen style does not drown in another's scale. e_u counts the others whose history is all but
the same: a hundred copies of one template vouch for each other, and should be no louder than one.
z* is exceeded by `flagged` of all people: some honest ones are counted less whether there was an
attack or not (measured: no cost, docs/decisions/0033), and no attack makes the calibrator turn on
the majority. LoRec does nothing when a third or more are suspected; then an attacker who owns a
third would switch it off.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from math import floor

import numpy as np

from web3rec.adapters import Dataset
from web3rec.distill.calibration.calibrator import Calibrator
from web3rec.distill.calibration.imposters import STYLES, imposters
from web3rec.distill.calibration.profiles import Profiles
from web3rec.distill.calibration.statistics import statistics
from web3rec.errors import ParamError
from web3rec.types import Weights


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationParams:
    """How suspicious."""

    flagged: float = 0.25
    """Share of the people who are counted below one half; in [0, 1/3]."""
    sharp: float = 2.0
    """How fast weights fall with doubt; > 0."""
    least: float = 0.02
    """No weight is smaller; in (0, 1/2)."""
    echo: float = 2.0
    """Doubt, as a logit, at each e-fold of people who are one and the same; >= 0. Guess."""
    trust: float = 2.0
    """Doubt, as a logit, of whom nobody trusts; >= 0. Guess."""
    made_up: float = 0.05
    """Imposters of each style, as a share of the people; > 0."""
    styles: tuple[str, ...] = STYLES
    """What they look like"""
    entropy: float = 0.05
    """As published; >= 0."""
    l2: float = 3.0
    """Of the curve; > 0."""
    seed: int = 0
    """Of the imposters; >= 0."""

    def __post_init__(self) -> None:
        if not 0 <= self.flagged <= 1 / 3:
            raise ParamError("flagged", self.flagged, "from 0 to 1/3")
        if not 0 < self.least < 0.5:
            raise ParamError("least", self.least, "in (0, 1/2)")
        for name in ("sharp", "made_up", "l2"):
            if not 0 < getattr(self, name) < float("inf"):
                raise ParamError(name, getattr(self, name), "> 0")
        for name in ("echo", "trust", "entropy", "seed"):
            if not 0 <= getattr(self, name) < float("inf"):
                raise ParamError(name, getattr(self, name), ">= 0")
        if not self.styles or not set(self.styles) <= set(STYLES):
            raise ParamError("styles", self.styles, f"some of {', '.join(STYLES)}")


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """What everybody counts."""

    people: tuple[str, ...]
    weights: Weights = field(repr=False)
    """float64[people], in (0, 1]; at most a third below one half"""
    doubt: Weights = field(repr=False)
    """float64[people]: z_u, higher is likelier made up"""

    @property
    def by_person(self) -> dict[str, float]:
        """Person -> weight."""
        return dict(zip(self.people, self.weights.tolist(), strict=True))

    @property
    def flagged(self) -> int:
        """How many count less than one half."""
        return int((self.weights < 0.5).sum())

    def manifest(self) -> dict[str, object]:
        """Plain values for a report, ready for JSON; nobody's name."""
        return {
            "people": len(self.people),
            "flagged": self.flagged,
            "mean": round(float(self.weights.mean()), 6),
            "least": round(float(self.weights.min()), 6),
        }


def calibrated(
    data: Dataset | Profiles,
    params: CalibrationParams | None = None,
    trust: Mapping[str, float] | None = None,
) -> Calibration:
    """Weigh everybody.

    Args:
        data: what people did; what is asked of a student later has no place in it.
        params: see there.
        trust: person -> trust of whoever trains, >= 0 (`trust_of`); who is missing has none. Not
            given: trust has no part.

    Returns:
        The same for the same arguments, on any machine up to the rounding of its BLAS.

    Raises:
        DataError: nobody has done anything.
        ParamError: a trust below 0 or not finite.

    Cost: that of `statistics`; a second for 1,000 people.
    """
    params = params or CalibrationParams()
    profiles = data if isinstance(data, Profiles) else Profiles.of(data)
    doubt = _doubt(profiles, params)
    if trust is not None:
        doubt = doubt + params.trust * (1 - _trusted(profiles.people, trust))
    return Calibration(profiles.people, soft(doubt, params), doubt)


def soft(doubt: Weights, params: CalibrationParams) -> Weights:
    """float64[people], in [params.least, 1]: falling with doubt, at most `params.flagged` of them
    below one half. Whoever doubts alike weighs alike. Cost: O(people log people).
    """
    falling = np.sort(doubt)[::-1]
    middle = falling[min(floor(params.flagged * len(doubt)), len(doubt) - 1)]
    far = np.clip(params.sharp * (doubt - middle), -500, 500)
    found: Weights = np.maximum(params.least, 1 / (1 + np.exp(far)))
    return found


def heard(dataset: Dataset, weights: Mapping[str, float], least: float = 0.5) -> Dataset:
    """The data set without the acts of those who count less, for fits that know no weights.

    Args:
        dataset: anybody's acts.
        weights: person -> weight; who was not weighed is heard.
        least: of those heard, in (0, 1].

    Returns:
        People, items and trust stay, so that numbers do not change.
    """
    if not 0 < least <= 1:
        raise ParamError("least", least, "in (0, 1]")
    quiet = {person for person, weight in weights.items() if weight < least}
    return replace(dataset, acts=tuple(act for act in dataset.acts if act.user not in quiet))


def votes(people: Iterable[str], weights: Mapping[str, float]) -> Weights:
    """float64, what each of these people's lists counts in training; mean 1, so that a pull
    towards a prior keeps its part. Who was not weighed counts as the others do on average.

    Returns:
        Empty for nobody.

    Raises:
        ParamError: a weight is not in (0, 1].
    """
    for weight in weights.values():
        if not 0 < weight <= 1:
            raise ParamError("weights", weight, "in (0, 1]")
    usual = float(np.mean(list(weights.values()))) if weights else 1.0
    found: Weights = np.array([weights.get(person, usual) for person in people], np.float64)
    return found / found.mean() if found.size else found


def _doubt(profiles: Profiles, params: CalibrationParams) -> Weights:
    real = len(profiles.people)
    rng = np.random.default_rng([params.seed, real])
    share = round(params.made_up * real)
    batches = [imposters(profiles, share, style, rng) for style in params.styles]
    rows, _ = statistics(profiles.joined([row for batch in batches for row in batch]))
    ends = np.cumsum([len(batch) for batch in batches])[:-1]
    found = np.full(real, -np.inf)
    for made_up in np.split(rows[real:], ends):
        curve = Calibrator.learnt(rows[:real], made_up, entropy=params.entropy, l2=params.l2)
        found = np.maximum(found, _places(curve.logits(rows[:real])))
    return found + params.echo * np.log1p(statistics(profiles)[1])


def _places(logits: Weights) -> Weights:
    """Places among all, as logits; who is alike shares the lowest place."""
    place = (np.searchsorted(np.sort(logits), logits) + 0.5) / len(logits)
    found: Weights = np.log(place / (1 - place))
    return found


def _trusted(people: tuple[str, ...], trust: Mapping[str, float]) -> Weights:
    """float64[people], in [0, 1]: trust as a share of that in the middle one of the trusted."""
    found = np.array([trust.get(person, 0.0) for person in people], np.float64)
    if not (np.isfinite(found).all() and (found >= 0).all()):
        raise ParamError("trust", float(found.min()), "finite numbers, >= 0")
    some = found[found > 0]
    shares: Weights = np.minimum(1.0, found / np.median(some)) if some.size else found
    return shares
