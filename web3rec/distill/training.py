"""From lessons to a student: what is asked of it, how it learns, and when it stops.

    lessons, vectors, labels, votes ─► batches ─► AdamW, list by list ─► the best epoch's weights

The loss of a list is softmax cross-entropy over its hits, plus `kd` times the divergence from the
teacher's 100 best where it has an opinion. The mean over lists goes by votes. What is judged and
kept is a running average of the weights, steadier than they are. After each epoch the validation
lessons are ranked by it; that of the best epoch is the student, and `patience` epochs without a
better one end it. One thread, one seed: the same lessons make the same bytes on one
machine. It writes nothing, so a run that is interrupted leaves nothing behind.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from web3rec.distill.lessons import Lesson
from web3rec.distill.losses.listwise import softmax_ce
from web3rec.distill.losses.logits import top_logits
from web3rec.distill.losses.lorec import weighted_mean
from web3rec.distill.students import hybrid_torch
from web3rec.distill.students.batches import Batches, batches
from web3rec.distill.students.hybrid import HybridParams, Vectors, VectorsOf
from web3rec.distill.students.steady import Tensor, steady
from web3rec.errors import DataError, ParamError
from web3rec.eval.metrics import discount
from web3rec.rerank.bundle.hybrid import HybridWeights
from web3rec.rerank.linear import Example, Linear, learnt
from web3rec.rerank.model import Reranker, ranked
from web3rec.types import Weights

DEPTH = 10
"""Places of a list that validation judges."""
FIXED = ("scale", "shift", "unit")
"""What is set by the linear head and not learnt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainParams:
    """How the hybrid learns."""

    epochs: int = 60
    """At most; >= 1."""
    patience: int = 10
    """Epochs without a better one on validation, after which it ends; >= 1."""
    batch: int = 32
    """Lists at once; >= 1."""
    rate: float = 2e-3
    """AdamW's step; > 0."""
    decay: float = 1e-2
    """Weight decay of what reads vectors and of the hidden layer; >= 0."""
    dropout: float = 0.2
    """Of the hidden layer; in [0, 1)."""
    kd: float = 1.0
    """Weight of the teacher's opinions, where there are any; >= 0."""
    temperature: float = 1.0
    """Of both sides of the distillation; > 0."""
    spread: float | None = None
    """Deviation within a list that a teacher's opinions are brought to, > 0; None: they are logits
    and stay as they are."""
    top: int = 100
    """How many of the teacher's best count; >= 2."""
    steadiness: float = 0.98
    """How much of the running average of weights is kept at each step; in [0, 1), 0: none."""
    seed: int = 0
    """Of first weights, order and dropout."""

    def __post_init__(self) -> None:
        for name, least in (("epochs", 1), ("patience", 1), ("batch", 1), ("top", 2)):
            if not getattr(self, name) >= least:
                raise ParamError(name, getattr(self, name), f"at least {least}")
        for name in ("rate", "temperature", "spread"):
            value = getattr(self, name)
            if value is not None and not 0 < value < float("inf"):
                raise ParamError(name, value, "> 0")
        for name in ("decay", "kd"):
            if not 0 <= getattr(self, name) < float("inf"):
                raise ParamError(name, getattr(self, name), ">= 0")
        for name in ("dropout", "steadiness"):
            if not 0 <= getattr(self, name) < 1:
                raise ParamError(name, getattr(self, name), "in [0, 1)")


@dataclass(frozen=True, slots=True)
class Epoch:
    """How far it has come."""

    number: int
    """From 1; 0 is the linear head that it starts from"""
    loss: float
    """Mean over lists; of epoch 0, nan"""
    ndcg: float
    """NDCG@DEPTH on the validation lessons; in [0, 1]"""


@dataclass(frozen=True, slots=True)
class Trained:
    """A student, and how it came about."""

    weights: HybridWeights
    """Of the best epoch"""
    head: Linear
    """What it started from"""
    best: Epoch
    epochs: tuple[Epoch, ...]
    """All, epoch 0 first"""


def trained(
    lessons: Sequence[Lesson],
    valid: Sequence[Lesson],
    vectors: Vectors | VectorsOf,
    params: TrainParams | None = None,
    size: HybridParams | None = None,
    *,
    labels: Sequence[Weights] | None = None,
    votes: Sequence[float] | None = None,
    tell: Callable[[Epoch, int], None] | None = None,
) -> Trained:
    """Teach a hybrid.

    Args:
        lessons: what it learns from; those without a hit teach only what a teacher says of them.
        valid: what decides when it stops; people of both may be the same, targets may not. What
            they measure is a little too good for it: report on others.
        vectors: by item key, of one width; or, for each person, those fitted without its targets.
        params: how.
        size: how large.
        labels: what a teacher says of each of `lessons`, float64[n], nan where it has no opinion.
            Ask `gate.decision` first whether it may teach.
        votes: how much each of `lessons` counts, >= 0; None: all the same.
        tell: of (epoch, most epochs), after each.

    Raises:
        DataError: no lessons on either side, no hits at all, or something that does not fit; or
            torch is not installed.

    Cost: an epoch is some 1 s for 1,000 lists of 200, one thread.
    """
    params, size = params or TrainParams(), size or HybridParams()
    of_person = vectors if callable(vectors) else _always(vectors)
    lists = batches(lessons, of_person, _said(labels, params), votes)
    judged = batches(valid, of_person)
    rng = np.random.default_rng(params.seed)
    head = _head(lessons, lists)
    with steady(params.seed) as torch:
        tensors = hybrid_torch.first(torch, size, lists.table.shape[1], head, lists)
        adam = _adam(torch, tensors, params)
        averages = {name: tensor.detach().clone() for name, tensor in tensors.items()}
        best, kept = None, hybrid_torch.weights(averages)
        epochs: list[Epoch] = []
        for number in range(params.epochs + 1):
            loss = float("nan")
            if number:
                loss = _epoch(torch, tensors, averages, adam, lists, params, rng)
            epoch = Epoch(number, loss, _judged(torch, averages, judged, valid))
            epochs.append(epoch)
            if tell is not None:
                tell(epoch, params.epochs)
            if best is None or epoch.ndcg > best.ndcg:
                best, kept = epoch, hybrid_torch.weights(averages)
            elif number - best.number >= params.patience:
                break
    return Trained(kept, head, best or epochs[0], tuple(epochs))


