"""Times, sizes and counts in plain words."""

from typing import Final

_SPANS: Final = ((86_400 * 365, "year"), (86_400 * 30, "month"), (86_400, "day"), (3_600, "h"),
                 (60, "min"))  # fmt: skip


def span(seconds: float) -> str:
    """How long, in its largest unit.

    >>> span(7_300), span(90_000), span(200_000), span(12)
    ('2 h', '1 day', '2 days', 'a moment')
    """
    for unit, name in _SPANS:
        if seconds >= unit:
            count = int(seconds // unit)
            return f"{count} {name}{'s' if count > 1 and unit >= 86_400 else ''}"
    return "a moment"


def ago(seconds: float) -> str:
    """How long since.

    >>> ago(130), ago(3)
    ('2 min ago', 'just now')
    """
    return "just now" if seconds < 60 else f"{span(seconds)} ago"


def since_day(days: float) -> str:
    """How long since, where only the day is known.

    >>> since_day(.3), since_day(1.2), since_day(9)
    ('today', 'yesterday', '9 days ago')
    """
    if days < 1:
        return "today"
    return "yesterday" if days < 2 else ago(days * 86_400)


def bytes_of(count: float) -> str:
    """How much, in powers of a thousand.

    >>> bytes_of(0), bytes_of(1_234_567), bytes_of(50_000_000)
    ('0 kB', '1.2 MB', '50 MB')
    """
    for unit, name in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if count >= unit or unit == 1e3:
            size = count / unit
            return f"{size:.0f} {name}" if size >= 10 or size == int(size) else f"{size:.1f} {name}"
    raise AssertionError("the last unit takes all")


def counted(count: int, one: str, many: str = "") -> str:
    """A number with its noun.

    >>> counted(1, "record"), counted(1_500, "record"), counted(2, "entry", "entries")
    ('1 record', '1,500 records', '2 entries')
    """
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def sentence(text: str) -> str:
    """With a capital and a full stop.

    >>> sentence("you trust nobody yet")
    'You trust nobody yet.'
    """
    text = text.strip()
    return text if not text else text[0].upper() + text[1:] + ("" if text[-1] in ".!?" else ".")
