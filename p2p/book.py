"""The peer book: where peers can be dialled, who told us, and what came of it.

Pure: texts and times in, addresses out. Whom to dial now is `p2p.outbound`.

The danger is an eclipse: one attacker writes all the addresses we know, and is in the end all we
talk to. So there is a cap a place (/24, /48), a peer, a teller, and a place of tellers; an address
we never reached ourselves can be driven out only by somebody who told fewer; one we reached only by
others we reached; and what a stranger repeats makes no address younger.
After: Heilman, Kendler, Zohar & Goldberg, "Eclipse Attacks on Bitcoin's Peer-to-Peer Network",
USENIX Security 2015 (bucketing by place and teller, feelers, anchors). We depart from it in
the fair share instead of hashed buckets: a thousand addresses are few enough to count.

`now` is in seconds of any clock that does not run backwards; `rows` holds spans.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from p2p.addresses import Address, Reach, Whereabouts, address, whereabouts
from p2p.book_entry import TOLD, Entry, Row, Source
from p2p.transport import PeerName
from web3rec.errors import ParamError

MAX_TOLD_AT_ONCE: Final = 32
"""Addresses of one telling that are looked at, and that we tell at most."""
_Key = tuple[str, str]
"""("place", "203.0.113.0/24") and the like: something an address counts against."""
HOUR: Final = 3_600.0
DAY: Final = 24 * HOUR


@dataclass(frozen=True, slots=True, kw_only=True)
class BookParams:
    """How much of what is kept, and for how long."""

    addresses: int = 1_024
    """In the book at most; >= 1. Bitcoin keeps 20,000, a phone's network needs less."""
    a_place: int = 8
    """Of one /24 or /48 at most (loopback exempt); >= 1."""
    a_peer: int = 4
    """Of one peer at most; >= 1."""
    a_teller: int = 64
    """Told by one peer at most, all of mDNS counting as one; >= 1."""
    a_telling_place: int = 128
    """Told by all peers of one place at most; >= 1."""
    proven: int = 768
    """That we reached ourselves, at most: the rest stays free for news; >= 1."""
    least_port: int = 1_024
    """Of an address that strangers tell us; >= 1. Below are other people's services, and nobody
    shall send a whole network to knock there."""
    first_wait: float = 30.0
    """Seconds before an address that failed is dialled again, doubled each time; > 0."""
    last_wait: float = HOUR
    """Seconds to which that grows; >= first_wait."""
    fresh: float = DAY
    """Seconds for which we tell others of an address we reached; > 0."""
    lifetime: float = 30 * DAY
    """Seconds an address stays that was not reached in them; > 0."""

    def __post_init__(self) -> None:
        whole = ("addresses", "a_place", "a_peer", "a_teller", "a_telling_place", "proven")
        for name in (*whole, "least_port"):
            if not getattr(self, name) >= 1:
                raise ParamError(name, getattr(self, name), "at least 1")
        for name in ("first_wait", "fresh", "lifetime"):
            if not 0 < getattr(self, name) < float("inf"):
                raise ParamError(name, getattr(self, name), "> 0 seconds and finite")
        if not self.first_wait <= self.last_wait < float("inf"):
            raise ParamError("last_wait", self.last_wait, "at least first_wait, and finite")


