"""What a list is made of but for the request: graph, trust, admission, and who pays.

    interactions, endorsements ─► snapshot ─► trust: tau, Phi ─► admission, vouching ─► View

Made once for each state of the log and shared by every request; what requests ask for again and
again is derived once and kept with it. Pure: no clock, no files, no chance.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from trust import Attribution, TrustParams, attribution
from trust.crediting import by_last_friend
from web3rec.graph import Act, Endorsement, Snapshot, snapshot
from web3rec.params import Params, RankParams
from web3rec.rank.admission import Admission, Mode, admission
from web3rec.rank.budget import hard_budget
from web3rec.rank.earned import of_sponsors
from web3rec.rank.salsa import Social, social
from web3rec.rank.sources import Chorus, popular_among_admitted
from web3rec.rank.tuning import tuned
from web3rec.rank.vouching import Vouching
from web3rec.types import Indices, ItemKey, Millis, PeerId, Weights


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
    merit: Weights
    """float64[sponsors] m_b, what each earned by the ego's replies; 1 where there were none"""
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

    def hard(self, limit: int, params: Params) -> Weights:
        """float64[sponsors]: most positions of a list of `limit` that each can ever pay for."""
        return hard_budget(self.budgets, limit, params.budget, self.merit)

    def bound(self, compromised: Collection[PeerId], limit: int, params: Params) -> float:
        """B1: most positions of `limit` that items only the friends named support can ever take.

        In [0, limit]; all of them where no budgets are (open mode, friends mode).
        """
        if self.mode is not Mode.CLOSED:
            return float(limit)
        hard = self.hard(limit, params)
        turned = np.isin(self.trust.friends, self.snapshot.users.numbers(compromised))
        return float(min(limit, hard[np.unique(self.trust.columns[turned])].sum()))


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
    merits: Mapping[PeerId, float] | None = None,
) -> View:
    """Stages 7 and 8 alone, on a graph that is there: trust, if it is not known, then admission.

    Args:
        graph: the window.
        silenced: users whom the ego blocked.
        mode: who may speak.
        params: see there.
        trust: how trust is computed, if it is.
        heard: trust on this graph, if it is known.
        merits: what friends earned, see `rank.earned.merit`; nothing yet by default.
    """
    if heard is None:
        heard = attribution(graph.trust, graph.ego, trust, blocked=silenced.tolist())
    return _seen(graph, heard, silenced, mode, params, merits or {})


def seen_as(
    view: View, mode: Mode, params: Params, merits: Mapping[PeerId, float] | None = None
) -> View:
    """The same graph and trust under another mode; stages 6 and 7 are not done again."""
    return _seen(view.snapshot, view.trust, view.silenced, mode, params, merits or {})


def _seen(
    graph: Snapshot,
    heard: Attribution,
    silenced: Indices,
    mode: Mode,
    params: Params,
    merits: Mapping[PeerId, float],
) -> View:
    admitted = admission(graph, heard.tau, silenced, mode, params.rank)
    named = [PeerId(graph.users.terms[b]) if b >= 0 else None for b in heard.sponsors.tolist()]
    if mode is Mode.CLOSED:
        credit = by_last_friend(heard)
    else:  # nobody vouches, so nobody pays
        named, credit = [], np.zeros((len(graph.users), 0))
    vouching = Vouching(credit, heard.tau)
    merit = of_sponsors(merits, named, params.earned)
    return View(graph, heard, silenced, admitted, tuple(named), vouching, mode, merit)
