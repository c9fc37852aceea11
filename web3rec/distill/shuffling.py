"""How a list is asked about: in groups that fit one question, cut and labelled anew each time.

A model prefers some letters, and judges a candidate by its neighbours. So every shuffle cuts the
list anew into groups of even size, and a candidate's score is the mean of what its groups said.
The same question is always cut alike, whoever asks and however often.
"""

from collections.abc import Iterable, Iterator

import numpy as np

from web3rec.distill.teacher import Question
from web3rec.types import Indices, Weights


def shuffled(
    question: Question, *, shuffles: int, group: int, seed: int
) -> Iterator[tuple[Indices, ...]]:
    """The groups of each shuffle; none of a list of one or none.

    Args:
        question: its digest and the seed decide every cut, so one more shuffle changes no other.
        shuffles: how many.
        group: candidates in one group at most.
        seed: >= 0.

    Returns:
        For each shuffle, arrays that together hold each candidate's number once.
    """
    size = len(question.candidates)
    if size < 2:
        return
    drawn = np.frombuffer(question.digest, "<u4").tolist()
    for shuffle in range(shuffles):
        rng = np.random.default_rng([seed, shuffle, *drawn])
        order = rng.permutation(np.arange(size, dtype=np.int32))
        yield tuple(np.array_split(order, -(-size // group)))


def averaged(size: int, said: Iterable[tuple[Weights, Indices]]) -> Weights:
    """float64[size]: each candidate's mean over the groups that said something of it, else nan.

    Args:
        size: candidates of the list.
        said: what was said of a group (nan: nothing), and who is in it.
    """
    total, heard = np.zeros(size), np.zeros(size)
    for words, which in said:
        known = np.isfinite(words)
        total[which[known]] += words[known]
        heard[which[known]] += 1
    mean: Weights = np.divide(total, heard, out=np.full(size, np.nan), where=heard > 0)
    return mean
