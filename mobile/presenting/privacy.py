"""What leaves, what is kept, what was sent and what was forgotten, in words."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from mobile.presenting.phrases import bytes_of, counted, span
from mobile.viewmodel import Fact, Rung, Sent
from web3rec.recommender import Recommender
from web3rec.records import Kind, Record
from web3rec.records.model import EVERYTHING
from web3rec.store import Pending, Receipt
from web3rec.store.own import told
from web3rec.store.receipt import ALL, ITEM, LATELY, PEER, SPAN, TRUST
from web3rec.types import Item, ItemKey, Millis, PeerId
from web3rec.wording import short

RUNGS: Final = (
    Rung(0, "Nothing leaves", "You only listen: nothing of yours leaves this device, and it "
         "passes nothing on. Your lists are as good."),
    Rung(1, "Likes and trust", "Likes, shares, collects, and whom you trust. Hashed item ids, days "
         "instead of times, after a random delay of up to 24 h."),
    Rung(2, "Also what you play", "Plays too, in coarse counts, at most 50 at a time; the rest as "
         "on level 1."),
    Rung(3, "As it is", "The same, with item ids and times as they are, at once."),
)  # fmt: skip
"""docs/privacy.md in short: what may leave, and in which form."""
EXPORTS: Final = 20
SENT: Final = 100
"""Records shown"""
_VERBS: Final = {
    Kind.LISTEN: "play of",
    Kind.LIKE: "like of",
    Kind.SHARE: "share of",
    Kind.COLLECT: "collect of",
    Kind.ITEM: "name of",
}
_WISHES: Final = {
    ITEM: "one item",
    SPAN: "a span of time",
    LATELY: "what you did last with one item",
    TRUST: "your trust in one person",
    PEER: "one person",
    ALL: "everything you did, said or named",
}


def stored(rec: Recommender) -> tuple[Fact, ...]:
    """What is kept here, and how much of it. Cost: O(records) to count them."""
    counts, mine = rec.log.counts(), rec.log.authors().get(rec.me, 0)
    names = len(rec.log.names())
    blocked = len(rec.log.blocked())
    return (
        Fact("What you did", counted(mine + counts["feedback"], "entry", "entries")),
        Fact("What others told", counted(counts["records"] - mine, "record")),
        Fact("Items with a name", f"{counts['items']:,}"),
        Fact("People you named", f"{names:,}"),
        Fact("People you blocked", f"{blocked:,}"),
        Fact("On this device", bytes_of(_size(rec.path))),
    )


def sent(rec: Recommender, now: Millis) -> tuple[tuple[Sent, ...], int]:
    """The ego's records that wait to leave, and those that left; and how many more there are."""
    waiting = rec.log.outbox()
    newest = sorted(waiting, key=lambda one: -one.seq)[:SENT]
    count, departed = rec.log.departed(SENT - len(newest))
    told_ = [(one, told(one.envelope)) for one in (*newest, *departed)]
    items = rec.log.some_items({record.key for _, record in told_})
    names = rec.log.names()
    made = tuple(
        Sent(_what(record, items, names), when, _item(record, items))
        for (one, record), when in zip(
            told_,
            [*(_waits(one, now) for one in newest), *(_left(one, now) for one in departed)],
            strict=True,
        )
    )
    return made, len(waiting) + count - len(made)


def exports(folder: Path | None) -> tuple[str, ...]:
    """Names of the files in the folder for exports, newest first; at most 20."""
    if folder is None or not folder.is_dir():
        return ()
    files = [path for path in folder.iterdir() if path.is_file() and path.name[0] != "."]
    files.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    return tuple(path.name for path in files[:EXPORTS])


def receipt_words(receipt: Receipt) -> str:
    """What a wish to forget came to."""
    gone = sum(receipt.removed.values())
    if not gone:
        return "Nothing of that was here."
    what = _WISHES.get(receipt.wish, receipt.wish)
    text = f"Forgotten: {what}, {counted(gone, 'entry', 'entries')}."
    if receipt.retractions:
        asked = counted(receipt.retractions, "retraction")
        verb = "asks" if receipt.retractions == 1 else "ask"
        text += f" Some of it had left: {asked} {verb} everybody who has it to forget it too."
    else:
        text += " None of it had left this device."
    if not receipt.is_clean:
        text += " But something of it is still found here: see `web3rec doctor`."
    return text


def _what(record: Record, items: Mapping[ItemKey, Item], names: Mapping[PeerId, str]) -> str:
    if record.kind is Kind.TRUST:
        peer = PeerId(record.key)
        return f"trust in {names.get(peer) or short(peer)}"
    if record.kind is Kind.ROTATE:
        return "your new key"
    if record.kind is Kind.RETRACT:
        if record.item == EVERYTHING:
            return "taken back: everything"
        peer = PeerId(record.key)
        if peer in names:
            return f"taken back: trust in {names[peer]}"
        title = _title(record, items)
        return f"taken back: {title}" if title else "taken back: something you forgot"
    return f"{_VERBS.get(record.kind, record.kind.value)} {_title(record, items) or 'an item'}"


def _title(record: Record, items: Mapping[ItemKey, Item]) -> str:
    item = items.get(record.key)
    return "" if item is None else f"“{item.title or item.id}”"


def _item(record: Record, items: Mapping[ItemKey, Item]) -> str:
    found = items.get(record.key) if record.kind.is_interaction else None
    return "" if found is None else str(found.id)


def _waits(one: Pending, now: Millis) -> str:
    if one.crowded:
        return "waits for room among the plays"
    if one.due <= now:
        return "leaves with the next connection"
    return f"waits, leaves within {span((one.due - now) / 1000 + 60)}"


def _left(one: Pending, now: Millis) -> str:
    """When it left is not kept; not before it was due."""
    seconds = (now - one.due) / 1000
    return "left just now" if seconds < 60 else f"left within the last {span(seconds + 60)}"


def _size(directory: Path) -> int:
    return sum(path.stat().st_size for path in directory.glob("log.db*") if path.is_file())
