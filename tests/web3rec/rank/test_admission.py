"""Who may speak: law A1 over random attacks, with the chance of entering from an oracle."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trust import oracle
from tests.web3rec.worlds import (
    EGO,
    PARAMS,
    TRUST,
    Siege,
    World,
    item,
    listens,
    peer,
    sieges,
    trusting,
)
from trust import attribution
from web3rec.params import Params, RankParams
from web3rec.rank.admission import FAINTEST, Mode, admission
from web3rec.view import View

ERROR = 3e-9
"""What trust is known to, in tau; see tests/trust/test_laws.py."""


def entering(view: View, siege: Siege) -> float:
    """C, by the dense oracle, on the graph as capped: the cap decides what a friend lets in."""
    graph = view.snapshot.trust.capped(view.snapshot.ego, TRUST.friend_cap)
    sybils = view.snapshot.users.numbers(siege.sybils)
    return oracle.entry_chance(graph, view.snapshot.ego, sybils.tolist(), TRUST.alpha)


def test_admission_by_hand() -> None:
    """The ego trusts 1, who trusts 2 and 3; 2 and 3 hold items, as does 4 whom nobody knows.

    tau: ego .15, person 1 .85 * .15, the rest in halves at the dead ends 2 and 3. Three with trust
    who hold something: tau0 = c / 3, here with c = 1.5: one half; with c = .1: all are full.
    """
    world = World(
        listens([(0, 0), (1, 0), (2, 1), (3, 0), (3, 2), (4, 1)]),
        trusting([(0, 1, 8), (1, 2, 8), (1, 3, 8)]),
    )
    half = world.view(params=Params(rank=RankParams(admission=1.5))).admission
    assert half.tau0 == pytest.approx(0.5)
    reached = 0.85**2 / 2
    np.testing.assert_allclose(half.weights, [1, 0.1275 / 0.5, reached / 0.5, reached / 0.5, 0])
    np.testing.assert_allclose(half.degree, [1 + (0.1275 + reached) * 2, reached * 2, reached * 2])
    assert world.view().admission.weights.tolist() == [1, 1, 1, 1, 0]


@given(sieges(), st.sampled_from([0.1, 1.0, 10.0]), st.sampled_from([1, 3, 10_000]))
def test_A1_sybils_are_admitted_no_further_than_their_chance_of_being_entered(
    siege: Siege, c: float, cap: int
) -> None:
    view = siege.world.view(params=Params(rank=RankParams(admission=c, active_cap=cap)))
    sybils = view.snapshot.users.numbers(siege.sybils)
    bound = (entering(view, siege) + ERROR) / view.admission.tau0
    assert view.admission.weights[sybils].sum() <= bound
    assert view.admission.tau0 >= c / cap - 1e-15


@pytest.mark.parametrize("n_sybils", [1, 10, 100, 1_000, 10_000])
@pytest.mark.parametrize("shape", ["star", "cycle"])
def test_A1_holds_for_any_number_of_sybils(n_sybils: int, shape: str) -> None:
    """The ego trusts 1 and 2, 2 trusts Sybil 3: C = (.85 / 2) * .85, from two honest edges alone.

    However many Sybils hold something, tau0 stands still at c / active_cap from there on.
    """
    inside = range(3, 3 + n_sybils)
    edges = [(0, 1, 8), (0, 2, 8), (2, 3, 8)]
    if shape == "star":
        edges += [(3, s, 8) for s in inside[1:]]
    elif n_sybils > 1:
        edges += [(s, 3 + (s - 2) % n_sybils, 8) for s in inside]
    world = World(listens([(u, u % 5) for u in range(3 + n_sybils)]), trusting(edges))
    params = Params(rank=RankParams(active_cap=500))
    view = world.view(params=params)
    chance = 0.85**2 / 2
    sybils = view.admission.weights[3:]
    assert view.admission.tau0 >= 0.1 / 500
    assert sybils.sum() <= (chance + ERROR) / view.admission.tau0
    assert sybils.sum() <= chance * 500 / 0.1 + 1


@given(sieges(), st.sampled_from(list(Mode)), st.data())
def test_the_ego_speaks_and_the_blocked_never_do(
    siege: Siege, mode: Mode, data: st.DataObject
) -> None:
    blocked = data.draw(st.sets(st.sampled_from([peer(n) for n in range(1, 9)])))
    view = siege.world.view(mode, blocked=blocked)
    weights, users = view.admission.weights, view.snapshot.users
    assert weights[view.snapshot.ego] == 1
    assert not weights[users.numbers(sorted(blocked))].any()
    assert ((weights >= 0) & (weights <= 1)).all()
    assert not ((weights > 0) & (weights < FAINTEST)).any()


@given(sieges())
def test_each_mode_admits_whom_it_says(siege: Siege) -> None:
    opened, friends = siege.world.view(Mode.OPEN), siege.world.view(Mode.FRIENDS)
    assert (opened.admission.weights == 1).all()
    graph = friends.snapshot
    known = {graph.ego, *graph.trust.friends(graph.ego).tolist()}
    assert set(np.flatnonzero(friends.admission.weights).tolist()) == known
    closed = siege.world.view()
    reached = (closed.trust.tau > 0) | (np.arange(len(closed.snapshot.users)) == graph.ego)
    assert not closed.admission.weights[~reached].any()


@given(sieges(), st.sampled_from(list(Mode)))
def test_the_admitted_degree_is_the_sum_over_holders(siege: Siege, mode: Mode) -> None:
    view = siege.world.view(mode)
    holds = {(act.author, act.key) for act in siege.world.acts}
    for number, key in enumerate(view.snapshot.items.terms):
        who = sorted(author for author, held in holds if held == key)
        expected = view.admission.weights[view.snapshot.users.numbers(who)].sum()
        assert view.admission.degree[number] == pytest.approx(expected, abs=1e-12)


def test_an_ego_without_trust_hears_itself_alone() -> None:
    view = World(listens([(0, 0), (1, 0), (1, 1)])).view()
    assert view.admission.weights.tolist() == [1, 0]


def test_a_voice_too_faint_to_be_known_is_none() -> None:
    """A chain of people who each trust the next one least: at its far end nothing is left to speak
    of. A long line beside it keeps the solver walking until it gets there.
    """
    n = 7
    line = [(1, 100, 8), *((u, u + 1, 8) for u in range(100, 240))]
    chain = [(u, u + 1, 1) for u in range(n)]
    away = [(u, 300 + k, 8) for u in range(1, n) for k in range(12)]
    told = trusting([*line, *chain, *away])
    view = World(listens([(u, 0) for u in range(n + 1)]), told).view()
    last = view.snapshot.users.numbers([peer(n)])
    assert 0 < view.trust.tau[last] < FAINTEST * view.admission.tau0
    assert view.admission.weights[last] == 0


def test_more_identities_cannot_lower_what_full_trust_takes_beyond_the_cap() -> None:
    for n in (5, 50):
        graph = World(
            listens([(u, 0) for u in range(n)]), trusting([(0, u, 8) for u in range(1, n)])
        ).snapshot()
        tau = attribution(graph.trust, graph.ego, TRUST).tau
        params = RankParams(active_cap=20)
        found = admission(graph, tau, graph.users.numbers([]), Mode.CLOSED, params)
        assert found.tau0 == pytest.approx(0.1 / min(n - 1, 20))
    assert graph.items.terms == (item(0),)
    assert graph.users.terms[graph.ego] == EGO
    assert PARAMS.rank.active_cap == 1_000
