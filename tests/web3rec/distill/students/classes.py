"""Small lessons in which item vectors say what columns do not."""

import numpy as np

from web3rec.distill.lessons import Lesson
from web3rec.distill.students.hybrid import Matrix
from web3rec.distill.teacher import Described, History, Question
from web3rec.rerank.features import NAMES, Content, Features
from web3rec.store import key_of
from web3rec.types import ItemId, ItemKey

WIDTH = 6
ITEMS = 40


def item(number: int) -> ItemId:
    return ItemId(f"item {number}")


def vectors(seed: int = 0) -> dict[ItemKey, Matrix]:
    """Even items lie one way, odd ones the other; some noise."""
    rng = np.random.default_rng(seed)
    found = {}
    for number in range(ITEMS):
        vector = rng.normal(size=WIDTH) * 0.3
        vector[0] += 1 if number % 2 else -1
        found[key_of(item(number))] = vector.astype(np.float32)
    return found


def lesson(rng: np.random.Generator, name: str, candidates: int = 10, history: int = 5) -> Lesson:
    """Somebody likes either even or odd items, and columns are noise: hits are of its kind."""
    kind = int(rng.integers(2))
    drawn = rng.permutation(ITEMS).tolist()
    own = [n for n in drawn if n % 2 == kind][:history]
    asked = [n for n in reversed(drawn) if n not in own][:candidates]
    content = Content(
        tuple(key_of(item(n)) for n in asked),
        tuple(key_of(item(n)) for n in own),
        np.arange(len(own), dtype=np.float64),
    )
    values = rng.normal(size=(len(asked), len(NAMES))).astype(np.float32)
    order = rng.permutation(len(asked)).astype(np.int64)
    hits = np.array([n % 2 == kind for n in asked], bool)
    question = Question(
        History(name, tuple(Described(item(n)) for n in reversed(own))),
        tuple(Described(item(n)) for n in asked),
    )
    return Lesson(question, Features(values, order, content), hits, max(1, int(hits.sum())))


def lessons(seed: int, count: int, candidates: int = 10) -> list[Lesson]:
    rng = np.random.default_rng(seed)
    return [lesson(rng, f"{seed}-{n}", candidates - n % 3) for n in range(count)]
