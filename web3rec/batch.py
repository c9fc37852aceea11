"""What `recommend` returns: an immutable list that can say why."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

from web3rec.rank.reasons import Contribution, Path
from web3rec.types import Item, ItemKey, Millis, PeerId


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One position of a list."""

    item: Item
    key: ItemKey
    score: float
    """> 0; comparable inside one batch only"""
    reason: str
    """One line for a person"""
    source: str
    """Which candidate source says most of it: "taste", "alike", "words", "interest", "fresh",
    "popular", or "catalogue" for the own one"""
    contributions: tuple[Contribution, ...]
    """Who the score came through; amounts sum to it"""
    path: Path | None
    """The strongest line you -> your item -> somebody -> this item, where there is one"""
    paid: tuple[tuple[PeerId, float], ...] = ()
    """What part of this position each friend paid for; those of a pool are not known by name"""


@dataclass(frozen=True, slots=True)
class Model:
    """What ordered a list before the sponsor budgets had their say."""

    name: str
    """What its publisher calls it; "own" for what this device learnt for itself"""
    version: int
    """Of the publisher's; 0 for the device's own"""
    publisher: PeerId | None
    """Who signed it; None for the device's own"""

    def __str__(self) -> str:
        return f"{self.name} {self.version}" if self.publisher else self.name


@dataclass(frozen=True, slots=True)
class Learnt:
    """What came of learning, or of judging a model that came from elsewhere."""

    model: Model | None
    """What lists are ordered by from now on; None: the graph's order stands"""
    note: str = ""
    """Why nothing better is used, where that is to be told"""
    lists: int = 0
    """Replays of others' pasts that it was judged on"""
    gain: float = 0.0
    """Mean gain over the graph's order there, a difference of NDCG@20"""
    error: float = 0.0
    """Its standard error"""


@dataclass(frozen=True, slots=True)
class Batch(Sequence[Recommendation]):
    """A list of recommendations, best first."""

    id: str
    """Names this list when feedback on it is recorded"""
    made: Millis
    items: tuple[Recommendation, ...]
    protected: bool
    """True if sponsor budgets bound this list; False in open mode"""
    overruns: int
    """Positions where the prefix budget had to be exceeded (the hard budget never is)"""
    note: str = ""
    """What the ego should know about this list, or nothing"""
    model: Model | None = None
    """What ordered it before the budgets; None: the graph's own order"""
    model_note: str = ""
    """Why a model is not used, or not a better one; nothing if there is nothing to tell"""

    def __len__(self) -> int:
        return len(self.items)

    @overload
    def __getitem__(self, index: int) -> Recommendation: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Recommendation, ...]: ...
    def __getitem__(self, index: int | slice) -> Recommendation | tuple[Recommendation, ...]:
        return self.items[index]
