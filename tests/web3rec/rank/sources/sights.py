"""What sources look at, made from a world."""

import numpy as np

from tests.web3rec.worlds import PARAMS, World
from web3rec.rank.admission import Mode
from web3rec.rank.salsa import salsa
from web3rec.rank.sources.sight import Replies, Sight
from web3rec.rank.sources.walk import walked
from web3rec.types import Weights
from web3rec.view import View


def sight(
    world: World,
    mode: Mode = Mode.CLOSED,
    matches: Weights | None = None,
    replies: Replies | None = None,
) -> tuple[View, Sight]:
    """Everything but the ego's own items is allowed."""
    view = world.view(mode)
    graph = view.snapshot
    walk = salsa(graph, view.admission, view.trust.tau, PARAMS.rank)
    allowed = np.ones(len(graph.items), np.bool_)
    allowed[graph.rows.row(graph.ego)[0]] = False
    found = Sight(
        graph,
        view.admission,
        view.trust.tau,
        walked(walk, view.admission, PARAMS.rank),
        allowed,
        np.zeros((0, len(graph.items))) if matches is None else matches,
        replies or Replies.none(),
    )
    return view, found
