"""Laws of items under attack, of trust and snapshot together: I1 and I4 under direct scoring.

Direct scoring is sum_u tau(u) a(u, i): no walk, no admission, no budget. What holds of it holds
because trust is stop-mass and rows are normalised, and of nothing later.
"""

import numpy as np
from hypothesis import given

from tests.trust import oracle
from tests.web3rec.rank import dense
from tests.web3rec.worlds import TRUST, Siege, item, sieges
from trust import Digraph, stop_mass
from web3rec.graph import Snapshot
from web3rec.types import Weights

ERROR = 3e-9
"""What trust is known to; see tests/trust/test_laws.py."""
ROWS = 1e-6
"""How far from 1 a row may sum, relatively: weights are kept as float32, 6e-8 each."""
HONEST_ITEMS = [item(n) for n in range(6)]


def tau(graph: Digraph, ego: int) -> Weights:
    return stop_mass(graph, ego, TRUST).tau


def sybils_of(siege: Siege, found: Snapshot) -> list[int]:
    return [int(number) for number in found.users.numbers(siege.sybils)]


@given(sieges())
def test_I1_all_spam_together_scores_no_more_than_the_chance_of_entering(siege: Siege) -> None:
    found = siege.world.snapshot()
    scores = tau(found.trust, found.ego) @ dense.full(found.rows)
    theirs = sybils_of(siege, found)
    spam = [n for n, key in enumerate(found.items.terms) if held_only_by(found, n, theirs)]
    chance = oracle.entry_chance(found.trust, found.ego, theirs, TRUST.alpha)
    assert scores[spam].sum() <= chance * (1 + ROWS) + ERROR
    assert all(key in HONEST_ITEMS or n in spam for n, key in enumerate(found.items.terms))


def held_only_by(found: Snapshot, number: int, people: list[int]) -> bool:
    return set(found.cols.row(number)[0].tolist()) <= set(people)


@given(sieges())
def test_I4_an_attack_takes_no_item_below_what_honest_people_say_of_it(siege: Siege) -> None:
    """Against the world in which Sybils keep what trust reaches them, and say nothing.

    Not true of a normalised back-step: there Sybils who listen to an item take from its others.
    """
    found = siege.world.snapshot()
    theirs = np.array(sybils_of(siege, found), int)
    sources, targets, weights = found.trust.edges()
    kept = ~np.isin(sources, theirs)
    dead_ends = Digraph.from_edges(found.trust.n, sources[kept], targets[kept], weights[kept])
    honest = np.ones(len(found.users))
    honest[theirs] = 0
    a = dense.full(found.rows)
    attacked = tau(found.trust, found.ego) @ a
    said = (honest * tau(dead_ends, found.ego)) @ a
    assert (attacked >= said - ERROR).all()
