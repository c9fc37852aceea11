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
FINALISTS: Final = 100
"""Best items by each extreme of the grid that stay in the race: an item that is not among them at
either end is not among the first 50 in between, but for a few."""
SORTING: Final = 4
"""What looking for the best costs an item, in matrix entries read; measured."""

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
    grid = settings(params, tune)
    asked, likenesses, newer = _asked(snapshot, admission, vouching, budgets, tune)
    heard = step(snapshot.rows, snapshot.cols, admission.weights)
    popular = best(admission.degree, np.ones(len(snapshot.items), np.bool_), FINALISTS)
    found: list[Weights] = []
    far_voters: list[bool] = []
    work = deep = 0
    for count, voter in enumerate(asked.tolist()):
        if work >= tune.work:
            break
        # All rounds for everybody if that is within the means, else for as many as half buys.
        ample = count == 0 or work / count * len(asked) <= tune.work
        far = ample or 2 * deep <= work or params.rounds > 1
        then = past(snapshot, voter, newer, tune.share, params)
        walks = list(dict.fromkeys(s[:2] for s in grid if far or s[0] == 1))
        told = answers(snapshot, admission, heard, then, params, walks)
        gains = np.full(len(grid), np.nan)
        at = [k for k, setting in enumerate(grid) if setting[:2] in walks]
        gains[at] = _served(told, then, [grid[k] for k in at], walks, popular)
        spent = told.work + SORTING * told.reached.size + len(at) * FINALISTS * len(walks)
        work, deep = work + spent, deep + (spent if far else 0)
        found.append(gains)
        far_voters.append(far)
    told_far = np.array(far_voters, np.bool_)
    table = np.array(found).reshape(len(found), len(grid))
    one = votes(likenesses[: len(found)], asked[: len(found)], vouching, budgets)
    # Who was not asked about more rounds has no vote on them, and leaves no gap either.
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
    etas = sorted({setting[2] for setting in grid})
    places = _finalists(told, then, etas, popular)
    is_hidden = np.isin(places, then.hidden)
    served = np.zeros(len(grid))
    if not is_hidden.any():
        return served
    # A walk that reached nothing proposes nothing; popularity may still.
    scale = np.divide(1.0, told.mass, out=np.zeros(len(told.mass)), where=told.mass > 0)
    taste = told.reached[:, places] * scale[:, None]
    plain = told.degree[places] / max(1.0, told.degree.sum())
    divided = {eta: discount(told.degree[places], eta) for eta in etas}
    scores = np.array(
        [
            ((1 - pi) * taste[walks.index((rounds, mu))] + pi * plain) * divided[eta]
            for rounds, mu, eta, pi in grid
        ]
    )
    for hit in np.flatnonzero(is_hidden):
        mine = scores[:, hit : hit + 1]
        # Of those that tie with it half stand above, on average.
        above = (scores > mine).sum(1) + 0.5 * ((scores == mine).sum(1) - 1)
        for depth in DEPTHS:
            served += np.where((above < depth) & (mine[:, 0] > 0), 1 / np.log2(2 + above), 0.0) / (
                len(DEPTHS) * (1 / np.log2(2 + np.arange(min(depth, then.hidden.size)))).sum()
            )
    return served


def _finalists(told: Answers, then: Past, etas: Sequence[float], popular: Indices) -> Indices:
    """The items that any setting could put to the top, rising."""
    allowed = np.ones(told.degree.size, np.bool_)
    allowed[then.shown] = False
    ends = sorted({etas[0], etas[len(etas) // 2], etas[-1]})
    divided = [discount(told.degree, eta) for eta in ends]
    found = [popular[allowed[popular]]]
    for reached in told.reached:
        found += [best(reached * by, allowed, FINALISTS) for by in divided]
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
    chosen, highest = kept, 0.0
    gains = np.nan_to_num(found - found[:, :1])
    for k, setting in enumerate(grid[1:], 1):
        gain, error, count = _mean(gains[:, k], vote[setting[0] > 1])
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
