"""The laws P1-P10 of the trust engine, over random graphs and random attacks inside the Sybils.

S is the set of Sybils, H the rest, C the chance that the ego's walk ever enters S. Each law is of
the stop-mass, which the solver knows to 1e-9: SLACK covers that and nothing more.
"""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.trust import oracle
from tests.trust.graphs import (
    EGO,
    Attack,
    Edge,
    attacks,
    edge_lists,
    edges_of,
    graph_of,
    graphs,
    weights,
)
from trust import Digraph, TrustParams, Weights, attribution, stop_mass

PARAMS = TrustParams()
ALPHA = PARAMS.alpha
SLACK = 3e-9


def tau_of(graph: Digraph) -> Weights:
    return stop_mass(graph, EGO, PARAMS).tau


def entry(attack: Attack, graph: Digraph) -> float:
    return oracle.entry_chance(graph, EGO, attack.sybils(graph), ALPHA)


@given(attacks())
def test_P1_sybils_together_hold_no_more_than_the_chance_of_entering(attack: Attack) -> None:
    tau = tau_of(attack.after)
    assert tau[attack.n_honest :].sum() <= entry(attack, attack.after) + SLACK


@pytest.mark.parametrize("n_sybils", [1, 10, 100, 1_000, 10_000])
@pytest.mark.parametrize("shape", ["line", "cycle", "star", "many to one"])
def test_P1_holds_for_any_number_of_sybils(n_sybils: int, shape: str) -> None:
    """0 trusts 1 and 2, 1 trusts 2 and the Sybil 3: C = .85/2 * .85/2, and no more."""
    first, last = 3, 3 + n_sybils
    inside = range(first, last)
    edges: list[Edge] = {
        "line": [(s, s + 1, 1.0) for s in inside[:-1]],
        "cycle": [(s, first + (s + 1 - first) % n_sybils, 1.0) for s in inside if n_sybils > 1],
        "star": [(first, s, 1.0) for s in inside[1:]],
        "many to one": [(s, first, 1.0) for s in inside[1:]],
    }[shape]
    honest: list[Edge] = [(0, 1, 1.0), (0, 2, 1.0), (1, 2, 1.0), (1, first, 1.0)]
    tau = tau_of(graph_of(last, honest + edges))
    assert tau[first:].sum() == pytest.approx(0.425**2, abs=SLACK)  # nothing leads back out


@given(attacks(), st.integers(1, 3))
def test_P1_holds_for_what_the_ego_is_told_after_cap_and_pool(
    attack: Attack, max_sponsors: int
) -> None:
    """C is that of the capped graph: it is the cap that decides what a friend can let in."""
    told = attribution(attack.after, EGO, TrustParams(max_sponsors=max_sponsors))
    chance = entry(attack, attack.after.capped(EGO))
    assert told.tau[attack.n_honest :].sum() <= chance + SLACK


@given(attacks())
def test_P2_no_edge_of_sybils_and_no_more_sybils_change_the_chance_of_entering(
    attack: Attack,
) -> None:
    chance = entry(attack, attack.absorbing)
    assert entry(attack, attack.before) == pytest.approx(chance, abs=1e-12)
    assert entry(attack, attack.after) == pytest.approx(chance, abs=1e-12)
    absorbed = tau_of(attack.absorbing)[attack.n_honest :].sum()
    assert absorbed == pytest.approx(chance, abs=SLACK)


@given(attacks())
def test_P3_an_honest_node_is_neither_nuked_nor_promoted_beyond_the_chance_of_entering(
    attack: Attack,
) -> None:
    chance = entry(attack, attack.after)
    honest = slice(0, attack.n_honest)
    deadend, attacked = tau_of(attack.absorbing)[honest], tau_of(attack.after)[honest]
    assert (attacked >= deadend - SLACK).all()
    assert (attacked <= deadend + chance + SLACK).all()
    assert attacked.sum() <= deadend.sum() + chance + SLACK  # all of them together, even


@given(attacks())
def test_P4_the_chance_of_entering_is_written_on_honest_edges_alone(attack: Attack) -> None:
    visits = oracle.visits(attack.absorbing, oracle.unit(attack.absorbing, EGO), ALPHA)
    shares = oracle.transition(attack.absorbing)
    h = attack.n_honest
    crossing = (1 - ALPHA) * (visits[:h, None] * shares[:h, h:]).sum()
    assert entry(attack, attack.after) == pytest.approx(crossing, abs=1e-12)


