"""Our own JSON lines: what one person exports from one device and imports on another.

One object a line, UTF-8, at most MAX_LINE bytes; order does not matter, blank lines are skipped:

    {"type": "item", "id": "trk:42", "title": "Blue Train", "creator": "Coltrane", "tags": ["jazz"]}
    {"type": "act", "kind": "like", "item": "trk:42", "at": 1767225600000, "weight": 1}
    {"type": "trust", "peer": "did:key:z6Mk...", "weight": 0.8, "name": "Ann"}
    {"type": "block", "peer": "did:key:z6Mk..."}
    {"type": "withhold", "item": "trk:43"}
    {"type": "withhold", "tag": "jazz"}

An item needs its id, an act its kind and item, trust and block their peer, a withhold one of item
and tag; the rest may be left out. An act or a trust with "private": true is shared by no device.
Unknown keys and types are refused rather than skipped: a misspelt key would lose data silently.
"""

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NoReturn

from web3rec.adapters.dataset import ME, Act, Entries, Progress, TrustEdge, quiet
from web3rec.errors import DataError, ReadOnly
from web3rec.records.keys import did_key, parse_peer
from web3rec.records.model import MAX_WEIGHT
from web3rec.types import Event, Item, ItemId, Millis

MAX_LINE: Final = 65_536
"""Bytes of a line at most."""
MAX_ID: Final = 512
"""Characters of an item id at most."""
MAX_NAME: Final = 120
"""Characters of what a peer is called at most."""
MAX_TAG: Final = 100
"""Characters of a tag that is withheld at most."""
MAX_AT: Final = 253_402_300_799_999
"""The last millisecond of the year 9999."""
KEYS: Final[dict[str, tuple[str, ...]]] = {
    "item": ("type", "id", "title", "creator", "tags"),
    "act": ("type", "kind", "item", "at", "weight", "private"),
    "trust": ("type", "peer", "weight", "name", "private"),
    "block": ("type", "peer"),
    "withhold": ("type", "item", "tag"),
}
_TICK: Final = 4_096


def read_jsonl(path: Path, progress: Progress = quiet) -> Entries:
    """Read and check the whole file.

    Raises:
        DataError: the file cannot be read, or a line is none of these; nothing is handed over then.
    """
    return parsed_lines(read_whole(path), path.name, progress)


def read_whole(path: Path) -> bytes:
    """All bytes of a file. Raises DataError: it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as e:
        raise DataError(f"cannot be read: {e.strerror}", where=str(path)) from e


def parsed_lines(data: bytes, file: str, progress: Progress = quiet) -> Entries:
    """What the bytes of such a file say. Raises DataError, which calls the file so."""
    lines = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    items: list[Item] = []
    acts: list[Act] = []
    trust: list[TrustEdge] = []
    blocks: list[str] = []
    withheld: dict[str, list[str]] = {"item": [], "tag": []}
    for number, text in enumerate(lines, 1):
        if number % _TICK == 0:
            progress(number, len(lines))
        if not text.strip():
            continue
        line = _Line(text, f"{file} line {number}")
        match line.kind:
            case "item":
                items.append(line.item())
            case "act":
                acts.append(line.act())
            case "trust":
                trust.append(line.edge())
            case "withhold":
                what, name = line.withheld()
                withheld[what].append(name)
            case _:
                blocks.append(line.peer())
    progress(len(lines), len(lines))
    return Entries(
        tuple(items),
        tuple(acts),
        tuple(trust),
        tuple(blocks),
        tuple(map(ItemId, withheld["item"])),
        tuple(withheld["tag"]),
    )


def write_jsonl(path: Path, entries: Entries) -> None:
    """Write the file so that it is there whole or not at all, readable by its owner only.

    Every line is read back before the file appears, so what was written can be imported.

    Raises:
        DataError: an entry is not legal (an empty id, a weight out of range, ...).
        ReadOnly: the folder cannot be written to, or the disk is full; an older file stays.
    """
    write_whole(path, written_lines(entries))


def written_lines(entries: Entries) -> bytes:
    """The bytes of such a file. Raises DataError: an entry is not legal."""
    lines: list[bytes] = []
    for entry in _objects(entries):
        text = json.dumps(entry, ensure_ascii=False, allow_nan=True).encode(
            "utf-8", "surrogatepass"
        )
        _Line(text, f"entry {len(lines) + 1}").check()
        lines.append(text + b"\n")
    return b"".join(lines)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file, mode 600: all of it or, if ReadOnly is raised, what was there before."""
    try:
        handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(draft).replace(path)
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise
    except OSError as e:
        raise ReadOnly(f"{path} cannot be written: {e.strerror}; choose another place") from e


def _objects(entries: Entries) -> Iterator[dict[str, object]]:
    for item in entries.items:
        entry: dict[str, object] = {"type": "item", "id": item.id, "title": item.title}
        yield entry | {"creator": item.creator, "tags": list(item.tags)}
    for act in entries.acts:
        done: dict[str, object] = {"type": "act", "kind": act.kind, "item": act.item}
        at = {} if act.at is None else {"at": act.at}
        yield done | at | {"weight": act.weight} | ({"private": True} if act.private else {})
    for edge in entries.trust:
        stated: dict[str, object] = {"type": "trust", "peer": edge.target, "weight": edge.weight}
        named: dict[str, object] = {"name": edge.name} if edge.name else {}
        yield stated | named | ({"private": True} if edge.private else {})
    for peer in entries.blocks:
        yield {"type": "block", "peer": peer}
    for name in entries.withheld_items:
        yield {"type": "withhold", "item": name}
    for tag in entries.withheld_tags:
        yield {"type": "withhold", "tag": tag}


