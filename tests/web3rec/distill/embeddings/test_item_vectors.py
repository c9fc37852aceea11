"""Vectors of a data set's items."""

import numpy as np
import pytest

from tests.web3rec.eval.towns import town
from web3rec.distill.embeddings.item_vectors import ItemVectors
from web3rec.embeddings.fitting import FittingParams
from web3rec.embeddings.propagation import unit
from web3rec.errors import DataError
from web3rec.store import key_of
from web3rec.types import ItemId

PARAMS = FittingParams(width=6, epochs=20, batch=8, rate=0.03)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_what_is_hidden_leaves_no_trace() -> None:
    """To the bit: with a person's item hidden, as if the person had never had it."""
    data = town()
    person, item = data.acts[0].user, data.acts[0].item
    hidden = ItemVectors.of(data, PARAMS, rng(), hidden={person: [item]})
    never = type(data)(
        data.name,
        data.people,
        data.items,
        tuple(act for act in data.acts if (act.user, act.item) != (person, item)),
        (),
    )
    assert hidden.vectors.tobytes() == ItemVectors.of(never, PARAMS, rng()).vectors.tobytes()
    assert hidden.vectors.tobytes() != ItemVectors.of(data, PARAMS, rng()).vectors.tobytes()


def test_a_fit_on_more_acts_lies_in_the_basis_of_the_first() -> None:
    data = town(people=40, items=30)
    hidden = {person: [data.acts[8 * n].item] for n, person in enumerate(data.people)}
    before = ItemVectors.of(data, PARAMS, rng(), hidden=hidden)
    after, apart = before.again(data, PARAMS, rng(1)), ItemVectors.of(data, PARAMS, rng(1))

    def near(other: ItemVectors) -> float:
        both = [n for n, item in enumerate(other.ids) if item in before.place]
        old = before.vectors[[before.place[other.ids[n]] for n in both]]
        return float((unit(other.vectors[both]) * unit(old)).sum(axis=1).mean())

    assert near(after) > 0.7
    assert near(apart) < near(after) - 0.2


def test_turning_changes_no_inner_product() -> None:
    data = town()
    found = ItemVectors.of(data, PARAMS, rng())
    params = FittingParams(width=6, epochs=1, batch=8)
    again = found.again(data, params, rng(1))
    plain = ItemVectors.of(data, params, rng(1), start=found)
    assert again.vectors @ again.vectors.T == pytest.approx(
        plain.vectors @ plain.vectors.T, abs=1e-4
    )


def test_bundles_know_them_by_the_stores_keys() -> None:
    found = ItemVectors.of(town(), PARAMS, rng())
    _, known = found.table().vectors.of([key_of(item) for item in found.ids])
    assert known.all()


def test_a_past_comes_to_the_mean_of_its_directions() -> None:
    found = ItemVectors.of(town(), PARAMS, rng())
    one, two = found.ids[:2]
    want = (unit(found.vectors[:1])[0] + unit(found.vectors[1:2])[0]) / 2
    assert found.towards([one, ItemId("nowhere"), two]) == pytest.approx(want, abs=1e-6)
    assert found.towards([ItemId("nowhere")]) is None


def test_what_does_not_fit_together_is_said() -> None:
    found = ItemVectors.of(town(), PARAMS, rng())
    with pytest.raises(DataError, match="width 4"):
        ItemVectors.of(town(), FittingParams(width=4, epochs=1), rng(), start=found)
