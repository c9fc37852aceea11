"""What becomes of a stranger's records: one verdict a message, and a budget a peer.

Pure: judgements, counts and times in, decisions out. What makes a single record acceptable is
`web3rec.records.rules`; how a message looks is `p2p.wire`.

Thin on purpose: one bucket a neighbour. Author buckets, bans and a reputation that survives a
restart belong to the later network issue.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from web3rec.records.flaw import Flaw
from web3rec.records.model import Signed
from web3rec.records.rules import Judgement
from web3rec.types import Verdict

MAX_BUCKETS: Final = 1024
"""Peers we keep a bucket for at most: far above the connections a transport allows."""

P = TypeVar("P", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Admitted:
    """What to tell the transport about a message, and what to keep of it."""

    verdict: Verdict
    """ACCEPT: pass the message on. IGNORE: do not. REJECT: hold it against the sender."""
    keep: tuple[Signed, ...]
    """The new, verified records in it; empty under REJECT."""


def admitted(judgements: Iterable[Judgement]) -> Admitted:
    """One verdict for all records of a message, and the records worth keeping.

    A message is passed on only as a whole, so it must be clean: every record new or known, at
    least one new (otherwise echoes would never die). One record that no honest peer sends spoils
    all of it, and nothing is kept: whoever mixes forged records into good ones is not believed.
    Something merely unusable here (expired, a newer version, a fast clock) only stops the
    message from travelling further; the good records beside it are kept.

    Stops judging at the first REJECT when `judgements` is lazy.
    """
    keep: list[Signed] = []
    clean = True
    for judgement in judgements:
        if judgement.verdict is Verdict.REJECT:
            return Admitted(Verdict.REJECT, ())
        if judgement.verdict is Verdict.ACCEPT and judgement.signed is not None:
            keep.append(judgement.signed)
        elif judgement.flaw is not Flaw.KNOWN:
            clean = False
    return Admitted(Verdict.ACCEPT if keep and clean else Verdict.IGNORE, tuple(keep))


@dataclass(slots=True)
class Buckets(Generic[P]):
    """A token bucket for each peer, counted in records; time is an argument.

    A bucket that is full again is forgotten: it equals one that was never touched, so names that
    strangers choose leave nothing behind. When more than MAX_BUCKETS are in use, newcomers are
    refused until one fills up.
    """

    rate: float
    """Records a second that flow back into a bucket; > 0."""
    burst: float
    """Records a bucket holds; >= 1."""
    _left: dict[P, tuple[float, float]] = field(default_factory=dict)
    """Peer -> (tokens left, the time that was true)."""

    def take(self, peer: P, records: int, now: float) -> bool:
        """True, and paid for, if `peer` may bring (or fetch) this many records now.

        `now` is in seconds of any clock that does not run backwards. Cost: O(1), and O(peers)
        when the table is full.
        """
        if peer not in self._left and len(self._left) >= MAX_BUCKETS:
            self.sweep(now)
            if len(self._left) >= MAX_BUCKETS:
                return False
        left = self._level(peer, now)
        if records > left:
            return False
        self._left[peer] = (left - records, now)
        return True

    def sweep(self, now: float) -> None:
        """Forget the buckets that are full again."""
        for peer in list(self._left):
            if self._level(peer, now) >= self.burst:
                del self._left[peer]

    def __len__(self) -> int:
        return len(self._left)

    def _level(self, peer: P, now: float) -> float:
        left, since = self._left.get(peer, (self.burst, now))
        return min(self.burst, left + self.rate * max(0.0, now - since))