def worth(reranker: Reranker, lessons: Sequence[Lesson], depth: int = DEPTH) -> Weights:
    """NDCG@depth of every lesson as a model orders it, guarded as on a device.

    Returns:
        float64[lessons], in [0, 1]; targets that are not among the candidates count as missed.
    """
    return np.array(
        [_ndcg(ranked(reranker, lesson.features).order, lesson, depth) for lesson in lessons]
    )


def worth_of(labels: Sequence[Weights], lessons: Sequence[Lesson], depth: int = DEPTH) -> Weights:
    """The same for a teacher's opinions, for `gate.decision`; nan where it has none at all.

    Candidates without an opinion follow those that have one, in the graph's order.
    """
    found = np.full(len(lessons), np.nan)
    for at, (label, lesson) in enumerate(zip(labels, lessons, strict=True)):
        if np.isfinite(label).any():
            graph = lesson.features.order
            heard = np.where(np.isnan(label), -np.inf, label)[graph]
            found[at] = _ndcg(graph[np.argsort(-heard, kind="stable")], lesson, depth)
    return found


def _ndcg(order: Any, lesson: Lesson, depth: int) -> float:
    gains = lesson.hits[order[:depth]]
    weights = discount(depth)
    return float(weights[: len(gains)] @ gains / weights[: min(depth, lesson.targets)].sum())


def _always(vectors: Vectors) -> VectorsOf:
    return lambda _person: vectors


def _said(labels: Sequence[Weights] | None, params: TrainParams) -> list[Weights] | None:
    """Opinions, brought to one spread within each list if that is asked for."""
    if labels is None or params.spread is None:
        return None if labels is None else list(labels)
    found = []
    for label in labels:
        known = label[np.isfinite(label)]
        spread = known.std() if known.size else 0.0
        found.append(params.spread * (label - known.mean()) / spread if spread > 0 else label)
    return found


def _head(lessons: Sequence[Lesson], lists: Batches) -> Linear:
    examples = [
        Example(lesson.features, lesson.hits, float(vote))
        for lesson, vote in zip(lessons, lists.votes, strict=True)
        if lesson.hits.any() and vote > 0
    ]
    if not examples:
        raise DataError("no list that counts has a hit: there is nothing to learn")
    return learnt(examples)


def _adam(torch: Any, tensors: dict[str, Tensor], params: TrainParams) -> Any:
    free = {name: t.requires_grad_() for name, t in tensors.items() if name not in FIXED}
    calm = ("query", "key", "blend", "hidden", "last")
    return torch.optim.AdamW(
        [
            {"params": [free[name] for name in calm], "weight_decay": params.decay},
            {"params": [t for n, t in free.items() if n not in calm], "weight_decay": 0.0},
        ],
        lr=params.rate,
    )


def _epoch(
    torch: Any,
    tensors: dict[str, Tensor],
    averages: dict[str, Tensor],
    adam: Any,
    lists: Batches,
    params: TrainParams,
    rng: np.random.Generator,
) -> float:
    order = rng.permutation(np.flatnonzero(lists.votes > 0))
    total = 0.0
    for start in range(0, len(order), params.batch):
        at = order[start : start + params.batch]
        score = hybrid_torch.answers(torch, tensors, lists, at, params.dropout)
        there, said = torch.from_numpy(lists.there[at]), torch.from_numpy(lists.said[at])
        each = softmax_ce(score, torch.from_numpy(lists.hits[at]), there)
        if params.kd:
            each = each + params.kd * top_logits(
                score, said, top=params.top, temperature=params.temperature
            )
        loss = weighted_mean(each, torch.from_numpy(lists.votes[at]))
        adam.zero_grad()
        loss.backward()
        adam.step()
        with torch.no_grad():
            for name, average in averages.items():
                average.lerp_(tensors[name], 1 - params.steadiness)
        total += float(loss.detach()) * len(at)
    return total / max(len(order), 1)


def _judged(
    torch: Any, tensors: dict[str, Tensor], lists: Batches, lessons: Sequence[Lesson]
) -> float:
    found = []
    with torch.no_grad():
        for start in range(0, len(lists), 64):
            at = np.arange(start, min(start + 64, len(lists)))
            score = hybrid_torch.answers(torch, tensors, lists, at).numpy()
            for own, lesson in zip(score, lessons[start : start + 64], strict=True):
                graph = lesson.features.order
                falling = np.argsort(-own[: len(lesson.features)][graph], kind="stable")
                found.append(_ndcg(graph[falling], lesson, DEPTH))
    return float(np.mean(found))
