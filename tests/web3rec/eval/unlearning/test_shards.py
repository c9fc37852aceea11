"""SISA: recorded membership, only what is touched is trained, the same as training all."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web3rec.eval.unlearning.towns import town
from web3rec.errors import ParamError
from web3rec.eval.unlearning.closed_form import ClosedForm, learnt
from web3rec.eval.unlearning.held import Held
from web3rec.eval.unlearning.shards import Membership, trained

TOWN = town()


def five(held: Held) -> ClosedForm:
    return learnt(held, 5.0)


def test_everybody_is_in_one_shard_and_shards_are_even() -> None:
    where = Membership.drawn(41, 4, np.random.default_rng(0))
    assert sorted(np.bincount(where.shard).tolist()) == [10, 10, 10, 11]
    later = where.wider(45)
    assert np.array_equal(later.shard[:41], where.shard), "membership never changes"
    assert later.shard[41:].tolist() == [1, 2, 3, 0]
    with pytest.raises(ParamError, match="shards"):
        Membership.drawn(3, 4, np.random.default_rng(0))


def test_one_shard_is_one_model() -> None:
    where = Membership.drawn(TOWN.n_users, 1, np.random.default_rng(0))
    past = TOWN.matrix()
    assert np.array_equal(trained(TOWN, where, five).scores(past), learnt(TOWN, 5.0).scores(past))


@pytest.mark.slow
@given(st.sets(st.integers(0, TOWN.n_users - 1), min_size=1, max_size=6))
def test_U1_training_the_touched_shards_equals_training_all(people: set[int]) -> None:
    where = Membership.drawn(TOWN.n_users, 4, np.random.default_rng(1))
    old = dict(enumerate(trained(TOWN, where, five).models))
    gone = TOWN.by(np.isin(np.arange(TOWN.n_users), sorted(people)))
    rest, touched = TOWN.less(gone), where.touched(gone)
    assert set(touched) == {int(where.shard[user]) for user in people}
    some, all_ = trained(rest, where, five, touched, old), trained(rest, where, five)
    for one, other in zip(some.models, all_.models, strict=True):
        assert isinstance(one, ClosedForm)
        assert isinstance(other, ClosedForm)
        assert np.array_equal(one.inverse, other.inverse)
    kept = [n for n in range(4) if n not in touched]
    assert all(some.models[n] is old[n] for n in kept)
