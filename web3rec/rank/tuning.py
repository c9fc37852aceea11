"""Self-tuning: the device finds out on its own window how to rank for its ego.

No eta, mu, number of rounds or part of plain popularity serves every catalogue. So the device
replays some admitted people (`rank.voters`, `rank.replay`): would this setting have named what
they went on to do? One small grid, bounded work, and no change without evidence:

    setting ─► gain over the given one, voter by voter ─► mean - caution * standard error ─► best

Deterministic: the same snapshot and numbers give the same choice, on any device.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from web3rec.graph import Snapshot
from web3rec.params import RankParams, TuneParams
from web3rec.rank.admission import Admission
from web3rec.rank.candidates import best
from web3rec.rank.replay import Answers, Past, answers, past
from web3rec.rank.salsa import discount
from web3rec.rank.steps import step
from web3rec.rank.voters import eligible, likeness, queue, votes
from web3rec.rank.vouching import Vouching
from web3rec.types import Indices, Weights

DEPTHS: Final = (20, 50)
"""Lists of these lengths are judged, and the verdicts averaged: 20 is what is shown, 50 is less
a matter of luck."""
FINALISTS: Final = 60
"""Best items by each extreme of the grid that stay in the race: an item that is not among them at
either end is not among the first 50 in between, but for a few."""
JUDGING: Final = (36, 300, 100_000)
"""What judging a voter costs an item, a setting, and at all, in matrix entries read; measured."""

Setting = tuple[int, float, float, float]
"""rounds, mu, eta, pi"""


@dataclass(frozen=True, slots=True)
class Tuned:
    """What was chosen, and on what evidence."""

    params: RankParams
    """The given ones, with eta, social, rounds and popular as chosen"""
    voters: int
    """People replayed"""
    gain: float
    """How much better they were served, as a difference of NDCG; 0 if nothing was changed"""
    error: float
    """Standard error of `gain`"""
    work: int
    """Array entries read, as `TuneParams.work` counts them"""


def tuned(
    snapshot: Snapshot,
    admission: Admission,
    vouching: Vouching,
    budgets: Weights,
    params: RankParams,
    tune: TuneParams,
) -> Tuned:
    """Choose eta, mu, rounds and pi for this ego on this window.

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
    grid, near = settings(params, tune), (1, params.social)
    asked, likenesses, newer = _asked(snapshot, admission, vouching, budgets, tune)
    heard = step(snapshot.rows, snapshot.cols, admission.weights)
    popular = best(admission.degree, np.ones(len(snapshot.items), np.bool_), FINALISTS)
    found: list[Weights] = []
    far_voters: list[bool] = []
    work = deep = 0
    for count, voter in enumerate(asked.tolist()):
        if work >= tune.work:
            break
        # All walks for everybody if that is within the means, else for as many as half buys.
        ample = count > 0 and work / count * len(asked) <= tune.work
        far = ample or 2 * deep <= work or params.rounds > 1
        then = past(snapshot, voter, newer, tune.share, params)
        walks = list(dict.fromkeys(s[:2] for s in grid if far or s[:2] == near))
        told = answers(snapshot, admission, heard, then, params, walks, social=far)
        gains = np.full(len(grid), np.nan)
        at = [k for k, setting in enumerate(grid) if setting[:2] in walks]
        gains[at] = _served(told, then, [grid[k] for k in at], walks, popular)
        spent = told.work + int(np.dot(JUDGING, (told.degree.size, len(at), 1)))
        work, deep = work + spent, deep + (spent if far else 0)
        found.append(gains)
        far_voters.append(far)
    told_far = np.array(far_voters, np.bool_)
    table = np.array(found).reshape(len(found), len(grid))
    one = votes(likenesses[: len(found)], asked[: len(found)], vouching, budgets)
    # Who was not asked about all walks has no vote on the others, and leaves no gap either.
    more = np.zeros(len(found))
    more[told_far] = votes(
        likenesses[: len(found)][told_far], asked[: len(found)][told_far], vouching, budgets
    )
    return _choice(grid, table, (one, more), params, tune, work)


def settings(params: RankParams, tune: TuneParams) -> list[Setting]:
    """What is tried: the given setting first, then the grid; pi = 1 once, as the rest is idle."""
    grid = [(params.rounds, params.social, params.eta, params.popular)]
    grid += [
        (rounds, params.social, eta, popular)
        for rounds in tune.rounds
        for popular in tune.populars
        for eta in tune.etas
        if popular < 1
    ]
    grid += [(1, social, eta, 0.0) for social in tune.socials for eta in tune.etas]
    grid += [(1, params.social, params.eta, 1.0)] * (1.0 in tune.populars)
    return list(dict.fromkeys(grid))


