"""From records to a list, on one page: the stages of docs/design.md, each a function of the last.

    interactions, endorsements ─► snapshot ─► trust: tau, Phi ─► admission ─┐  View: per generation
                                                                            │
    ego's items ─► SALSA ─► candidates (walk, popular) ─► sponsor budgets ─►│ own catalogue ─► list
                                                                            ┘  Listing: per request

Pure: no clock, no files, no chance. The same log gives the same list.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from web3rec.graph import Snapshot
from web3rec.params import Params
from web3rec.rank.blend import blended
from web3rec.rank.budget import TOLERANCE, Filled, fill, shares_of
from web3rec.rank.candidates import Candidates, best
from web3rec.rank.proposed import Proposed, in_order
from web3rec.rank.reasons import Contribution, Path, contributions, echo, strongest_path
from web3rec.rank.salsa import Salsa, salsa
from web3rec.rank.sources import (
    CandidateSource,
    Chorus,
    Replies,
    Sight,
    WordIndex,
    alike,
    alone,
    counted,
    fresh,
    interests,
    own_catalogue,
    walked,
    words,
)
from web3rec.types import Item, ItemKey, PeerId, Weights
from web3rec.view import View

Reorder = Callable[[Chorus, npt.NDArray[np.bool_]], Chorus]
"""From what the sources say, and which items may be proposed, to the same items in another order;
see `web3rec.rerank.reordering`."""
MORE: Final = 4
"""How many times as many candidates are offered where the last ones did not fill the list."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of one list."""

    limit: int
    excluded: frozenset[ItemKey]
    """Never in the list: seen, unwanted, and what the app excludes"""
    only: frozenset[ItemKey] | None = None
    """If given, nothing else is in the list"""
    words: tuple[str, ...] = ()
    """What the ego asks for, a word or several each"""
    replies: tuple[tuple[ItemKey, bool], ...] = ()
    """What the ego said to items of earlier lists, and whether it accepted them"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One position, in keys."""

    key: ItemKey
    score: float
    source: str
    contributions: tuple[Contribution, ...]
    path: Path | None
    paid: tuple[tuple[PeerId, float], ...] = ()
    """What part of the position each sponsor with a name paid for"""


@dataclass(frozen=True, slots=True)
class Listing:
    """The list, in keys."""

    entries: tuple[Entry, ...]
    overruns: int


def listing(
    view: View,
    request: Request,
    catalogue: Mapping[ItemKey, Item],
    params: Params,
    index: WordIndex | None = None,
    reorder: Reorder | None = None,
) -> Listing:
    """Stages 8 to 12: candidates, budgets, the ego's own catalogue where they stop, reasons.

    The entries stand in list order: by score, but where a prefix budget makes an item wait.
    `reorder`, if given, has its say before the budgets, but not on what is asked for in words; by
    default the graph's order stands.

    Cost: that of `salsa` and, if the params ask for it, once that of `View.tuned`; plus
    O(limit * candidates * sponsors) for the budgets.
    """
    graph, params = view.snapshot, view.tuned(params)
    allowed = _allowed(graph, request)
    walk = salsa(graph, view.admission, view.trust.tau, params.rank, view.social(params.rank))
    wishes = _wishes(request, catalogue, params, index)
    said = _said(view, walk, allowed, request, wishes, params)
    if reorder is not None and not request.words:  # no model has learnt from what was asked for
        said = reorder(said, allowed)
    proposed, filled = _filled(view, said, allowed, request.limit, params)
    heard = echo(graph, walk.start, view.admission.weights)
    entries = [
        Entry(
            key=ItemKey(graph.items.terms[item]),
            score=score,
            source=source,
            contributions=contributions(score, parts, view.sponsors, source),
            path=strongest_path(graph, heard, item, view.vouching, view.sponsors),
            paid=_named(view, paid),
        )
        for (item, score, parts, source), paid in zip(
            proposed.picked(filled.taken), filled.paid, strict=True
        )
    ]
    entries += _from_own_catalogue(graph, request, entries, catalogue, wishes)
    return Listing(tuple(entries), filled.overruns)


def _named(view: View, paid: Weights) -> tuple[tuple[PeerId, float], ...]:
    return tuple(
        (who, float(part))
        for who, part in zip(view.sponsors, paid.tolist(), strict=True)
        if who is not None and part > TOLERANCE
    )


def _wishes(
    request: Request,
    catalogue: Mapping[ItemKey, Item],
    params: Params,
    index: WordIndex | None,
) -> tuple[WordIndex, Weights] | None:
    if not request.words:
        return None
    index = index or WordIndex.of(catalogue, params.sources)
    return index, index.matches(request.words)


def _said(
    view: View,
    walk: Salsa,
    allowed: npt.NDArray[np.bool_],
    request: Request,
    wishes: tuple[WordIndex, Weights] | None,
    params: Params,
) -> Chorus:
    """What all sources say: the walk first, beside it those that have a weight."""
    graph, numbers = view.snapshot, params.sources
    taste = walked(walk, view.admission, params.rank)
    matches = wishes[0].among(wishes[1], graph.items) if wishes else np.zeros((0, len(allowed)))
    replies = Replies.to(graph.items, request.replies)
    sight = Sight(graph, view.admission, view.trust.tau, taste, allowed, matches, replies)
    popular = params.rank.popular
    beside: list[tuple[CandidateSource, float]] = [
        (alike, (1 - popular) * numbers.alike),
        (interests, numbers.interests),
        (fresh, numbers.fresh),
    ]
    if wishes:
        beside.append((words, numbers.words))
    spoken = [(source(sight, numbers), weight) for source, weight in beside if weight > 0]
    if popular > 0:
        spoken.append((alone(counted(graph, view.admission)), popular))
    return blended([(alone(taste), 1 - popular), *spoken], allowed)


