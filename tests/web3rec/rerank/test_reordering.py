"""A reranker in the pipeline: scores change places, shares stay, and budgets have the last word."""

from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from tests.web3rec.worlds import PARAMS, Siege, World, item, listens, sieges
from web3rec.errors import ParamError
from web3rec.pipeline import Listing, Request, listing
from web3rec.rank.admission import Mode
from web3rec.rank.sources import Chorus
from web3rec.rank.sources.voices import Voices
from web3rec.rerank.features import Features, Seen
from web3rec.rerank.model import KeepOrder, ModelError, Reranker
from web3rec.rerank.reordering import Reordering, reordered
from web3rec.types import Item, PeerId, Weights
from web3rec.view import View

SLACK = 1e-6
modes = st.sampled_from(list(Mode))


@dataclass
class AtRandom:
    """A model that knows nothing, by a seed."""

    seed: int

    def scores(self, features: Features) -> Weights:
        return np.random.default_rng(self.seed).random(len(features))


@dataclass
class Broken:
    def scores(self, features: Features) -> Weights:
        raise ModelError("cannot")


@dataclass
class Spammer:
    """The worst model there is: whatever the graph put last comes first."""

    asked: list[int] = field(default_factory=list)

    def scores(self, features: Features) -> Weights:
        self.asked.append(len(features))
        return np.arange(len(features), dtype=np.float64)


def asked(view: View, reranker: Reranker | None, limit: int = 20) -> Listing:
    order = None if reranker is None else Reordering(Seen.of(view), reranker)
    return listing(view, Request(limit, frozenset()), {}, PARAMS, reorder=order)


def test_scores_change_places_and_parts_follow_by_hand() -> None:
    """Scores 4, 2, 1 and an item that is not reranked: the last of the three comes first."""
    view = World(listens([(1, 0), (1, 1), (1, 2), (1, 3)])).view(Mode.OPEN)
    scores = np.array([4.0, 2.0, 1.0, 0.5])
    nobody = np.zeros(len(view.snapshot.users))
    voices = (
        Voices("taste", nobody, scores / 4, scores / 4),
        Voices("alike", nobody, 3 * scores / 4, 3 * scores / 4),
    )
    items = np.array([0, 1, 2], np.int32)
    found = reordered(Chorus(voices, scores), items, np.array([2, 0, 1]))
    assert found.scores.tolist() == [2, 1, 4, 0.5]
    assert [v.scores.tolist() for v in found.voices] == [
        [0.5, 0.25, 1, 0.125],
        [1.5, 0.75, 3, 0.375],
    ]
    assert_array_equal(found.voices[0].factor, found.voices[0].scores)


@given(sieges(), modes)
def test_keeping_the_order_changes_nothing_at_all(siege: Siege, mode: Mode) -> None:
    view = siege.world.view(mode)
    assert asked(view, KeepOrder()) == asked(view, None)


@given(sieges(), modes)
def test_X4_a_model_that_breaks_changes_nothing_at_all(siege: Siege, mode: Mode) -> None:
    view = siege.world.view(mode)
    assert asked(view, Broken()) == asked(view, None)


@given(sieges(), st.sampled_from([Mode.OPEN, Mode.FRIENDS]), st.integers(0, 2**32))
def test_M6_without_budgets_a_reranked_list_is_a_permutation_with_the_same_scores(
    siege: Siege, mode: Mode, seed: int
) -> None:
    view = siege.world.view(mode)
    before, after = asked(view, None).entries, asked(view, AtRandom(seed)).entries
    assert {e.key for e in after} == {e.key for e in before}
    assert_allclose([e.score for e in after], [e.score for e in before], rtol=1e-9)


@given(sieges(), modes, st.integers(0, 2**32))
def test_M4_contributions_still_sum_to_the_score(siege: Siege, mode: Mode, seed: int) -> None:
    view = siege.world.view(mode)
    for entry in asked(view, AtRandom(seed)).entries:
        assert sum(c.amount for c in entry.contributions) == pytest.approx(entry.score, abs=1e-9)


@given(sieges(), st.integers(0, 2**32))
def test_what_each_sponsor_stands_behind_is_what_it_stood_behind(siege: Siege, seed: int) -> None:
    """The shares of an item do not depend on where the model put it."""
    view = siege.world.view()
    shares = [
        {
            (e.key, c.sponsor): c.amount / e.score
            for e in asked(view, model, limit=50).entries
            for c in e.contributions
        }
        for model in (None, AtRandom(seed))
    ]
    for key in shares[0].keys() & shares[1].keys():
        assert shares[0][key] == pytest.approx(shares[1][key], abs=1e-7)


@given(sieges(), st.integers(1, 20), st.data())
def test_B1_no_model_buys_captured_friends_more_than_their_bound(
    siege: Siege, limit: int, data: st.DataObject
) -> None:
    """Whatever is put first, some friends pay for no more than the hard budgets let them."""
    view = siege.world.view()
    friends = [PeerId(view.snapshot.users.terms[f]) for f in view.trust.friends.tolist()]
    bad = data.draw(st.sets(st.sampled_from(friends))) if friends else set()
    models: list[Reranker] = [Spammer(), AtRandom(1), AtRandom(2)]
    model = data.draw(st.sampled_from(models))
    found = asked(view, model, limit)
    paid = sum(part for e in found.entries for sponsor, part in e.paid if sponsor in bad)
    assert paid <= view.bound(bad, limit, PARAMS) + SLACK


def test_no_more_than_the_best_are_reranked() -> None:
    view = World(listens([(0, 0), *((1, i) for i in range(9))])).view(Mode.OPEN)
    worst = Spammer()
    order = Reordering(Seen.of(view), worst, candidates=5)
    before = asked(view, None).entries
    after = listing(view, Request(20, frozenset()), {}, PARAMS, reorder=order).entries
    assert worst.asked == [5]
    assert [e.key for e in after] == [e.key for e in [*before[4::-1], *before[5:]]]


def test_what_is_asked_for_in_words_keeps_its_order() -> None:
    view = World(listens([(0, 0), *((1, i) for i in range(9))])).view(Mode.OPEN)
    worst = Spammer()
    catalogue = {item(n): Item("x", title="rain") for n in range(3, 6)}
    request = Request(20, frozenset(), words=("rain",))
    before = listing(view, request, catalogue, PARAMS)
    order = Reordering(Seen.of(view), worst)
    assert listing(view, request, catalogue, PARAMS, reorder=order) == before
    assert worst.asked == []


def test_nothing_to_rerank_is_an_empty_list() -> None:
    assert asked(World(listens([(0, 0)])).view(), Spammer()).entries == ()


def test_at_least_one_candidate_is_reranked() -> None:
    seen = Seen.of(World(listens([(0, 0)])).view())
    with pytest.raises(ParamError, match="candidates"):
        Reordering(seen, KeepOrder(), candidates=0)
