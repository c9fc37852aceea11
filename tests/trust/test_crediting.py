"""Credit by the last friend passed: by hand, by relabelled walks, and the laws C1 to C3."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.trust import oracle
from tests.trust.graphs import EGO, Attack, attacks, graph_of, graphs
from trust import Attribution, Digraph, TrustParams, Weights, attribution
from trust.crediting import FAINTEST, by_last_friend

PARAMS = TrustParams()
UNCAPPED = TrustParams(alpha=0.2, friend_cap=1.0)
NEAR = 4 * FAINTEST
"""What is set to nought in a row, and what makes up for it."""


def relabelled(graph: Digraph, found: Attribution, alpha: float) -> Weights:
    """The walks step by step, each friend with a column of its own taking over whoever arrives."""
    graph = graph.capped(EGO)
    chances, shares = (1 - alpha) * oracle.transition(graph).T, graph.row_shares(EGO)
    walking = np.zeros((graph.n, found.shares.size))
    for friend, column in zip(found.friends, found.columns, strict=True):
        share = shares[graph.friends(EGO) == friend]
        walking[friend, column] = (1 - alpha) * share[0]
    stops = np.where(np.diff(graph.starts) == 0, 1.0, alpha)[:, None]
    stopped = np.zeros_like(walking)
    for _ in range(200):
        for column, friend in enumerate(found.sponsors):
            if friend >= 0:
                arrived = walking[friend].sum()
                walking[friend] = 0
                walking[friend, column] = arrived
        stopped += stops * walking
        walking = chances @ walking
    return stopped


def test_whom_a_friend_lets_in_is_that_friends_word_by_hand() -> None:
    """0 trusts 1 and 2 alike, 2 trusts 1, 1 trusts 3; alpha .2.

    .4 leave through each. Of the .4 through 2, .08 stop there and .32 come to 1. So .72 come to 1:
    .144 stop there and .576 at 3, all on the word of 1. By first hop .256 of it were put down to 2.
    """
    graph = graph_of(4, [(0, 1, 1.0), (0, 2, 1.0), (2, 1, 1.0), (1, 3, 1.0)])
    found = attribution(graph, EGO, UNCAPPED)
    np.testing.assert_allclose(found.phi[3], [0.32, 0.256], atol=1e-9)
    expected = np.array([[0, 0], [0.144, 0], [0, 0.08], [0.576, 0]])
    np.testing.assert_allclose(by_last_friend(found), expected, atol=1e-9)


def test_who_is_trusted_by_two_friends_is_owed_to_both() -> None:
    graph = graph_of(4, [(0, 1, 3.0), (0, 2, 1.0), (1, 3, 1.0), (2, 3, 1.0)])
    credited = by_last_friend(attribution(graph, EGO, UNCAPPED))
    np.testing.assert_allclose(credited[3], [0.48, 0.16], atol=1e-9)


def test_a_walk_back_over_the_ego_begins_anew() -> None:
    """1 trusts the ego again: what comes from there through 2 is 2's word."""
    graph = graph_of(4, [(0, 1, 1.0), (0, 2, 1.0), (1, 0, 1.0), (2, 3, 1.0)])
    found = attribution(graph, EGO, UNCAPPED)
    assert found.phi[3, found.sponsors == 1] > 0
    assert by_last_friend(found)[3, found.sponsors == 1] == 0


def test_nobody_trusted_nobody_credited() -> None:
    assert by_last_friend(attribution(graph_of(2, [(1, 0, 1.0)]), EGO, PARAMS)).shape == (2, 0)


@given(graphs(max_nodes=10), st.sampled_from([1, 2, 64]))
def test_it_is_what_walks_leave_that_are_relabelled_at_each_friend(
    graph: Digraph, max_sponsors: int
) -> None:
    found = attribution(graph, EGO, TrustParams(max_sponsors=max_sponsors))
    exact = relabelled(graph, found, PARAMS.alpha)
    room = NEAR * found.tau[:, None] + 1e-8
    assert (np.abs(by_last_friend(found) - exact) <= room).all()


@given(graphs(max_nodes=10))
def test_C1_a_friend_is_credited_only_with_whom_it_reaches_past_no_other_friend(
    graph: Digraph,
) -> None:
    found = attribution(graph, EGO, PARAMS)
    credited = by_last_friend(found)
    friends = set(found.friends.tolist())
    for column, friend in enumerate(found.sponsors.tolist()):
        reached, ahead = {friend}, [friend]
        while ahead:
            for other in graph.friends(ahead.pop()).tolist():
                if other not in reached and other not in friends:
                    reached.add(other)
                    ahead.append(other)
        others = np.setdiff1d(np.arange(graph.n), sorted(reached))
        assert not credited[others, column].any()


@given(attacks(), st.data())
def test_C1_sybils_are_the_word_of_whoever_let_them_in(attack: Attack, data: st.DataObject) -> None:
    """Whoever else trusts the captured friends, whatever the Sybils say: all of it is theirs."""
    bad = {v for u, v, _ in attack.honest if u == EGO and v < attack.n_honest}
    bad = data.draw(st.sets(st.sampled_from(sorted(bad)))) if bad else set()
    sybils = attack.sybils(attack.after)
    kept = [
        (u, v, w)
        for u, v, w in zip(*(part.tolist() for part in attack.after.edges()), strict=True)
        if u in bad or u in sybils or v not in sybils
    ]
    found = attribution(graph_of(attack.after.n, kept), EGO, PARAMS)
    theirs = np.isin(found.sponsors, sorted(bad))
    assert not by_last_friend(found)[sybils][:, ~theirs].any()


@given(graphs(), st.sampled_from([1, 2, 64]))
def test_C2_rows_sum_like_those_of_phi(graph: Digraph, max_sponsors: int) -> None:
    found = attribution(graph, EGO, TrustParams(max_sponsors=max_sponsors))
    credited = by_last_friend(found)
    assert (credited >= 0).all()
    np.testing.assert_allclose(credited.sum(axis=1), found.phi.sum(axis=1), rtol=1e-12)


@given(graphs())
def test_C3_a_friend_is_credited_all_of_itself(graph: Digraph) -> None:
    found = attribution(graph, EGO, PARAMS)
    own = by_last_friend(found)[found.sponsors]
    np.testing.assert_allclose(own, np.diag(found.tau[found.sponsors]), atol=1e-15)


@given(graphs())
def test_where_friends_do_not_meet_it_is_phi_itself(graph: Digraph) -> None:
    """No edge leads to a friend but from the ego, and none back to the ego."""
    friends = set(graph.friends(EGO).tolist())
    edges = zip(*(part.tolist() for part in graph.edges()), strict=True)
    apart = [(u, v, w) for u, v, w in edges if u == EGO or v not in friends | {EGO}]
    found = attribution(graph_of(graph.n, apart), EGO, PARAMS)
    np.testing.assert_allclose(by_last_friend(found), found.phi, atol=NEAR)
