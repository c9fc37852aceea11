"""What became of a wish to forget, signed, so that it can be checked later; it names nothing.

What was forgotten is in it as proofs, 16 bytes each: a hash of its name with the receipt's salt and
with a secret that never leaves this log. Whoever holds the receipt alone learns from them how much
it was and no more, not even with a list of all items there are; the log they came from can tell at
any time whether something is back (`standing`).

One legal spelling: JSON, keys sorted, one space of indent, a newline at the end.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Any, Final

from web3rec.errors import DataError
from web3rec.records import SigningKey, did_key, peer_from_did, verify
from web3rec.records.keys import SIGNATURE_BYTES
from web3rec.types import Millis, PeerId

DOMAIN: Final = b"web3rec-receipt-v1\0"
"""Signed before every receipt: no signature made elsewhere with the same key fits one."""
VERSION: Final = 1
ITEM: Final = "one item"
SPAN: Final = "a span of time"
LATELY: Final = "one item, from a moment on"
TRUST: Final = "trust in one peer"
PEER: Final = "one peer"
ALL: Final = "everything"
WISHES: Final = (ITEM, SPAN, LATELY, TRUST, PEER, ALL)
PROOF_BYTES: Final = 16
SALT_BYTES: Final = 16
MAX_BYTES: Final = 64 << 20
"""Of a receipt: that of a million records has some 40 MiB."""
_MAX_NAME: Final = 40
_MAX: Final = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class Proofs:
    """What a receipt can be checked by later."""

    salt: bytes = b""
    """Random, of this receipt alone"""
    log: bytes = b""
    """Proof of the log it is of: only that one can check the others"""
    gone: tuple[bytes, ...] = ()
    """Of each record and each reply that was erased, in no order that tells; none for `ALL`, where
    nothing at all may be left"""
    subjects: tuple[bytes, ...] = ()
    """Of what it was about, where all that is about it was erased: the item, or the peer's keys"""
    asked: tuple[tuple[bytes, int], ...] = ()
    """Of each retraction, and when it is over (unix s)"""
    records: int = 0
    """Rows of the log up to this one were written before; what was recorded anew comes later"""
    feedback: int = 0
    """The same of local replies"""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was removed, and what was asked of others."""

    wish: str
    """What was asked for, in words that name no item; one of `WISHES`"""
    at: Millis
    removed: Mapping[str, int] = field(default_factory=dict)
    """Stage -> how many entries were erased there"""
    retractions: int = 0
    """Signed retractions now waiting to travel: one per subject that had left the device"""
    derived: Mapping[str, int] = field(default_factory=dict, compare=False)
    """What had been computed from the log and was dropped -> how many of it"""
    audit: Mapping[str, bool] = field(default_factory=dict, compare=False)
    """Stage -> whether it was looked at afterwards and found to be that of who never knew"""
    took_ms: float = field(default=0.0, compare=False)
    """From the wish to the audit's end"""
    author: PeerId = field(default=PeerId(b""), compare=False)
    proofs: Proofs = field(default=Proofs(), compare=False, repr=False)
    signature: bytes = field(default=b"", compare=False, repr=False)
    """The author's, over all else; nothing where it was only rehearsed"""

    def signed(self, key: SigningKey) -> "Receipt":
        """The same, signed by its author. Cost: 100 µs, and 2 µs a proof."""
        bare = replace(self, author=key.peer, signature=b"")
        return replace(bare, signature=key.sign(DOMAIN + bare.to_json().encode()))

    @property
    def is_signed(self) -> bool:
        """Whether its author signed exactly this. Never raises."""
        bare = replace(self, signature=b"").to_json().encode()
        return verify(self.author, self.signature, DOMAIN + bare)

    @property
    def is_clean(self) -> bool:
        """Whether all that was looked at is as it must be."""
        return all(self.audit.values())

    def told(self) -> dict[str, Any]:
        """As JSON has it."""
        proofs = self.proofs
        return {
            "receipt": VERSION,
            "wish": self.wish,
            "at": self.at,
            "took_ms": self.took_ms,
            "removed": dict(self.removed),
            "derived": dict(self.derived),
            "retractions": self.retractions,
            "audit": dict(self.audit),
            "author": did_key(self.author) if self.author else "",
            "proofs": {
                "salt": proofs.salt.hex(),
                "log": proofs.log.hex(),
                "gone": [one.hex() for one in proofs.gone],
                "subjects": [one.hex() for one in proofs.subjects],
                "asked": [[one.hex(), x] for one, x in proofs.asked],
                "records": proofs.records,
                "feedback": proofs.feedback,
            },
            "signature": self.signature.hex(),
        }

    def to_json(self) -> str:
        """The one spelling."""
        return json.dumps(self.told(), indent=1, sort_keys=True) + "\n"

    @staticmethod
    def from_json(text: str | bytes, where: str = "") -> "Receipt":
        """What `to_json` wrote; `where` names the file. Whether it is signed, `is_signed` tells.

        Raises DataError: it is no receipt, is damaged, or is spelled otherwise.
        """
        try:
            said = text.decode() if isinstance(text, bytes) else text
            found = json.loads(said) if len(said) <= MAX_BYTES else None
        except (ValueError, RecursionError):
            raise DataError("this is no receipt: it is not JSON", where=where) from None
        receipt = Receipt.of(found, where)
        if receipt.to_json() != said:
            raise DataError(
                "this receipt is spelled otherwise than web3rec writes them; use the file as it "
                "was written",
                where=where,
            )
        return receipt

    @staticmethod
    def of(found: object, where: str = "") -> "Receipt":
        """What `told` told. Raises DataError."""
        told = _Told(found, where)
        if told.whole("receipt") != VERSION:
            raise DataError("it was written by a newer web3rec; upgrade to read it", where=where)
        proofs = _Told(told.found["proofs"], where, "proofs.")
        author = told.text("author")
        receipt = Receipt(
            wish=told.text("wish"),
            at=Millis(told.whole("at")),
            took_ms=told.number("took_ms"),
            removed=told.counts("removed"),
            derived=told.counts("derived"),
            retractions=told.whole("retractions"),
            audit=told.verdicts("audit"),
            author=_author(author, where) if author else PeerId(b""),
            proofs=Proofs(
                salt=proofs.bytes_("salt", SALT_BYTES),
                log=proofs.bytes_("log", PROOF_BYTES),
                gone=proofs.hashes("gone"),
                subjects=proofs.hashes("subjects"),
                asked=proofs.asked("asked"),
                records=proofs.whole("records"),
                feedback=proofs.whole("feedback"),
            ),
            signature=told.bytes_("signature", SIGNATURE_BYTES),
        )
        if receipt.wish not in WISHES:
            raise told.wrong("wish", f"one of {', '.join(WISHES)}")
        return receipt


