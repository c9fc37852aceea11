"""What every reader hands over: people, items, acts and trust as plain values.

Knows no file format and no key: a person is a name of the data set. Whoever imports a data set
gives its people keys.
"""

from collections.abc import Callable
from dataclasses import dataclass

from web3rec.types import Event, Item, ItemId, Millis

Progress = Callable[[int, int], None]
"""Told (lines read, lines in all) now and then; the last call has both equal."""

ME = ""
"""The user of an act, or the source of an edge, that belongs to whoever reads the file."""


def quiet(_done: int, _total: int) -> None:
    """The progress of a reader that nobody watches."""


@dataclass(frozen=True, slots=True)
class Act:
    """Something a person did with an item."""

    user: str
    """The data set's name for the person; ME in a file of one's own acts."""
    item: ItemId
    kind: Event
    weight: int = 1
    """1..8: a bucket of about 4 ** (weight - 1) repetitions."""
    at: Millis | None = None
    """None where the data set does not say."""
    private: bool = False
    """It is never shared, by no device."""


@dataclass(frozen=True, slots=True)
class TrustEdge:
    """`source` trusts `target`."""

    source: str
    target: str
    weight: float = 1.0
    """In (0, 1]."""
    name: str = ""
    """What the source calls the target, where it is known; for the source's own eyes."""
    private: bool = False
    """It is never shared, by no device."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """A data set, read whole: every item named by an act is in `items`."""

    name: str
    people: tuple[str, ...]
    """Everyone the data set knows, those without acts or friends included."""
    items: tuple[Item, ...]
    acts: tuple[Act, ...]
    trust: tuple[TrustEdge, ...] = ()
    """Empty where the data set has no graph; see `web3rec.eval.synthetic_trust`."""
    rows: int = 0
    """Rows of interactions in the source: acts plus what was left out."""
    notes: tuple[str, ...] = ()
    """What was left out or reinterpreted, one line each, to be shown to the user."""


@dataclass(frozen=True, slots=True)
class Entries:
    """One person's own file: what `read_jsonl` reads and `write_jsonl` writes.

    Acts have the user ME, edges the source ME; peers are did:key text.
    """

    items: tuple[Item, ...] = ()
    acts: tuple[Act, ...] = ()
    trust: tuple[TrustEdge, ...] = ()
    blocks: tuple[str, ...] = ()
    withheld_items: tuple[ItemId, ...] = ()
    withheld_tags: tuple[str, ...] = ()
