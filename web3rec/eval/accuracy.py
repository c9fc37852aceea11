"""Accuracy of many lists against what was hidden, by trec_eval through `pytrec_eval`.

trec_eval is the definition that information retrieval has compared itself by since 1992, and
pytrec_eval calls its C code; `eval/metrics.py` is the same in plain words, and the tests hold one
against the other. (ranx would bring a compiler, pandas and plotting; ir_measures calls
pytrec_eval, too.)
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

import numpy as np
import pytrec_eval

from web3rec.errors import ParamError
from web3rec.types import Weights

MEASURES: Final = {"recall": "recall", "ndcg": "ndcg_cut", "hr": "success", "map": "map_cut"}
"""Our name -> trec_eval's. A hidden item is relevant or not, no more; map divides by all hidden."""


def accuracy(
    lists: Sequence[Sequence[int]], hidden: Sequence[Collection[int]], cuts: Sequence[int]
) -> Mapping[str, Weights]:
    """Every measure at every cut.

    Args:
        lists: for each person the items shown, best first, none twice; may be short or empty.
        hidden: for each person what was hidden; not empty.
        cuts: positions that count, each >= 1.

    Returns:
        "ndcg@20" and so on -> float64[people], in [0, 1], in the order of the lists.

    Raises:
        ParamError: nothing is hidden from somebody, or a cut is below 1.

    Cost: O(people * longest list).
    """
    if not all(hidden):
        raise ParamError("hidden", "an empty set", "at least one hidden item for each person")
    if not cuts or min(cuts) < 1:
        raise ParamError("cuts", cuts, "positions of at least 1")
    marks = ",".join(str(cut) for cut in cuts)
    wanted = {str(n): {str(item): 1 for item in own} for n, own in enumerate(hidden)}
    # trec_eval sorts by score: positions become falling scores, so that it keeps our order.
    shown = {
        str(n): {str(item): float(len(own) - at) for at, item in enumerate(own)}
        for n, own in enumerate(lists)
        if len(own)
    }
    judge = pytrec_eval.RelevanceEvaluator(wanted, {f"{m}.{marks}" for m in MEASURES.values()})
    found = judge.evaluate(shown)
    return {
        f"{name}@{cut}": np.array(
            [found[str(n)][f"{trec}_{cut}"] if len(own) else 0.0 for n, own in enumerate(lists)]
        )
        for cut in cuts
        for name, trec in MEASURES.items()
    }