@given(attacks(), st.data())
def test_P5_splitting_a_sybil_leaves_the_chance_of_entering(
    attack: Attack, data: st.DataObject
) -> None:
    """Every edge into Sybil x becomes k edges, to x and k - 1 new identities."""
    x, n = attack.n_honest, attack.after.n
    parts = data.draw(st.lists(st.floats(0.01, 1.0), min_size=1, max_size=5))
    names = [x, *range(n, n + len(parts) - 1)]
    split = [
        (u, name, w * part / sum(parts))
        for u, v, w in edges_of(attack.after)
        if v == x
        for name, part in zip(names, parts, strict=True)
    ]
    kept = [edge for edge in edges_of(attack.after) if edge[1] != x]
    # What a new identity trusts is its own affair: here, whatever x trusted.
    copied = [(name, v, w) for u, v, w in kept if u == x for name in names[1:]]
    many = graph_of(n + len(parts) - 1, kept + split + copied)
    assert entry(attack, many) == pytest.approx(entry(attack, attack.after), abs=1e-9)
    assert tau_of(many)[attack.n_honest :].sum() <= entry(attack, attack.after) + SLACK


@given(graphs(), st.data(), st.floats(1e-6, 1e6))
def test_P6_multiplying_a_row_changes_nothing(
    graph: Digraph, data: st.DataObject, factor: float
) -> None:
    row = data.draw(st.integers(0, graph.n - 1))
    louder = [(u, v, w * factor if u == row else w) for u, v, w in edges_of(graph)]
    np.testing.assert_allclose(tau_of(graph_of(graph.n, louder)), tau_of(graph), atol=SLACK)


@given(graphs())
def test_P7_whom_no_walk_reaches_has_no_trust(graph: Digraph) -> None:
    reached, frontier = {EGO}, [EGO]
    while frontier:
        found = set(graph.friends(frontier.pop()).tolist()) - reached
        reached |= found
        frontier.extend(found)
    unreached = [node for node in range(graph.n) if node not in reached]
    assert not tau_of(graph)[unreached].any()


@given(graphs(), st.data())
def test_P7_newcomers_whom_nobody_trusts_change_nothing(
    graph: Digraph, data: st.DataObject
) -> None:
    """However many, and whomever they trust."""
    n = graph.n + data.draw(st.integers(1, 5))
    theirs = data.draw(edge_lists(list(range(graph.n, n)), list(range(n))))
    crowded = graph_of(n, edges_of(graph) + theirs)
    np.testing.assert_allclose(tau_of(crowded)[: graph.n], tau_of(graph), atol=SLACK)
    assert not tau_of(crowded)[graph.n :].any()


@given(graphs(), st.data())
def test_P8_new_numbers_only_move_the_scores(graph: Digraph, data: st.DataObject) -> None:
    renamed = np.array(data.draw(st.permutations(range(graph.n))))
    moved = graph_of(graph.n, [(renamed[u], renamed[v], w) for u, v, w in edges_of(graph)])
    there = stop_mass(moved, int(renamed[EGO]), PARAMS).tau
    np.testing.assert_allclose(there[renamed], tau_of(graph), atol=SLACK)

    ours, theirs = attribution(graph, EGO, PARAMS), attribution(moved, int(renamed[EGO]), PARAMS)
    column_of = {sponsor: column for column, sponsor in enumerate(theirs.sponsors.tolist())}
    columns = [column_of[int(renamed[sponsor])] for sponsor in ours.sponsors]
    np.testing.assert_allclose(theirs.phi[renamed][:, columns], ours.phi, atol=SLACK)


@given(graphs(), st.floats(0.01, 0.99), st.integers(1, 200))
def test_P9_the_walk_stops_somewhere(graph: Digraph, alpha: float, max_rounds: int) -> None:
    """To rounding, not to tol: even a solve that was cut short accounts for all of the mass."""
    found = stop_mass(graph, EGO, TrustParams(alpha=alpha, max_rounds=max_rounds))
    assert found.tau.sum() == pytest.approx(1, abs=1e-12)


@given(graphs(), st.data())
def test_P10_a_changed_row_moves_no_more_than_its_visits(
    graph: Digraph, data: st.DataObject
) -> None:
    row = data.draw(st.integers(0, graph.n - 1))
    kept = [edge for edge in edges_of(graph) if edge[0] != row]
    changed = graph_of(graph.n, kept + data.draw(edge_lists([row], list(range(graph.n)))))
    visits = oracle.visits(graph, oracle.unit(graph, EGO), ALPHA)[row]
    moved = np.abs(tau_of(changed) - tau_of(graph)).sum()
    assert moved <= 2 * (1 - ALPHA) * visits + SLACK


@given(graphs(), st.data())
def test_P10_holds_for_one_weight(graph: Digraph, data: st.DataObject) -> None:
    """The change of the row itself bounds the move, not only its largest possible change."""
    edges = edges_of(graph)
    assume(edges)
    chosen = data.draw(st.integers(0, len(edges) - 1))
    u, v, _ = edges[chosen]
    changed = graph_of(graph.n, [*edges[:chosen], (u, v, data.draw(weights)), *edges[chosen + 1 :]])
    visits = oracle.visits(graph, oracle.unit(graph, EGO), ALPHA)[u]
    row_change = np.abs(oracle.transition(changed)[u] - oracle.transition(graph)[u]).sum()
    moved = np.abs(tau_of(changed) - tau_of(graph)).sum()
    assert moved <= (1 - ALPHA) * visits * row_change + SLACK
