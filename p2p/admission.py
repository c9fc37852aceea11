"""What becomes of a stranger's records: one verdict a message, and limits to who may bring them.

Pure: bytes, counts and times in, decisions out. Cheap checks come first:

    ban ─► size, frame ─► flood ─► peer's bucket ─► place's bucket ─► each record: held already ─►
    strict decode ─► clock window ─► author's bucket ─► signature

What makes a single record acceptable is `web3rec.records.rules`; how a message looks is
`p2p.wire`; what is held against whom is `p2p.reputation`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from p2p import wire
from p2p.addresses import Whereabouts, whereabouts
from p2p.buckets import MAX_BUCKETS, Buckets
from p2p.reputation import MAX_NAMES, Offence, Reputation
from p2p.transport import PeerName
from web3rec.errors import ParamError
from web3rec.records.flaw import Flaw
from web3rec.records.model import Signed
from web3rec.records.rules import Judgement, Welcome, everybody
from web3rec.types import PeerId, Verdict

__all__ = ["MAX_BUCKETS", "Admitted", "Buckets", "Doorkeeper", "Limits", "admitted"]


@dataclass(frozen=True, slots=True)
class Admitted:
    """What to tell the transport about a message, what to keep of it, what to count."""

    verdict: Verdict
    """ACCEPT: pass the message on. IGNORE: do not. REJECT: hold it against the sender."""
    keep: tuple[Signed, ...]
    """The new, verified records in it; empty under REJECT."""
    records: int = 0
    """How many there were, of whatever kind; 0 if nobody looked."""
    busy: int = 0
    """How many of them were not looked at because too many came; sync will bring them."""
    offence: Offence | None = None
    """What has been held against the peer for it."""
    banned: bool = False
    """True if the peer is banned (since now, or already): hang up on it."""


def admitted(judgements: Iterable[Judgement]) -> Admitted:
    """One verdict for all records of a message, and the records worth keeping.

    A message is passed on only as a whole, so it must be clean: every record new or known, at
    least one new (otherwise echoes would never die). One record that no honest peer sends spoils
    all of it, and nothing is kept: whoever mixes forged records into good ones is not believed.
    Something merely unusable here (expired, a newer version, a fast clock, a busy author) only
    stops the message from travelling further; the good records beside it are kept.

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What may come by gossip. What does not fit is not lost: sync brings it."""

    peer_rate: float = 50.0
    """Records a second of one neighbour in the long run; > 0. 5 ms of signatures."""
    peer_burst: float = 500.0
    """Records of one neighbour at once, after a silence; >= 32, a whole message."""
    author_rate: float = 5.0
    """Records a second of one author in the long run; > 0."""
    author_burst: float = 100.0
    """Records of one author at once; >= 1."""
    of_place: float = 4.0
    """A place (/24, /48; not loopback) may bring so many times what one neighbour may; >= 1. New
    names are free, and each would have a bucket of its own. A guess."""
    flood: float = 20.0
    """So many times what a neighbour may bring is no honest peer's doing; > 12, since one that
    has 12 neighbours in its mesh may have to pass on 12 full buckets."""

    def __post_init__(self) -> None:
        least = {"peer_burst": 32.0, "author_burst": 1.0, "of_place": 1.0, "flood": 12.0}
        for name in ("peer_rate", "author_rate"):
            if not 0 < getattr(self, name) < float("inf"):
                raise ParamError(name, getattr(self, name), "> 0 and finite")
        for name, bound in least.items():
            if not bound <= getattr(self, name) < float("inf"):
                raise ParamError(name, getattr(self, name), f"at least {bound:g} and finite")


_BANNED: Final = Admitted(Verdict.IGNORE, (), banned=True)


class Doorkeeper:
    """Decides about every connection, message and batch; holds offences against who brings them.

    `now` is always in seconds of a clock that does not run backwards.
    """

    def __init__(
        self,
        judge: Callable[[bytes, Welcome], Judgement],
        reputation: Reputation,
        limits: Limits | None = None,
        where: Callable[[str], Whereabouts] = whereabouts,
    ) -> None:
        """`judge`: what the ledger says of one envelope, such as `Log.judge`."""
        limits = limits or Limits()
        rate, burst = limits.peer_rate, limits.peer_burst
        self._judge, self._reputation, self._where = judge, reputation, where
        self._brings: Buckets[PeerName] = Buckets(rate, burst)
        self._floods: Buckets[PeerName] = Buckets(
            rate * limits.flood, burst * limits.flood, crowded=True
        )
        self._places: Buckets[str] = Buckets(rate * limits.of_place, burst * limits.of_place)
        # Names of authors are free, and the peers' buckets bound how many can come: a crowd of
        # them shall not shut out the others.
        self._authors: Buckets[PeerId] = Buckets(
            limits.author_rate, limits.author_burst, crowded=True
        )
        self._place_of: dict[PeerName, str] = {}

    def admits(self, peer: PeerName, address: str, now: float, *, chosen: bool = False) -> bool:
        """Whether to have a connection with a peer at an address ("" if unknown).

        `chosen` says that we dial: then it does not matter how others from there behaved.
        """
        place = self._where(address).place
        if self._reputation.banned(peer, now):
            return False
        if not chosen and place and self._reputation.closed(place, now):
            return False
        self._place_of.pop(peer, None)
        if place:
            if len(self._place_of) >= MAX_NAMES:
                del self._place_of[next(iter(self._place_of))]
            self._place_of[peer] = place
        return True

    def left(self, peer: PeerName) -> None:
        """A peer is not connected any more; what it did is not forgotten."""
        self._place_of.pop(peer, None)

    def hear(self, peer: PeerName, data: bytes, now: float) -> Admitted:
        """A gossip message. Total. Cost: see docs/decisions/0016."""
        if self._reputation.banned(peer, now):
            return _BANNED
        envelopes = wire.unpack(data)
        if envelopes is None:
            return self._refused(peer, Offence.MALFORMED, 0, now)
        count = len(envelopes)
        if not self._floods.take(peer, count, now):
            banned = self.offend(peer, Offence.FLOOD, now) > 0
            return Admitted(Verdict.IGNORE, (), count, count, Offence.FLOOD, banned)
        place = self._place_of.get(peer)
        if not self._brings.take(peer, count, now) or (
            place and not self._places.take(place, count, now)
        ):
            return Admitted(Verdict.IGNORE, (), count, busy=count)
        turned_away: list[None] = []
        found = admitted(self._judgements(envelopes, turned_away, now))
        if found.verdict is Verdict.REJECT:
            return self._refused(peer, Offence.FORGED, count, now)
        for one in found.keep:
            self._authors.take(one.record.author, 1, now)
        return Admitted(found.verdict, found.keep, count, busy=len(turned_away))

    def receive(self, peer: PeerName, envelopes: Sequence[bytes], now: float) -> Admitted:
        """Records that a sync brought: all of them good, or none is kept.

        No bucket is asked: sessions are bounded (records, time, gaps), the store by quotas, and
        who was away must be able to catch up on an author's whole window. About .1 ms a new
        record: bring a few dozen at a time, so that others get a turn; under REJECT, drop what
        came earlier in the same frame too.
        """
        if self._reputation.banned(peer, now):
            return _BANNED
        found = admitted(self._judge(envelope, everybody) for envelope in envelopes)
        if found.verdict is Verdict.REJECT:
            return self._refused(peer, Offence.FORGED, len(envelopes), now)
        return Admitted(found.verdict, found.keep, len(envelopes))

    def offend(self, peer: PeerName, offence: Offence, now: float, *, times: int = 1) -> float:
        """Hold something else against a peer; the seconds of the ban that begins with it, or 0."""
        place = self._place_of.get(peer, "")
        return self._reputation.offend(peer, offence, now, place=place, times=times)

    def sweep(self, now: float) -> None:
        """Forget what needs no remembering any more. Call once a minute or so."""
        for buckets in (self._brings, self._floods, self._places, self._authors):
            buckets.sweep(now)
        self._reputation.sweep(now)

    def __len__(self) -> int:
        """Names kept in memory, reputation apart (R8)."""
        buckets = (self._brings, self._floods, self._places, self._authors)
        return sum(len(names) for names in (*buckets, self._place_of))

    def _judgements(
        self, envelopes: Sequence[bytes], turned_away: list[None], now: float
    ) -> Iterator[Judgement]:
        """Each record's; `welcome` counts what the same message already brought of an author.

        Authors pay only for what is kept: anybody can put any name on a forged record.
        """
        brought: dict[PeerId, int] = {}

        def welcome(author: PeerId) -> bool:
            return self._authors.holds(author, brought.get(author, 0) + 1, now)

        for envelope in envelopes:
            judgement = self._judge(envelope, welcome)
            if judgement.signed is not None:
                author = judgement.signed.record.author
                brought[author] = brought.get(author, 0) + 1
            elif judgement.flaw is Flaw.BUSY:
                turned_away.append(None)
            yield judgement

    def _refused(self, peer: PeerName, offence: Offence, count: int, now: float) -> Admitted:
        banned = self.offend(peer, offence, now) > 0
        return Admitted(Verdict.REJECT, (), count, offence=offence, banned=banned)
