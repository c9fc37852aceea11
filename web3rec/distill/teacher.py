"""What is asked of a teacher: how would this person, who liked these, rank those?

Knows ids and texts; no files, no network, no clock.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Protocol

from web3rec.errors import ParamError
from web3rec.types import ItemId, Weights


@dataclass(frozen=True, slots=True)
class Described:
    """An item and what can be read about it."""

    id: ItemId
    text: str = ""
    """Title, or title and description: a stranger's text. Empty where nothing is known."""


@dataclass(frozen=True, slots=True)
class History:
    """What one person is known to like."""

    person: str
    """The data set's name for the person: teachers that are files know nobody by anything else."""
    items: tuple[Described, ...]
    """Oldest first where times are known, else in the data set's order; none twice."""

    def __post_init__(self) -> None:
        _none_twice("history", self.items)


@dataclass(frozen=True, slots=True)
class Question:
    """One list to be judged."""

    history: History
    candidates: tuple[Described, ...]
    """None twice; none of the history."""

    def __post_init__(self) -> None:
        _none_twice("candidates", self.candidates)
        own = {item.id for item in self.history.items}
        if any(item.id in own for item in self.candidates):
            raise ParamError("candidates", "an item of the history", "items not in the history")

    @property
    def digest(self) -> bytes:
        """sha256 of all that a teacher may look at: who, what was liked, what is asked about."""
        told = [
            self.history.person,
            [[item.id, item.text] for item in self.history.items],
            [[item.id, item.text] for item in self.candidates],
        ]
        return hashlib.sha256(json.dumps(told).encode()).digest()


class Teacher(Protocol):
    """Whoever has opinions on candidates."""

    @property
    def id(self) -> str:
        """Names the teacher and whatever its opinions hang on (file, model, numbers)."""
        ...

    def score(self, question: Question) -> Weights:
        """How well does each candidate fit?

        Returns:
            float64[candidates]: higher is better, comparable within this list only; nan where
            there is no opinion, never infinite.

        Raises:
            Web3recError: the teacher itself is out of order (its words never raise).
        """
        ...


def _none_twice(name: str, items: tuple[Described, ...]) -> None:
    if len({item.id for item in items}) < len(items):
        raise ParamError(name, "an item twice", "items that differ")
