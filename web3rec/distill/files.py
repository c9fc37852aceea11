"""A teacher that is a file: lists that a language model wrote, after their names were matched.

Rows `user <tab> item <tab> place` without a head, or `user, title, item, place` under one, plain or
.gz. That the file is there and is such a file is our side's business, and strict. What the rows say
is the model's: it names items nobody offered, names some twice, skips places and breaks lines. We
keep what can be used, and count what cannot.
"""

import gzip
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import numpy as np

from web3rec.distill.teacher import Question
from web3rec.errors import DataError
from web3rec.types import ItemId, Weights

LARGEST: Final = 256 << 20
"""Bytes of a file at most, unpacked."""
MOST_PLACES: Final = 1_000
"""Of one list; what comes after them is dropped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """Rows of a model's lists that could not be used, by reason."""

    malformed: int = 0
    """Not a row of that shape: columns missing, a place that is no number"""
    unnamed: int = 0
    """No item: what the model wrote matched no name"""
    repeated: int = 0
    """The item stands further up in the same list"""
    beyond: int = 0
    """Past MOST_PLACES"""
    stranger: int = 0
    """Not among the candidates (see `Rankings.among`)"""

    def __add__(self, other: "Dropped") -> "Dropped":
        return Dropped(
            malformed=self.malformed + other.malformed,
            unnamed=self.unnamed + other.unnamed,
            repeated=self.repeated + other.repeated,
            beyond=self.beyond + other.beyond,
            stranger=self.stranger + other.stranger,
        )


@dataclass(frozen=True, slots=True)
class Rankings:
    """Everybody's list, best first."""

    lists: Mapping[str, tuple[ItemId, ...]]
    rows: int
    """Read, used or not"""
    dropped: Dropped = field(default_factory=Dropped)

    def among(self, candidates: Mapping[str, Iterable[ItemId]]) -> "Rankings":
        """Only what was offered to each person; the rest is counted. People without any are left
        out, lists without any are kept, empty.
        """
        kept, strangers = {}, 0
        for person, listed in self.lists.items():
            offered = frozenset(candidates.get(person, ()))
            kept[person] = tuple(item for item in listed if item in offered)
            strangers += len(listed) - len(kept[person])
        return replace(self, lists=kept, dropped=self.dropped + Dropped(stranger=strangers))


@dataclass(frozen=True, slots=True)
class Ranked:
    """Rankings as a teacher. Place p among the candidates is worth 1 / log2(p + 1).

    That is the attention which DCG gives the place; candidates that the list does not name get no
    opinion, and items of the list that are no candidates push nobody down.
    """

    id: str
    rankings: Rankings

    def score(self, question: Question) -> Weights:
        where = {item.id: n for n, item in enumerate(question.candidates)}
        listed = self.rankings.lists.get(question.history.person, ())
        found = [where[item] for item in listed if item in where]
        score = np.full(len(where), np.nan)
        score[found] = 1 / np.log2(np.arange(len(found)) + 2.0)
        return score


def read_rankings(path: Path) -> Rankings:
    """Read a file of lists; places order a list, and ties and gaps among them do not matter.

    Raises:
        DataError: it is not there, damaged, too large, or no row in it is such a row.
    """
    rows: dict[str, list[tuple[float, int, ItemId]]] = {}
    total = malformed = unnamed = 0
    for number, words in enumerate(tab_separated(path)):
        if number == 0 and words[0].strip().lower() in {"userid", "user"}:
            continue
        total += 1
        place = _place(words[-1])
        if len(words) not in (3, 4) or not words[0].strip() or place is None:
            malformed += 1
        elif not (item := words[-2].strip()):
            unnamed += 1
        else:
            rows.setdefault(words[0].strip(), []).append((place, number, ItemId(item)))
    if not rows:
        raise DataError("no row `user item place` in it: give a file of rankings", where=path.name)
    dropped = Dropped(malformed=malformed, unnamed=unnamed)
    lists = {}
    for person, own in rows.items():
        once = tuple(dict.fromkeys(item for _, _, item in sorted(own)))
        lists[person] = once[:MOST_PLACES]
        dropped += Dropped(repeated=len(own) - len(once), beyond=len(once[MOST_PLACES:]))
    return Rankings(lists, total, dropped)


def tab_separated(path: Path) -> Iterator[list[str]]:
    """The rows of a file as words; empty lines left out. Raises DataError as `text_of` does."""
    for line in text_of(path).split("\n"):
        if line.strip():
            yield line.rstrip("\r").split("\t")


def text_of(path: Path) -> str:
    """A file's text, unpacked if it is .gz; what is not UTF-8 becomes U+FFFD.

    Raises:
        DataError: it is not there, damaged or larger than LARGEST.
    """
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"cannot be read ({error}): give the file again", where=path.name) from None
    if len(data) > LARGEST:
        raise DataError(f"has more than {LARGEST >> 20} MiB: split it", where=path.name)
    return data.decode("utf-8-sig", errors="replace")


def _place(word: str) -> float | None:
    try:
        place = float(word)
    except ValueError:
        return None
    return place if np.isfinite(place) else None
