"""A teacher that read about items: how near are the words written about one to those about others?

A language model's paragraphs on items (style, who would enjoy them, whom they resemble) as bags of
words: each weighs log(n / paragraphs that have it) times 1 + log(times), rows have length 1, and a
candidate is worth its mean cosine with the history's items. No encoder, hence no torch; what
sentence vectors add is measured elsewhere.

Only item profiles: whether the profiles of users in such files were written from their training
part alone is not known, and then they would tell what was to be found out.
Source: Salton & Buckley, "Term-weighting approaches in automatic text retrieval", IPM 24(5), 1988.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np

from web3rec.distill.files import tab_separated, text_of
from web3rec.distill.teacher import Question
from web3rec.errors import DataError
from web3rec.types import ItemId, Weights

LONGEST: Final = 8_000
"""Characters of a paragraph that are read."""
_WORD: Final = re.compile(r"[^\W_]{2,}")


@dataclass(frozen=True, slots=True)
class Profiles:
    """What was written about items."""

    texts: Mapping[ItemId, str]
    dropped: int
    """Paragraphs of no known item, empty, or no text at all"""


@dataclass(frozen=True)
class Alike:
    """Profiles as a teacher. No opinion on items without one, nor where the history has none.

    Cost: O(words of all profiles) once, then O(words of the history and the candidates) a list.
    """

    id: str
    profiles: Profiles

    def score(self, question: Question) -> Weights:
        known = [self._rows[item.id] for item in question.history.items if item.id in self._rows]
        score = np.full(len(question.candidates), np.nan)
        if not known:
            return score
        taste: dict[str, float] = {}
        for row in known:
            for word, weight in row.items():
                taste[word] = taste.get(word, 0.0) + weight / len(known)
        for n, item in enumerate(question.candidates):
            if item.id in self._rows:
                own = self._rows[item.id].items()
                score[n] = math.fsum(weight * taste.get(word, 0.0) for word, weight in own)
        return score

    @cached_property
    def _rows(self) -> dict[ItemId, dict[str, float]]:
        """Item -> word -> weight; of length 1. A word that all have weighs nothing."""
        counts = {item: Counter(words(text)) for item, text in self.profiles.texts.items()}
        spread: Counter[str] = Counter(word for own in counts.values() for word in own)
        rows = {}
        for item, own in counts.items():
            row = {
                word: (1 + math.log(times)) * math.log(len(counts) / spread[word])
                for word, times in own.items()
                if spread[word] < len(counts)
            }
            length = math.sqrt(math.fsum(weight**2 for weight in row.values()))
            if length:
                rows[item] = {word: weight / length for word, weight in row.items()}
        return rows


def words(text: str) -> list[str]:
    """Its words of two and more letters or digits, folded; at most LONGEST characters are read."""
    return _WORD.findall(text[:LONGEST].casefold())


def read_profiles(path: Path, items: Mapping[str, ItemId]) -> Profiles:
    """Read a JSON object `{key: paragraph}`.

    Args:
        path: plain or .gz.
        items: key in the file -> the data set's id (`read_keys`).

    Raises:
        DataError: it is not there, damaged, or no such object.
    """
    try:
        table = json.loads(text_of(path))
    except (ValueError, RecursionError):
        table = None
    if not isinstance(table, dict):
        raise DataError("wanted a JSON object of paragraphs by key", where=path.name)
    texts = {
        items[key]: text
        for key, text in table.items()
        if key in items and isinstance(text, str) and text.strip()
    }
    return Profiles(texts, len(table) - len(texts))


def read_keys(path: Path) -> dict[str, ItemId]:
    """Lines `id key` as key -> id. Raises DataError: another shape, or a key twice."""
    keys: dict[str, ItemId] = {}
    for line, row in enumerate(tab_separated(path), 1):
        pair = " ".join(row).split()
        if len(pair) != 2 or pair[1] in keys:
            raise DataError("wanted `id key`, each key once", where=f"{path.name}:{line}")
        keys[pair[1]] = ItemId(pair[0])
    return keys
