"""The privacy ladder: what may leave the device, and when.

    0  nothing                                               (default)
    1  explicit acts (like, share, collect) and trust; hashed ids, day granularity, random delay
    2  also listens, in weight buckets, at most 50 live
    3  exact times and item URIs

A record is written in the form of the level it was made at and needs at least that level to
leave. What was made at a level too low for its kind never leaves, even if the level rises
later: raising the level is consent for the future, not for the past.
"""

from typing import Final

from web3rec.errors import ParamError
from web3rec.records.model import Kind

LEVELS: Final = (0, 1, 2, 3)
NEVER: Final = 9
"""The level of a record that stays here for good."""
MAX_LIVE_LISTENS: Final = 50

_NEEDS: Final = {Kind.LISTEN: 2, Kind.ITEM: 3}


def checked(level: int) -> int:
    """The level itself. Raises ParamError outside 0..3."""
    if type(level) is not int or level not in LEVELS:
        raise ParamError("level", level, "0, 1, 2 or 3 (see `web3rec share --help`)")
    return level


def level_of(kind: Kind, made_at: int) -> int:
    """The least level at which a record of this kind, made at that level, may leave."""
    needs = _NEEDS.get(kind, 1)
    if made_at < needs:
        return NEVER
    return 3 if made_at == 3 and kind.is_interaction else needs
