"""From a wish to its receipt: the log forgets, what was derived is dropped, all of it is looked at.

wish ─► log: one transaction, then the journal is emptied
     ─► what was computed from the log: dropped
     ─► looked at: is a row of it left?        always; some queries by index
     ─► audit, and every file searched         if asked for; seconds
     ─► receipt, signed
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from web3rec.checking import moment, peer_of
from web3rec.errors import DataError
from web3rec.records import SigningKey
from web3rec.store import Log, Receipt, key_of
from web3rec.store.receipt import Trail
from web3rec.types import ItemId, Millis, PeerId
from web3rec.unlearn.audit import Audit
from web3rec.unlearn.residue import residue

Forget = Callable[[Trail], Receipt]
"""Makes the log forget; fills in what it erased."""
Look = Callable[[Trail], Mapping[str, bool]]
"""Stage -> is it that of a device that never knew?"""

NAMES: Final = 64
"""Names looked for at most; each costs a look at all that is held."""
SIGNATURE_TAIL: Final = 64
"""The last bytes of an envelope are like no others': its signature."""


def forgotten(
    log: Log,
    key: SigningKey,
    wish: Forget,
    drop: Callable[[Receipt], Mapping[str, int]],
    stopwatch: Callable[[], float],
    audit: Look | None = None,
) -> Receipt:
    """Carry out a wish.

    Args:
        log: where.
        key: of its author, who signs the receipt.
        wish: what.
        drop: drops what was computed from what is gone; what, and how much of it.
        stopwatch: seconds.
        audit: what else to look at.

    Raises what the log raises; then nothing was forgotten.
    """
    began, trail = stopwatch(), Trail()
    receipt = wish(trail)
    receipt = replace(receipt, derived=dict(drop(receipt)))
    looked = {"erased": not log.holds_any(trail.ids, trail.feedback), "journal": log.is_scrubbed}
    looked |= audit(trail) if audit is not None else {}
    took = round(max(0.0, stopwatch() - began) * 1000, 3)
    return replace(receipt, audit=looked, took_ms=took).signed(key)


def wish_of(
    log: Log, item: ItemId | str | None, since: Millis | None, peer: str | PeerId | None
) -> Forget:
    """What makes the log forget one of these, or an item since a moment. Raises DataError (other
    than that; what it names), ParamError (since).
    """
    if peer is not None and item is None and since is None:
        who = peer_of(peer)
        return lambda gone: log.forget_peer(who, heard=True, trail=gone)
    if peer is not None or (item is None and since is None):
        raise DataError(
            "forget wants exactly one of item=, since= and peer=, or item= and since= together"
        )
    key = None if item is None else key_of(item)
    if since is not None:
        at = moment(since)
        return lambda gone: log.forget_since(at, key, trail=gone)
    assert key is not None  # noqa: S101 - the only one left
    return lambda gone: log.forget_item(key, trail=gone)


def looking(directory: Path, log: Log, audit: Callable[[], Audit]) -> Look:
    """An audit of all stages, and a search of all files for what was erased."""

    def look(gone: Trail) -> dict[str, bool]:
        _, found = residue(directory, traces(log, gone))
        return {stage.name: stage.equal for stage in audit().stages} | {"files": not found}

    return look


def traces(log: Log, trail: Trail) -> list[bytes]:
    """What of the erased must be in no file: signatures, ids that no tombstone keeps, bare names.

    An item's key or a peer's is not among them, nor is a name that is part of one still in use:
    others may have said it, too. Of many names the first `NAMES`.
    """
    found = [envelope[-SIGNATURE_TAIL:] for envelope in trail.envelopes]
    found += [id_ for id_ in trail.ids if id_ not in trail.left]
    return found + [name.encode() for name in trail.names[:NAMES] if not log.says(name)]
