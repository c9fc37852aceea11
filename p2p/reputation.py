"""What is held against peers, how it fades, and when it is enough.

Pure: offences and times in, bans out. `now` is in seconds of any clock that does not run
backwards; what is written down (`rows`) holds spans, so no clock step can end or prolong a ban.

Only what no honest peer does can ban. What may be trouble of an honest one (it is slow, it went
away, its records are old or too many) costs standing at most, or nothing.

Peer names are free, so the places they come from (/24, /48) are remembered as well: one name's
first ban counts one against its place, and a place with many is closed for a while to strangers
who come from it. Neighbours behind one NAT pay for that too, so it takes many names, lasts an hour
at most, cuts off nobody who is connected and does not bind us when it is we who dial.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from heapq import nsmallest
from math import isfinite
from typing import Final, NamedTuple

from p2p.transport import PeerName
from web3rec.errors import ParamError

MAX_NAMES: Final = 1_024
"""Peers, and as many places, that something is held against at once; those with the least go."""
AT_ONCE: Final = 64
"""So many are forgotten when there is no room for another."""
NEGLIGIBLE: Final = 0.01
"""Part of the threshold below which nothing is held against anybody."""


class Offence(StrEnum):
    """What a peer did."""

    FORGED = "forged record"
    """A record that no honest peer passes on: unsigned, illegal, malformed."""
    MALFORMED = "malformed message"
    """A gossip message that is none."""
    BROKEN_SYNC = "broken sync frame"
    """A frame that breaks the rules of a sync."""
    BROKEN_MODEL = "broken model frame"
    """A frame that breaks the rules of fetching a model."""
    FALSE_MODEL = "false model"
    """Bytes that are not those of the model it offered; each costs us up to 8 MiB."""
    FLOOD = "flood"
    """More than a neighbour could pass on if all its neighbours used up what it grants them."""
    WIRE = "wire offence"
    """Something the transport reported."""
    TOO_SLOW = "too slow"
    """It kept us waiting. Never bans."""

    @property
    def weight(self) -> float:
        """What it costs; at a sum of 100 (fading) the peer is banned."""
        return _WEIGHTS[self]


_WEIGHTS: Final = {
    Offence.FORGED: 25.0,
    Offence.MALFORMED: 25.0,
    Offence.BROKEN_SYNC: 25.0,
    Offence.BROKEN_MODEL: 25.0,
    Offence.FALSE_MODEL: 50.0,
    Offence.FLOOD: 10.0,
    Offence.WIRE: 5.0,
    Offence.TOO_SLOW: 2.0,
}
"""Guesses. Four forgeries: one may be a flipped bit on an honest disk. The transport counts a
rejected message too, and things other implementations do in good faith: so little each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Justice:
    """How much is enough, and what follows."""

    threshold: float
    """Sum of weights that bans; > 0."""
    half_life: float
    """Seconds in which half of it fades; > 0."""
    bans: tuple[float, ...]
    """Seconds of the first ban, the second, …; the last for all further ones. Each > 0."""
    memory: float
    """Seconds after the end of a ban during which another one counts as a further one; >= 0."""

    def __post_init__(self) -> None:
        for name in ("threshold", "half_life"):
            if not 0 < getattr(self, name) < float("inf"):
                raise ParamError(name, getattr(self, name), "> 0 and finite")
        if not self.bans or not all(0 < span < float("inf") for span in self.bans):
            raise ParamError("bans", self.bans, "one or more spans of seconds > 0")
        if not 0 <= self.memory < float("inf"):
            raise ParamError("memory", self.memory, ">= 0 seconds and finite")


PEERS: Final = Justice(
    threshold=100.0, half_life=3_600.0, bans=(600.0, 3_600.0, 86_400.0), memory=7 * 86_400.0
)
PLACES: Final = Justice(
    threshold=8.0, half_life=6 * 3_600.0, bans=(600.0, 3_600.0), memory=86_400.0
)
"""Eight names of one /24 banned in a few hours close it to newcomers. A guess."""


class Row(NamedTuple):
    """What is held against one name at one moment; made to be stored."""

    is_place: bool
    name: str
    guilt: float
    """>= 0, below the threshold."""
    bans: int
    """Bans so far that still count; >= 0."""
    left: float
    """Seconds until the last one ends; negative: since it ended; 0 if there was none."""


@dataclass(slots=True)
class _Entry:
    guilt: float
    at: float
    bans: int = 0
    until: float = 0.0