def _asked(
    snapshot: Snapshot,
    admission: Admission,
    vouching: Vouching,
    budgets: Weights,
    tune: TuneParams,
) -> tuple[Indices, Weights, Weights]:
    """Voters in the order in which they are asked, their likeness, and the ego's `newer` acts."""
    own = snapshot.rows.row(snapshot.ego)[0]
    newer = np.sort(snapshot.recency[own])
    able = eligible(snapshot, admission, tune.least_items)
    held = np.diff(snapshot.rows.starts)[able]
    likenesses = likeness(held - np.maximum(1, (tune.share * held).astype(np.int64)), own.size)
    at = queue(votes(likenesses, able, vouching, budgets), tune.voters)
    return able[at], likenesses[at], newer


def _served(
    told: Answers,
    then: Past,
    grid: Sequence[Setting],
    walks: Sequence[tuple[int, float]],
    popular: Indices,
) -> Weights:
    """float64[len(grid)]: how well each setting names what was hidden; mean NDCG at DEPTHS."""
    rounds, mus, etas, pis = (np.array(part) for part in zip(*grid, strict=True))
    places = _finalists(told, then, walks, (float(etas.min()), float(etas.max())), popular)
    is_hidden = np.isin(places, then.hidden)
    if not is_hidden.any():
        return np.zeros(len(grid))
    # A walk that reached nothing proposes nothing; popularity may still.
    scale = np.divide(1.0, told.mass, out=np.zeros(len(told.mass)), where=told.mass > 0)
    taste = told.reached[:, places] * scale[:, None]
    plain = told.degree[places] / max(1.0, told.degree.sum())
    walk = [walks.index(pair) for pair in zip(rounds.tolist(), mus.tolist(), strict=True)]
    eta, divided = np.unique(etas, return_inverse=True)
    scores = (1 - pis)[:, None] * taste[walk] + np.outer(pis, plain)
    scores *= np.array([discount(told.degree[places], e) for e in eta.tolist()])[divided]
    return _ndcg(scores, is_hidden, then.hidden.size)


def _ndcg(scores: npt.NDArray[np.float64], is_hidden: npt.NDArray[np.bool_], n: int) -> Weights:
    """float64[rows of scores]: mean NDCG at DEPTHS of each row's order, for n hidden items."""
    deepest = min(max(DEPTHS), scores.shape[1])
    top = np.argpartition(-scores, deepest - 1, axis=1)[:, :deepest]
    top.sort(axis=1)  # so that ties are by item number, as in the list
    first = np.argsort(-np.take_along_axis(scores, top, 1), axis=1, kind="stable")
    top = np.take_along_axis(top, first, 1)
    hits = is_hidden[top] & (np.take_along_axis(scores, top, 1) > 0)
    attention = 1 / np.log2(np.arange(max(DEPTHS)) + 2.0)
    worth = np.zeros(deepest)
    for depth in DEPTHS:
        worth[:depth] += attention[:deepest][:depth] / attention[: min(depth, n)].sum()
    served: Weights = hits @ worth / len(DEPTHS)
    return served


def _finalists(
    told: Answers,
    then: Past,
    walks: Sequence[tuple[int, float]],
    etas: tuple[float, float],
    popular: Indices,
) -> Indices:
    """The items that any setting could put to the top, rising: the best at the grid's corners."""
    allowed = np.ones(told.degree.size, np.bool_)
    allowed[then.shown] = False
    found = [popular[allowed[popular]]]
    corners = {walks[0], max(walks), max(walks, key=lambda walk: walk[1])}
    for eta in (etas[0], sum(etas) / 2, etas[1]):
        by = discount(told.degree, eta)
        found += [best(told.reached[walks.index(at)] * by, allowed, FINALISTS) for at in corners]
    return np.unique(np.concatenate(found))


def _choice(
    grid: Sequence[Setting],
    found: npt.NDArray[np.float64],
    vote: tuple[Weights, Weights],
    params: RankParams,
    tune: TuneParams,
    work: int,
) -> Tuned:
    """The setting whose paired gain over the first, less some standard errors, is largest."""
    kept = Tuned(params, len(found), 0.0, 0.0, work)
    if not len(found):
        return kept
    chosen, highest, near = kept, 0.0, (1, params.social)
    gains = np.nan_to_num(found - found[:, :1])
    for k, setting in enumerate(grid[1:], 1):
        gain, error, count = _mean(gains[:, k], vote[setting[:2] != near])
        if count >= tune.least_voters and gain - tune.caution * error > highest:
            highest = gain - tune.caution * error
            rounds, social, eta, popular = setting
            rank = replace(params, rounds=rounds, social=social, eta=eta, popular=popular)
            chosen = Tuned(rank, len(found), gain, error, work)
    return chosen


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
