"""Whom to dial now: a few peers of our own choice, from different places, and a feeler at times.

Pure: the book, times and chance in, one address at a time out. Whom one dials one has chosen;
whoever dials us may be anybody. So what an attacker wants is our outbound connections, and the
rules are about them: at most `outbound` of them, at most `a_place` from one /24 or /48, those we
had for long before a restart first, and every place and every teller with the same chance,
however many addresses it wrote into the book.

The owner's bootstrap peers are not counted and not dialled here: they are kept connected anyway.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np

from p2p.book import Book
from p2p.book_entry import Entry, Source
from p2p.transport import PeerName
from web3rec.errors import ParamError

MAX_ANCHORS: Final = 4

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundParams:
    """How many connections we make by ourselves, and how carefully."""

    outbound: int = 8
    """Connections at most, those being dialled included; >= 0."""
    a_place: int = 2
    """From one place at most (loopback exempt); >= 1."""
    pace: float = 0.5
    """Seconds between two dials; >= 0."""
    proven: float = 0.7
    """Chance of choosing among what we reached before; in [0, 1]. A guess."""
    feeler_every: float = 120.0
    """Seconds between two feelers: with all places taken, one address nobody proved is tried and
    hung up on, so that the book knows who is there; > 0. Heilman et al. take two minutes."""
    lasting: float = 60.0
    """Seconds a connection has to last for not being held against its address; >= 0."""
    anchored: float = 600.0
    """Seconds after which a connection is worth being an anchor; >= 0."""

    def __post_init__(self) -> None:
        for name, least in {"outbound": 0, "a_place": 1, "pace": 0, "lasting": 0}.items():
            if not least <= getattr(self, name) < float("inf"):
                raise ParamError(name, getattr(self, name), f"at least {least}, and finite")
        if not 0 <= self.proven <= 1:
            raise ParamError("proven", self.proven, "in [0, 1]")
        if not 0 < self.feeler_every < float("inf"):
            raise ParamError("feeler_every", self.feeler_every, "> 0 seconds and finite")
        if not 0 <= self.anchored < float("inf"):
            raise ParamError("anchored", self.anchored, ">= 0 seconds and finite")


@dataclass(frozen=True, slots=True)
class Pick:
    """One address to dial now."""

    address: str
    peer: PeerName
    feeler: bool = False
    """True: hang up as soon as it answered."""


@dataclass(slots=True)
class _Slot:
    pick: Pick
    place: str
    since: float | None = None


class Outbound:
    """The connections we make by ourselves. After each Pick exactly one of `failed` and `reached`
    must follow, after `reached` one `ended`, unless all is `cut_off`.
    """

    def __init__(self, book: Book, params: OutboundParams | None = None) -> None:
        """`book` learns what came of each dial from here."""
        self._book, self._params = book, params or OutboundParams()
        self._slots: dict[str, _Slot] = {}
        self._not_before = float("-inf")
        self._felt = float("-inf")

    def next(
        self,
        now: float,
        connected: Collection[PeerName],
        shunned: Callable[[PeerName], bool],
        rng: np.random.Generator,
    ) -> Pick | None:
        """Whom to dial now, if anybody.

        Args:
            now: seconds of a clock that does not run backwards.
            connected: peers connected now, in either direction.
            shunned: peers not to be dialled, such as banned ones.
            rng: chance.

        Cost: O(book), about 1 ms when full.
        """
        if now < self._not_before:
            return None
        kept = [slot for slot in self._slots.values() if not slot.pick.feeler]
        feeler = len(kept) >= self._params.outbound
        if feeler and not self._may_feel(now):
            return None
        taken = Counter(slot.place for slot in kept if slot.place)
        busy = {slot.pick.peer for slot in self._slots.values()} | set(connected)
        fit = [
            entry
            for entry in self._book
            if entry.due <= now
            and entry.source is not Source.OWNER
            and taken[entry.address.at.place] < self._params.a_place
            and entry.address.peer not in busy
            and not shunned(entry.address.peer)
        ]
        chosen = self._felt_for(fit, rng) if feeler else self._chosen(fit, rng)
        if chosen is None:
            return None
        pick = Pick(chosen.address.text, chosen.address.peer, feeler)
        self._slots[pick.address] = _Slot(pick, chosen.address.at.place)
        self._not_before = now + self._params.pace
        self._felt = now if feeler else self._felt
        return pick

    def reached(self, pick: Pick, now: float) -> None:
        """It answered, and is who it should be."""
        self._book.reached(pick.address, now)
        if pick.address in self._slots:
            self._slots[pick.address].since = now

    def failed(self, pick: Pick, now: float, rng: np.random.Generator, *, online: bool) -> None:
        """No answer, or not from that peer; `online`: we are connected to somebody."""
        self._slots.pop(pick.address, None)
        self._book.failed(pick.address, now, rng, online=online)

    def ended(self, pick: Pick, now: float, rng: np.random.Generator) -> None:
        """The connection is gone, whoever hung up."""
        slot = self._slots.pop(pick.address, None)
        lasted = 0.0 if slot is None or slot.since is None else now - slot.since
        if pick.feeler or lasted >= self._params.lasting:
            self._book.lasted(pick.address, now)
        else:
            self._book.failed(pick.address, now, rng, online=True)

    def cut_off(self, now: float) -> None:
        """The network stack ended: every connection and every dial is over, through no fault of
        theirs. Picks from before are nobody's any more.
        """
        for slot in self._slots.values():
            if slot.since is not None and now - slot.since >= self._params.lasting:
                self._book.lasted(slot.pick.address, slot.since)
        self._slots.clear()

    def drop_anchor(self, now: float) -> None:
        """Tell the book whom to dial first after a restart. Call before writing it down.

        Those connected for long, the longest first, from different places; without enough of
        them, the anchors of last time that did not fail since.
        """
        held = sorted(
            (slot.since, slot.pick.address)
            for slot in self._slots.values()
            if slot.since is not None
            and not slot.pick.feeler
            and now - slot.since >= self._params.anchored
        )
        before = sorted((e.anchor, e.address.text) for e in self._book if _is_anchor(e))
        place_of = {entry.address.text: entry.address.at.place for entry in self._book}
        chosen: dict[str, str] = {}
        for _, text in (*held, *before):
            place = place_of.get(text)
            if place is not None and (not place or place not in chosen.values()):
                chosen.setdefault(text, place)
        self._book.anchor(list(chosen)[:MAX_ANCHORS])

    def __len__(self) -> int:
        """Connections that count, those being dialled included."""
        return sum(not slot.pick.feeler for slot in self._slots.values())

    def _may_feel(self, now: float) -> bool:
        under_way = any(slot.pick.feeler for slot in self._slots.values())
        return not under_way and now >= self._felt + self._params.feeler_every

    def _felt_for(self, fit: list[Entry], rng: np.random.Generator) -> Entry | None:
        return _fairly([entry for entry in fit if entry.reached is None], rng)

    def _chosen(self, fit: list[Entry], rng: np.random.Generator) -> Entry | None:
        anchors = [entry for entry in fit if _is_anchor(entry)]
        if anchors:
            return min(anchors, key=lambda entry: entry.anchor)
        proven = [entry for entry in fit if entry.reached is not None]
        unproven = [entry for entry in fit if entry.reached is None]
        if proven and (not unproven or rng.random() < self._params.proven):
            return _fairly(proven, rng)
        return _fairly(unproven, rng)


def _is_anchor(entry: Entry) -> bool:
    return bool(entry.anchor) and entry.failures < 3


def _fairly(entries: list[Entry], rng: np.random.Generator) -> Entry | None:
    """One of them: each who told with the same chance, then each place, then each address."""
    if not entries:
        return None
    share = _any(sorted({entry.share for entry in entries}), rng)
    told = [entry for entry in entries if entry.share == share]
    place = _any(sorted({_place(entry) for entry in told}), rng)
    return _any([entry for entry in told if _place(entry) == place], rng)


def _place(entry: Entry) -> str:
    return entry.address.at.place or entry.address.text


def _any(choices: Iterable[T], rng: np.random.Generator) -> T:
    listed = list(choices)
    return listed[int(rng.integers(len(listed)))]
