"""The encoder: finds a change that is linear, does nothing for nothing, is let only if it lands."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web3rec.eval.unlearning.towns import parted, town
from web3rec.embeddings.fitting import Fit, FittingParams
from web3rec.embeddings.propagation import Propagation
from web3rec.eval.unlearning import influence, vectors
from web3rec.eval.unlearning.cases import case
from web3rec.eval.unlearning.held import Held
from web3rec.eval.unlearning.influence import Certificate, Encoder, Prepared, fitted, messages
from web3rec.eval.unlearning.material import Material
from web3rec.eval.unlearning.plan import Plan
from web3rec.eval.unlearning.sweep import outcomes
from web3rec.eval.unlearning.vectors import Vectors

TOWN = town()
WIDTH = 4


def made(held: Held, seed: int = 0) -> Vectors:
    """Vectors nobody learnt: the first ones, walked."""
    free = np.random.default_rng(seed).standard_normal((held.n_items, WIDTH)).astype(np.float32)
    free *= (held.listeners() > 0)[:, None]
    walks = Propagation.of(vectors.rows(held), vectors.PARAMS.propagation)
    return Vectors(held, Fit(free, walks.walked(free).vectors * (held.listeners() > 0)[:, None]))


MODEL = made(TOWN)


def test_a_hand_case() -> None:
    """Messages 1 and 2, changes three times as much: with a ridge of 1 times the mean square 5,
    (1 + 4) * 3 / (5 + 5) = 1.5; with hardly any, 3.
    """
    told = np.array([[1.0], [2.0]])
    assert fitted([(told, 3 * told)], [1.0]).maps == pytest.approx(1.5)
    assert fitted([(told, 3 * told)], [1e-12]).maps == pytest.approx(3)
    # Of two wishes that agree, the least ridge serves each best by the other; of two that say the
    # opposite, the largest.
    assert fitted([(told, 3 * told)] * 2, [1e-12, 1.0]).maps == pytest.approx(3)
    assert fitted([(told, 3 * told), (told, -3 * told)], [1e-12, 1.0]).maps == pytest.approx(0)


def test_messages_by_hand() -> None:
    """Users 0 and 1 have item 0, user 0 alone item 1; user 0 goes. e_0 = (1, 0), e_1 = (0, 1).

    a_0 = 2^-.6 (2^.1 e_0 + e_1), a_1 = 2^.1 e_0.
    """
    held = Held.of([0, 0, 1], [0, 1, 0], 2, 2)
    model = Vectors(held, Fit(np.eye(2, dtype=np.float32), np.eye(2, dtype=np.float32)))
    own, one, two = np.split(messages(model, held.by(np.array([True, False]))), 3, axis=1)
    person = 2**-0.6 * np.array([2**0.1, 1.0])
    near = np.array([2**-0.6, 1.0])[:, None]
    assert own == pytest.approx(np.array([[0.5, 0], [0, 1]]))
    assert one == pytest.approx(near * 2**0.1 * person / np.linalg.norm(person), rel=1e-5)
    assert two == pytest.approx(near * 2**0.1 * person, rel=1e-5)


def test_a_change_that_is_linear_is_found_for_wishes_never_seen() -> None:
    maps = np.random.default_rng(1).standard_normal((3 * WIDTH, WIDTH))
    rng = np.random.default_rng(2)
    drawn = [case(TOWN, "users", "random", 0.1, rng) for _ in range(4)]
    told = [messages(MODEL, wish.forgotten) for wish in drawn]
    encoder = fitted([(one, one @ maps) for one in told[:3]], [1e-10, 1.0])
    found = encoder.changed(MODEL, drawn[3].forgotten)
    wanted = (MODEL.fit.free + told[3] @ maps) * (drawn[3].after.listeners() > 0)[:, None]
    assert found.fit.free == pytest.approx(wanted, abs=1e-3)
    assert np.array_equal(found.held.codes, drawn[3].after.codes)


def test_forgetting_nothing_or_what_it_never_had_changes_nothing() -> None:
    loud = Encoder(np.full((3 * WIDTH, WIDTH), 7.0))
    free = np.setdiff1d(np.arange(TOWN.n_users * TOWN.n_items), TOWN.codes)[:5]
    for gone in (TOWN.only(TOWN.codes[:0]), TOWN.only(free)):
        found = loud.changed(MODEL, gone)
        assert np.array_equal(found.fit.free, MODEL.fit.free)
        assert np.array_equal(found.fit.vectors, MODEL.fit.vectors)


@pytest.mark.slow
@given(st.sets(st.integers(0, TOWN.n_users - 1)), st.sets(st.integers(0, TOWN.n_users - 1)))
def test_messages_of_people_add_up(some: set[int], others: set[int]) -> None:
    def told(people: set[int]) -> np.ndarray:
        return messages(MODEL, TOWN.by(np.isin(np.arange(TOWN.n_users), sorted(people))))

    assert told(some | others) == pytest.approx(told(some) + told(others - some), abs=1e-5)


def test_an_item_that_nobody_has_any_more_is_gone() -> None:
    item = int(TOWN.items[0])
    found = Encoder(np.ones((3 * WIDTH, WIDTH))).changed(
        MODEL, TOWN.only(TOWN.codes[TOWN.items == item])
    )
    assert not found.fit.vectors[item].any()
    assert not found.fit.free[item].any()


def test_another_basis_is_turned_back() -> None:
    turn, _ = np.linalg.qr(np.random.default_rng(3).standard_normal((WIDTH, WIDTH)))
    turned = (MODEL.fit.free @ turn).astype(np.float32)
    assert influence.rotated(turned, MODEL.fit.free) == pytest.approx(MODEL.fit.free, abs=1e-5)


@pytest.mark.parametrize(
    ("found", "met"),
    [
        (Certificate(2, 0.1, 0.1, 1.0, 0.0), True),
        (Certificate(2, 9.0, 9.0, 0.991, 0.019), True),
        (Certificate(2, 0.1, 0.1, 0.985, 0.0), False),
        (Certificate(2, 0.1, 0.1, 1.015, 0.0), False),
        (Certificate(2, 0.1, 0.1, 1.0, 0.021), False),
        (Certificate(2, 0.1, 0.1, 1.0, float("nan")), False),
        (Certificate(0), False),
    ],
)
def test_a_certificate_that_misses_makes_it_train_again(found: Certificate, met: bool) -> None:
    wish = case(TOWN, "users", "random", 0.1, np.random.default_rng(4))
    ready = Prepared(Encoder(np.ones((3 * WIDTH, WIDTH))), found, 1.0)
    told = influence.forget(MODEL, wish, ready, made)
    assert (found.met(), told.fell_back) == (met, not met)
    wanted = ready.encoder.changed(MODEL, wish.forgotten) if met else made(wish.after)
    past = wish.after.matrix()[:5]
    assert np.array_equal(told.scores(past), wanted.scores(past))


def test_an_encoder_that_is_training_again_lands_on_it() -> None:
    """Where training again only walks the same first vectors, no change is what is to be found."""
    train, valid = parted(TOWN, 0.25)
    ready = influence.prepared(made(train), made, "users", valid, np.random.default_rng(5))
    assert ready.certificate.requests == len(influence.MEASURED)
    assert ready.certificate.difference < 1e-4
    assert ready.certificate.mean <= ready.certificate.difference
    assert ready.certificate.ndcg_ratio == pytest.approx(1, abs=1e-4)
    assert ready.certificate.auc_gap < 1e-3
    assert ready.certificate.met()


@pytest.mark.slow
@pytest.mark.parametrize("asked", [60, 1000])
def test_the_sweep_says_what_was_measured_and_what_was_done(
    monkeypatch: pytest.MonkeyPatch, asked: int
) -> None:
    monkeypatch.setattr(vectors, "PARAMS", FittingParams(width=8, epochs=6, batch=32))
    train, test = parted(town(users=120, items=60), 0.25)
    plan = Plan(
        shares=(0.05, 0.1),
        kinds=("users",),
        ways=("random",),
        models=("vectors",),
        methods=("influence",),
        asked=asked,
    )
    found = list(outcomes(Material("town", train, test), plan))
    assert [one.method for one in found] == ["retrain", "influence"] * 2
    for again, ours in zip(found[::2], found[1::2], strict=True):
        assert (again.certificate, again.prepared_seconds) == (None, None)
        assert ours.certificate is not None
        assert ours.prepared_seconds is not None
        # Where everybody's lists are measured, nobody is left to certify by.
        assert ours.certificate.requests == (2 if asked == 60 else 0)
        assert (ours.difference == 0) == (not ours.certificate.met())
    assert found[1].certificate is found[3].certificate, "made once"
