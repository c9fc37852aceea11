"""What a source may look at, and the one signature that all sources have."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from web3rec.graph import Snapshot, Vocab
from web3rec.params import SourceParams
from web3rec.rank.admission import Admission
from web3rec.rank.sources.voices import Chorus, Voices
from web3rec.types import Indices, ItemKey, Weights


@dataclass(frozen=True, slots=True, eq=False)
class Replies:
    """What the ego said to items of earlier lists, in the order in which it did."""

    items: Indices
    """int32[replies]"""
    accepted: npt.NDArray[np.bool_]
    """bool[replies]: false for skipped and unwanted items"""

    @staticmethod
    def to(items: Vocab, said: Iterable[tuple[ItemKey, bool]]) -> "Replies":
        """Those to items that anybody still holds."""
        known = [(n, ok) for key, ok in said if (n := items.number(key)) is not None]
        return Replies(
            np.array([n for n, _ in known], np.int32), np.array([ok for _, ok in known], np.bool_)
        )

    @staticmethod
    def none() -> "Replies":
        return Replies(np.zeros(0, np.int32), np.zeros(0, np.bool_))


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """One request, as sources see it."""

    snapshot: Snapshot
    admission: Admission
    tau: Weights
    """float64[users]: trust"""
    walk: Voices
    """What personalised SALSA says, the source that is always there"""
    allowed: npt.NDArray[np.bool_]
    """bool[items]: what may be proposed"""
    matches: Weights
    """float64[wishes, items] in [0, 1]: how well each item matches each of the ego's words"""
    replies: Replies

    @property
    def others(self) -> Weights:
        """float64[users]: how loudly each may speak; the ego not at all."""
        voice: Weights = self.admission.weights.copy()
        voice[self.snapshot.ego] = 0
        return voice


CandidateSource = Callable[[Sight, SourceParams], Chorus]
"""A source: a pure function. What it says is paid for by the sponsors of whoever it lets speak."""
