"""A hybrid whose last layer is learnt, and nothing else."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web3rec.embeddings.test_tables import keys
from tests.web3rec.rerank.tables import drawn
from web3rec.embeddings.head import FADES, HeadParams, Vectored, attending, inputs, learnt, read
from web3rec.embeddings.tables import EXTRA, Table
from web3rec.errors import DataError, ParamError
from web3rec.rerank.bundle.hybrid import SCALARS, HybridWeights, scores
from web3rec.rerank.features import NAMES, Content, Features
from web3rec.rerank.gate import gain
from web3rec.rerank.linear import Example
from web3rec.rerank.model import ModelError

AXES = np.array([[4, 0], [0, 4], [1, 0], [0, 1], [2, 0], [0, 2]], np.float32)
"""Even items lie one way, odd ones another; the first two are the loudest."""


def asked(
    rng: np.random.Generator,
    items: Sequence[int],
    history: Sequence[int],
    newer: Sequence[int] | None = None,
) -> Features:
    plain, names = drawn(rng, len(items)), keys(256)
    content = Content(
        tuple(names[n] for n in items),
        tuple(names[n] for n in history),
        np.array(newer if newer is not None else [0] * len(history), np.float64),
    )
    return Features(plain.values, plain.order, content)


def test_a_past_counts_by_direction_and_not_by_length() -> None:
    """Of items of length 4 and 1 at right angles, what is attended to lies half way.

    Shares are 1/5 and 4/5, so it is (4, 0) / 5 + (0, 4) / 5, in fourths of the largest number; a
    candidate of length 2 is .5 long.
    """
    table = Table.of(keys(6), AXES)
    told = inputs(asked(np.random.default_rng(0), [4, 5], [0, 3]), table)
    z = read(attending(table, 0.0), told)[:, len(NAMES) :]
    near = z[:, 0] - z[:, 3] - z[:, 4]  # without what the 1 and the logarithm add
    assert near == pytest.approx(np.array([0.1, 0.1]), abs=0.01)


def test_newer_acts_count_for_more_if_they_are_to() -> None:
    table = Table.of(keys(6), AXES)
    told = inputs(asked(np.random.default_rng(0), [4, 5], [2, 3], [0, 10]), table)
    near, far = (read(attending(table, fade), told)[:, len(NAMES)] for fade in (0.0, 0.4))
    assert near[0] == pytest.approx(near[1], abs=0.01)
    assert far[0] > far[1] + 0.05


@given(st.integers(0, 2**32), st.sampled_from(FADES))
def test_what_is_read_times_the_last_layer_is_what_a_bundle_computes(
    seed: int, fade: float
) -> None:
    rng = np.random.default_rng(seed)
    table = Table.of(keys(9), rng.normal(size=(9, 5)).astype(np.float32))
    features = asked(rng, [0, 1, 12, 3], [4, 5, 13, 6], sorted(rng.integers(0, 9, 4)))
    bare = attending(table, fade)
    count = len(NAMES) + SCALARS + EXTRA
    skip = rng.normal(size=(count, 1)).astype(np.float32)
    weights = HybridWeights.of({**bare.arrays(), "skip": skip})
    told = inputs(features, table)
    found = Vectored(weights, table).scores(features)
    assert found == pytest.approx(read(bare, told) @ skip[:, 0].astype(float), abs=1e-3)
    assert found == pytest.approx(scores(weights, *told).astype(float), abs=1e-5)


def lessons(count: int, seed: int) -> list[Example]:
    """What people go on to do is of the kind they have; columns say nothing."""
    rng = np.random.default_rng(seed)
    found = []
    for n in range(count):
        items = rng.permutation(np.arange(40, 80))[:12]
        past = np.arange(40)[np.arange(40) % 2 == n % 2]
        hits = items % 2 == n % 2
        if hits.any() and not hits.all():
            found.append(
                Example(asked(rng, items.tolist(), rng.permutation(past)[:5].tolist()), hits)
            )
    return found


def crowds(seed: int) -> Table:
    rng = np.random.default_rng(seed)
    base = np.where(np.arange(80)[:, None] % 2 == 0, [1.0, 0.2, 0], [0.2, 1.0, 0])
    return Table.of(keys(80), (base + 0.3 * rng.normal(size=(80, 3))).astype(np.float32))


def test_a_head_learns_what_vectors_know() -> None:
    """Judged on lists it has not seen, against an order that was drawn."""
    table = crowds(0)
    head = Vectored(learnt(lessons(40, 0), table, HeadParams()), table)
    assert np.mean([gain(head, example) for example in lessons(40, 1)]) > 0.2


def test_a_column_that_is_not_to_be_read_has_no_weight() -> None:
    table, told = crowds(0), lessons(20, 0)
    free = learnt(told, table, HeadParams()).skip[:, 0]
    shut = learnt(told, table, HeadParams(unread=("trust", "next"))).skip[:, 0]
    places = [NAMES.index("trust"), NAMES.index("next")]
    assert (free[places] != 0).all()
    assert shut[places].tolist() == [0, 0]


def test_the_same_lists_in_another_order_make_the_same_head() -> None:
    table, told = crowds(0), lessons(20, 0)
    one, two = (learnt(each, table, HeadParams()).skip for each in (told, told[::-1]))
    assert one == pytest.approx(two, abs=1e-3)


def test_where_times_are_known_how_fast_the_past_fades_is_chosen() -> None:
    """Only the newest says what comes: the fastest fading is taken."""
    rng, found = np.random.default_rng(0), []
    for n in range(40):
        items = np.arange(40, 52)
        past = [n % 2, *(int(x) for x in rng.integers(2, 40, 6))]
        found.append(
            Example(asked(rng, items.tolist(), past, range(0, 70, 10)), items % 2 == n % 2)
        )
    assert learnt(found, crowds(0), HeadParams()).decay[0] == np.float32(FADES[-1])


def test_whoever_has_nothing_known_is_ranked_by_columns() -> None:
    table = crowds(0)
    head = Vectored(learnt(lessons(20, 0), table, HeadParams()), table)
    found = head.scores(asked(np.random.default_rng(0), [41, 42], [200, 201]))
    assert np.isfinite(found).all()
    assert head.scores(asked(np.random.default_rng(0), [], [])).size == 0


def test_what_cannot_be_read_is_said() -> None:
    table = crowds(0)
    with pytest.raises(ModelError, match="not told which items"):
        inputs(drawn(np.random.default_rng(0), 2), table)
    with pytest.raises(DataError, match="no lists"):
        learnt([], table, HeadParams())
    with pytest.raises(ParamError, match="unread"):
        HeadParams(unread=("nothing",))
    with pytest.raises(ParamError, match="l2"):
        HeadParams(l2=0)
