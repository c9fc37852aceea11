"""From records to a list, on one page: the stages of docs/design.md, each a function of the last.

    interactions, endorsements ─► snapshot ─► trust: tau, Phi ─► admission ─┐  View: per generation
                                                                            │
    ego's items ─► SALSA ─► candidates (walk, popular) ─► sponsor budgets ─►│ own catalogue ─► list
                                                                            ┘  Listing: per request

Pure: no clock, no files, no chance. The same log gives the same list.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from trust import Attribution, TrustParams, attribution
from trust.crediting import by_last_friend
from web3rec.graph import Act, Endorsement, Snapshot, snapshot
from web3rec.params import Params, RankParams
from web3rec.rank.admission import Admission, Mode, admission
from web3rec.rank.blend import blended
from web3rec.rank.budget import TOLERANCE, Filled, fill, hard_budget, shares_of
from web3rec.rank.candidates import Candidates, best
from web3rec.rank.proposed import Proposed, in_order
from web3rec.rank.reasons import Contribution, Path, contributions, echo, strongest_path
from web3rec.rank.salsa import Salsa, Social, salsa, social
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
    popular_among_admitted,
    walked,
    words,
)
from web3rec.rank.tuning import tuned
from web3rec.rank.vouching import Vouching
from web3rec.types import Indices, Item, ItemKey, Millis, PeerId, Weights

MORE: Final = 4
"""How many times as many candidates are offered where the last ones did not fill the list."""


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """Everything about the log that does not depend on the request."""

    snapshot: Snapshot
    trust: Attribution
    silenced: Indices
    """int32: the users whom the ego blocked"""
    admission: Admission
    sponsors: tuple[PeerId | None, ...]
    """Whom each column of `vouching` stands for; None for a pool of several friends"""
    vouching: Vouching
    """Through which sponsors each user's trust arrives; through none where nobody has to pay"""
    mode: Mode
    _found: dict[object, object] = field(init=False, repr=False, default_factory=dict)
    """What was derived from the above once and is asked for by every request"""

    @property
    def sponsor_share(self) -> npt.NDArray[np.float64]:
        """float64[users, sponsors]: Phi / tau, all of it. Cost: O(users * sponsors)."""
        return self.vouching.shares(np.arange(len(self.snapshot.users), dtype=np.int32))

    def social(self, params: RankParams) -> Social:
        """The walk's part that the ego's own taste has no share in, walked once."""
        same = (params.rounds, params.restart, params.floor, params.social_speakers)
        if not isinstance(found := self._found.get(same), Social):
            found = social(self.snapshot, self.admission, self.trust.tau, params)
            self._found[same] = found  # two threads at once: the same twice
        return found

    def popularity(self) -> Chorus:
        """What everyone who may speak says, asked once."""
        if not isinstance(found := self._found.get("popularity"), Chorus):
            found = popular_among_admitted(self.snapshot, self.admission)
            self._found["popularity"] = found
        return found

    def tuned(self, params: Params) -> Params:
        """The params this view lists by: chosen on its own window, once, if they say so."""
        if params.tune is None:
            return params
        if not isinstance(found := self._found.get(params), Params):
            seen = self.snapshot, self.admission, self.vouching, self.budgets
            found = self._found[params] = tuned(*seen, params, params.tune).params
        return found

    @property
    def budgets(self) -> Weights:
        """float64[sponsors]: T_rb, the share of the list each sponsor pays for."""
        return self.trust.shares if self.mode is Mode.CLOSED else np.zeros(0)

    def bound(self, compromised: Collection[PeerId], limit: int, params: Params) -> float:
        """B1: most positions of `limit` that items only the friends named support can ever take.

        In [0, limit]; all of them where no budgets are (open mode, friends mode).
        """
        if self.mode is not Mode.CLOSED:
            return float(limit)
        hard = hard_budget(self.budgets, limit, params.budget)
        turned = np.isin(self.trust.friends, self.snapshot.users.numbers(compromised))
        return float(min(limit, hard[np.unique(self.trust.columns[turned])].sum()))


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


@dataclass(frozen=True, slots=True)
class Listing:
    """The list, in keys."""

    entries: tuple[Entry, ...]
    overruns: int


def look(
    acts: Collection[Act],
    endorsements: Collection[Endorsement],
    touched: Mapping[ItemKey, Millis],
    blocked: Collection[PeerId],
    ego: PeerId,
    mode: Mode,
    params: Params,
    trust: TrustParams,
) -> View:
    """Stages 6 to 8: the graph, whom the ego hears, and through which friend.

    Cost: O(records log records + trust rounds * edges); paid once per change of the log.
    """
    graph = snapshot(acts, endorsements, ego, touched, params.window)
    silenced = graph.users.numbers(sorted(set(blocked) - {ego}))
    return view_of(graph, silenced, mode, params, trust)


def view_of(
    graph: Snapshot,
    silenced: Indices,
    mode: Mode,
    params: Params,
    trust: TrustParams,
    heard: Attribution | None = None,
) -> View:
    """Stages 7 and 8 alone, on a graph that is there: trust, if it is not known, then admission."""
    if heard is None:
        heard = attribution(graph.trust, graph.ego, trust, blocked=silenced.tolist())
    return _seen(graph, heard, silenced, mode, params)


def seen_as(view: View, mode: Mode, params: Params) -> View:
    """The same graph and trust under another mode; stages 6 and 7 are not done again."""
    return _seen(view.snapshot, view.trust, view.silenced, mode, params)


def _seen(
    graph: Snapshot, heard: Attribution, silenced: Indices, mode: Mode, params: Params
) -> View:
    admitted = admission(graph, heard.tau, silenced, mode, params.rank)
    named = [PeerId(graph.users.terms[b]) if b >= 0 else None for b in heard.sponsors.tolist()]
    if mode is Mode.CLOSED:
        credit = by_last_friend(heard)
    else:  # nobody vouches, so nobody pays
        named, credit = [], np.zeros((len(graph.users), 0))
    return View(graph, heard, silenced, admitted, tuple(named), Vouching(credit, heard.tau), mode)


def listing(
    view: View,
    request: Request,
    catalogue: Mapping[ItemKey, Item],
    params: Params,
    index: WordIndex | None = None,
) -> Listing:
    """Stages 8 to 12: candidates, budgets, the ego's own catalogue where they stop, reasons.

    The entries stand in list order: by score, but where a prefix budget makes an item wait.

    Cost: that of `salsa` and, if the params ask for it, once that of `View.tuned`; plus
    O(limit * candidates * sponsors) for the budgets.
    """
    graph, params = view.snapshot, view.tuned(params)
    allowed = _allowed(graph, request)
    walk = salsa(graph, view.admission, view.trust.tau, params.rank, view.social(params.rank))
    wishes = _wishes(request, catalogue, params, index)
    said = _said(view, walk, allowed, request, wishes, params)
    proposed, filled = _filled(view, said, allowed, request.limit, params)
    heard = echo(graph, walk.start, view.admission.weights)
    entries = [
        Entry(
            key=ItemKey(graph.items.terms[item]),
            score=score,
            source=source,
            contributions=contributions(score, parts, view.sponsors, source),
            path=strongest_path(graph, heard, item, view.vouching, view.sponsors),
        )
        for item, score, parts, source in proposed.picked(filled.taken)
    ]
    entries += _from_own_catalogue(graph, request, entries, catalogue, wishes)
    return Listing(tuple(entries), filled.overruns)


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
        left = hard_budget(view.budgets, limit, params.budget) + TOLERANCE - filled.used
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
    return proposed, fill(proposed.scores, shares, view.budgets, limit, params.budget)


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
