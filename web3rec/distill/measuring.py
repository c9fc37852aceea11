"""How good are lists on a split? NDCG with graded gains, as the published figures have it.

Item with rating r is worth 2^(r + 1) - 1 where it is hidden, 0 elsewhere; positions are discounted
as in `web3rec.eval.metrics`. With all ratings alike this is `ndcg_at`.
Source: Burges et al., "Learning to rank using gradient descent", ICML 2005; that gain, with a
threshold of 0, is what the authors of the ChatGPT rankings used.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from web3rec.distill.teacher import Question, Teacher
from web3rec.errors import ParamError
from web3rec.eval.metrics import discount, ndcg_at
from web3rec.types import ItemId, Weights


def graded_ndcg_at(ranked: Sequence[ItemId], ratings: Mapping[ItemId, float], k: int) -> float:
    """Discounted gain of the first k, as a share of the best that was possible.

    Args:
        ranked: the list, best first, none twice.
        ratings: the hidden items and their ratings, > -1; not empty.
        k: positions that count, >= 1.

    Returns:
        In [0, 1].

    Raises:
        ParamError: no rating, or one that is worth nothing.
    """
    if not ratings or not all(-1 < rating < 100 for rating in ratings.values()):
        raise ParamError("ratings", dict(ratings), "at least one, each above -1 and below 100")
    weights = discount(k)
    gains = {item: 2.0 ** (rating + 1) - 1 for item, rating in ratings.items()}
    found = np.array([gains.get(item, 0.0) for item in ranked[:k]], np.float64)
    best = np.sort(np.array(list(gains.values())))[::-1][:k]
    return float(weights[: found.size] @ found / (weights[: best.size] @ best))


def ordered(question: Question, score: Weights) -> list[ItemId]:
    """The candidates by score, ties in their own order; those without opinion follow in theirs."""
    order = np.argsort(-np.where(np.isnan(score), -np.inf, score), kind="stable")
    return [question.candidates[n].id for n in order.tolist()]


def teacher_ndcg(
    teacher: Teacher,
    questions: Sequence[Question],
    hidden: Mapping[str, frozenset[ItemId]],
    k: int = 10,
) -> Weights:
    """float64[questions] for `web3rec.distill.gate.decision`: NDCG@k of the candidates as the
    teacher orders them; nan where it has no opinion on any.

    Raises:
        ParamError: a person has nothing hidden.
    """
    worth = np.full(len(questions), np.nan)
    for n, question in enumerate(questions):
        score = teacher.score(question)
        if np.isfinite(score).any():
            found = ordered(question, score)
            worth[n] = ndcg_at(found, hidden.get(question.history.person, frozenset()), k)
    return worth
