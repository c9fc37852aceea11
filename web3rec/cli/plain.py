"""Text that is safe to print. Titles come from strangers, file names and ids from anywhere."""

from typing import Final

JOINERS: Final = "\u200c\u200d"
"""Not printable by Python's account, but parts of letters (Persian, Hindi, emoji)."""


def plain(text: str) -> str:
    """The text on one line, without anything a terminal would obey.

    >>> plain("Blue\\x1b[31m\\n Train")
    'Blue�[31m Train'
    """
    line = " ".join(text.split())
    return "".join(c if c.isprintable() or c in JOINERS else "\ufffd" for c in line)
