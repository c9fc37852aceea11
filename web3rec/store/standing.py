"""Does what a receipt says still hold? Asks the log it is of, and changes nothing.

Works beside a running node; it sees the log as of the moment it begins. What was recorded anew
since the receipt is told apart by its row: numbers of rows only rise, and none is given twice.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from web3rec.records import Kind
from web3rec.store import lines, reading
from web3rec.store.database import Database
from web3rec.store.receipt import ALL, ITEM, PEER, TRUST, Receipt, proof, reply
from web3rec.types import Millis, PeerId

_LASTING: Final = (Kind.RETRACT.value, Kind.ROTATE.value)
"""What no wish erases."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing a receipt says, looked at again."""

    name: str
    holds: bool
    what: str
    """What was found, in words that name nothing"""


@dataclass(frozen=True, slots=True)
class Standing:
    """What was looked at, in order; after the signature, the author or the log fails, no more."""

    checks: tuple[Check, ...]
    anew: int = 0
    """How much was recorded on the same item or peer since; no fault"""

    @property
    def holds(self) -> bool:
        return all(check.holds for check in self.checks)


def standing(receipt: Receipt, db: Database, me: PeerId, now: Millis) -> Standing:
    """Check a receipt against a log; `me` is its author.

    Raises what `Database` raises. Cost: 2 µs for each record held of the ego's, and of everybody's
    where a peer was forgotten.
    """
    with db.reading():
        mine = lines.who_is_who(db, me, now // 1000).line(me)
        secret = reading.setting(db, "salt")
        looked = _Looked(db, receipt, secret if isinstance(secret, bytes) else b"", mine)
        checks = [looked.signature(), looked.author(), looked.log()]
        failed = next((place for place, one in enumerate(checks) if not one.holds), None)
        if failed is not None:
            return Standing(tuple(checks[: failed + 1]))
        checks += [looked.gone(), looked.subjects(), looked.retractions(now // 1000)]
        return Standing(tuple(checks), looked.anew())


class _Looked:
    """One receipt and one log."""

    def __init__(
        self, db: Database, receipt: Receipt, secret: bytes, mine: Collection[PeerId]
    ) -> None:
        self._db, self._receipt, self._proofs = db, receipt, receipt.proofs
        self._secret, self._mine = secret, frozenset(mine)

    def signature(self) -> Check:
        if self._receipt.is_signed:
            return Check("signature", holds=True, what="its author signed exactly this")
        return Check("signature", holds=False, what="its author did not sign it, or it was changed")

    def author(self) -> Check:
        if self._receipt.author in self._mine:
            return Check("author", holds=True, what="it is yours")
        what = "it is somebody else's: only their device can tell"
        return Check("author", holds=False, what=what)

    def log(self) -> Check:
        if self._proof("log", b"") == self._proofs.log:
            return Check("log", holds=True, what="it is of this log")
        what = "it is of another log: of another device, or from before this log was made"
        return Check("log", holds=False, what=what)

    def gone(self) -> Check:
        """Records and replies that were erased."""
        proofs = frozenset(self._proofs.gone)
        if self._receipt.wish == ALL:
            marks = ", ".join("?" * len(_LASTING))
            query = f"SELECT count(*) FROM records WHERE seq <= ? AND author = ? AND kind NOT IN ({marks})"  # noqa: S608, E501 - constants
            back = sum(
                self._count(query, self._proofs.records, one, *_LASTING) for one in self._mine
            ) + self._count("SELECT count(*) FROM feedback WHERE seq <= ?", self._proofs.feedback)
            erased = sum(self._receipt.removed.get(one, 0) for one in ("records", "feedback"))
        else:
            ids = (id_ for (id_,) in self._db.rows("SELECT id FROM records"))
            back = sum(self._proof("record", id_) in proofs for id_ in ids)
            seqs = self._db.rows(
                "SELECT seq FROM feedback WHERE seq <= ?", (self._proofs.feedback,)
            )
            back += sum(self._proof("feedback", reply(seq)) in proofs for (seq,) in seqs)
            erased = len(proofs)
        what = f"{back} of {erased} are back" if back else f"none of {erased} is back"
        return Check("records", holds=not back, what=what)

    def subjects(self) -> Check:
        """Whatever was recorded before on what was forgotten whole."""
        left = self._about(f"seq <= {self._proofs.records}", f"seq <= {self._proofs.feedback}")
        what = f"{left} from before are here" if left else "nothing from before is left of it"
        return Check("subject", holds=not left, what=what)

    def anew(self) -> int:
        return self._about(f"seq > {self._proofs.records}", f"seq > {self._proofs.feedback}")

    def retractions(self, now: int) -> Check:
        rows = self._db.rows("SELECT id FROM records WHERE kind = ?", (Kind.RETRACT.value,))
        held = {self._proof("record", id_) for (id_,) in rows} if self._proofs.asked else set()
        due = [one for one, x in self._proofs.asked if x > now]
        lost, over = len(set(due) - held), len(self._proofs.asked) - len(due)
        what = f"{len(due) - lost} stand, {over} are over"
        return Check("retractions", holds=not lost, what=f"{what}, {lost} are gone")

    def _about(self, records: str, feedback: str) -> int:
        """Rows within these bounds on the receipt's subjects."""
        subjects = frozenset(self._proofs.subjects)
        found, wish = 0, self._receipt.wish
        if not subjects:
            return 0
        if wish in (TRUST, PEER, ITEM):
            kinds = (
                "kind = 'trust'" if wish != ITEM else "kind NOT IN ('trust', 'retract', 'rotate')"
            )
            for author in self._mine:
                query = f"SELECT key FROM records WHERE author = ? AND {kinds} AND {records}"  # noqa: S608 - constants
                found += self._named(self._db.rows(query, (author,)))
        if wish == ITEM:
            found += self._named(self._db.rows(f"SELECT key FROM feedback WHERE {feedback}"))  # noqa: S608 - constants
        if wish == PEER:
            query = f"SELECT author FROM records WHERE kind != 'rotate' AND {records}"  # noqa: S608 - constants
            found += self._named(self._db.rows(query))
        return found

    def _named(self, rows: Collection[tuple[bytes]]) -> int:
        subjects = frozenset(self._proofs.subjects)
        known: dict[bytes, bool] = {}
        for (name,) in rows:
            if name not in known:
                known[name] = self._proof("subject", name) in subjects
        return sum(known[name] for (name,) in rows)

    def _count(self, query: str, *values: object) -> int:
        return int(self._db.rows(query, values)[0][0])

    def _proof(self, what: str, name: bytes) -> bytes:
        return proof(self._proofs.salt, self._secret, what, name)
