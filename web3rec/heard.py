"""Whom the ego hears, kept for as long as nobody's trust changes.

What holds of the attribution that is told:

- Nobody's trust, block or number changed: it is the one told before, to which the same from
  scratch is equal bit for bit.
- Something changed and the graph is small, as nearly every device's is: it is made from scratch.
- Something changed and the graph is large: it goes on from what was known (`trust.renewed`), and
  is that from scratch within `TrustParams.tol` of each, 1e-9 together. Then a list's scores may
  differ in the tenth digit from those after a restart.
"""

from typing import Final

import numpy as np

from trust import Attribution, Standing, TrustParams, renewed, standing
from web3rec.graph import Snapshot
from web3rec.types import Indices

SMALL: Final = 2_000_000
"""Edges times columns up to which trust is made from scratch, in about a tenth of a second. HetRec
Last.fm has 300,000: 25,000 edges, 12 friends."""


class Heard:
    """The trust of one ego, from snapshot to snapshot. Not thread-safe: whoever holds it locks."""

    def __init__(self, params: TrustParams, small: int = SMALL) -> None:
        """Nothing is known yet."""
        self._params, self._small = params, small
        self._graph: Snapshot | None = None
        self._silenced: Indices = np.zeros(0, np.int32)
        self._known: Standing | None = None

    def of(self, graph: Snapshot, silenced: Indices) -> Attribution:
        """Whom the ego hears in this snapshot, the next one after the last that was asked about.

        Args:
            graph: users, and who trusts whom.
            silenced: int32[k], rising: the users whom the ego blocked.

        Cost: O(n + n_edges) comparing where nothing changed; else that of `trust.standing`, or of
        `trust.renewed` where that is much.
        """
        before, known = self._graph, self._known
        self.drop()  # should this be interrupted
        if before is None or known is None:
            known = standing(graph.trust, graph.ego, self._params, silenced.tolist())
        elif not self._stayed(before, graph, silenced):
            work = graph.trust.n_edges * max(1, known.attribution.shares.size)
            if work <= self._small:
                known = standing(graph.trust, graph.ego, self._params, silenced.tolist())
            else:
                numbers = graph.users.found(before.users.ids)
                gone = silenced.tolist()
                known = renewed(known, graph.trust, graph.ego, self._params, gone, numbers)
        self._graph, self._silenced, self._known = graph, silenced, known
        return known.attribution

    def drop(self) -> None:
        """Know nothing: the next attribution is made from scratch."""
        self._graph, self._known = None, None

    def _stayed(self, before: Snapshot, graph: Snapshot, silenced: Indices) -> bool:
        """Whether the same people, by the same numbers, trust each other as before."""
        return (
            graph.ego == before.ego
            and np.array_equal(silenced, self._silenced)
            and graph.users == before.users
            and graph.trust == before.trust
        )
