"""Who stands where, and what the mean of heads is."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from web3rec.distill.shards import HELD, ShardsPart, mean, place
from web3rec.errors import ParamError
from web3rec.rerank.features import NAMES, Features
from web3rec.rerank.linear import Linear


@given(st.text(), st.integers(0, 9), st.integers(1, 64))
def test_a_place_hangs_on_the_name_and_the_seed_alone(name: str, seed: int, count: int) -> None:
    found = place(name, seed, 0.5, count)
    assert found == place(name, seed, 0.5, count)
    assert (found.share < 0.5) == (found.shard == HELD)
    assert found.shard < count


def test_people_are_dealt_evenly() -> None:
    """4,000 people, half of them held: the rest 500 a shard, give or take five deviations."""
    count = Counter(place(f"p{n}", 0, 0.5, 4).shard for n in range(4_000))
    assert set(count) == {HELD, 0, 1, 2, 3}
    assert all(abs(count[n] - 500) < 5 * np.sqrt(4_000 * 0.125 * 0.875) for n in range(4))


@given(st.integers(0, 100))
def test_the_mean_head_scores_as_the_heads_do_on_the_whole(seed: int) -> None:
    """But for a number the same for all of a list, which no order hangs on."""
    rng, size = np.random.default_rng(seed), len(NAMES)
    heads = [
        Linear(rng.normal(size=size), rng.normal(size=size), rng.uniform(0.5, 2, size))
        for _ in range(3)
    ]
    values = rng.normal(size=(7, size)).astype(np.float32)
    table = Features(values, np.arange(7, dtype=np.int64))
    wanted = sum(n * head.scores(table) for n, head in zip((1, 2, 3), heads, strict=True)) / 6
    apart = mean(heads, (1, 2, 3)).scores(table) - wanted
    np.testing.assert_allclose(apart, apart[0], atol=1e-12)
    one = mean(heads[:1], (5,))
    np.testing.assert_allclose(one.weights, heads[0].weights, rtol=1e-15)


def test_what_everybody_has_a_part_in_is_not_to_be_had_with_shards() -> None:
    part = ShardsPart(count=2)
    part.alone("linear", "none", [])
    for wrong in (("hybrid", "none", []), ("linear", "svd", []), ("linear", "none", ["crowd"])):
        with pytest.raises(ParamError, match="with shards: everybody has a part"):
            part.alone(*wrong)
    for count in (0, 65, True):
        with pytest.raises(ParamError, match="from 1 to 64"):
            ShardsPart(count=count)
