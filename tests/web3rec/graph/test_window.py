"""From snapshot to snapshot: whatever happened in between, the same bits as built whole."""

from collections.abc import Collection

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web3rec import worlds
from tests.web3rec.graph.snapshots import assert_same
from tests.web3rec.worlds import EGO, NOON, PARAMS, item, listens, peer, trusting
from web3rec.graph import Act, Acts, Endorsement, Endorsements, Snapshot, Vocab, snapshot
from web3rec.graph.window import Said, changed, nothing
from web3rec.params import WindowParams
from web3rec.records.model import DAY
from web3rec.types import ItemKey, Millis, PeerId

WINDOW = PARAMS.window
PEOPLE, ITEMS = range(6), range(6)

Told = tuple[list[Act], list[Endorsement]]
"""All that one author says"""


def said(told: dict[PeerId, Told], who: Collection[PeerId], params: WindowParams = WINDOW) -> Said:
    """What these authors say, of all that is said."""
    acts = [act for author in who for act in told[author][0]]
    edges = [edge for author in who for edge in told[author][1]]
    return Said.by(Vocab.of(who), Acts.of(acts), Endorsements.of(edges), params)


def whole(
    told: dict[PeerId, Told], touched: dict[ItemKey, Millis], params: WindowParams = WINDOW
) -> Snapshot:
    acts = [act for some, _ in told.values() for act in some]
    edges = [edge for _, some in told.values() for edge in some]
    return snapshot(acts, edges, EGO, touched, params)


@st.composite
def tellings(draw: st.DrawFn) -> dict[PeerId, Told]:
    """Some authors, and all that each says from now on; often nothing."""
    told: dict[PeerId, Told] = {}
    for person in draw(st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=4, unique=True)):
        acts = draw(worlds.acts([person], ITEMS, max_size=6))
        acts = [act._replace(n=draw(st.integers(0, 3))) for act in acts]
        edges = trusting(draw(worlds.edges([person], PEOPLE, max_size=3)))
        aged = [edge._replace(t=NOON - draw(st.integers(0, 900)) * DAY) for edge in edges]
        told[peer(person)] = draw(st.sampled_from([(acts, aged), (acts, []), ([], aged), ([], [])]))
    return told


@given(st.lists(tellings(), min_size=1, max_size=6), st.integers(1, 8), st.data())
def test_a_window_that_was_changed_is_the_window_built_whole(
    changes: list[dict[PeerId, Told]], bound: int, data: st.DataObject
) -> None:
    """The law: acts, expiry, retraction, forgetting, blocks and silence in any sequence."""
    params = WindowParams(per_author=bound)
    told: dict[PeerId, Told] = {}
    graph = nothing(EGO)
    for change in changes:
        told |= change
        own = {act.key for act in told.get(EGO, ([], []))[0]}
        touched = data.draw(worlds.touches(own))
        before = graph.rows.weights.tobytes(), list(graph.users.terms)
        after = changed(graph, said(told, list(change), params), touched)
        assert (graph.rows.weights.tobytes(), list(graph.users.terms)) == before
        assert_same(after, whole(told, touched, params))
        graph = after


def test_one_listener_more_by_hand() -> None:
    """The ego holds item 1; person 2 comes with items 0 and 1, then goes again."""
    alone = changed(nothing(EGO), said({EGO: (listens([(0, 1)]), [])}, [EGO]), {})
    assert (list(alone.users.terms), list(alone.items.terms)) == ([EGO], [item(1)])
    told: dict[PeerId, Told] = {peer(2): (listens([(2, 0), (2, 1)]), trusting([(2, 1, 8)]))}
    both = changed(alone, said(told, list(told)), {})
    assert list(both.users.terms) == [EGO, peer(1), peer(2)]
    assert list(both.items.terms) == [item(0), item(1)]
    assert both.rows.row(2)[1].tolist() == [0.5, 0.5]
    assert both.cols.row(1)[0].tolist() == [0, 2]
    assert both.trust.friends(2).tolist() == [1]
    gone = changed(both, said({peer(2): ([], [])}, [peer(2)]), {})
    assert_same(gone, alone)


def test_nobody_at_all_is_an_ego_alone() -> None:
    assert_same(nothing(EGO), snapshot([], [], EGO, {}, WINDOW))
    assert_same(changed(nothing(EGO), said({}, []), {}), nothing(EGO))


def test_whoever_is_only_trusted_stays_while_somebody_does() -> None:
    told: dict[PeerId, Told] = {peer(1): ([], trusting([(1, 2, 8)])), EGO: ([], [])}
    trusted = changed(nothing(EGO), said(told, list(told)), {})
    assert list(trusted.users.terms) == [EGO, peer(1), peer(2)]
    silent = changed(trusted, said({peer(1): ([], [])}, [peer(1)]), {})
    assert list(silent.users.terms) == [EGO]


@pytest.mark.slow
@pytest.mark.parametrize("n_changed", [1, 40, 190])
def test_a_larger_window_keeps_its_bits(n_changed: int) -> None:
    """Long rows, and everybody's at once: no number may depend on where in an array it stood."""
    rng = np.random.default_rng(n_changed)
    told: dict[PeerId, Told] = {}
    for person in range(190):
        drawn = (rng.integers(low, high, 60) for low, high in ((0, 900), (1, 9), (0, 90 * DAY)))
        acts = [
            Act(peer(person), n, item(int(i)), worlds.KINDS[n % 4], int(w), NOON - int(age))
            for n, (i, w, age) in enumerate(zip(*drawn, strict=True))
        ]
        friends = {int(other) for other in rng.integers(0, 190, 8)} - {person}
        told[peer(person)] = acts, trusting([(person, other, 8) for other in sorted(friends)])
    graph = changed(nothing(EGO), said(told, list(told)), {})
    assert_same(graph, whole(told, {}))
    for number in rng.choice(190, n_changed, replace=False).tolist():
        some, trusts = told[peer(number)]
        told[peer(number)] = some[: int(rng.integers(0, 60))], trusts[1:]
    who = [author for author, (some, _) in told.items() if len(some) < 60]
    assert_same(changed(graph, said(told, who), {}), whole(told, {}))