def _filled(
    view: View, said: Chorus, allowed: npt.NDArray[np.bool_], limit: int, params: Params
) -> tuple[Proposed, Filled]:
    """Offer the budgets some candidates; as long as these do not fill the list, offer more.

    The list is the one that offering all that sources speak for would give: an item never counts
    for more than its score, so what scores below the least taken has no say. But few are offered at
    first, since each costs its attribution. Some fixed number would not do: whoever pushes that
    many items would crowd out everyone else's before the budgets see them.
    """
    least = max(params.rank.candidates, limit)
    count, unseen = least, allowed.copy()
    offered: list[Candidates] = []
    while count:
        offered.append(_offer(view, said, unseen, count))
        unseen[offered[-1].items] = False
        proposed, filled = _chosen(offered, view, limit, params)
        # Where somebody has to overrun or to give way, items below may fit better.
        worth = 0.0 if filled.overruns else filled.least
        better = np.count_nonzero(said.scores[unseen] > worth)
        count = min(int(better), MORE * len(proposed.items))
    for walking in (True, False):
        among = unseen & ((said.scores > 0) == walking)
        if len(filled.taken) == limit or not among.any():
            continue
        source = said if walking else _below(said, view.popularity(), allowed)
        # Whoever cannot pay for an item now never will: what is used only grows. But it may be
        # let off what the quorum does not ask for.
        left = view.hard(limit, params) + TOLERANCE - filled.used
        left = np.maximum(left, 0.0) + 1.0 - params.budget.quorum
        among = _affordable(view, source, among, left)
        overruns, count = filled.overruns, least
        while among.any() and (
            len(filled.taken) < limit
            or filled.overruns > overruns
            or (source.scores[among] > filled.least).any()
        ):
            count *= MORE
            offered.append(_offer(view, source, among, count))
            among[offered[-1].items] = False
            proposed, filled = _chosen(offered, view, limit, params)
    return proposed, filled


def _below(said: Chorus, source: Chorus, allowed: npt.NDArray[np.bool_]) -> Chorus:
    """The source, softened until its best item that was not spoken for stands below all others."""
    reached = said.scores > 0
    lowest = said.scores.min(where=allowed & reached, initial=np.inf)
    best = source.scores.max(where=allowed & ~reached, initial=0.0)
    return source if best <= lowest else source.scaled(float(lowest / best / 2))


def _offer(view: View, said: Chorus, among: npt.NDArray[np.bool_], count: int) -> Candidates:
    """The best of these items by what is said of them, with through whom."""
    items = best(said.scores, among, count)
    parts = said.parts(view.snapshot, items, view.vouching)
    return Candidates(items, said.scores[items], parts, said.names(items))


def _affordable(
    view: View, said: Chorus, among: npt.NDArray[np.bool_], left: Weights
) -> npt.NDArray[np.bool_]:
    """bool[items]: those that somebody speaks for and every sponsor can still pay its share of."""
    items = np.flatnonzero(among & (said.scores > 0)).astype(np.int32)
    fits = np.zeros(len(among), np.bool_)
    fits[said.affordable(view.snapshot, items, view.vouching, left)] = True
    return fits


def _chosen(
    offered: Sequence[Candidates], view: View, limit: int, params: Params
) -> tuple[Proposed, Filled]:
    proposed = in_order(*offered)
    shares = shares_of(proposed.by_sponsor)
    return proposed, fill(proposed.scores, shares, view.budgets, limit, params.budget, view.merit)


def _allowed(graph: Snapshot, request: Request) -> npt.NDArray[np.bool_]:
    mask = np.ones(len(graph.items), bool)
    if request.only is not None:
        mask[:] = False
        mask[graph.items.numbers(request.only)] = True
    mask[graph.items.numbers(request.excluded)] = False
    mask[graph.rows.row(graph.ego)[0]] = False
    return mask


def _from_own_catalogue(
    graph: Snapshot,
    request: Request,
    above: Sequence[Entry],
    catalogue: Mapping[ItemKey, Item],
    wishes: tuple[WordIndex, Weights] | None,
) -> list[Entry]:
    missing = request.limit - len(above)
    if missing <= 0:
        return []
    history = [ItemKey(graph.items.terms[i]) for i in graph.rows.row(graph.ego)[0]]
    closed = request.excluded | {entry.key for entry in above} | set(history)

    def may_be_proposed(key: ItemKey) -> bool:
        return key not in closed and (request.only is None or key in request.only)

    asked = wishes[0].keyed(wishes[1].mean(axis=0)) if wishes else {}
    found = own_catalogue(catalogue, history, may_be_proposed, missing, asked)
    # Below the lowest, which need not be the last: budgets make a rich sponsor's items wait.
    scale = min((entry.score for entry in above), default=2.0) / 2
    return [
        Entry(
            key=key,
            score=score * scale,
            source="words" if key in asked else "catalogue",
            contributions=(Contribution(None, "self", score * scale),),
            path=None,
        )
        for key, score in found
    ]
