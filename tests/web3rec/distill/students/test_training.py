"""The hybrid learns what vectors say, the same bytes every time, and stops in time."""

import numpy as np
import pytest

from tests.web3rec.distill.students.classes import WIDTH, lesson, lessons, vectors
from web3rec.distill.lessons import Lesson
from web3rec.distill.students.batches import batches
from web3rec.distill.students.hybrid import Hybrid, HybridParams
from web3rec.distill.training import Epoch, Trained, TrainParams, trained, worth, worth_of
from web3rec.errors import DataError, ParamError
from web3rec.rerank.features import NAMES
from web3rec.rerank.model import KeepOrder

torch = pytest.importorskip("torch", reason="needs the extra distill")
SMALL = HybridParams(attention=4, blend=2, hidden=8)
SHORT = TrainParams(epochs=8, rate=1e-2, batch=8, dropout=0.0)


def taught(some: list[Lesson], **more: object) -> Trained:
    return trained(some, lessons(99, 12), vectors(), SHORT, SMALL, **more)  # type: ignore[arg-type]


def test_it_learns_from_vectors_what_columns_do_not_say() -> None:
    """Lists on which the graph's order and the linear head are guesses; asked about new ones."""
    found, new = taught(lessons(1, 40)), lessons(7, 30)
    table = vectors()
    assert worth(Hybrid(found.weights, table), new).mean() > 0.95
    assert worth(found.head, new).mean() < 0.85
    assert found.best.number >= 1
    assert found.weights.size == sum(array.size for array in found.weights.arrays().values())


def test_what_training_computes_is_what_the_weights_compute() -> None:
    """Oracle: `rerank.bundle.hybrid.scores`, list by list, unknown items and all; to 1e-5."""
    from web3rec.distill.students import hybrid_torch  # noqa: PLC0415 - torch

    some, table = lessons(2, 9), dict(list(vectors().items())[3:])
    found = taught(some)
    lists = batches(some, lambda _: table)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        tensors = hybrid_torch.first(torch, SMALL, WIDTH, found.head, lists)
        tensors["last"] += torch.randn(SMALL.hidden, 1)
        tensors["skip"] += torch.randn(len(NAMES) + 3 + SMALL.blend, 1)
    plain = Hybrid(hybrid_torch.weights(tensors), table)
    answers = hybrid_torch.answers(torch, tensors, lists, np.arange(len(some))).numpy()
    for own, one in zip(answers, some, strict=True):
        assert np.allclose(own[: len(one.features)], plain.scores(one.features), atol=1e-5)


def test_before_it_learnt_anything_it_is_the_linear_head() -> None:
    some = lessons(2, 9)
    found = trained(some, some, vectors(), TrainParams(epochs=1, rate=1e-12), SMALL)
    for one in some:
        scores = Hybrid(found.weights, vectors()).scores(one.features)
        assert np.allclose(scores, found.head.scores(one.features), atol=1e-4)


def test_the_same_lessons_make_the_same_bytes() -> None:
    before = torch.random.get_rng_state()
    once, twice = taught(lessons(1, 10)), taught(lessons(1, 10))
    assert [a.tobytes() for a in once.weights.arrays().values()] == [
        a.tobytes() for a in twice.weights.arrays().values()
    ]
    assert once.epochs[1:] == twice.epochs[1:]
    assert torch.equal(torch.random.get_rng_state(), before)


def test_the_best_epoch_is_kept_and_patience_ends_it() -> None:
    seen: list[Epoch] = []
    params = TrainParams(epochs=30, patience=2, rate=0.3, dropout=0.0)
    judges = lessons(5, 12)
    found = trained(
        lessons(1, 6), judges, vectors(), params, SMALL, tell=lambda epoch, _: seen.append(epoch)
    )
    assert tuple(seen) == found.epochs
    assert found.best.ndcg == max(epoch.ndcg for epoch in seen)
    assert seen[-1].number == min(30, found.best.number + 2)
    assert worth(Hybrid(found.weights, vectors()), judges).mean() == pytest.approx(found.best.ndcg)


