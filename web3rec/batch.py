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

    def __len__(self) -> int:
        return len(self.items)

    @overload
    def __getitem__(self, index: int) -> Recommendation: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Recommendation, ...]: ...
    def __getitem__(self, index: int | slice) -> Recommendation | tuple[Recommendation, ...]:
        return self.items[index]
