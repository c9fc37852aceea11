"""Several sources become one order: a weighted sum of their scores, each source's best being 1.

    s_i = sum over sources k of  lambda_k s_ki / max_j s_kj        j among the items allowed

A sum is linear, so the parts add up as the scores do: what sponsor b paid of s_i is the same sum
over what it paid of each s_ki, and contributions sum to the score (law M4). The order is a
permutation of all that any source offered (law M6), and budgets bind it like a single source's.
"""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from web3rec.rank.sources.voices import Chorus
from web3rec.types import Weights


def blended(said: Iterable[tuple[Chorus, float]], allowed: npt.NDArray[np.bool_]) -> Chorus:
    """Blend sources.

    Args:
        said: each source with its weight lambda, >= 0; of equal scores the first names an item.
        allowed: bool[items]: among which items a source's best counts as 1.

    Returns:
        The blend. A source that is alone keeps its own scores.

    Cost: O(items) for each source.
    """
    heard = []
    for chorus, weight in said:
        most = float(chorus.scores.max(where=allowed, initial=0.0))
        if weight > 0 and most > 0:
            heard.append((chorus, weight, most))
    if len(heard) == 1:
        return heard[0][0]
    scaled = [chorus.scaled(weight / most) for chorus, weight, most in heard]
    total: Weights = np.zeros(len(allowed))
    for chorus in scaled:
        total += chorus.scores
    return Chorus(tuple(voice for chorus in scaled for voice in chorus.voices), total)