class Book:
    """Addresses of peers. Not thread-safe."""

    def __init__(
        self,
        me: PeerName,
        params: BookParams | None = None,
        *,
        read: Callable[[str], Address | None] = address,
        where: Callable[[str], Whereabouts] = whereabouts,
    ) -> None:
        """`me` is never written down. `read` and `where` tell addresses of another transport."""
        self.changes = 0
        """Rises when an address comes or goes, or is made an anchor."""
        self._me, self._params = me, params or BookParams()
        self._read, self._where = read, where
        self._entries: dict[str, Entry] = {}
        self._keys: dict[str, tuple[_Key, ...]] = {}  # what each counts against
        self._counts: Counter[_Key] = Counter()
        self._told: dict[Reach, tuple[float, tuple[str, ...]]] = {}

    # -- what we are told ------------------------------------------------------------------------

    def own(self, texts: Iterable[str], now: float) -> None:
        """The owner's bootstrap list or wishes; what is no address is the transport's to refuse."""
        for text in texts:
            found = self._read(text)
            if found is not None and found.peer != self._me:
                known = self._entries.get(found.text)
                if known is not None:
                    self._remove(found.text)
                entry = known or Entry(found, Source.OWNER, "", "", now)
                self._add(replace(entry, source=Source.OWNER, teller="", share=""))

    def heard(
        self,
        texts: Iterable[str],
        teller: PeerName,
        at: str,
        now: float,
        source: Source = Source.EXCHANGE,
    ) -> int:
        """What a peer connected from `at` ("" if unknown) told; how many were worth keeping.

        A stranger's texts: total. Kept is only what can be dialled from here if the teller can be:
        addresses of a private network only from inside it, of this machine only from it. No
        names: they lead wherever their owner says when we dial. With Source.INBOUND a peer may
        speak of itself only; with Source.MDNS of the local network only.

        Cost: O(texts); O(texts * addresses) where a cap is reached, .1 ms each, or .5 ms if the
        book is full.
        """
        here = self._where(at)
        share = here.place or f"peer {teller}"
        if source is Source.MDNS:
            here, teller, share = Whereabouts("", Reach.LOCAL), PeerName("mdns"), "mdns"
        kept = 0
        for text, _ in zip(texts, range(MAX_TOLD_AT_ONCE), strict=False):
            found = self._read(text)
            if found is None or not self._is_fit(found, here):
                continue
            if source is Source.INBOUND and found.peer != teller:
                continue
            at_home = source is Source.INBOUND and _host(found.text) == _host(at)
            known = self._entries.get(found.text)
            if known is not None:
                known.at_home = now if at_home else known.at_home
                continue
            if source is Source.MDNS and found.at.reach is Reach.PUBLIC:
                continue
            entry = Entry(found, source, teller, share, now, at_home=now if at_home else None)
            kept += self._admitted(entry, now)
        return kept

    def disown(self, teller: PeerName) -> None:
        """Forget what a peer told us that we never reached: it turned out not to be one of us."""
        for text in [
            text
            for text, entry in self._entries.items()
            if entry.teller == teller and entry.reached is None
        ]:
            self._remove(text)

    # -- what came of it -------------------------------------------------------------------------

    def reached(self, text: str, now: float) -> None:
        """We dialled it and were answered by the peer it names."""
        entry = self._entries.get(text)
        if entry is None:
            return
        if entry.reached is None and len(self._proven()) >= self._params.proven:
            oldest = min(self._proven(), key=lambda entry: entry.reached or 0.0)
            self._remove(oldest.address.text)
        entry.reached = now

    def failed(self, text: str, now: float, rng: np.random.Generator, *, online: bool) -> None:
        """We dialled it in vain; not held against it while we reach nobody (`online` False)."""
        entry = self._entries.get(text)
        if entry is None:
            return
        entry.failures += int(online)
        exponent = min(max(entry.failures - 1, 0), 30)
        wait = min(self._params.first_wait * 2.0**exponent, self._params.last_wait)
        if self._is_dead(entry, now):
            wait = self._params.last_wait  # not forgotten before: who told it will tell it again
        entry.due = now + wait * float(rng.uniform(0.75, 1.25))

    def lasted(self, text: str, now: float) -> None:
        """A connection we made to it was good for as long as it was wanted."""
        entry = self._entries.get(text)
        if entry is not None:
            entry.reached, entry.failures, entry.due = now, 0, now + self._params.first_wait

    def anchor(self, texts: Iterable[str]) -> None:
        """These are to be dialled first after a restart, in this order."""
        self.changes += 1
        for entry in self._entries.values():
            entry.anchor = 0
        for rank, text in enumerate(texts, start=1):
            if text in self._entries:
                self._entries[text].anchor = rank

    def sweep(self, now: float) -> None:
        """Forget what never answered, or not for long. Call now and then."""
        dead = [
            text
            for text, entry in self._entries.items()
            if self._is_dead(entry, now) and entry.due <= now
        ]
        for text in dead:
            self._remove(text)

    # -- what we tell ----------------------------------------------------------------------------

    def offer(
        self, peer: PeerName, at: str, now: float, k: int, rng: np.random.Generator
    ) -> tuple[str, ...]:
        """At most k addresses for a peer connected from `at`: reached by us lately, or told of
        itself by a peer that was connected to us from that very host; and dialable from there.
        Never its own, no names.

        Without the latter nobody would hear of those who only dialled us: while they are
        connected we do not dial them. Nobody can make us send others to somebody else's host.

        Where there are more than k to choose from, all who ask within an hour get the same choice:
        asking again shows no more of whom we know.
        """
        k, reach = min(k, MAX_TOLD_AT_ONCE), self._where(at).reach
        fit = sorted(
            text
            for text, entry in self._entries.items()
            if self._is_fresh(entry, now)
            and entry.address.at.reach >= reach
            and not entry.address.named
        )
        if len(fit) > MAX_TOLD_AT_ONCE:
            until, choice = self._told.get(reach, (now, ()))
            if until <= now:
                drawn = rng.choice(len(fit), MAX_TOLD_AT_ONCE, replace=False)
                choice = tuple(fit[int(i)] for i in drawn)
                self._told[reach] = (now + HOUR, choice)
            fit = [text for text in choice if text in self._entries]
        return tuple(text for text in fit if self._entries[text].address.peer != peer)[:k]

    # -- looking in ------------------------------------------------------------------------------

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, text: str) -> bool:
        return text in self._entries

    # -- over restarts ---------------------------------------------------------------------------

    def rows(self, now: float) -> tuple[Row, ...]:
        """All that is to survive a restart; the owner's list is given anew each time."""
        return tuple(
            Row(
                entry.address.text,
                int(entry.source),
                entry.teller,
                entry.share,
                now - entry.learned,
                None if entry.reached is None else now - entry.reached,
                entry.failures,
                entry.anchor,
            )
            for entry in self._entries.values()
            if entry.source is not Source.OWNER
        )

    def restore(
        self,
        rows: Iterable[tuple[str, int, str, str, float, float | None, int, int]],
        now: float,
        *,
        away: float,
    ) -> None:
        """Take back what `rows` gave `away` seconds ago, as far as it still fits; all due now."""
        away = max(0.0, away)
        for row in map(Row._make, rows):
            found = self._read(row.text)
            known = self._entries.get(row.text)
            reached = None if row.reached is None else now - away - row.reached
            if known is not None:
                known.reached, known.anchor = reached, row.anchor
            elif found is not None and found.peer != self._me and row.source in TOLD:
                learned, source = now - away - row.learned, Source(row.source)
                entry = Entry(found, source, row.teller, row.share, learned, reached)
                entry = replace(entry, failures=row.failures, anchor=row.anchor)
                self._admitted(entry, now)
        self.sweep(now)

    # -- caps ------------------------------------------------------------------------------------

    def _is_fit(self, found: Address, teller: Whereabouts) -> bool:
        return (
            not found.named
            and found.peer != self._me
            and found.at.reach >= teller.reach
            and found.port >= self._params.least_port
        )

    def _is_fresh(self, entry: Entry, now: float) -> bool:
        """Whether somebody was there lately."""
        last = [entry.reached, None if entry.failures else entry.at_home]
        return any(when is not None and when > now - self._params.fresh for when in last)

    def _add(self, entry: Entry) -> None:
        text = entry.address.text
        self.changes += 1
        self._entries[text] = entry
        self._keys[text] = tuple(key for key, _ in self._caps(entry))
        self._counts.update(self._keys[text])

    def _remove(self, text: str) -> None:
        self.changes += 1
        del self._entries[text]
        for key in self._keys.pop(text):
            self._counts[key] -= 1
            if not self._counts[key]:
                del self._counts[key]

    def _caps(self, entry: Entry) -> list[tuple[_Key, int]]:
        """What an address counts against, and how many may."""
        params, place = self._params, entry.address.at.place
        caps: list[tuple[_Key, int]] = []
        if entry.source is not Source.OWNER:
            caps += [
                (("peer", entry.address.peer), params.a_peer),
                (("teller", entry.teller), params.a_teller),
                (("share", entry.share), params.a_telling_place),
            ]
            caps += [(("place", place), params.a_place)] if place else []
        return [*caps, (("all", ""), params.addresses)]

    def _admitted(self, new: Entry, now: float) -> bool:
        """Write an address down, driving out whom it may replace at each cap that is reached;
        False, and nobody is driven out, if at one of them there is nobody.
        """
        victims: dict[str, Entry] = {}
        for key, cap in self._caps(new):
            if self._counts[key] < cap:
                continue
            rivals = [self._entries[text] for text, keys in self._keys.items() if key in keys]
            if any(rival.address.text in victims for rival in rivals):
                continue
            victim = self._weakest(rivals, new, now)
            if victim is None:
                return False
            victims[victim.address.text] = victim
        for text in victims:
            self._remove(text)
        self._add(new)
        return True

    def _weakest(self, rivals: list[Entry], new: Entry, now: float) -> Entry | None:
        """Who gives way among those that compete for one place in the book.

        First the dead; then, of what was never reached, the latest word of whoever told most of
        it, if even without it that is more than `new`'s teller has.
        """
        dead = [entry for entry in rivals if self._is_dead(entry, now)]
        if dead:
            return min(dead, key=lambda entry: entry.learned)
        unproven = [e for e in rivals if e.reached is None and e.source is not Source.OWNER]
        told = Counter(entry.share for entry in unproven)
        if not unproven:
            return None
        victim = max(unproven, key=lambda entry: (told[entry.share], entry.learned))
        return victim if told[victim.share] > told[new.share] + 1 else None

    def _is_dead(self, entry: Entry, now: float) -> bool:
        if entry.source is Source.OWNER:
            return False
        if max(entry.learned, entry.reached or entry.learned) < now - self._params.lifetime:
            return True
        if entry.reached is None:
            return entry.failures >= 3
        return entry.failures >= 10 and entry.reached < now - 7 * DAY

    def _proven(self) -> list[Entry]:
        return [e for e in self._entries.values() if e.reached is not None and e.source in TOLD]


def _host(text: str) -> str:
    """What stands between the kind of an address and its port."""
    return "/".join(text.split("/", 3)[1:3])