def proof(salt: bytes, secret: bytes, what: str, name: bytes) -> bytes:
    """16 bytes that stand for a name. `secret`: the log's own. Cost: 1 µs."""
    head = b"%b%b%b%b\0" % (DOMAIN, salt, secret, what.encode())
    return hashlib.sha256(head + name).digest()[:PROOF_BYTES]


def _author(did: str, where: str) -> PeerId:
    try:
        return peer_from_did(did)
    except DataError as error:
        raise DataError(f"its author is no key: {error}", where=where) from None


class _Told:
    """A JSON object whose values are asked for by what they must be. Raises DataError."""

    def __init__(self, found: object, where: str, path: str = "") -> None:
        self._where, self._path = where, path
        wanted: frozenset[str] = _PROOFS if path else _FIELDS
        if not isinstance(found, dict) or frozenset(found) != wanted:
            raise DataError(
                f"{path.rstrip('.') or 'this'} is no receipt's: want an object of "
                f"{', '.join(sorted(wanted))}",
                where=where,
            )
        self.found: dict[str, Any] = found

    def wrong(self, name: str, wanted: str) -> DataError:
        return DataError(f"{self._path}{name} must be {wanted}", where=self._where)

    def text(self, name: str) -> str:
        found = self.found[name]
        if not isinstance(found, str):
            raise self.wrong(name, "text")
        return found

    def whole(self, name: str) -> int:
        found = self.found[name]
        if not _is_count(found):
            raise self.wrong(name, "a whole number, 0 or more")
        return int(found)

    def number(self, name: str) -> float:
        found = self.found[name]
        if type(found) not in (int, float) or not isfinite(found) or found < 0:
            raise self.wrong(name, "a number, 0 or more")
        return float(found)

    def counts(self, name: str) -> dict[str, int]:
        found = self.found[name]
        if not _is_named(found) or not all(map(_is_count, found.values())):
            raise self.wrong(name, "an object of whole numbers")
        return dict(found)

    def verdicts(self, name: str) -> dict[str, bool]:
        found = self.found[name]
        if not _is_named(found) or not all(type(one) is bool for one in found.values()):
            raise self.wrong(name, "an object of true and false")
        return dict(found)

    def bytes_(self, name: str, length: int) -> bytes:
        """Of this length, or none."""
        found = _unhex(self.found[name])
        if found is None or len(found) not in (0, length):
            raise self.wrong(name, f"{2 * length} hex digits")
        return found

    def hashes(self, name: str) -> tuple[bytes, ...]:
        found = self.found[name]
        made = tuple(map(_unhex, found)) if isinstance(found, list) else (None,)
        hashes = tuple(one for one in made if one is not None and len(one) == PROOF_BYTES)
        if len(hashes) < len(made):
            raise self.wrong(name, f"a list of texts of {2 * PROOF_BYTES} hex digits")
        return hashes

    def asked(self, name: str) -> tuple[tuple[bytes, int], ...]:
        pairs = self.found[name]
        made: list[tuple[bytes, Any]] = []
        for pair in pairs if isinstance(pairs, list) else [None]:
            named, x = pair if isinstance(pair, list) and len(pair) == 2 else (None, None)
            one = _unhex(named)
            if one is None or len(one) != PROOF_BYTES or not _is_count(x):
                raise self.wrong(name, f"pairs of {2 * PROOF_BYTES} hex digits and unix seconds")
            made.append((one, x))
        return tuple(made)


