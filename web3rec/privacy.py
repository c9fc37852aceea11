"""What the ego keeps to itself: wishes of an app about withheld items and tags, checked."""

from typing import Final

from web3rec.errors import DataError
from web3rec.store import Log
from web3rec.store.own import key_of
from web3rec.store.withheld import remove_item, remove_tag
from web3rec.store.withholding import Withholding, withhold_item, withhold_tag

_ONE_OF: Final = "wants exactly one of item= and tag="


def withhold(log: Log, item: str | None, tag: str | None, *, retract: bool) -> Withholding:
    """Put an item or a tag on the list. Raises DataError, Closed, ReadOnly."""
    if item is not None and tag is None:
        return log.change(
            lambda sql, author, now: withhold_item(sql, item, author, now, retract=retract)
        )
    if tag is not None and item is None:
        return log.change(
            lambda sql, author, now: withhold_tag(sql, tag, author, now, retract=retract)
        )
    raise DataError(f"withhold {_ONE_OF}")


def unwithhold(log: Log, item: str | None, tag: str | None) -> bool:
    """Take an item or a tag off the list; False if it was not on it. Raises as `withhold`."""
    if item is not None and tag is None:
        key = key_of(item)
        return log.change(lambda sql, _author, _now: remove_item(sql, key))
    if tag is not None and item is None:
        return log.change(lambda sql, _author, _now: remove_tag(sql, tag))
    raise DataError(f"unwithhold {_ONE_OF}")
