"""The sweep: every method beside training again, exact ones equal to it, hiding noticed."""

from collections.abc import Sequence

import numpy as np
import pytest

from tests.web3rec.eval.unlearning.towns import parted, town
from web3rec.embeddings.fitting import FittingParams
from web3rec.errors import ParamError
from web3rec.eval.unlearning import vectors
from web3rec.eval.unlearning.material import Material
from web3rec.eval.unlearning.plan import Plan
from web3rec.eval.unlearning.sweep import Outcome, outcomes

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def small() -> Material:
    train, test = parted(town(users=120, items=60), 0.25)
    return Material("town", train, test)


@pytest.fixture(scope="module")
def found(small: Material) -> Sequence[Outcome]:
    return list(outcomes(small, Plan(shares=(0.05, 0.1), ridge=5.0, shards=3)))


def of(found: Sequence[Outcome], **wanted: str) -> list[Outcome]:
    def fits(one: Outcome) -> bool:
        has = {"model": one.model, "method": one.method, "kind": one.case.kind, "way": one.case.way}
        return wanted.items() <= has.items()

    return [one for one in found if fits(one)]


def test_every_method_is_asked_to_forget_every_wish(found: Sequence[Outcome]) -> None:
    assert len(of(found, model="graph")) == 3 * 2 * 2 * 2
    assert len(of(found, model="ease")) == 4 * 2 * 2 * 2
    assert all(one.seconds >= 0 for one in found)


def test_U1_ours_is_the_model_trained_again(found: Sequence[Outcome]) -> None:
    for one in of(found, method="ours"):
        assert one.difference < 1e-9
        assert one.ndcg_ratio == pytest.approx(1)
        assert one.auc_gap < 0.01
    assert all(one.difference == 0 for one in of(found, method="ours", model="graph"))


def test_the_audit_notices_what_is_only_hidden(found: Sequence[Outcome]) -> None:
    for one in of(found, method="hide", model="ease", kind="users", way="random"):
        assert one.auc_gap > 0.05
        assert one.difference > 1e-3
        assert one.mi_bf == 1


def test_all_effect_of_the_poison_goes_with_it(found: Sequence[Outcome]) -> None:
    for method in ("retrain", "ours"):
        for one in of(found, method=method, way="poisoned"):
            assert one.lift is not None
            assert one.removed is not None
            assert one.lift[2] > 0, "it had an effect"
            assert one.removed[2] == pytest.approx(1)
    for one in of(found, method="hide", kind="users", way="poisoned"):
        assert one.removed is not None
        assert one.removed[2] == pytest.approx(0, abs=0.01)
    assert all(one.lift is None for one in of(found, way="random"))


def test_the_same_seed_gives_the_same_figures(small: Material) -> None:
    plan = Plan(shares=(0.1,), kinds=("users",), ridge=5.0, models=("ease",), methods=("sisa",))
    once, again = (list(outcomes(small, plan)) for _ in range(2))
    assert [one.method for one in once] == ["retrain", "sisa"] * 2
    for one, other in zip(once, again, strict=True):
        assert (one.ndcg, one.leak, one.difference) == (other.ndcg, other.leak, other.difference)


def test_learnt_on_is_near_to_learnt_again_and_said_to_be_no_more(
    small: Material, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors, "PARAMS", FittingParams(width=8, epochs=6, batch=32))
    plan = Plan(shares=(0.1,), kinds=("users",), ways=("random",), models=("vectors",), shards=2)
    by_name = {one.method: one for one in outcomes(small, plan)}
    assert by_name["retrain"].difference == 0
    assert 0 < by_name["ours"].difference < 1
    assert by_name["ours"].ndcg_ratio > 0.7


@pytest.mark.parametrize(
    "wrong", [{"shards": 0}, {"asked": 0}, {"shares": (0.0,)}, {"shares": (1.0,)}]
)
def test_a_plan_that_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ParamError):
        Plan(**wrong)  # type: ignore[arg-type]


def test_vectors_score_a_past_as_if_the_item_were_not_in_it() -> None:
    held = town(users=30, items=12)
    model = vectors.learnt(held, 0)
    past = held.matrix()[:5]
    told = model.scores(past)
    for row in range(5):
        for item in past[row].indices:
            without = past[row].toarray()
            without[0, item] = 0
            alone = model.scores(type(past)(without))
            assert told[row, item] == pytest.approx(alone[0, item], abs=1e-6)
    assert np.isfinite(told).all()
