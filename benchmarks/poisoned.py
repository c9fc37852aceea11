"""Attackers who join a training set: made-up people with filler, pushing items that exist.

    random     filler drawn from everything anybody holds
    average    filler drawn as often as items are held: it looks like everybody's
    bandwagon  the ten most popular items, and random filler
    segment    what goes with one popular item, the same core for all
    copy       a part of somebody's real history, another somebody's for each
    blend      halves of the histories of two people, whatever the filler: nobody's twin, and made
               by who knows what calibration looks for
    placebo    as copy, but pushes nothing: how much figures move by themselves

Nobody can say anything against an item that others hear, so there is no love-hate attack.
Sources: Lam & Riedl, WWW 2004; Mobasher et al., ACM TOIT 7(4), 2007.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from web3rec.adapters import Act, Dataset
from web3rec.distill.calibration import Profiles
from web3rec.types import Event, ItemId, Millis

PLACEBO: Final = "placebo"
_DRAWN: Final = ("random", "average", "bandwagon", "segment", "copy", PLACEBO, "blend")
ATTACKS: Final = tuple(name for name in _DRAWN if name != PLACEBO)
POPULAR: Final = 10
CORE: Final = 20
TARGETS: Final = 4
"""Of either kind of items; every attacker pushes half of all."""
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """One attack on a training set."""

    attack: str
    size: float
    """Attackers as a share of the people, > 0"""
    filler: float
    """Filler as a share of what anybody holds, > 0"""
    unpopular: tuple[ItemId, ...]
    middling: tuple[ItemId, ...]

    @property
    def targets(self) -> tuple[ItemId, ...]:
        """What is pushed."""
        return self.unpopular + self.middling


def campaign(base: Dataset, attack: str, size: float, filler: float, seed: int) -> Campaign:
    """Draw what is pushed: the same for every size and filler of an attack.

    Unpopular items have 5 to 15 holders; middling ones are of the tenth of those held by more that
    are held most but for the first tenth.
    """
    kinds = _DRAWN.index(attack)
    rng = np.random.default_rng([seed, kinds])
    ids, holders = [ItemId(item.id) for item in base.items], Profiles.of(base).holders
    few = np.flatnonzero((holders >= 5) & (holders <= 15))
    more = np.flatnonzero(holders > 15)
    falling = more[np.argsort(-holders[more], kind="stable")]
    middle = falling[len(falling) // 10 : max(len(falling) // 5, len(falling) // 10 + TARGETS)]
    drawn = [rng.choice(part, size=TARGETS, replace=False).tolist() for part in (few, middle)]
    unpopular, middling = (tuple(ids[n] for n in part) for part in drawn)
    return Campaign(attack=attack, size=size, filler=filler, unpopular=unpopular, middling=middling)


def fakes(base: Dataset, plan: Campaign, seed: int) -> tuple[Act, ...]:
    """What the attackers say: likes, in time spread as one real person's are, pushes last."""
    profiles = Profiles.of(base)
    maker = _Maker(base, profiles, np.random.default_rng([seed, 1]))
    times = sorted(act.at for act in base.acts if act.at is not None)
    number = {ItemId(item.id): n for n, item in enumerate(base.items)}
    pushed = np.array([number[item] for item in plan.targets], np.int64)
    found = []
    for n in range(max(1, round(plan.size * len(profiles.people)))):
        own = maker.rng.choice(pushed, size=len(pushed) // 2, replace=False)
        filler = maker.filler(plan)
        filler = maker.rng.permutation(filler[~np.isin(filler, pushed)])
        row = filler if plan.attack == PLACEBO else np.append(filler, own)
        for k, item in enumerate(row.tolist()):
            at = times[k * (len(times) - 1) // max(1, len(row) - 1)] if times else None
            when = None if at is None else Millis(at)
            found.append(Act(f"fake:{n}", ItemId(base.items[item].id), Event.LIKE, 1, when))
    return tuple(found)


def with_fakes(base: Dataset, acts: tuple[Act, ...]) -> Dataset:
    """The data set after they joined; nobody trusts them."""
    names = tuple(dict.fromkeys(act.user for act in acts))
    return replace(base, people=base.people + names, acts=base.acts + acts)


class _Maker:
    def __init__(self, base: Dataset, profiles: Profiles, rng: np.random.Generator) -> None:
        self.profiles, self.rng, self.name = profiles, rng, base.name
        self.held = np.flatnonzero(profiles.holders)
        self.fame = profiles.holders[self.held] / profiles.holders.sum()
        falling = np.argsort(-profiles.holders[self.held], kind="stable")
        self.popular = self.held[falling][:POPULAR]
        matrix = profiles.matrix()
        centre = int(rng.choice(self.held[falling][: len(falling) // 10]))
        together = np.asarray(matrix.T @ matrix[:, centre].toarray().ravel())[self.held]
        close = together / np.sqrt(profiles.holders[self.held])
        self.near = self.held[np.argsort(-close, kind="stable")]

    def filler(self, plan: Campaign) -> Numbers:
        """One attacker's, without order."""
        length, rng = max(1, round(plan.filler * len(self.held))), self.rng
        drawn: Numbers
        if plan.attack in ("copy", PLACEBO, "blend"):
            return self._borrowed(plan.attack, length)
        if plan.attack == "average":
            drawn = rng.choice(self.held, size=length, replace=False, p=self.fame)
        elif plan.attack == "segment" and length <= CORE:
            drawn = rng.choice(self.near[: 3 * length], size=length, replace=False)
        else:
            drawn = rng.choice(self.held, size=length, replace=False)
        if plan.attack == "bandwagon":
            drawn = np.unique(np.append(self.popular, drawn[: max(1, length - POPULAR)]))
        elif plan.attack == "segment" and length > CORE:
            drawn = np.unique(np.append(self.near[:CORE], drawn[: length - CORE]))
        return drawn

    def _borrowed(self, attack: str, length: int) -> Numbers:
        """Of real people: a part of one's history, or halves of two."""
        blend, people = attack == "blend", len(self.profiles.people)
        rows = [self.profiles.row(int(self.rng.integers(people))) for _ in range(1 + blend)]
        sizes = [(len(row) + 1) // 2 if blend else min(length, len(row)) for row in rows]
        parts = [
            self.rng.choice(row, size=size, replace=False)
            for row, size in zip(rows, sizes, strict=True)
        ]
        return np.unique(np.concatenate(parts)).astype(np.int64)
