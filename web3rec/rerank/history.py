"""What a head learns from: other people's pasts, replayed on the ego's own window.

As in `rank.tuning`, some admitted people are asked what they went on to do: their newest items are
hidden (any, where no times are known), the sources answer as they would have answered them, and
what was hidden is right. So a device learns from nothing but what it has, and an item that the
ego's own test would ask for is never looked at.

    voters ─► Past ─► Said ─► the best candidates ─► Features, hits ─► Example

Whose past it is and how much it counts follow `rank.voters`: those trusted by way of a friend who
was captured have that friend's part of the vote, however many they are (law V1).
"""

from dataclasses import dataclass, replace

import numpy as np

from web3rec.errors import ParamError
from web3rec.params import Params
from web3rec.rank.candidates import best
from web3rec.rank.replay import Past, Walk, answers, past
from web3rec.rank.salsa import discount
from web3rec.rank.voters import eligible, likeness, queue, votes
from web3rec.rerank.features import Said, Seen, features
from web3rec.rerank.linear import Example
from web3rec.types import Weights


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayParams:
    """How many pasts are replayed, and how much of each is hidden."""

    voters: int = 300
    """Most replays; >= 1. Some 10 ms each."""
    candidates: int = 200
    """Candidates of each list at most; >= 1. As many as are reranked."""
    share: float = 0.2
    """Part of a voter's items that is hidden; in (0, 1)."""
    least_items: int = 3
    """Items that somebody must hold to be replayed; >= 2."""

    def __post_init__(self) -> None:
        for name, least in (("voters", 1), ("candidates", 1), ("least_items", 2)):
            if not getattr(self, name) >= least:
                raise ParamError(name, getattr(self, name), f"at least {least}")
        if not 0 < self.share < 1:
            raise ParamError("share", self.share, "in (0, 1)")


def own_past(seen: Seen) -> Past:
    """The ego as an asker: all it has is shown, nothing hidden. Cost: O(own items)."""
    graph = seen.window.snapshot
    items, weights = graph.rows.row(graph.ego)
    total = weights.sum()
    row = weights / total if total > 0 else weights
    return Past(graph.ego, items, row, graph.recency[items], np.zeros(0, np.int32))


def dated_past(seen: Seen, voter: int, newer: Weights, share: float) -> Past:
    """A voter's past, told apart by when things happened, if that is known.

    Args:
        seen: the window; with `paces` where times are known.
        voter: whose past; holds at least 2 items.
        newer: float64[ego's items], rising: how many newer acts there are to each of the ego's.
        share: part of the items to hide; in (0, 1).

    Returns:
        That of `rank.replay.past`; where times are known, the newest items are hidden (of one
        moment, the heaviest), and the next ones shown, as many as the ego has.
    """
    graph = seen.window.snapshot
    if seen.paces is None or not newer.size:
        return past(graph, voter, newer, share)
    items, weights = graph.rows.row(voter)
    pace = seen.paces.rows.row(voter)[1]
    order = np.lexsort((items, -weights, -pace))
    count = max(1, int(share * len(items)))
    hidden, shown = order[:count], order[count : count + newer.size]
    rising = np.argsort(shown)
    shown, newer = shown[rising], newer[: shown.size][rising]
    row = weights[shown] / weights[shown].sum() if shown.size else np.zeros(0)
    return Past(voter, items[shown], row, newer, np.sort(items[hidden]))


def told(seen: Seen, asker: Past, params: Params) -> Said:
    """What walk, item to item and popularity say to an asker, blended as a list blends them.

    Cost: that of `rank.replay.answers` with one walk.
    """
    rank = params.rank
    walk = Walk(rank.rounds, rank.social, (rank.recency, rank.recency_span))
    answer = answers(seen.window, asker, params, [walk])
    reached = answer.reached[0] * discount(answer.degree, rank.eta)
    allowed = np.ones(len(reached), bool)
    allowed[asker.shown] = False
    blended = np.zeros(len(reached))
    for scores, weight in (
        (reached, 1 - rank.popular),
        (answer.cosine, (1 - rank.popular) * params.sources.alike),
        (np.maximum(0.0, answer.degree), rank.popular),
    ):
        most = float(scores.max(where=allowed, initial=0.0))
        if weight > 0 and most > 0:
            blended += weight / most * scores
    return Said(blended * allowed, reached, answer.cosine)


def examples(seen: Seen, budgets: Weights, params: Params, replays: ReplayParams) -> list[Example]:
    """Replay some of the fully admitted.

    Args:
        seen: the ego's window.
        budgets: float64[sponsors], T_rb; empty where nobody vouches.
        params: how sources are asked: what the ego's lists go by (`View.tuned`).
        replays: how many, and how.

    Returns:
        At most `replays.voters`, whose votes sum to their number; fewer where nothing that was
        hidden is among the candidates. The same window gives the same examples.

    Cost: some 10 ms a voter.
    """
    graph = seen.window.snapshot
    able = eligible(graph, seen.window.admission, replays.least_items)
    own = graph.rows.row(graph.ego)[0]
    held = np.diff(graph.rows.starts)[able]
    alike = likeness(held - np.maximum(1, (replays.share * held).astype(np.int64)), own.size)
    at = queue(votes(alike, able, seen.vouching, budgets), replays.voters)
    newer = np.sort(graph.recency[own])
    found: list[Example] = []
    places: list[int] = []
    for place in at.tolist():
        asker = dated_past(seen, int(able[place]), newer, replays.share)
        if (example := _example(seen, asker, params, replays)) is not None:
            found.append(example)
            places.append(place)
    loud = votes(alike[places], able[places], seen.vouching, budgets)
    if not loud.sum() > 0:
        return []
    loud *= len(found) / loud.sum()
    return [replace(e, vote=float(v)) for e, v in zip(found, loud, strict=True) if v > 0]


def _example(seen: Seen, asker: Past, params: Params, replays: ReplayParams) -> Example | None:
    if not asker.shown.size:
        return None
    said = told(seen, asker, params)
    allowed = np.ones(len(said.blended), bool)
    allowed[asker.shown] = False
    items = best(said.blended, allowed, replays.candidates)
    hits = np.isin(items, asker.hidden)
    if not hits.any():
        return None
    return Example(features(seen, asker, said, items, params.sources), hits)
