"""Weights: soft, never 0, at most a third below one half; attackers fall further than others."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import SHARED_DATA
from tests.web3rec.distill.calibration.crowds import profiles, tastes
from tests.web3rec.eval.towns import town
from web3rec.adapters import Act, read_movielens
from web3rec.distill.calibration import CalibrationParams, calibrated, heard, trust_of, votes
from web3rec.distill.calibration.weighing import soft
from web3rec.errors import DataError, ParamError
from web3rec.eval.arena import Arena
from web3rec.types import Event, Indices, ItemId

doubts = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40).map(np.array)
shares = st.floats(0, 1 / 3)


def test_soft_weights_by_hand() -> None:
    """Of four people one may be flagged: the second most doubted is the middle, weight one half."""
    found = soft(np.array([0.0, 1.0, 2.0, 3.0]), CalibrationParams(flagged=0.25, sharp=1))
    assert found == pytest.approx([1 / (1 + np.exp(-2)), 1 / (1 + np.exp(-1)), 0.5, 0.2689414])
    least = soft(np.array([0.0, 1.0, 99.0]), CalibrationParams(flagged=1 / 3))
    assert least[2] == CalibrationParams().least


@given(doubts, shares, st.floats(0.1, 10))
def test_at_most_a_third_is_flagged_whatever_is_doubted(
    doubt: np.ndarray, flagged: float, sharp: float
) -> None:
    params = CalibrationParams(flagged=flagged, sharp=sharp)
    found = soft(doubt, params)
    assert (found < 0.5).sum() <= flagged * len(doubt) <= len(doubt) / 3
    assert (found > 0).all()
    assert (found <= 1).all()
    order = np.argsort(doubt)
    assert (np.diff(found[order]) <= 0).all()
    assert found[doubt == doubt[0]].tolist() == [found[0]] * int((doubt == doubt[0]).sum())


def test_votes_by_hand() -> None:
    """Weights .25 and .75; who was not weighed counts as the mean, .5; all brought to mean 1."""
    assert votes(["a", "b", "c"], {"a": 0.25, "b": 0.75}).tolist() == [0.5, 1.5, 1.0]
    assert votes([], {"a": 0.5}).tolist() == []
    assert votes(["a"], {}).tolist() == [1.0]
    with pytest.raises(ParamError, match="weights"):
        votes(["a"], {"a": 0.0})


def test_who_counts_less_than_half_is_not_heard_and_numbers_stay() -> None:
    here = town()
    found = heard(here, {"p0": 0.49, "p1": 0.5, "stranger": 0.1})
    assert {act.user for act in here.acts} - {act.user for act in found.acts} == {"p0"}
    assert (found.people, found.items, found.trust) == (here.people, here.items, here.trust)
    assert heard(here, {"p0": 0.49}, least=0.2) == here
    with pytest.raises(ParamError, match="least"):
        heard(here, {}, least=0.0)


CROWD = tastes(120, 150, np.random.default_rng(7))


@pytest.mark.parametrize("style", ["random", "one template", "copies"])
def test_whoever_pushes_items_counts_less_than_the_crowd(style: str) -> None:
    rng = np.random.default_rng(8)
    template = rng.choice(100, size=12, replace=False)
    fakes: list[Indices] = []
    for n in range(10):
        drawn = rng.choice(100, size=12, replace=False)
        filler: Indices = {
            "random": drawn.astype(np.int32),
            "one template": template.astype(np.int32),
            "copies": CROWD[n][:8],
        }[style]
        own = filler[~np.isin(filler, [140, 141])]
        fakes.append(np.append(own, [140, 141]).astype(np.int32))
    found = calibrated(profiles(CROWD + fakes, 150))
    assert np.median(found.weights[120:]) < 0.6 * np.median(found.weights[:120])
    assert found.flagged <= 130 / 3


def test_the_same_data_gives_the_same_weights_and_another_seed_others() -> None:
    crowd = profiles(CROWD, 150)
    first, again = calibrated(crowd), calibrated(crowd)
    assert first.weights.tobytes() == again.weights.tobytes()
    assert list(first.by_person) == list(crowd.people)
    other = calibrated(crowd, CalibrationParams(seed=1))
    assert first.weights.tobytes() != other.weights.tobytes()
    said = first.manifest()
    assert said["people"] == 120
    assert said["flagged"] == first.flagged <= 40


def test_whom_nobody_trusts_is_doubted_more_and_whom_one_trusts_no_more() -> None:
    crowd = profiles(CROWD, 150)
    plain = calibrated(crowd)
    trusted = dict.fromkeys(crowd.people[:60], 0.01)
    found = calibrated(crowd, trust=trusted)
    assert (found.doubt[:60] == plain.doubt[:60]).all()
    assert found.doubt[60:] == pytest.approx(plain.doubt[60:] + CalibrationParams().trust)
    assert found.flagged <= 40
    nobody = calibrated(crowd, trust={})
    assert nobody.weights == pytest.approx(plain.weights)
    with pytest.raises(ParamError, match="trust"):
        calibrated(crowd, trust={"p0": -1.0})


def test_trust_by_name_is_the_egos_and_leaves_out_whom_it_does_not_reach() -> None:
    here = town()
    stranger = Act("x", ItemId("i:0"), Event.LISTEN)
    arena = Arena.of(replace(here, people=(*here.people, "x"), acts=(*here.acts, stranger)))
    found = trust_of(arena, "p0")
    assert "x" not in found
    assert found["p1"] > found["p12"] > 0
    with pytest.raises(DataError, match="nobody"):
        trust_of(arena, "nobody")


def test_the_more_echoes_the_more_doubt() -> None:
    fake = np.array([3, 50, 77, 90, 101, 120, 140, 141], np.int32)
    few, many = (calibrated(profiles(CROWD + [fake] * n, 150)).doubt[120:].mean() for n in (3, 30))
    assert few < many


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("flagged", 0.34),
        ("least", 0.0),
        ("least", 0.5),
        ("sharp", 0.0),
        ("trust", -1.0),
        ("l2", float("nan")),
        ("styles", ()),
        ("styles", ("magic",)),
    ],
)
def test_params_out_of_range_are_refused(name: str, value: object) -> None:
    with pytest.raises(ParamError, match=name):
        CalibrationParams(**{name: value})  # type: ignore[arg-type]


@pytest.mark.slow
def test_random_profiles_among_real_people_are_found() -> None:
    """MovieLens 100K, 5 % attackers: four of five are among the quarter that is flagged."""
    where = SHARED_DATA / "ml-100k"
    if not where.exists():
        pytest.skip("MovieLens 100K is not beside the checkout")
    dataset = read_movielens(where)
    rng, names = np.random.default_rng(0), [ItemId(item.id) for item in dataset.items]
    acts: list[Act] = []
    for n in range(47):
        filler = rng.choice(len(names), size=60, replace=False)
        acts += [Act(f"fake{n}", names[i], Event.LIKE, 1, dataset.acts[0].at) for i in filler]
    fakes = tuple(f"fake{n}" for n in range(47))
    both = replace(dataset, people=dataset.people + fakes, acts=dataset.acts + tuple(acts))
    found = calibrated(both).by_person
    assert np.mean([found[fake] < 0.5 for fake in fakes]) > 0.8
