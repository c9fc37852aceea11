"""A model of sequences: what NumPy computes is what was trained, and it learns what comes next."""

from itertools import pairwise

import numpy as np
import pytest

from web3rec.distill.students.histories import Moments
from web3rec.distill.students.sequence import SequenceModel, SequenceParams
from web3rec.distill.students.sequence_torch import SequenceTraining, states, trained_sequence
from web3rec.errors import DataError, ParamError
from web3rec.types import ItemId

torch = pytest.importorskip("torch", reason="needs the extra distill")
SIZE = SequenceParams(width=8, blocks=2, heads=2, length=6)
QUICK = SequenceTraining(epochs=15, batch=16, rate=2e-2, dropout=0.0)
RING = [ItemId(f"i{n}") for n in range(7)]


def rings(people: int = 20, steps: int = 8) -> dict[str, Moments]:
    """Everybody goes round the ring from somewhere."""
    return {
        f"p{p}": tuple((RING[(p + n) % len(RING)],) for n in range(min(steps, len(RING))))
        for p in range(people)
    }


def drawn(seed: int = 0) -> SequenceModel:
    rng = np.random.default_rng(seed)
    shapes = {"items": (len(RING), SIZE.width), **SIZE.shapes}
    arrays = {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    return SequenceModel(SIZE, tuple(RING), arrays)


def test_sizes_by_hand() -> None:
    """Two blocks of width 8: 6 matrices of 64 and 6 vectors of 8 each; 6 positions; a last norm. As
    it comes: 53,248 weights beside the catalogue."""
    assert SIZE.weights == 2 * (6 * 64 + 6 * 8) + 6 * 8 + 2 * 8
    assert SequenceParams().weights == 53_248
    assert drawn().size == SIZE.weights + 7 * 8


def test_numpy_computes_what_torch_computes() -> None:
    """Oracle: `states` in torch, at the last position, for histories of each length."""
    model = drawn()
    held = {name: torch.from_numpy(array) for name, array in model.arrays.items()}
    held["items"] = torch.cat([held["items"], torch.zeros(1, SIZE.width)])
    for length in range(1, SIZE.length + 1):
        own = RING[:length]
        padded = [len(RING)] * (SIZE.length - length) + list(range(length))
        wanted = states(torch, held, SIZE, torch.tensor([padded]), 0.0)[-1][0, -1].numpy()
        state = model.state(own)
        assert state is not None
        assert np.allclose(state, wanted, atol=1e-4)


def test_only_the_newest_are_read_and_the_unknown_left_out() -> None:
    model = drawn()
    own = [RING[n] for n in (0, 1, 2, 3, 4, 5, 6)]
    whole, newest = model.state(own), model.state([own[1], ItemId("never"), *own[2:]])
    assert whole is not None
    assert newest is not None
    assert np.array_equal(whole, newest)
    assert model.state([ItemId("never")]) is None
    assert np.isnan(model.scores([ItemId("never")], RING)).all()
    found = model.scores(own[:2], [RING[3], ItemId("never")])
    assert np.isfinite(found[0])
    assert np.isnan(found[1])


@pytest.mark.slow
def test_it_learns_what_comes_next_and_the_same_twice() -> None:
    once, twice = (trained_sequence(rings(), SIZE, QUICK, 0) for _ in range(2))
    assert all(once.arrays[n].tobytes() == twice.arrays[n].tobytes() for n in once.arrays)
    right = [
        RING[int(np.argmax(once.scores([one, two], RING)))] == RING[(at + 2) % len(RING)]
        for at, (one, two) in enumerate(pairwise([*RING, RING[0]]))
    ]
    assert sum(right) >= 6


@pytest.mark.slow
def test_it_learns_from_some_of_the_others_what_it_learns_from_all() -> None:
    """Three of the ring's seven are drawn each time."""
    some = SequenceTraining(epochs=25, batch=16, rate=2e-2, dropout=0.0, negatives=3)
    found = trained_sequence(rings(), SIZE, some, 0)
    said = [int(np.argmax(found.scores([one], RING))) for one in RING]
    assert sum(at == (n + 1) % len(RING) for n, at in enumerate(said)) >= 6


@pytest.mark.slow
def test_a_teacher_is_followed_and_every_block_asked() -> None:
    """The teacher talks nonsense, so that nothing but listening brings a student nearer to it."""
    teacher, drilled = (
        drawn(),
        SequenceTraining(epochs=15, batch=16, rate=2e-2, dropout=0.0, exits=0.3, kd=20.0),
    )
    taught = trained_sequence(rings(), SIZE, drilled, 1, teachers=[teacher])
    alone = trained_sequence(rings(), SIZE, drilled, 1)

    def gap(model: SequenceModel) -> float:
        found = []
        for one, two in pairwise(RING):
            pair = (model.scores([one, two], RING), teacher.scores([one, two], RING))
            shares = [np.exp(x - x.max()) / np.exp(x - x.max()).sum() for x in pair]
            found.append(np.abs(shares[0] - shares[1]).sum())
        return float(np.mean(found))

    assert gap(taught) < 0.9 * gap(alone)


@pytest.mark.slow
def test_people_without_a_vote_teach_nothing() -> None:
    """A liar who goes round the other way, with a vote and without."""
    liars: dict[str, Moments] = {
        f"liar{p}": tuple((RING[(p - n) % len(RING)],) for n in range(7)) for p in range(20)
    }
    quiet = dict.fromkeys(liars, 0.0)
    found = trained_sequence(rings() | liars, SIZE, QUICK, 0, votes=quiet)
    said = found.scores([RING[0], RING[1]], RING)
    assert int(np.argmax(said)) == 2


def test_what_cannot_be_learnt_is_refused() -> None:
    with pytest.raises(DataError, match="two things"):
        trained_sequence({"p": ((RING[0],),)}, SIZE, QUICK, 0)
    other: dict[str, Moments] = {"p": ((ItemId("x"),), (ItemId("y"),))}
    with pytest.raises(DataError, match="every item"):
        trained_sequence(other, SIZE, QUICK, 0, teachers=[drawn()])
    long = SequenceParams(width=8, length=7)
    with pytest.raises(DataError, match="fewer items"):
        trained_sequence(rings(), long, QUICK, 0, teachers=[drawn()])
    with pytest.raises(DataError, match="arrays"):
        SequenceModel(SIZE, tuple(RING), {})
    with pytest.raises(ParamError, match="multiple"):
        SequenceParams(width=9, heads=2)
    with pytest.raises(ParamError, match="dropout"):
        SequenceTraining(dropout=1.0)