@dataclass(slots=True)
class _Docket:
    """What is held against names of one kind."""

    justice: Justice
    entries: dict[str, _Entry] = field(default_factory=dict)

    def guilt(self, name: str, now: float) -> float:
        entry = self.entries.get(name)
        return 0.0 if entry is None else self._faded(entry, now)

    def banned(self, name: str, now: float) -> float:
        entry = self.entries.get(name)
        return 0.0 if entry is None else max(0.0, entry.until - now)

    def charge(self, name: str, weight: float, now: float, *, bans: bool = True) -> float:
        """Seconds of the ban that this begins; 0 if it is not (yet) enough.

        During a ban nothing is charged: what was under way when it began is paid for.
        """
        entry = self._entry(name, now)
        if entry.until > now:
            return 0.0
        justice, guilt = self.justice, self._faded(entry, now)
        entry.at = now
        if not bans:
            entry.guilt = max(guilt, min(guilt + weight, justice.threshold / 2))
            return 0.0
        entry.guilt = guilt + weight
        if entry.guilt < justice.threshold:
            return 0.0
        if entry.bans and now > entry.until + justice.memory:
            entry.bans = 0
        entry.bans += 1
        entry.guilt = 0.0
        span = justice.bans[min(entry.bans, len(justice.bans)) - 1]
        entry.until = now + span
        return span

    def ban(self, name: str, seconds: float, now: float) -> None:
        entry = self._entry(name, now)
        entry.until = max(entry.until, now + seconds)

    def sweep(self, now: float) -> None:
        for name in [name for name, entry in self.entries.items() if self._is_spent(entry, now)]:
            del self.entries[name]

    def _entry(self, name: str, now: float) -> _Entry:
        entry = self.entries.get(name)
        if entry is None:
            if len(self.entries) >= MAX_NAMES:
                self.sweep(now)
            if len(self.entries) >= MAX_NAMES:  # many at once: looking at all costs .5 ms
                for least in nsmallest(AT_ONCE, self.entries, key=lambda n: self._hold(n, now)):
                    del self.entries[least]
            entry = self.entries[name] = _Entry(0.0, now)
        return entry

    def _hold(self, name: str, now: float) -> tuple[float, float]:
        return self.banned(name, now), self.guilt(name, now)

    def _faded(self, entry: _Entry, now: float) -> float:
        return float(entry.guilt * 0.5 ** (max(0.0, now - entry.at) / self.justice.half_life))

    def _is_spent(self, entry: _Entry, now: float) -> bool:
        if self._faded(entry, now) >= NEGLIGIBLE * self.justice.threshold or entry.until > now:
            return False
        return not entry.bans or now > entry.until + self.justice.memory


class Reputation:
    """What is held against the peers of one node, and against the places they come from."""

    def __init__(self, peers: Justice = PEERS, places: Justice = PLACES) -> None:
        self._peers, self._places = _Docket(peers), _Docket(places)

    def offend(
        self, peer: PeerName, offence: Offence, now: float, *, place: str = "", times: int = 1
    ) -> float:
        """Hold something against a peer; `place` is where it came from, "" if that is exempt.

        Returns the seconds of the ban that begins with it, 0 if none does. Cost: O(1), O(names)
        for a new one when the table is full.
        """
        weight = offence.weight * max(0, times)
        span = self._peers.charge(peer, weight, now, bans=offence is not Offence.TOO_SLOW)
        if span and place and self._peers.entries[peer].bans == 1:
            self._places.charge(place, 1.0, now)
        return span

    def ban(self, peer: PeerName, seconds: float, now: float) -> None:
        """The owner's own ban, of any length. Raises ParamError if that is not > 0 and finite."""
        if not 0 < seconds < float("inf"):
            raise ParamError("seconds", seconds, "> 0 and finite")
        self._peers.ban(peer, seconds, now)

    def pardon(self, peer: PeerName) -> None:
        """Hold nothing against a peer any more; its place is not pardoned."""
        self._peers.entries.pop(peer, None)

    def banned(self, peer: PeerName, now: float) -> float:
        """Seconds until a peer may come back; 0 if it is not banned."""
        return self._peers.banned(peer, now)

    def closed(self, place: str, now: float) -> float:
        """Seconds until strangers from a place may come again; 0 if it is open."""
        return self._places.banned(place, now)

    def score(self, peer: PeerName, now: float) -> float:
        """What is held against a peer, in [0, 100); 0 is a clean slate."""
        return self._peers.guilt(peer, now)

    def held(self, now: float) -> tuple[PeerName, ...]:
        """The peers something is held against."""
        self.sweep(now)
        return tuple(map(PeerName, self._peers.entries))

    def sweep(self, now: float) -> None:
        """Forget what has faded. Call now and then."""
        self._peers.sweep(now)
        self._places.sweep(now)

    def __len__(self) -> int:
        return len(self._peers.entries) + len(self._places.entries)

    def rows(self, now: float) -> tuple[Row, ...]:
        """All that is to survive a restart."""
        self.sweep(now)
        return tuple(
            Row(
                is_place,
                name,
                docket.guilt(name, now),
                entry.bans,
                entry.until - now if entry.bans or entry.until > now else 0.0,
            )
            for is_place, docket in ((False, self._peers), (True, self._places))
            for name, entry in docket.entries.items()
        )

    def restore(
        self, rows: Iterable[tuple[bool, str, float, int, float]], now: float, *, away: float
    ) -> None:
        """Take back what `rows` gave `away` seconds ago; rows that make no sense are left out."""
        away = max(0.0, away)
        for row in map(Row._make, rows):
            docket = self._places if row.is_place else self._peers
            if not isfinite(row.guilt + row.left) or row.guilt < 0 or row.bans < 0:
                continue
            if len(docket.entries) < MAX_NAMES:
                guilt = min(row.guilt, docket.justice.threshold)
                docket.entries[row.name] = _Entry(
                    guilt, now - away, row.bans, now - away + row.left
                )
        self.sweep(now)
