"""Self-tuning: the device finds out on its own window how to rank for its ego.

No eta, mu, number of rounds, part of item to item or of plain popularity serves every catalogue. So
the device replays some admitted people (`rank.voters`, `rank.replay`): would this setting have
named what they went on to do? One small grid, bounded work, and no change without evidence:

    setting ─► gain over the given one, voter by voter ─► mean - caution * standard error ─► best

Deterministic: the same snapshot and numbers give the same choice, on any device.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from web3rec.graph import Snapshot
from web3rec.params import Params, TuneParams
from web3rec.rank.admission import FAINTEST, Admission
from web3rec.rank.candidates import best
from web3rec.rank.replay import Answers, Past, Walk, Window, answers, past
from web3rec.rank.salsa import discount
from web3rec.rank.voters import eligible, likeness, queue, votes
from web3rec.rank.vouching import Vouching
from web3rec.types import Indices, Weights

DEPTHS: Final = (20, 50)
"""Lists of these lengths are judged, and the verdicts averaged: 20 is what is shown, 50 is less
a matter of luck."""
FINALISTS: Final = 60
"""Best items by each extreme of the grid that stay in the race: an item that is not among them at
either end is not among the first 50 in between, but for a few."""
FOLDS: Final = 5
"""Times that one person is asked at most: with a fifth hidden, everything was hidden once."""
EVERYTHING: Final = 10_000
"""The span of a recency that hardly fades: more acts than a window holds of anybody."""
JUDGING: Final = (36, 300, 100_000)
"""What judging a voter costs an item, a setting, and at all, in matrix entries read; measured."""


class Setting(NamedTuple):
    """One point of the grid."""

    rounds: int
    social: float
    eta: float
    popular: float
    alike: float
    recency: float
    span: int

    @property
    def walk(self) -> Walk:
        return Walk(self.rounds, self.social, (self.recency, self.span))

    def of(self, params: Params) -> Params:
        """The params with this setting."""
        rank = replace(
            params.rank,
            rounds=self.rounds,
            social=self.social,
            eta=self.eta,
            popular=self.popular,
            recency=self.recency,
            recency_span=self.span,
        )
        return replace(params, rank=rank, sources=replace(params.sources, alike=self.alike))


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
    ranks = [np.unique(of, return_inverse=True)[1] for of in (-newer, weights)]
    return bool(np.corrcoef(np.array(ranks, np.float64))[0, 1] >= 0.5)


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
            served = _served(told, then, grid, walks, popular)
            well.add(float(served.max()))
            gains = np.zeros(len(self.grid))
            gains[at] = served - served[0]
            spent = told.work + int(np.dot(JUDGING, (told.degree.size, len(at), 1)))
            self.work, deep = self.work + spent, deep + far * spent
            self.gains.append(gains)
            self.far.append(far)


def _served(
    told: Answers,
    then: Past,
    grid: Sequence[Setting],
    walks: Sequence[Walk],
    popular: Indices,
) -> Weights:
    """float64[len(grid)]: how well each setting names what was hidden; mean NDCG at DEPTHS."""
    etas = np.array(sorted({setting.eta for setting in grid}))
    places = _finalists(told, then, walks, (float(etas[0]), float(etas[-1])), popular)
    is_hidden = np.isin(places, then.hidden)
    if not is_hidden.any():
        return np.zeros(len(grid))
    faded = np.array([discount(told.degree[places], eta) for eta in etas.tolist()])
    taste = _shares(told.reached[:, None, places] * faded)
    walk = [walks.index(setting.walk) for setting in grid]
    eta = np.searchsorted(etas, [setting.eta for setting in grid])
    pi, alike = (np.array([getattr(s, name) for s in grid]) for name in ("popular", "alike"))
    plain = _shares(told.degree[places])
    scores = taste[walk, eta] + np.outer(alike, _shares(told.cosine[places]))
    scores *= (1 - pi)[:, None]
    scores += np.outer(pi, plain)
    # Where nothing else is said, lists go on with what many hold; what nobody holds is nowhere.
    scores = np.where(scores > 0, scores, plain - 2)
    scores[:, told.degree[places] < FAINTEST] = -np.inf
    return _ndcg(scores, is_hidden, then.hidden.size)


def _shares(scores: Weights) -> Weights:
    """Each source's best counts as 1, as in `rank.blend`."""
    most = scores.max(axis=-1, keepdims=True)
    shares: Weights = np.divide(scores, most, out=np.zeros_like(scores), where=most > 0)
    return shares


def _ndcg(scores: npt.NDArray[np.float64], is_hidden: npt.NDArray[np.bool_], n: int) -> Weights:
    """float64[rows of scores]: mean NDCG at DEPTHS of each row's order, for n hidden items."""
    deepest = min(max(DEPTHS), scores.shape[1])
    top = np.argpartition(-scores, deepest - 1, axis=1)[:, :deepest]
    top.sort(axis=1)  # so that ties are by item number, as in the list
    first = np.argsort(-np.take_along_axis(scores, top, 1), axis=1, kind="stable")
    top = np.take_along_axis(top, first, 1)
    hits = is_hidden[top] & np.isfinite(np.take_along_axis(scores, top, 1))
    attention = 1 / np.log2(np.arange(max(DEPTHS)) + 2.0)
    worth = np.zeros(deepest)
    for depth in DEPTHS:
        worth[:depth] += attention[:deepest][:depth] / attention[: min(depth, n)].sum()
    served: Weights = hits @ worth / len(DEPTHS)
    return served


def _finalists(
    told: Answers,
    then: Past,
    walks: Sequence[Walk],
    etas: tuple[float, float],
    popular: Indices,
) -> Indices:
    """The items that any setting could put to the top, rising: the best at the grid's corners."""
    allowed = np.ones(told.degree.size, np.bool_)
    allowed[then.shown] = False
    found = [popular[allowed[popular]], best(told.cosine, allowed, FINALISTS)]
    corners = {max(walks, key=itemgetter(n)) for n in range(3)} | {walks[0]}
    for eta in (etas[0], sum(etas) / 2, etas[1]):
        by = discount(told.degree, eta)
        found += [best(told.reached[walks.index(at)] * by, allowed, FINALISTS) for at in corners]
    return np.unique(np.concatenate(found))


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
