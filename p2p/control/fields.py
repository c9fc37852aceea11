"""What a request says, read strictly: a key nobody asked for is an error, not a silence.

Knows JSON and the words of our domain; no sockets. Every method raises `Problem`, whose text names
the key and never the value.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Final, NoReturn
from urllib.parse import parse_qsl

from p2p.control.problems import refuse
from web3rec.adapters.jsonl import MAX_NAME
from web3rec.errors import DataError
from web3rec.records import parse_peer
from web3rec.store import key_of
from web3rec.store.own import MAX_AT
from web3rec.types import Event, ItemId, Millis, PeerId

MAX_PARAMETERS: Final = 256
"""In one query string."""
_ITEM: Final = "an item id: text of 1 to 512 characters, such as trk:42"
_PEER: Final = "an author's key: did:key:z6Mk…, 12D3Koo… or 64 hex digits"


class Fields:
    """The keys of one JSON object or query; each is taken out once, `done` says none is left."""

    def __init__(self, values: Mapping[str, object], where: str = "") -> None:
        """`where` leads the names in errors: "acts[3]."."""
        self._values, self._where = dict(values), where

    def done(self) -> None:
        """Refuse what nobody took."""
        for key in self._values:
            shown = key[:40] if key.isascii() and key.isidentifier() else "a key"
            refuse("unknown_key", f"{self._where}{shown} is not known here")

    def has(self, key: str) -> bool:
        """Whether the key was given and is not null."""
        return self._values.get(key) is not None

    def text(self, key: str, *, most: int, default: str | None = None) -> str:
        """Unicode text of at most so many characters; without a default it must be there."""
        value = self._take(key, default)
        if not isinstance(value, str) or len(value) > most or not _is_unicode(value):
            self._wrong(key, f"text of at most {most} characters")
        return value

    def whole(self, key: str, least: int, most: int, *, default: int | None = None) -> int:
        """A whole number, in JSON or as the digits of a query."""
        value = self._take(key, default)
        if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 17:
            value = int(value)
        if type(value) is not int or not least <= value <= most:
            self._wrong(key, f"a whole number from {least} to {most}")
        return value

    def number(self, key: str, least: float, most: float, *, default: float | None = None) -> float:
        """A number."""
        value = self._take(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            self._wrong(key, f"a number from {least:g} to {most:g}")
        if not least <= value <= most:
            self._wrong(key, f"a number from {least:g} to {most:g}")
        return float(value)

    def flag(self, key: str, *, default: bool | None = None) -> bool:
        """True or false."""
        value = self._take(key, default)
        value = (
            {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value
        )
        if not isinstance(value, bool):
            self._wrong(key, "true or false")
        return value

    def texts(self, key: str, *, most: int, each: int) -> tuple[str, ...]:
        """Several texts; none if the key is not there. In a query the parameter is repeated."""
        value = self._take(key, [])
        many = value if isinstance(value, list) else [value]
        if len(many) > most or not all(
            isinstance(one, str) and len(one) <= each and _is_unicode(one) for one in many
        ):
            self._wrong(key, f"at most {most} texts of at most {each} characters")
        return tuple(many)

    def objects(self, key: str, *, least: int, most: int) -> tuple["Fields", ...]:
        """A list of JSON objects."""
        value = self._take(key, None)
        if (
            not isinstance(value, list)
            or not least <= len(value) <= most
            or not all(isinstance(one, dict) for one in value)
        ):
            self._wrong(key, f"a list of {least} to {most} objects")
        return tuple(
            Fields(one, f"{self._where}{key}[{place}].") for place, one in enumerate(value)
        )

    # -- words of the domain -------------------------------------------------------------------

    def item(self, key: str) -> ItemId:
        """An item id the log takes."""
        return self._item_id(key, self._take(key, None))

    def items(self, key: str, *, most: int) -> tuple[ItemId, ...]:
        """Several item ids; none if the key is not there."""
        value = self._take(key, [])
        many = value if isinstance(value, list) else [value]
        if len(many) > most:
            self._wrong(key, f"at most {most} item ids")
        return tuple(self._item_id(key, one) for one in many)

    def peer(self, key: str) -> PeerId:
        """An author's key."""
        value = self._take(key, None)
        if not isinstance(value, str) or len(value) > 200 or not _is_unicode(value):
            self._wrong(key, _PEER)
        try:
            return parse_peer(value)
        except DataError:
            self._wrong(key, _PEER)

    def name(self, key: str) -> str:
        """What the ego calls a peer; "" if not given."""
        return self.text(key, most=MAX_NAME, default="").strip()

    def event(self, key: str) -> Event:
        """What was done; "play" is "listen"."""
        value = self._take(key, None)
        value = "listen" if value == "play" else value
        if not isinstance(value, str) or value not in list(Event):
            self._wrong(key, f"one of play, {', '.join(Event)}")
        return Event(value)

    def moment(self, key: str) -> Millis:
        """Unix milliseconds."""
        return Millis(self.whole(key, 0, MAX_AT))

    # -- inside --------------------------------------------------------------------------------

    def _item_id(self, key: str, value: object) -> ItemId:
        if not isinstance(value, str):
            self._wrong(key, _ITEM)
        try:
            key_of(value)
        except (DataError, UnicodeError):
            self._wrong(key, _ITEM)
        return ItemId(value)

    def _take(self, key: str, default: object) -> object:
        value = self._values.pop(key, None)
        if value is not None:
            return value
        if default is None:
            refuse("missing_key", f"{self._where}{key} is missing")
        return default

    def _wrong(self, key: str, wanted: str) -> NoReturn:
        refuse("wrong_value", f"{self._where}{key} must be {wanted}")


def fields_of_body(body: bytes) -> Fields:
    """The body's JSON object; no body is an empty one.

    Stricter than Python's reader: UTF-8, no key twice, no NaN, and not deep.
    """
    if not body:
        return Fields({})
    try:
        value = json.loads(
            body.decode(),
            object_pairs_hook=_once,
            parse_constant=_no_number,
            parse_float=_finite,
        )
    except (ValueError, RecursionError):
        refuse("not_json", "want one JSON object in UTF-8, every key once, numbers finite")
    if not isinstance(value, dict):
        refuse("not_json", "want one JSON object, {…}")
    return Fields(value)


def fields_of_query(query: str) -> Fields:
    """The parameters; one that is repeated is a list."""
    try:
        pairs = parse_qsl(
            query,
            keep_blank_values=True,
            strict_parsing=bool(query),
            errors="strict",
            max_num_fields=MAX_PARAMETERS,
        )
    except ValueError:
        refuse("malformed_request", "the query is not name=value&… in percent-encoded UTF-8")
    found: dict[str, object] = {}
    for name, value in pairs:
        before: object = found.get(name)
        if before is None:
            found[name] = value
        else:
            found[name] = [*before, value] if isinstance(before, list) else [before, value]
    return Fields(found)


def _once(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _no_number(_text: str) -> NoReturn:
    raise ValueError("not a number of JSON")


def _finite(text: str) -> float:
    value = float(text)
    if not -1e308 < value < 1e308:
        raise ValueError("too large")
    return value


def _is_unicode(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= c <= "\udfff" for c in text)
