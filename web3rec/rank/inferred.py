"""Inferred trust: a small, bounded part of the ego's trust may go to whoever it learned to like.

Nobody can be sure whether a stranger who always offered what the ego then accepted is a kindred
spirit or a copy of it. So all inferred edges together hold at most `share` of the ego's
out-weight, and explicit edges keep their proportions: the chance C that a walk enters any set of
Sybils grows by at most `share` through them. Credit comes from positions of lists that were shown
(docs/earned-trust.md), never from co-listening, which is free to fake.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np

from trust import Digraph
from web3rec.errors import ParamError

MOST: Final = 0.1
"""Of the ego's out-weight, for all inferred edges together; the design's ceiling."""


def with_inferred(graph: Digraph, ego: int, credit: Mapping[int, float], share: float) -> Digraph:
    """The graph with the ego's inferred edges added.

    Args:
        graph: who trusts whom, as stated.
        ego: whose edges to add.
        credit: user -> accepted positions it stands behind, >= 0. Those the ego trusts already,
            itself, and those without credit get nothing.
        share: of the ego's out-weight after adding, in [0, MOST]; divided in proportion to credit.

    Returns:
        The same graph if the ego trusts nobody explicitly (there is no weight to take a tenth of),
        nobody has credit, or share is 0.

    Raises:
        ParamError: share is outside [0, MOST].

    Cost: O(edges).
    """
    if not 0 <= share <= MOST:
        raise ParamError("share", share, f"in [0, {MOST}]")
    friends = graph.friends(ego)
    earned = {
        user: amount
        for user, amount in sorted(credit.items())
        if amount > 0 and user != ego and user not in friends
    }
    if not (share and earned and friends.size):
        return graph
    sources, targets, weights = graph.edges()
    stated = weights[sources == ego].sum()
    amounts = np.array(list(earned.values()))
    added = share / (1 - share) * stated * amounts / amounts.sum()
    some = added > 0
    return Digraph.from_edges(
        graph.n,
        np.r_[sources, np.full(some.sum(), ego)],
        np.r_[targets, np.array(list(earned))[some]],
        np.r_[weights, added[some]],
    )
