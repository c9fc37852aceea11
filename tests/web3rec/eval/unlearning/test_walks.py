"""U1 for the graph part: forgetting gives the snapshot built without, bit for bit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web3rec.eval.unlearning.towns import town
from web3rec.eval.unlearning.held import Held
from web3rec.eval.unlearning.walks import BETA, Walker, forget, learnt

TOWN = town(users=100)


def test_a_hand_case() -> None:
    """0 has a and b, 1 has b and c. From a one goes to 0, and on to b with 1/2; b is had by 2."""
    walker = Walker.of(learnt(Held.of([0, 0, 1, 1], [0, 1, 1, 2], 2, 4)))
    past = Held.of([0], [0], 1, 4).matrix()
    assert np.allclose(walker.scores(past), [[0, 0.5 / 2**BETA, 0, 0]])
    past = Held.of([0], [1], 1, 4).matrix()
    assert np.allclose(walker.scores(past), [[0.25, 0, 0.25, 0]])


@pytest.mark.slow
@given(
    script=st.lists(
        st.sets(st.sampled_from(TOWN.codes.tolist()), min_size=1, max_size=40), max_size=5
    ),
    people=st.sets(st.integers(0, TOWN.n_users - 1), max_size=5),
)
def test_U1_it_is_the_snapshot_built_without_bit_for_bit(
    script: list[set[int]], people: set[int]
) -> None:
    graph, rest = learnt(TOWN), TOWN
    wishes = [TOWN.only(np.array(sorted(wish))) for wish in script]
    wishes.append(TOWN.by(np.isin(np.arange(TOWN.n_users), sorted(people))))
    for gone in wishes:
        graph, rest = forget(graph, gone), rest.less(gone)
        assert graph.same(learnt(rest))


def test_what_differs_is_not_the_same() -> None:
    assert not learnt(TOWN).same(learnt(TOWN.less(TOWN.only(TOWN.codes[:1]))))
