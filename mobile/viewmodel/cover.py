"""Generated covers: every item has a picture, and none of them is anybody's artwork."""

import hashlib
from dataclasses import dataclass

PATTERNS = 6
"""Ways to draw a cover; what each looks like is the widget's business."""


@dataclass(frozen=True, slots=True)
class Cover:
    """What a cover is drawn from."""

    letters: str
    """One or two, of the title"""
    hue: float
    """In [0, 1): the ground"""
    second: float
    """In [0, 1): the pattern on it"""
    pattern: int
    """0 .. PATTERNS - 1"""


def cover(item: str, title: str, creator: str = "") -> Cover:
    """The cover of an item: always the same one; works of one creator share their hue.

    Args:
        item: its id.
        title: for the letters; the id stands in if it is empty.
        creator: for the hue; the id stands in if it is empty.
    """
    words = [word for word in (title or item).split() if word[0].isalnum()]
    letters = "".join(word[0] for word in words[:2]).upper() or "♪"
    ground = hashlib.sha256((creator or item).encode()).digest()
    own = hashlib.sha256(item.encode()).digest()
    hue = int.from_bytes(ground[:2], "big") / 65536
    second = (hue + 0.25 + own[0] / 512) % 1.0
    return Cover(letters, hue, second, own[1] % PATTERNS)