class _Line:
    """One line as a checked object; every accessor raises a DataError that names the line."""

    def __init__(self, text: bytes, where: str) -> None:
        self._where = where
        if len(text) > MAX_LINE:
            self._refuse(f"at most {MAX_LINE} bytes", f"{len(text)}")
        try:
            value = json.loads(text.decode(), object_pairs_hook=self._once)
        except UnicodeDecodeError as e:
            self._refuse("UTF-8 text", f"the byte 0x{text[e.start]:02x}")
        except DataError:
            raise
        except (ValueError, RecursionError) as e:
            self._refuse("one JSON object", f"something else ({e})")
        if not isinstance(value, dict):
            self._refuse("one JSON object", text[:40].decode(errors="replace"))
        self._fields: dict[str, object] = value
        kind = value.get("type")
        if not isinstance(kind, str) or kind not in KEYS:
            self._refuse(f'"type" to be one of {", ".join(KEYS)}', repr(kind))
        self.kind: str = kind
        for key in value:
            if key not in KEYS[kind]:
                self._refuse(f"only the keys {', '.join(KEYS[kind])} in a {kind}", repr(key))

    def check(self) -> None:
        """Read it for its errors only."""
        match self.kind:
            case "item":
                self.item()
            case "act":
                self.act()
            case "trust":
                self.edge()
            case "withhold":
                self.withheld()
            case _:
                self.peer()

    def item(self) -> Item:
        tags = self._fields.get("tags", [])
        if not isinstance(tags, list):
            self._refuse('"tags" to be a list of texts', _shown(tags))
        return Item(
            self._id("id"),
            title=self._text("title", self._fields.get("title", "")),
            creator=self._text("creator", self._fields.get("creator", "")),
            tags=tuple(self._text("tags", tag) for tag in tags),
        )

    def act(self) -> Act:
        kind = self._fields.get("kind")
        if not isinstance(kind, str) or kind not in list(Event):
            self._refuse(f'"kind" to be one of {", ".join(Event)}', _shown(kind))
        at = self._fields.get("at")
        when = None if at is None else Millis(self._whole("at", at, 0, MAX_AT))
        weight = self._whole("weight", self._fields.get("weight", 1), 1, MAX_WEIGHT)
        return Act(ME, self._id("item"), Event(kind), weight, when, self._is_private())

    def edge(self) -> TrustEdge:
        return TrustEdge(ME, self.peer(), self.share(), self.name(), self._is_private())

    def withheld(self) -> tuple[str, str]:
        """("item", its id) or ("tag", the tag)."""
        if ("item" in self._fields) == ("tag" in self._fields):
            self._refuse('one of "item" and "tag" in a withhold', "both or none")
        if "item" in self._fields:
            return "item", self._id("item")
        tag = self._text("tag", self._fields.get("tag"))
        if not 1 <= len(tag.strip()) <= MAX_TAG:
            self._refuse(f'"tag" to have 1 to {MAX_TAG} characters', f"{len(tag.strip())}")
        return "tag", tag

    def peer(self) -> str:
        """The peer as did:key text, whichever spelling it came in."""
        peer = self._text("peer", self._fields.get("peer"))
        try:
            return did_key(parse_peer(peer))
        except DataError as e:
            raise DataError(str(e), where=self._where) from e

    def share(self) -> float:
        weight = self._fields.get("weight", 1.0)
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 < weight <= 1:
            self._refuse('"weight" to be in (0, 1]', _shown(weight))
        return float(weight)

    def name(self) -> str:
        name = self._text("name", self._fields.get("name", ""))
        if len(name) > MAX_NAME:
            self._refuse(f'"name" to have at most {MAX_NAME} characters', f"{len(name)}")
        return name

    def _is_private(self) -> bool:
        private = self._fields.get("private", False)
        if not isinstance(private, bool):
            self._refuse('"private" to be true or false', _shown(private))
        return private

    def _id(self, key: str) -> ItemId:
        text = self._text(key, self._fields.get(key))
        if not 1 <= len(text) <= MAX_ID:
            self._refuse(f'"{key}" to have 1 to {MAX_ID} characters', f"{len(text)}")
        return ItemId(text)

    def _text(self, key: str, value: object) -> str:
        if not isinstance(value, str):
            self._refuse(f'"{key}" to be text', _shown(value))
        if not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value):
            self._refuse(f'"{key}" to be Unicode text', "half of a surrogate pair")
        return value

    def _whole(self, key: str, value: object, least: int, most: int) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self._refuse(f'"{key}" to be a whole number from {least} to {most}', _shown(value))
        return value

    def _once(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        fields = dict(pairs)
        if len(fields) != len(pairs):
            self._refuse("every key once", f"{[key for key, _ in pairs]}"[:80])
        return fields

    def _refuse(self, wanted: str, found: str) -> NoReturn:
        raise DataError(f"wanted {wanted}, found {found}", where=self._where)


def _shown(value: object) -> str:
    return "nothing" if value is None else repr(value)[:60]