def test_a_list_without_a_vote_is_as_good_as_absent() -> None:
    """But for how numbers are scaled, which goes by the lists that count."""
    some = lessons(1, 8)
    alone = trained(some, some, vectors(), TrainParams(epochs=2, batch=99, dropout=0.0), SMALL)
    rng = np.random.default_rng(0)
    many = [*some, lesson(rng, "stranger")]
    beside = trained(
        many,
        some,
        vectors(),
        TrainParams(epochs=2, batch=99, dropout=0.0),
        SMALL,
        votes=[1.0] * 8 + [0.0],
    )
    assert np.allclose(alone.head.weights, beside.head.weights)
    assert alone.epochs[1].loss == pytest.approx(beside.epochs[1].loss, rel=1e-2)


@pytest.mark.slow
def test_a_teacher_is_listened_to_where_it_has_an_opinion() -> None:
    """Hits are drawn at random, so all there is to learn comes from the teacher."""
    rng = np.random.default_rng(0)
    some, wanted = lessons(1, 40), []
    blind = []
    for one in some:
        wanted.append(np.where(one.hits, 3.0, -3.0))
        hits = np.zeros(len(one.hits), bool)
        hits[rng.integers(len(hits))] = True
        blind.append(Lesson(one.question, one.features, hits, 1))
    judges = lessons(5, 20)
    nothing = [np.full(len(x), np.nan) for x in wanted]
    silent, without = taught(blind, labels=nothing), taught(blind)
    heard = taught(blind, labels=wanted)
    assert silent.epochs[1:] == without.epochs[1:]
    table = vectors()
    gain = worth(Hybrid(heard.weights, table), judges) - worth(
        Hybrid(without.weights, table), judges
    )
    assert gain.mean() > 0.05


def test_opinions_of_any_scale_are_brought_to_one_spread() -> None:
    some = lessons(1, 10)
    said = [np.where(one.hits, 3.0, -3.0) for one in some]
    params = TrainParams(epochs=2, spread=2.0)
    once, large = (
        trained(some, some, vectors(), params, SMALL, labels=[x * factor for x in said])
        for factor in (1, 1000)
    )
    assert once.epochs[2].loss == pytest.approx(large.epochs[2].loss, rel=1e-4)


def test_each_person_may_have_vectors_of_its_own() -> None:
    """Two bases turned against each other, lists in either: as one basis, for sums do not turn."""
    table = vectors()
    copy = {key: vector.copy() for key, vector in table.items()}
    some = lessons(1, 10)
    names = [one.person for one in some]
    params = TrainParams(epochs=2)
    one = trained(some, some, table, params, SMALL)
    two = trained(some, some, lambda who: copy if names.index(who) % 2 else table, params, SMALL)
    assert one.epochs[2].loss == pytest.approx(two.epochs[2].loss, rel=1e-5)


def test_worth_by_hand() -> None:
    """Ten candidates, the graph puts item 0 last; hits 0 and 1 of three targets."""
    one = lessons(1, 1)[0]
    n = len(one.features)
    hits = np.zeros(n, bool)
    hits[one.features.order[[0, 2]]] = True
    own = Lesson(one.question, one.features, hits, 3)
    full = 1 + 1 / np.log2(3) + 1 / 2
    assert worth(KeepOrder(), [own]).tolist() == pytest.approx([(1 + 1 / 2) / full])
    label = np.full(n, np.nan)
    assert np.isnan(worth_of([label], [own])).all()
    label[one.features.order[2]] = 5.0
    assert worth_of([label], [own]).tolist() == pytest.approx([(1 + 1 / np.log2(3)) / full])


def test_lessons_without_a_hit_are_refused_and_numbers_out_of_range() -> None:
    some = [Lesson(x.question, x.features, np.zeros(len(x.hits), bool), 1) for x in lessons(1, 3)]
    with pytest.raises(DataError, match="nothing to learn"):
        taught(some)
    for wrong in ({"epochs": 0}, {"rate": 0.0}, {"dropout": 1.0}, {"kd": -1.0}, {"spread": 0.0}):
        with pytest.raises(ParamError):
            TrainParams(**wrong)
