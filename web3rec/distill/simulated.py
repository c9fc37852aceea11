"""A teacher that is a crowd: users that a language model played, page by page, and what they did.

JSON lines as Agent4Rec's, one shown page each: `user`, `recommended_id` (what was shown),
`align_id` (fits the taste), `watch_id`, and `rating_id` with `rating` 1..5. A page is what a model
said: ids that were not shown, ratings without items, broken lines are dropped and counted.

    not fitting 0    fitting .5    watched and rated r: r / 5    (fitting or not)
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from web3rec.distill.files import text_of
from web3rec.distill.teacher import Question
from web3rec.errors import DataError
from web3rec.types import ItemId, Weights

FITTING: Final = 0.5
"""What an item is worth that fits and was not watched. Guess, to be measured."""
BEST_RATING: Final = 5


@dataclass(frozen=True, slots=True)
class Judgements:
    """What simulated users said, in [0, 1]."""

    opinions: Mapping[str, Mapping[ItemId, float]]
    """Person -> item -> how well it fits; of a second showing the later word"""
    pages: int
    malformed: int
    """Pages that are no page"""
    stranger: int
    """Ids that were not shown on their page, or not known under any name"""


@dataclass(frozen=True, slots=True)
class Simulated:
    """Judgements as a teacher; no opinion on what was not shown."""

    id: str
    judgements: Judgements

    def score(self, question: Question) -> Weights:
        own = self.judgements.opinions.get(question.history.person, {})
        return np.array([own.get(item.id, np.nan) for item in question.candidates], np.float64)


def read_judgements(
    path: Path, people: Mapping[int, str], items: Mapping[int, ItemId]
) -> Judgements:
    """Read the pages.

    Args:
        path: JSON lines, plain or .gz.
        people: number in the file -> the data set's name.
        items: number in the file -> the data set's id.

    Raises:
        DataError: the file is not there, damaged, or has no page in it.
    """
    opinions: dict[str, dict[ItemId, float]] = {}
    pages = malformed = stranger = 0
    for line in text_of(path).split("\n"):
        if not line.strip():
            continue
        pages += 1
        page = _page(line)
        person = None if page is None else people.get(_number(page.get("user")))
        if page is None or person is None:
            malformed += 1
            continue
        said, lost = _said(page)
        stranger += lost + sum(n not in items for n in said)
        own = opinions.setdefault(person, {})
        own.update({items[n]: value for n, value in said.items() if n in items})
    if not opinions:
        raise DataError("no page of a known user in it: give a file of pages", where=path.name)
    return Judgements(opinions, pages, malformed, stranger)


def read_numbers(path: Path) -> dict[int, str]:
    """A file `{name: number}` turned round. Raises DataError: it is no such file."""
    try:
        table = json.loads(text_of(path))
        turned = {int(number): str(name) for name, number in table.items()}
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise DataError("wanted a JSON object of numbers by name", where=path.name) from None
    if len(turned) < len(table):
        raise DataError("two names have one number: give the right table", where=path.name)
    return turned


def _page(line: str) -> dict[str, Any] | None:
    try:
        page = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return page if isinstance(page, dict) and isinstance(page.get("recommended_id"), list) else None


def _said(page: dict[str, Any]) -> tuple[dict[int, float], int]:
    """Number -> value of what was shown, and how many ids were not."""
    said = dict.fromkeys(_numbers(page["recommended_id"]), 0.0)
    lost = 0
    for number in _numbers(page.get("align_id")):
        lost += number not in said
        if number in said:
            said[number] = FITTING
    rated, ratings = page.get("rating_id"), page.get("rating")
    if isinstance(rated, list) and isinstance(ratings, list):
        lost += abs(len(rated) - len(ratings))
        for which, rating in zip(rated, ratings, strict=False):
            number, value = _number(which), _number(rating)
            usable = number in said and 1 <= value <= BEST_RATING
            lost += not usable
            if usable:
                said[number] = value / BEST_RATING
    return said, lost


def _numbers(found: object) -> list[int]:
    return [_number(each) for each in found] if isinstance(found, list) else []


def _number(found: object) -> int:
    """The number; -1 for whatever is none."""
    return found if isinstance(found, int) and not isinstance(found, bool) else -1
