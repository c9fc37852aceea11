"""Trust that is kept: from scratch to the bit on small graphs, to 1e-9 on large ones."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web3rec import worlds
from tests.web3rec.devices import FRIENDS, STRANGERS, said, settled
from tests.web3rec.worlds import EGO, PARAMS, TRUST, peer, trusting
from trust import Attribution, attribution
from web3rec import Mode
from web3rec.graph import Act, Snapshot, snapshot
from web3rec.heard import Heard
from web3rec.types import Indices

PEOPLE = range(7)


@st.composite
def moments(draw: st.DrawFn) -> tuple[Snapshot, Indices]:
    """A graph, and whom the ego blocks in it."""
    edges = trusting(draw(worlds.edges(PEOPLE, PEOPLE, max_size=20)))
    acts: list[Act] = draw(worlds.acts(PEOPLE, range(3), max_size=6))
    graph = snapshot(acts, edges, EGO, {}, PARAMS.window)
    blocked = draw(st.lists(st.sampled_from(PEOPLE[1:]), max_size=2, unique=True))
    return graph, graph.users.numbers(sorted(peer(n) for n in blocked))


def scratch(graph: Snapshot, silenced: Indices) -> Attribution:
    return attribution(graph.trust, graph.ego, TRUST, silenced.tolist())


def bits(found: Attribution) -> list[bytes]:
    return [a.tobytes() for a in (found.tau, found.phi, found.shares, found.friends)]


@given(st.lists(moments(), min_size=1, max_size=4))
def test_a_small_graphs_trust_is_the_one_from_scratch_to_the_bit(
    story: list[tuple[Snapshot, Indices]],
) -> None:
    heard = Heard(TRUST)
    for graph, silenced in story:
        for _ in range(2):
            assert bits(heard.of(graph, silenced)) == bits(scratch(graph, silenced))


@given(st.lists(moments(), min_size=1, max_size=4))
def test_a_large_graphs_trust_is_the_one_from_scratch_within_both_tolerances(
    story: list[tuple[Snapshot, Indices]],
) -> None:
    heard = Heard(TRUST, small=0)
    for graph, silenced in story:
        found, wanted = heard.of(graph, silenced), scratch(graph, silenced)
        assert np.abs(found.tau - wanted.tau).sum() <= 1e-9
        assert np.abs(found.phi - wanted.phi).sum() <= 1e-9
        np.testing.assert_array_equal(found.friends, wanted.friends)
    heard.drop()
    assert bits(heard.of(*story[-1])) == bits(scratch(*story[-1]))


def test_what_people_do_with_items_is_no_reason_to_walk_again(tmp_path: Path) -> None:
    with settled(tmp_path) as rec:
        before = rec.view().trust
        rec.log.ingest(said(FRIENDS[2], [7], first=50))
        after = rec.view().trust
        assert after is before
        assert rec.view(Mode.OPEN).trust is before
        rec.log.ingest(said(FRIENDS[2], [], [STRANGERS[0]], first=60))
        assert rec.view().trust.tau != pytest.approx(before.tau)
        known = rec.view().trust
        rec.forget(item="trk:1")
        assert rec.view().trust is known
        rec.log.forget_peer(STRANGERS[2].peer)
        rec._drop_derived()
        assert rec.view().trust is not known
        assert bits(rec.view().trust) == bits(known)
