"""What a history looks like beside the others: by hand, by brute force, by law."""

from math import log, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from tests.web3rec.distill.calibration.crowds import profiles, tastes
from web3rec.adapters import Act, Dataset
from web3rec.distill.calibration import Profiles
from web3rec.distill.calibration.statistics import ECHO, FAINT, NAMES, TWINS, statistics
from web3rec.errors import DataError
from web3rec.types import Event, Item, ItemId, Millis


def column(found: np.ndarray, name: str) -> np.ndarray:
    return np.asarray(found[:, NAMES.index(name)])


def test_profiles_are_what_was_not_local_oldest_first() -> None:
    acts = (
        Act("b", ItemId("y"), Event.LISTEN, 1, Millis(5)),
        Act("b", ItemId("x"), Event.LISTEN, 1, Millis(3)),
        Act("b", ItemId("y"), Event.LISTEN, 1, Millis(1)),
        Act("a", ItemId("z"), Event.SKIP, 1, Millis(1)),
        Act("c", ItemId("z"), Event.LIKE, 1, Millis(1)),
    )
    goods = tuple(Item(ItemId(name)) for name in "xyz")
    found = Profiles.of(Dataset("d", ("a", "b", "c"), goods, acts, ()))
    assert found.people == ("b", "c")
    assert found.items.tolist() == [0, 1, 2]
    assert found.starts.tolist() == [0, 2, 3]
    assert found.timed
    with pytest.raises(DataError, match="nobody"):
        Profiles.of(Dataset("d", ("a",), goods, acts[3:4], ()))


def test_by_hand() -> None:
    """0 has a, b; 1 has a, b, c; 2 has c. Of 0 the others hold a once and b once, together once."""
    found, echoes = statistics(
        profiles([np.array(r, np.int32) for r in ([0, 1], [0, 1, 2], [2])], 3)
    )
    assert column(found, "length").tolist() == [log(2), log(3), 0]
    assert column(found, "popular").tolist() == [0, 0, 0]
    fits = [1.0, 1 / 3, 0.0]  # of 1: a and b go together, c with neither: (1/2 + 1/2 + 0) / 3
    assert_allclose(column(found, "cohesion"), np.log(np.array(fits) + FAINT))
    assert_allclose(column(found, "twin"), [1, 2 / 3, 1])
    assert_allclose(column(found, "alike"), [2 / sqrt(6), 2 / sqrt(6), 1 / sqrt(3)])
    assert_array_equal(column(found, "strides"), 0)
    assert echoes.tolist() == [1, 1, 0]  # cosine of 0 and 1: .82; of 1 and 2: .58


def test_neighbours_in_time_that_go_together_make_short_strides() -> None:
    """Everybody has 0 and 1 or 2 and 3; two people have all four, in two orders."""
    rows = [[0, 1]] * 5 + [[2, 3]] * 5 + [[0, 1, 2, 3], [0, 2, 1, 3]]
    found, echoes = statistics(profiles([np.array(r, np.int32) for r in rows], 4, timed=True))
    assert echoes[:10].tolist() == [6.0] * 5 + [6.0] * 5
    near, far = column(found, "strides")[-2:]
    assert near > far


rows = st.lists(
    st.lists(st.integers(0, 9), min_size=1, max_size=6, unique=True), min_size=1, max_size=8
).map(lambda found: [np.array(row, np.int32) for row in found])


@given(rows)
def test_fits_and_twins_are_what_counting_gives(drawn: list[np.ndarray]) -> None:
    found, echoes = statistics(profiles(drawn, 10))
    held = np.zeros((len(drawn), 10))
    for n, row in enumerate(drawn):
        held[n, row] = 1
    rare = np.log1p(len(drawn) / np.maximum(1, held.sum(axis=0)))
    for n, row in enumerate(drawn):
        others = np.delete(held, n, axis=0)
        degree = np.maximum(1, others.sum(axis=0))
        fits: list[float] = []
        for i in row:
            rest = [j for j in row if j != i]
            near = [float(others[:, i] @ others[:, j]) / sqrt(degree[i] * degree[j]) for j in rest]
            fits.append(sum(near) / max(1, len(rest)))
        assert column(found, "cohesion")[n] == pytest.approx(log(np.mean(fits) + FAINT), abs=1e-6)
        low = np.quantile(np.log(np.array(fits) + FAINT), 0.1)
        assert column(found, "misfit")[n] == pytest.approx(low, abs=1e-6)
        cosine = others @ (held[n] * rare) / np.sqrt((others @ rare) * (held[n] @ rare))
        assert echoes[n] == (cosine >= ECHO).sum()
        shares = np.sort(others @ (held[n] * rare) / (held[n] @ rare))[::-1]
        assert column(found, "twin")[n] == pytest.approx(shares[0] if shares.size else 0)
        most = shares[:TWINS].mean() if shares.size else 0
        assert column(found, "twins")[n] == pytest.approx(most)


@given(rows, st.integers(0, 100))
def test_it_does_not_matter_who_is_named_first(drawn: list[np.ndarray], seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(drawn))
    before, echoes = statistics(profiles(drawn, 10))
    after, turned = statistics(profiles([drawn[n] for n in order], 10))
    assert_allclose(after, before[order], atol=1e-9)
    assert_array_equal(turned, echoes[order])


def test_more_people_than_are_laid_out_at_a_time_are_the_same_people() -> None:
    rng = np.random.default_rng(0)
    many = tastes(300, 40, rng)
    found, echoes = statistics(profiles(many, 40))
    turned, again = statistics(profiles(many[::-1], 40))
    assert_array_equal(again, echoes[::-1])
    assert_allclose(found, turned[::-1], atol=1e-9)
