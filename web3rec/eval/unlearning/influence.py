"""An encoder of what a wish to forget does to item vectors: fast, with a measured certificate.

Training again after a wish changes what is learnt of an item, e. From the old model alone, messages
go over the forgotten pairs, by the degrees of all of them:

    own    share of the listeners who go                              e_i
    one    d_i^-near  sum over listeners who go  d_u^-far             a_u / |a_u|
    two    d_i^-near  sum over listeners who go  d_u^-far  d_u^-near  sum over what goes of theirs
                                                                      d_j^-far  e_j / |e_j|

with a_u of the whole past (`propagation`). The change is guessed as own A + one B + two C: width by
width matrices, fitted beforehand by ridge to what training again did for wishes that were drawn,
never for the one that is asked. The vectors then come of the graph of what remains, so nobody who
went is walked over. A fitted encoder has itself learnt from who goes: it goes with the old model.

That is no proof. How far it lands from training again is measured on more drawn wishes, on people
whose lists nobody else measures; where that misses its limits the method trains again, and says so.

The idea is that of the influence encoder of Chen, Xia & Huang, "Pre-training for recommendation
unlearning" (UnlearnRec), SIGIR 2025, which is a graph network over the forgotten edges, trained by
slopes and followed by fine-tuning. Ours is linear, in closed form, and nothing follows it.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from web3rec.embeddings.fitting import Fit
from web3rec.embeddings.propagation import Matrix, Propagation, unit
from web3rec.eval.unlearning import vectors
from web3rec.eval.unlearning.cases import Case, Kind, case
from web3rec.eval.unlearning.held import Held, Numbers, Sparse
from web3rec.eval.unlearning.inference import Dense, Probe, leak
from web3rec.eval.unlearning.lists import lists
from web3rec.eval.unlearning.vectors import PARAMS, Vectors

Learning = Callable[[Held], Vectors]
"""Training from nothing, always from the same first vectors."""
FITTED: Final = (0.05, 0.05, 0.05)
"""Shares of the drawn wishes it is fitted on."""
MEASURED: Final = (0.01, 0.05)
"""Shares of those it is measured on."""
RIDGES: Final = (1e-2, 1e-1, 1.0, 1e1, 1e2)
"""Over the mean square of a message; that which serves best for each wish fitted without it."""
NDCG: Final = 0.01
"""How far NDCG may be from that of training again, as a share of it."""
GAP: Final = 0.02
"""How far an attack's AUC may be."""
ASKED: Final = 500
"""Lists measured at most."""
ROWS: Final = 50
"""People whose scores are compared."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """How far an encoder landed from training again. Measured, and so no proof for other wishes."""

    requests: int
    """Wishes it was measured on; 0 if there was nothing to measure by"""
    difference: float = float("nan")
    """Largest of a score, over the largest score; the largest over the wishes"""
    mean: float = float("nan")
    """Mean of a score, over the largest score; mean over the wishes"""
    ndcg_ratio: float = float("nan")
    """To training again: that which is furthest from 1"""
    auc_gap: float = float("nan")
    """The largest, of both attacks"""

    def met(self, ndcg: float = NDCG, gap: float = GAP) -> bool:
        """Whether it is within limits; never where nothing was measured."""
        return self.requests > 0 and abs(self.ndcg_ratio - 1) <= ndcg and self.auc_gap <= gap


@dataclass(frozen=True, slots=True, eq=False)
class Encoder:
    """From messages to changes."""

    maps: Dense
    """float64[messages * width, width]"""

    def changed(self, model: Vectors, gone: Held) -> Vectors:
        """Forget: one application.

        Cost: O(pairs * width + items * width^2).
        """
        after = model.held.less(gone)
        free = model.fit.free + (messages(model, gone) @ self.maps).astype(np.float32)
        free *= (after.listeners() > 0)[:, None]
        walks = Propagation.of(vectors.rows(after), PARAMS.propagation)
        known = (after.listeners() > 0)[:, None]
        return Vectors(after, Fit(free, walks.walked(free).vectors * known))


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """An encoder for one model and one kind of wish."""

    encoder: Encoder
    certificate: Certificate
    seconds: float
    """Of the processor, for fitting and measuring"""


@dataclass(frozen=True, slots=True, eq=False)
class Influenced:
    """What the method comes to."""

    model: Vectors
    prepared: Prepared
    fell_back: bool
    """The certificate missed its limits, so this was trained again"""

    def scores(self, past: Sparse) -> Dense:
        """float64[rows, items]"""
        return self.model.scores(past)


def messages(model: Vectors, gone: Held) -> Dense:
    """float64[items, 3 * width]: own, one and two hops over the forgotten pairs.

    Linear in what is forgotten; zeros for nothing. Cost: O(pairs * width).
    """
    here = model.held.both(gone)
    whole = Propagation.of(vectors.rows(model.held), PARAMS.propagation)
    some = here.matrix().astype(np.float32)
    out, back = whole.to_users.multiply(some).tocsr(), whole.to_items.multiply(some.T).tocsr()
    free = model.fit.free
    share = here.listeners() / np.maximum(model.held.listeners(), 1)
    people = unit(whole.to_users @ unit(free))
    found = [share[:, None] * free, back @ people, back @ (out @ unit(free))]
    return np.concatenate(found, axis=1).astype(np.float64)


def rotated(free: Matrix, towards: Matrix) -> Matrix:
    """`free` in the basis of `towards`, both float32[items, width] (orthogonal Procrustes)."""
    left, _, right = np.linalg.svd(free.T.astype(np.float64) @ towards.astype(np.float64))
    found: Matrix = (free @ (left @ right)).astype(np.float32)
    return found


def fitted(examples: Sequence[tuple[Dense, Dense]], ridges: Sequence[float] = RIDGES) -> Encoder:
    """Fit an encoder.

    Args:
        examples: of each drawn wish, messages float64[items, m] and the change of e,
            float64[items, width]; at least one.
        ridges: to choose from, rising, > 0; the last one if there is one example only.

    Cost: O(examples * items * m^2 + ridges * examples * m^3).
    """
    grams = np.array([told.T @ told for told, _ in examples])
    goals = np.array([told.T @ change for told, change in examples])

    def solved(gram: Dense, goal: Dense, ridge: float) -> Dense:
        size = max(float(np.trace(gram)) / len(gram), 1e-12)
        found = np.linalg.solve(gram + ridge * size * np.eye(len(gram)), goal)
        return np.asarray(found, np.float64)

    def missed(ridge: float) -> float:
        """Squares left over, each example by what the others teach."""
        total = 0.0
        for nth, (told, change) in enumerate(examples):
            maps = solved(grams.sum(0) - grams[nth], goals.sum(0) - goals[nth], ridge)
            total += float(((told @ maps - change) ** 2).sum())
        return total

    best = min(ridges, key=missed) if len(examples) > 1 else ridges[-1]
    return Encoder(solved(grams.sum(0), goals.sum(0), best))


def prepared(
    model: Vectors, learn: Learning, kind: Kind, valid: Held, rng: np.random.Generator
) -> Prepared:
    """Fit and measure, for wishes of a kind that are drawn here.

    Args:
        model: what will be asked to forget.
        learn: trains from nothing.
        kind: users or interactions.
        valid: pairs held back from training, of people whose lists measure nothing else.
        rng: draws the wishes.

    Cost: five trainings.
    """
    start = time.process_time()
    drawn = [case(model.held, kind, "random", share, rng) for share in (*FITTED, *MEASURED)]
    examples = [_example(model, learn(wish.after), wish) for wish in drawn[: len(FITTED)]]
    encoder = fitted(examples)
    found = certificate(model, encoder, learn, drawn[len(FITTED) :], valid, rng)
    return Prepared(encoder, found, time.process_time() - start)


def _example(model: Vectors, again: Vectors, wish: Case) -> tuple[Dense, Dense]:
    """Messages and change, each item as often as it has listeners left.

    Rare items, which are most, would else settle the maps; on another holdout of HetRec NDCG was
    then 6 to 7 % below training again where a twentieth went, and is .5 % so.
    """
    weights = np.sqrt(wish.after.listeners())[:, None]
    change = rotated(again.fit.free, model.fit.free).astype(np.float64) - model.fit.free
    return messages(model, wish.forgotten) * weights, change * weights


def certificate(
    model: Vectors,
    encoder: Encoder,
    learn: Learning,
    wishes: Sequence[Case],
    valid: Held,
    rng: np.random.Generator,
) -> Certificate:
    """Measure an encoder on wishes it was not fitted on. Cost: a training for each wish."""
    able = np.flatnonzero(valid.lengths())
    if not able.size or not wishes:
        return Certificate(0)
    people = np.sort(rng.permutation(able)[:ASKED])
    each = [_compared(model, encoder, learn, wish, people, valid, rng) for wish in wishes]
    ratio = max((one[2] for one in each), key=lambda ratio: abs(ratio - 1))
    return Certificate(
        len(each),
        max(one[0] for one in each),
        float(np.mean([one[1] for one in each])),
        ratio,
        max(one[3] for one in each),
    )


def _compared(
    model: Vectors,
    encoder: Encoder,
    learn: Learning,
    wish: Case,
    people: Numbers,
    valid: Held,
    rng: np.random.Generator,
) -> tuple[float, float, float, float]:
    """Largest and mean difference, ratio of NDCG, gap of AUC."""
    after = wish.after
    again, ours = learn(after), encoder.changed(model, wish.forgotten)
    left = people[after.lengths()[people] > 0]
    few = after.matrix()[left[:ROWS]]
    wanted = again.scores(few)
    apart = np.abs(ours.scores(few) - wanted) / max(float(np.abs(wanted).max()), 1e-12)
    probe = Probe.of(
        after if wish.kind == "interactions" else wish.before, wish.forgotten, valid, rng
    )
    best, got = (lists(left, after, one.scores).utility(valid)[1] for one in (again, ours))
    gap = leak(probe, ours.scores).gap(leak(probe, again.scores))
    return float(apart.max()), float(apart.mean()), got / max(best, 1e-12), gap


def forget(model: Vectors, wish: Case, ready: Prepared, learn: Learning) -> Influenced:
    """Apply the encoder, or train again where its certificate misses."""
    if not ready.certificate.met():
        return Influenced(learn(wish.after), ready, fell_back=True)
    return Influenced(ready.encoder.changed(model, wish.forgotten), ready, fell_back=False)
