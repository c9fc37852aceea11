"""What many lists together do to the catalogue: how much of it is shown, and how evenly.

Knows item numbers and counts only. `listeners` are those of the training data: who is popular
must not be told by what was hidden.
"""

from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt

from web3rec.errors import ParamError
from web3rec.eval.metrics import discount
from web3rec.types import Weights

Counts = npt.NDArray[np.int64]


def shown(lists: Sequence[Sequence[int]], k: int, n_items: int) -> Counts:
    """int64[items]: in how many lists each stands among the first k."""
    if k < 1:
        raise ParamError("k", k, "at least 1 position")
    items = [item for own in lists for item in own[:k]]
    return np.bincount(np.array(items, np.int64), minlength=n_items)


def coverage(counts: Counts) -> float:
    """The share of the catalogue that is in at least one list; in [0, 1], 0 without items."""
    return float(np.count_nonzero(counts) / len(counts)) if len(counts) else 0.0


def gini(counts: Counts) -> float:
    """How unevenly places fall to items: 0 if all get the same, towards 1 if one gets all.

    Items that are shown nowhere count. 0 if nothing is shown.
    Source: sum_i (2 i - n - 1) c_i / (n sum c), c rising (Gini 1912 in its usual sorted form).
    """
    total, n = counts.sum(), len(counts)
    if not total:
        return 0.0
    weights = 2 * np.arange(1, n + 1) - n - 1
    return float(weights @ np.sort(counts) / (n * total))


def novelty(lists: Sequence[Sequence[int]], k: int, listeners: Weights, n_users: int) -> Weights:
    """float64[people]: mean surprise in bits of the first k, -log2(share of people who have it).

    NaN for an empty list. An item nobody has counts as had by one.
    Source: Zhou et al., "Solving the apparent diversity-accuracy dilemma of recommender systems",
    PNAS 107(10), 2010.
    """
    bits = np.log2(max(n_users, 1)) - np.log2(np.maximum(listeners, 1))
    return np.array(
        [bits[np.asarray(own[:k], np.int64)].mean() if len(own) else np.nan for own in lists]
    )


def head(listeners: Weights) -> npt.NDArray[np.bool_]:
    """bool[items]: the fewest items, most popular first, that hold half of all interactions."""
    order = np.argsort(-listeners, kind="stable")
    before = np.cumsum(listeners[order]) - listeners[order]
    popular = np.zeros(len(listeners), bool)
    popular[order[before < listeners.sum() / 2]] = True
    return popular


def fairness(
    lists: Sequence[Sequence[int]],
    hidden: Sequence[Collection[int]],
    k: int,
    popular: npt.NDArray[np.bool_],
) -> float | None:
    """Exposure of the tail for what people want of it, against the same of the head.

        (attention of the tail / hidden items of the tail) / (the same for the head)

    1 is proportional; below 1 the unpopular half of all listening gets less attention than people
    turn out to want it. Attention of a position is 1 / log2(position + 1).
    Source: Singh & Joachims, "Fairness of exposure in rankings", KDD 2018 (disparate treatment
    ratio; utility is what was hidden). Hidden items beyond the catalogue of `popular` are tail.

    Returns:
        >= 0; None where head or tail was never hidden, or the head never shown.
    """
    weights = discount(k)
    attention, merit = np.zeros(2), np.zeros(2)
    for own, wanted in zip(lists, hidden, strict=True):
        is_head = popular[np.asarray(own[:k], np.int64)]
        attention += np.bincount(is_head.astype(int), weights[: len(is_head)], minlength=2)
        n_head = sum(item < len(popular) and bool(popular[item]) for item in wanted)
        merit += (len(wanted) - n_head, n_head)
    if not merit.all() or not attention[1]:
        return None
    each = attention / merit
    return float(each[0] / each[1])
