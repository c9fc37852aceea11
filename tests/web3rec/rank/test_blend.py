"""Sources blended: nothing lost, nothing twice, and everybody still paid for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web3rec.worlds import Siege, item, sieges
from web3rec.params import Params, SourceParams
from web3rec.pipeline import Request, listing
from web3rec.rank.admission import Mode
from web3rec.rank.blend import blended
from web3rec.rank.candidates import best
from web3rec.rank.sources import Chorus, WordIndex, alone
from web3rec.rank.sources.voices import Voices
from web3rec.types import Item, Weights

ALL = Params(sources=SourceParams(alike=1, words=1, interests=1, fresh=1))
INDEX = WordIndex.of(
    {item(n): Item(f"x:{n}", tags=("jazz",) if n % 2 else ("rock",)) for n in range(60)},
    ALL.sources,
)
"""Everything is described, spam as well."""
modes = st.sampled_from(list(Mode))
values = st.sampled_from([0.0, 0.0, 0.25, 0.5, 1.0, 3.0])


def source(name: str, scores: Weights) -> Chorus:
    return alone(Voices(name, np.zeros(2), scores, np.ones(len(scores))))


def test_a_blend_by_hand() -> None:
    """Item 2 is not allowed, so the best of the first is item 0, of the second item 1."""
    one, two = source("one", np.array([4.0, 1.0, 8.0])), source("two", np.array([0.0, 0.5, 1.0]))
    allowed = np.array([True, True, False])
    found = blended([(one, 1.0), (two, 0.5)], allowed)
    assert found.scores == pytest.approx([1, 0.25 + 0.5, 3])
    assert found.names(np.arange(3, dtype=np.int32)) == ("one", "two", "one")


def test_whoever_is_alone_keeps_its_scores() -> None:
    one, silent = source("one", np.array([4.0, 1.0])), source("two", np.zeros(2))
    allowed = np.ones(2, np.bool_)
    assert blended([(one, 0.3), (silent, 1.0)], allowed) is one
    assert blended([(one, 0.0), (silent, 1.0)], allowed).voices == ()


@given(st.lists(st.tuples(st.lists(values, min_size=7, max_size=7), values), max_size=4), st.data())
def test_M6_a_blend_is_a_permutation_of_what_was_offered(
    said: list[tuple[list[float], float]], data: st.DataObject
) -> None:
    allowed = np.array(data.draw(st.lists(st.booleans(), min_size=7, max_size=7)), np.bool_)
    sources = [(source(str(n), np.array(x)), weight) for n, (x, weight) in enumerate(said)]
    found = blended(sources, allowed)
    offered = {
        i
        for chorus, weight in sources
        if weight > 0 and chorus.scores[allowed].any()
        for i in np.flatnonzero((chorus.scores > 0) & allowed).tolist()
    }
    order = best(found.scores, allowed, 7).tolist()
    assert len(order) == len(set(order))
    assert set(order) == offered


@given(sieges(), modes)
def test_M6_a_list_of_all_sources_holds_what_any_has_once(siege: Siege, mode: Mode) -> None:
    """Without budgets a long list is a permutation of all that anybody admitted holds."""
    view = siege.world.view(mode, ALL)
    found = listing(view, Request(1000, frozenset(), words=("jazz",)), {}, ALL, INDEX)
    keys = [entry.key for entry in found.entries]
    assert len(keys) == len(set(keys))
    spoken = np.flatnonzero(view.popularity().scores > 0)
    reached = {view.snapshot.items.terms[int(i)] for i in spoken} - siege.world.own()
    assert set(keys) <= reached
    if mode is not Mode.CLOSED:
        assert set(keys) == reached


@given(sieges(), modes, st.sampled_from([0.0, 1.0]))
def test_M4_contributions_sum_to_the_score_with_all_sources(
    siege: Siege, mode: Mode, alike: float
) -> None:
    params = Params(sources=SourceParams(alike=alike, words=1, interests=1, fresh=1))
    view = siege.world.view(mode, params)
    request = Request(20, frozenset(), words=("jazz", "rock"))
    for entry in listing(view, request, {}, params, INDEX).entries:
        total = sum(part.amount for part in entry.contributions)
        assert total == pytest.approx(entry.score, rel=1e-9)
        assert entry.source in {"taste", "alike", "words", "interest", "fresh", "popular"}
