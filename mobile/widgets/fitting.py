"""Where a text is cut so that it fits into so many lines. Pure: is told how wide a text is."""

from collections.abc import Callable

Measure = Callable[[str], float]
"""The width of a text in pixels; rises with its beginning's length"""

ELLIPSIS = "…"


def cut(text: str, width: float, measure: Measure) -> str:
    """The text itself if it fits, else the longest beginning that does with an ellipsis.

    Args:
        text: one line.
        width: pixels there are; an ellipsis that is wider is shown all the same.
        measure: how wide a text is.

    Cost: about log2(len(text)) measurements.
    """
    if measure(text) <= width:
        return text
    fits, too_long = 0, len(text)
    while too_long - fits > 1:
        middle = (fits + too_long) // 2
        if measure(text[:middle].rstrip() + ELLIPSIS) <= width:
            fits = middle
        else:
            too_long = middle
    return text[:fits].rstrip(" ,;:-–(") + ELLIPSIS


def fitted(text: str, width: float, lines: int, measure: Measure) -> str:
    """The text in at most `lines` lines, parted by newlines; the last is cut if it must be.

    Words are parted at spaces; a word that is wider than a line is cut inside.

    Raises:
        ValueError: lines < 1.
    """
    if lines < 1:
        raise ValueError(f"a text is shown in at least one line, not {lines}")
    rest = " ".join(text.split())
    done: list[str] = []
    while len(done) < lines - 1 and measure(rest) > width:
        head = _head(rest, width, measure)
        done.append(head.rstrip())
        rest = rest[len(head) :].lstrip()
    return "\n".join([*done, cut(rest, width, measure)])


def _head(text: str, width: float, measure: Measure) -> str:
    """The words that fit into a line, at least one character; the text itself is too wide."""
    fits, too_long = 1, len(text)
    while too_long - fits > 1:
        middle = (fits + too_long) // 2
        if measure(text[:middle].rstrip()) <= width:
            fits = middle
        else:
            too_long = middle
    space = text.rfind(" ", 0, fits + 1)
    return text[:space] if space > 0 else text[:fits]
