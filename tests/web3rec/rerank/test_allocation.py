"""Two models as one: who is asked, and that nothing is lost when either fails."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import entropy

from tests.web3rec.rerank.tables import drawn, table, tables
from web3rec.errors import ParamError
from web3rec.rerank.allocation import (
    DEPTH,
    Allocated,
    AllocationParams,
    by_certainty,
    by_doubt,
    by_history,
    chosen,
    doubt,
)
from web3rec.rerank.features import NAMES, Content, Features
from web3rec.rerank.linear import Example
from web3rec.rerank.model import KeepOrder, ModelError, Reranker, ranked
from web3rec.types import ItemKey, Weights

Rule = Callable[[Reranker, Sequence[Features], float], AllocationParams]


@dataclass
class Saying:
    """Whatever it was told to say."""

    words: list[float]
    asked: int = 0

    def scores(self, features: Features) -> Weights:
        self.asked += 1
        return np.array(self.words)


@dataclass
class AtRandom:
    seed: int
    asked: list[int] = field(default_factory=list)

    def scores(self, features: Features) -> Weights:
        self.asked.append(len(features))
        return np.random.default_rng([self.seed, len(features)]).normal(size=len(features))


@dataclass
class Column:
    """One column of the features, or its opposite."""

    name: str
    sign: int = 1

    def scores(self, features: Features) -> Weights:
        return self.sign * features.values[:, NAMES.index(self.name)].astype(np.float64)


class Broken:
    def scores(self, features: Features) -> Weights:
        raise ModelError("cannot")


def held(features: Features, items: int) -> Features:
    """The same list, asked for by somebody with so many items."""
    keys = [ItemKey(n.to_bytes(16, "big")) for n in range(len(features) + items)]
    n = len(features)
    content = Content(tuple(keys[:n]), tuple(keys[n:]), np.zeros(items))
    return Features(features.values, features.order, content)


def test_doubt_by_hand() -> None:
    """Chances 1/2, 1/4, 1/4 have an entropy of 1.5 ln 2, of at most ln 3."""
    assert doubt(np.array([log(2), 0.0, 0.0])) == pytest.approx(1.5 * log(2) / log(3))
    assert doubt(np.zeros(7)) == pytest.approx(1)
    assert doubt(np.array([0.0, 1e9])) == 0
    assert doubt(np.array([3.0])) == doubt(np.zeros(0)) == 0
    assert doubt(np.array([np.nan, 1.0])) == 1


@given(st.lists(st.floats(-50, 50), min_size=2, max_size=40).map(np.array))
def test_doubt_is_the_entropy_of_the_best(scores: np.ndarray) -> None:
    best = np.sort(scores)[::-1][:DEPTH]
    chance = np.exp(best) / np.exp(best).sum()
    assert doubt(scores) == pytest.approx(entropy(chance) / log(best.size), abs=1e-9)
    assert 0 <= doubt(scores) <= 1


def test_who_is_unsure_asks_by_hand() -> None:
    """Three candidates; sure of the first, the dear model is not heard; else its order is taken."""
    features = table({"graph": [1.0, 0.5, 0.2]})
    dear = Saying([0.0, 1.0, 2.0])
    surely = Allocated(Saying([9.0, 0.0, 0.0]), dear, AllocationParams(sure=0.5))
    assert ranked(surely, features).order.tolist() == [0, 1, 2]
    assert dear.asked == 0
    unsure = Allocated(Saying([1.0, 0.9, 0.8]), dear, AllocationParams(sure=0.5))
    assert ranked(unsure, features).order.tolist() == [2, 1, 0]
    assert dear.asked == 1


def test_who_has_little_is_asked_about_whatever_the_cheap_model_says() -> None:
    features = table({"graph": [1.0, 0.5]})
    dear = Saying([0.0, 1.0])
    both = Allocated(Saying([99.0, 0.0]), dear, AllocationParams(thin=5))
    assert ranked(both, held(features, 4)).order.tolist() == [1, 0]
    assert ranked(both, held(features, 5)).order.tolist() == [0, 1]
    assert ranked(both, features).order.tolist() == [0, 1]  # not told: not thin
    assert dear.asked == 1


@given(tables(), st.integers(0, 99), st.floats(0, 1), st.integers(0, 64))
def test_M6_an_allocation_is_a_permutation_and_one_of_the_two_models(
    features: Features, seed: int, sure: float, thin: int
) -> None:
    cheap, dear = AtRandom(seed), AtRandom(seed + 100)
    found = ranked(Allocated(cheap, dear, AllocationParams(sure=sure, thin=thin)), features)
    assert found.reason is None
    assert sorted(found.order.tolist()) == list(range(len(features)))
    asked = dear if dear.asked else cheap
    assert found.order.tolist() == ranked(asked, features).order.tolist()


@given(tables(), st.integers(0, 99))
def test_no_share_never_asks_and_all_of_it_always_does(features: Features, seed: int) -> None:
    cheap, dear = AtRandom(seed), AtRandom(seed + 100)
    some = [features, drawn(np.random.default_rng(seed), 5)]
    never = Allocated(cheap, dear, by_doubt(cheap, some, 0))
    assert ranked(never, features).order.tolist() == ranked(cheap, features).order.tolist()
    assert dear.asked == []
    always = Allocated(cheap, dear, by_doubt(cheap, some, 1))
    found = ranked(always, features).order.tolist()
    assert bool(dear.asked) == (len(features) > 1)
    assert found == ranked(dear, features).order.tolist()


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("rule", [by_doubt, by_certainty])
def test_so_large_a_share_of_lists_is_asked_about(share: float, rule: Rule) -> None:
    rng = np.random.default_rng(0)
    lists = [drawn(rng, int(rng.integers(5, 60))) for _ in range(50)]
    cheap, dear = AtRandom(0), AtRandom(1)
    both = Allocated(cheap, dear, rule(cheap, lists, share))
    asked = sum(both.asks(features, cheap.scores(features)) for features in lists)
    assert asked == pytest.approx(50 * share, abs=3)  # lists of one length say the same here


def test_a_share_by_history_by_hand() -> None:
    """Histories of 1, 2, 2, 5 and 70: two fifths are those below 2, for both of 2 are too many."""
    lists = [held(table({"graph": [1.0]}), n) for n in (5, 2, 64, 1, 2)]
    wanted = {0.0: 1, 0.2: 2, 0.4: 2, 0.6: 5, 0.8: 64, 1.0: 64}
    assert {share: by_history(lists, share).thin for share in wanted} == wanted
    asks = Allocated(Saying([1.0]), KeepOrder(), by_history(lists, 0.6))
    assert sum(asks.asks(features, np.zeros(1)) for features in lists) == 3


def test_the_rule_is_chosen_that_keeps_most_by_hand() -> None:
    """The cheap model puts the hit last of two where it is sure, and first where it is not."""
    columns = {"graph": [1.0, 0.5], "walk": [9.0, 0.0]}
    sure = Example(held(table(columns), 9), np.array([False, True]))
    unsure = Example(held(table({"graph": [1.0, 0.5], "walk": [0.1, 0.0]}), 3), sure.hits[::-1])
    cheap = Column("walk")
    dear = Column("walk", -1)
    lists = [sure, unsure] * 3
    found = chosen(cheap, dear, lists, 0.5)
    assert found == by_certainty(cheap, [example.features for example in lists], 0.5)
    both = Allocated(cheap, dear, found)
    assert [ranked(both, one.features).order.tolist() for one in lists[:2]] == [[1, 0], [0, 1]]
    assert chosen(dear, cheap, [sure], 1.0) == AllocationParams()  # nothing to gain: never


def test_X4_a_dear_model_that_fails_leaves_the_cheap_ones_word() -> None:
    features = table({"graph": [1.0, 0.5, 0.2]})
    for bad in (Broken(), Saying([1.0]), Saying([np.nan, 0.0, 0.0])):
        both = Allocated(Saying([0.0, 0.0, 1.0]), bad, AllocationParams(sure=0))
        assert ranked(both, features).order.tolist() == [2, 0, 1]
    cheap = Allocated(Broken(), KeepOrder(), AllocationParams(sure=0))
    assert ranked(cheap, features).reason == "the model gave up: cannot"


@pytest.mark.parametrize(
    ("params", "name"),
    [({"sure": -0.1}, "sure"), ({"unsure": float("nan")}, "unsure"), ({"thin": 65}, "thin")],
)
def test_params_out_of_range_are_refused(params: dict[str, float], name: str) -> None:
    with pytest.raises(ParamError, match=name):
        AllocationParams(**params)  # type: ignore[arg-type]
    with pytest.raises(ParamError, match="share"):
        by_doubt(KeepOrder(), [table({"graph": [1.0]})], 1.5)
    with pytest.raises(ParamError, match="lists"):
        by_doubt(KeepOrder(), [], 0.5)
    with pytest.raises(ParamError, match="lists"):
        by_history([table({"graph": [1.0]})], 0.5)
