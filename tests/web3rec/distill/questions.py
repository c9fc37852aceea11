"""Questions for tests: people named by number, items by letter."""

from web3rec.distill.teacher import Described, History, Question
from web3rec.types import ItemId


def items(*names: str) -> tuple[Described, ...]:
    return tuple(Described(ItemId(name), name) for name in names)


def question(candidates: str = "abc", liked: str = "xyz", person: str = "1") -> Question:
    return Question(History(person, items(*liked)), items(*candidates))
