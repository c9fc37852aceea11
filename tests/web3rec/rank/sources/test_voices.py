"""Whoever speaks is paid for: parts against a dense oracle, for one voice and for several."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.web3rec.rank import dense
from tests.web3rec.worlds import Siege, sieges
from web3rec.rank.sources.voices import Chorus, Voices, spoken
from web3rec.types import Weights
from web3rec.view import View


def drawn(data: st.DataObject, length: int, most: float = 1.0) -> Weights:
    values = st.lists(st.floats(0, most), min_size=length, max_size=length)
    return np.array(data.draw(values), np.float64)


def voices(view: View, data: st.DataObject) -> Voices:
    speakers = drawn(data, len(view.snapshot.users))
    factor = drawn(data, len(view.snapshot.items), 3.0)
    return spoken("one", view.snapshot, speakers, factor, held=data.draw(st.booleans()))


def expected(view: View, voice: Voices) -> Weights:
    """float64[items, users]: what each person adds to each score."""
    a = dense.full(view.snapshot.rows)
    said = (a > 0).astype(float) if voice.held else a
    flow: Weights = voice.factor[:, None] * (said * voice.speakers[:, None]).T
    return flow


@given(sieges(), st.data())
def test_parts_are_what_each_sponsors_people_say(siege: Siege, data: st.DataObject) -> None:
    view = siege.world.view()
    voice = voices(view, data)
    items = np.arange(len(view.snapshot.items), dtype=np.int32)
    flow = expected(view, voice)
    np.testing.assert_allclose(voice.scores, flow.sum(axis=1), atol=1e-12)
    paid = flow @ view.sponsor_share
    np.testing.assert_allclose(voice.parts(view.snapshot, items, view.vouching), paid, atol=1e-12)
    for sponsor in range(len(view.sponsors)):
        part = voice.part(view.snapshot, items, view.vouching, sponsor)
        np.testing.assert_allclose(part, paid[:, sponsor], atol=1e-12)


@given(sieges(), st.data())
def test_what_is_affordable_is_what_every_sponsor_can_pay(
    siege: Siege, data: st.DataObject
) -> None:
    view = siege.world.view()
    both = (voices(view, data), voices(view, data))
    chorus = Chorus(both, both[0].scores + both[1].scores)
    items = np.arange(len(view.snapshot.items), dtype=np.int32)
    paid = chorus.parts(view.snapshot, items, view.vouching)
    flow = sum(expected(view, voice) for voice in both)
    np.testing.assert_allclose(paid, flow @ view.sponsor_share, atol=1e-12)

    left = drawn(data, len(view.sponsors))
    fits = np.isin(items, chorus.affordable(view.snapshot, items, view.vouching, left))
    over = (paid - left * chorus.scores[:, None]).max(axis=1, initial=-1)
    clear = np.abs(over) > 1e-12
    np.testing.assert_array_equal(fits[clear], over[clear] < 0)
    some = items[::2]
    kept = chorus.affordable(view.snapshot, some, view.vouching, left)
    assert kept.tolist() == some[fits[::2]].tolist()


def test_an_item_is_named_after_the_source_that_says_most() -> None:
    nobody = np.zeros(1)
    loud = Voices("loud", nobody, np.array([2.0, 1.0, 1.0]), np.ones(3))
    soft = Voices("soft", nobody, np.array([1.0, 1.0, 1.5]), np.ones(3))
    both = Chorus((loud, soft), loud.scores + soft.scores)
    assert both.names(np.arange(3, dtype=np.int32)) == ("loud", "loud", "soft")
    assert Chorus((), np.zeros(3)).names(np.arange(2, dtype=np.int32)) == ("", "")
