"""The attack bench with a model before the budgets: B1, B2, M4 and M6 are deaf to what it says."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web3rec.eval.towns import town
from tests.web3rec.rerank.tables import table
from tests.web3rec.worlds import PARAMS, sieges
from tests.web3rec.worlds import Siege as Drawn
from web3rec.adapters import read_hetrec
from web3rec.eval.attacks import STRATEGIES, AttackPlan
from web3rec.eval.ground import SiegePlan, ground
from web3rec.eval.siege import K, Line, Siege, plan_for, rules_of
from web3rec.eval.siege_models import MODELS, Hostile
from web3rec.params import Params
from web3rec.pipeline import Listing, Request, listing
from web3rec.rank.admission import Mode
from web3rec.rerank.features import Content, Features, Seen
from web3rec.rerank.model import ModelError, Reranker, ranked
from web3rec.rerank.reordering import Reordering
from web3rec.types import ItemKey, Weights
from web3rec.view import View

SLACK = 1e-6
HERE = ground(town(), SiegePlan(egos=2))
ALL = Siege.of(HERE, rules_of(["ours", *MODELS], 0))


@dataclass
class AtRandom:
    seed: int

    def scores(self, features: Features) -> Weights:
        return np.random.default_rng(self.seed).random(len(features))


@dataclass
class Upside:
    """Whatever the graph put last comes first."""

    def scores(self, features: Features) -> Weights:
        found = np.zeros(len(features))
        found[features.order] = np.arange(len(features))
        return found


def told(spam: list[int]) -> Features:
    plain = table({"graph": [0.0] * len(spam)})
    content = Content(tuple(ItemKey(n.to_bytes(16, "big")) for n in spam), (), np.zeros(0))
    return Features(plain.values, plain.order, content)


def test_the_hostile_model_puts_all_spam_first_by_hand() -> None:
    """Items from 10 on are spam: the second and the fourth."""
    assert ranked(Hostile(10), told([3, 11, 9, 10])).order.tolist() == [1, 3, 0, 2]
    with pytest.raises(ModelError, match="which items"):
        Hostile(10).scores(table({"graph": [1.0]}))


def test_the_hostile_model_has_its_way_up_to_the_budgets() -> None:
    """Filler that does not know the victim leaves the spam far down; the model alone lifts it."""
    plan = replace(plan_for(30), filler=0.3, selected=3)
    lines = {line.method: line for line in ALL.lines("bandwagon", 1, plan)}
    assert lines["ours"].mean_slots == 0
    assert lines["ours+hostile"].mean_slots > lines["ours"].mean_slots
    assert lines["ours+hostile"].bound_held


def test_a_model_changes_nothing_for_ours_itself() -> None:
    alone = Siege.of(HERE, rules_of(["ours"], 0))
    (line,) = alone.lines("copy", 1, plan_for(40))
    beside = next(x for x in ALL.lines("copy", 1, plan_for(40)) if x.method == "ours")
    assert beside == line


def test_without_spam_the_hostile_model_keeps_the_graphs_order() -> None:
    assert ALL.honest["ours+hostile"] == ALL.honest["ours"]


@pytest.mark.parametrize("name", STRATEGIES)
@pytest.mark.parametrize("turned", [False, True])
def test_B1_no_model_helps_a_strategy_past_the_bound(name: str, turned: bool) -> None:
    for fallen in (0, 1, 3):
        plan = replace(plan_for(30, turned=turned), filler=0.3, selected=3)
        for line in ALL.lines(name, fallen, plan):
            assert line.bound_held, outcomes(line)
            if not fallen:
                assert outcomes(line) == [(0, 0.0)] * 2


def outcomes(line: Line) -> list[tuple[int, float]]:
    return [(o.slots, o.bound) for o in line.attacked]


models = st.one_of(
    st.builds(AtRandom, st.integers(0, 99)),
    st.just(Upside()),
    st.builds(Hostile, st.integers(0, 60)),
)


def asked(view: View, model: Reranker | None, params: Params = PARAMS) -> Listing:
    order = None if model is None else Reordering(Seen.of(view), model)
    return listing(view, Request(K, frozenset()), {}, params, reorder=order)


@given(sieges(max_sybils=8), models)
def test_B1_whatever_any_model_puts_first_friends_pay_no_more_than_they_can(
    drawn: Drawn, model: Reranker
) -> None:
    """Each friend alone, for whoever may have been captured."""
    view = drawn.world.view()
    found = asked(view, model)
    hard = dict(zip(view.sponsors, view.hard(K, PARAMS).tolist(), strict=True))
    for sponsor, most in hard.items():
        paid = sum(part for e in found.entries for who, part in e.paid if who == sponsor)
        assert sponsor is None or paid <= most + SLACK


@given(sieges(max_sybils=8), models)
def test_B2_no_model_buys_the_top_of_a_list_without_overrun(drawn: Drawn, model: Reranker) -> None:
    params = replace(PARAMS, budget=replace(PARAMS.budget, quorum=1.0))
    view = drawn.world.view(params=params)
    found = asked(view, model, params)
    if found.overruns:
        return
    used = dict.fromkeys(view.sponsors, 0.0)
    for k, entry in enumerate(found.entries, start=1):
        for part in entry.contributions:
            used[part.sponsor] += part.amount / entry.score
        for sponsor, share in zip(view.sponsors, view.budgets, strict=True):
            assert used[sponsor] <= params.budget.kappa * k * share + params.budget.slack + SLACK


@given(sieges(), models, st.sampled_from(list(Mode)))
def test_M4_under_any_model_contributions_sum_to_the_score(
    drawn: Drawn, model: Reranker, mode: Mode
) -> None:
    for entry in asked(drawn.world.view(mode), model).entries:
        assert sum(c.amount for c in entry.contributions) == pytest.approx(entry.score, abs=1e-9)


@given(sieges(), models)
def test_M6_without_budgets_any_model_only_permutes(drawn: Drawn, model: Reranker) -> None:
    view = drawn.world.view(Mode.OPEN)
    before, after = asked(view, None).entries, asked(view, model).entries
    assert {e.key for e in after} == {e.key for e in before}


@pytest.mark.slow
def test_B1_on_real_friends_holds_through_a_hostile_model(hetrec_zip: Path) -> None:
    """HetRec Last.fm, two egos, spam that only the model puts first."""
    here = ground(read_hetrec(hetrec_zip), SiegePlan(egos=2))
    siege = Siege.of(here, rules_of(["ours", "ours+hostile"], 0))
    ours, hostile = siege.lines("average", 1, AttackPlan())
    assert hostile.bound_held
    assert ours.mean_slots <= hostile.mean_slots < K / 2
