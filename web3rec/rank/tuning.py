"""Self-tuning: the device finds out on its own window how to rank for its ego.

No eta, mu, number of rounds, part of item to item or of plain popularity serves every catalogue. So
the device replays some admitted people (`rank.voters`, `rank.replay`): would this setting have
named what they went on to do? One small grid, bounded work, and no change without evidence:

    setting ─► gain over the given one, voter by voter ─► mean - caution * standard error ─► best

Deterministic: the same snapshot and numbers give the same choice, on any device.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from web3rec.graph import Snapshot
from web3rec.params import Params, TuneParams
from web3rec.rank.admission import Admission
from web3rec.rank.candidates import best
from web3rec.rank.judging import FINALISTS, Setting, served
from web3rec.rank.replay import Window, answers, past
from web3rec.rank.voters import eligible, likeness, queue, votes
from web3rec.rank.vouching import Vouching
from web3rec.types import Indices, Weights

FOLDS: Final = 5
"""Times that one person is asked at most: with a fifth hidden, everything was hidden once."""
EVERYTHING: Final = 10_000
"""The span of a recency that hardly fades: more acts than a window holds of anybody."""
JUDGING: Final = (36, 300, 100_000)
"""What judging a voter costs an item, a setting, and at all, in matrix entries read; measured."""


@dataclass(frozen=True, slots=True)
class Tuned:
    """What was chosen, and on what evidence."""

    params: Params
    """The given ones, with what a Setting names as chosen"""
    voters: int = 0
    """People replayed"""
    gain: float = 0.0
    """How much better they were served, as a difference of NDCG; 0 if nothing was changed"""
    error: float = 0.0
    """Standard error of `gain`"""
    work: int = 0
    """Array entries read, as `TuneParams.work` counts them"""


def tuned(
    snapshot: Snapshot,
    admission: Admission,
    vouching: Vouching,
    budgets: Weights,
    params: Params,
    tune: TuneParams,
) -> Tuned:
    """Choose for this ego on this window.

    Args:
        snapshot: the window.
        admission: who may speak; only the fully admitted vote.
        vouching: through whom each voter's trust arrives.
        budgets: float64[sponsors], T_rb: no sponsor has a larger part of the vote; empty where
            nobody vouches.
        params: what is kept unless something is better.
        tune: the grid, the work and the caution.

    Cost: `tune.work` entries read and one voter's more, and O(users * sponsors) for the votes.
    """
    own = snapshot.rows.row(snapshot.ego)[0]
    able = eligible(snapshot, admission, tune.least_items)
    held = np.diff(snapshot.rows.starts)[able]
    likenesses = likeness(held - np.maximum(1, (tune.share * held).astype(np.int64)), own.size)
    at = queue(votes(likenesses, able, vouching, budgets), tune.voters)
    if len(at) < tune.least_voters or not tune.work:
        return Tuned(params)
    # Few people are asked several times, about another share of what they hold each time.
    folds = min(FOLDS, max(1, tune.voters // len(at)))
    newer = np.sort(snapshot.recency[own])
    told = age_shows(snapshot.recency[own], snapshot.rows.row(snapshot.ego)[1])
    poll = _Poll(settings(params, tune, aged=told), folds)
    poll.ask(Window.of(snapshot, admission), np.tile(able[at], folds), newer, params, tune)
    at = np.tile(at, folds)[: len(poll.gains)]
    asked, alike, far = able[at], likenesses[at], np.array(poll.far, np.bool_)
    # Who was not asked about all walks has no vote on the others, and leaves no gap either.
    some = np.zeros(len(far))
    some[far] = votes(alike[far], asked[far], vouching, budgets)
    return _choice(poll, votes(alike, asked, vouching, budgets), some, params, tune)


def age_shows(newer: Weights, weights: Weights) -> bool:
    """Whether a row's weights tell what is newer, by the ego's own, whose order is known.

    Only then can others' rows say anything on recency. Spearman's rank correlation, at least 1/2
    over at least five items: in a month of ratings stars outweigh age, in a year they do not.
    """
    if newer.size < 5 or np.ptp(newer) == 0 or np.ptp(weights) == 0:
        return False
    new, much = (np.unique(of, return_inverse=True)[1] for of in (-newer, weights))
    new, much = new - new.mean(), much - much.mean()
    return bool(new @ much >= 0.5 * np.sqrt((new @ new) * (much @ much)))


def settings(params: Params, tune: TuneParams, *, aged: bool) -> list[Setting]:
    """What is tried: the given setting first, then the grid; pi = 1 once, as the rest is idle.

    `aged`: whether weights tell age; recency cannot be tried else.
    """
    rank, alike = params.rank, params.sources.alike
    given = Setting(
        rank.rounds, rank.social, rank.eta, rank.popular, alike, rank.recency, rank.recency_span
    )
    walks = [given._replace(rounds=rounds) for rounds in tune.rounds]
    walks += [given._replace(rounds=1, recency=r, span=EVERYTHING) for r in tune.recencies if aged]
    grid = [given]
    grid += [
        walk._replace(eta=eta, popular=popular, alike=beside)
        for walk in walks
        for popular in tune.populars
        for beside in (alike, *tune.alikes)
        for eta in tune.etas
        if popular < 1
    ]
    near = given._replace(rounds=1, popular=0.0)
    grid += [near._replace(social=mu, eta=eta) for mu in tune.socials for eta in tune.etas]
    grid += [near._replace(popular=1.0)] * (1.0 in tune.populars)
    return list(dict.fromkeys(grid))


@dataclass(slots=True)
class _Spread:
    """Running mean and its relative standard error."""

    count: int = 0
    total: float = 0.0
    squares: float = 0.0

    def add(self, value: float) -> None:
        self.count += 1
        self.total += value
        self.squares += value * value

    @property
    def error(self) -> float:
        """Infinite while all is 0."""
        if self.total <= 0:
            return float("inf")
        spread = max(0.0, self.squares / self.count - (self.total / self.count) ** 2)
        return float(np.sqrt(spread * self.count)) / self.total


@dataclass(slots=True)
class _Poll:
    """What each voter would have gained by each setting."""

    grid: list[Setting]
    folds: int
    """How many times everybody is asked"""
    gains: list[Weights] = field(default_factory=list)
    """For each voter float64[len(grid)], over the first setting; 0 where it was not asked"""
    far: list[bool] = field(default_factory=list)
    """For each voter whether it was asked about all walks, or the nearest alone"""
    work: int = 0

    def near(self, setting: Setting) -> bool:
        """Whether everybody is asked about it: one round, with mu as given."""
        return (setting.rounds, setting.social) == (1, self.grid[0].social)

    def ask(
        self, window: Window, voters: Indices, newer: Weights, params: Params, tune: TuneParams
    ) -> None:
        """Ask in order, until that is enough or the work is done."""
        everyone = np.ones(len(window.snapshot.items), np.bool_)
        popular = best(window.admission.degree, everyone, FINALISTS)
        near = [k for k, setting in enumerate(self.grid) if k == 0 or self.near(setting)]
        deep, well = 0, _Spread()
        for count, voter in enumerate(voters.tolist()):
            if self.work >= tune.work or (count >= tune.enough_voters and well.error <= tune.exact):
                break
            # All walks for everybody if that is within the means, else for as many as half buys.
            ample = count > 0 and self.work / count * len(voters) <= tune.work
            far = ample or 2 * deep <= self.work or self.grid[0].rounds > 1
            at = list(range(len(self.grid))) if far else near
            fold = count * self.folds // len(voters)
            then = past(window.snapshot, voter, newer, tune.share, fold)
            grid = [self.grid[k] for k in at]
            walks = list(dict.fromkeys(setting.walk for setting in grid))
            told = answers(window, then, params, walks, social=far)
            result = served(told, then, grid, walks, popular)
            well.add(float(result.max()))
            gains = np.zeros(len(self.grid))
            gains[at] = result - result[0]
            spent = told.work + int(np.dot(JUDGING, (told.degree.size, len(at), 1)))
            self.work, deep = self.work + spent, deep + far * spent
            self.gains.append(gains)
            self.far.append(far)


def _choice(poll: _Poll, near: Weights, far: Weights, params: Params, tune: TuneParams) -> Tuned:
    """The setting whose paired gain over the first, less some standard errors, is largest.

    Args:
        poll: the gains.
        near: float64[voters], votes on the settings that everybody was asked about.
        far: float64[voters], votes on the others.
        params: what is kept if nothing is better.
        tune: caution and the least voters.
    """
    chosen = Tuned(params, voters=len(poll.gains), work=poll.work)
    highest, table = 0.0, np.array(poll.gains) @ _smoothing(poll.grid)
    table -= table[:, :1]
    for k, setting in enumerate(poll.grid):
        gain, error, count = _mean(table[:, k], near if poll.near(setting) else far)
        if count >= tune.least_voters * poll.folds and gain - tune.caution * error > highest:
            highest = gain - tune.caution * error
            chosen = replace(chosen, params=setting.of(params), gain=gain, error=error)
    return chosen


def _smoothing(grid: Sequence[Setting]) -> npt.NDArray[np.float64]:
    """float64[len(grid), len(grid)]: each setting with half as much of its two neighbours in eta.

    What a list gains changes little from one eta to the next; luck does.
    """
    etas = sorted({setting.eta for setting in grid})
    at = {setting: k for k, setting in enumerate(grid)}
    mixed = np.eye(len(grid))
    for setting, k in at.items():
        where = etas.index(setting.eta)
        for eta in (*etas[max(0, where - 1) : where], *etas[where + 1 : where + 2]):
            if (beside := at.get(setting._replace(eta=eta))) is not None:
                mixed[beside, k] = 0.5
    mixed /= mixed.sum(axis=0)
    return mixed


def _mean(gains: Weights, vote: Weights) -> tuple[float, float, float]:
    """Mean gain by vote, its standard error, and how many equal voters would be as certain.

    The mean is not divided by the sum of the votes where that is below 1: friends through whom
    nobody could be asked count as content with things as they are.
    """
    total, squares = float(vote.sum()), float((vote**2).sum())
    if not squares > 0:
        return 0.0, 0.0, 0.0
    count = total**2 / squares
    gain = float(vote @ gains)
    spread = float((vote**2) @ (gains - gain / total) ** 2)
    return gain, float(np.sqrt(spread * count / max(count - 1, 1e-9))), count