_FIELDS: Final = frozenset(Receipt("", Millis(0)).told())
_PROOFS: Final = frozenset(Receipt("", Millis(0)).told()["proofs"])


def _is_count(found: object) -> bool:
    return type(found) is int and 0 <= found <= _MAX


def _is_named(found: object) -> bool:
    return isinstance(found, dict) and all(len(name) <= _MAX_NAME for name in found)


def _unhex(found: object) -> bytes | None:
    """Lower-case hex digits; None for anything else."""
    if not isinstance(found, str) or found.strip(_HEX):
        return None
    try:
        return bytes.fromhex(found)
    except ValueError:
        return None


_HEX: Final = "0123456789abcdef"


class Trail:
    """What a wish erased, by its true names; gone with the call it was made for."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.ids: list[bytes] = []
        """Of records"""
        self.left: set[bytes] = set()
        """Those of them whose ids stay, as a tombstone or as what is not wanted again"""
        self.replaced: list[bytes] = []
        """Ids of records that were written anew under another, and had not left"""
        self.envelopes: list[bytes] = []
        """Of the same records, whole"""
        self.feedback: list[int] = []
        """Rows of local replies"""
        self.subjects: list[bytes] = []
        """Item key or peer keys"""
        self.asked: list[tuple[bytes, int]] = []
        """Id of each retraction, and when it is over"""
        self.names: list[str] = []
        """What erased items were called, whom nobody describes"""

    def note(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Rows (seq, id, n, x, pos, key, envelope) of records."""
        for _, id_, _, _, pos, _, envelope in rows:
            self.ids.append(id_)
            self.envelopes.append(envelope)
            if pos is not None:
                self.left.add(id_)

    def proofs(
        self, salt: bytes, secret: bytes, wish: str, rows: Collection[tuple[str, int]]
    ) -> Proofs:
        """For a receipt; `rows`: the last of each table. Cost: 1 µs for each thing erased."""
        last = dict(rows)
        gone: list[bytes] = []
        if wish != ALL:
            gone += [proof(salt, secret, "record", i) for i in self.ids]
            gone += [proof(salt, secret, "feedback", reply(seq)) for seq in self.feedback]
        return Proofs(
            salt,
            proof(salt, secret, "log", b""),
            tuple(sorted(gone)),
            tuple(sorted(proof(salt, secret, "subject", one) for one in self.subjects)),
            tuple(sorted((proof(salt, secret, "record", i), x) for i, x in self.asked)),
            last.get("records", 0),
            last.get("feedback", 0),
        )


def reply(seq: int) -> bytes:
    """What a row of local feedback goes by."""
    return seq.to_bytes(8, "big")
