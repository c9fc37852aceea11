"""Two ends of a sync session over plain sets, frames carried by hand."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from p2p.reconcile import Holdings
from p2p.sync import Brought, Heard, Offence, Session, Step, Terms

Element = tuple[int, bytes]


def envelope(element: Element) -> bytes:
    """Stands for the record of an element."""
    day, id_ = element
    return day.to_bytes(4, "big") + id_


def element(data: bytes) -> Element:
    return int.from_bytes(data[:4], "big"), data[4:]


@dataclass
class End:
    """A device whose records are their elements, and what a session did to it."""

    knows: set[Element]
    unservable: frozenset[bytes] = frozenset()
    """16-byte ids it knows and does not give away."""
    addresses: tuple[str, ...] = ()
    heard: list[str] = field(default_factory=list)
    got: list[Element] = field(default_factory=list)

    def session(
        self, salt: bytes, *, opener: bool, serves: bool = True, take: int = 5000
    ) -> Session:
        terms = Terms(serves=serves, take=take)
        return Session(Holdings.of(self.knows), terms, salt, opener=opener)

    def envelopes(self, ids: Iterable[bytes]) -> tuple[bytes, ...]:
        held = {id_: (day, id_) for day, id_ in self.knows}
        return tuple(envelope(held[id_]) for id_ in ids if id_ not in self.unservable)

    def spoken(self, session: Session) -> list[bytes]:
        """Everything of one turn."""
        frames = list(session.turn())
        if session.last:
            for ids in session.due():
                frames += session.records(len(ids), self.envelopes(ids))
            frames += session.farewell(self.addresses)
        return frames

    def took(self, step: "Step | Brought | Heard | Offence") -> None:
        match step:
            case Brought(envelopes):
                new = [element(one) for one in envelopes]
                self.got += new
                self.knows |= set(new)
            case Heard(addresses):
                self.heard += addresses


Spy = Callable[[str, bytes], bool]
"""Sees who sends which frame; False cuts the session off behind it."""


@dataclass(frozen=True)
class Told:
    """What became of a session."""

    opener: Session
    server: Session
    frames: list[tuple[str, bytes]]

    @property
    def size(self) -> int:
        return sum(len(data) + 4 for _, data in self.frames)

    @property
    def over(self) -> bool:
        return self.opener.over and self.server.over


def talk(
    one: End,
    other: End,
    *,
    salts: tuple[bytes, bytes] = (b"o" * 16, b"s" * 16),
    serves: tuple[bool, bool] = (True, True),
    takes: tuple[int, int] = (5000, 5000),
    spy: Spy = lambda _who, _data: True,
) -> Told:
    """One session, `one` opening it; every step of either end must make sense to the other."""
    ends = {
        "opener": (one, one.session(salts[0], opener=True, serves=serves[0], take=takes[0])),
        "server": (other, other.session(salts[1], opener=False, serves=serves[1], take=takes[1])),
    }
    told = Told(ends["opener"][1], ends["server"][1], [])
    speaker, said = "opener", [told.opener.hello()]
    while said:
        listener = "server" if speaker == "opener" else "opener"
        end, session = ends[listener]
        step: Step | Brought | Heard | Offence = Step.WAIT
        for data in said:
            told.frames.append((speaker, data))
            step = session.take(data)
            assert not isinstance(step, Offence), (step, data[:40])
            end.took(step)
            if not spy(speaker, data):
                return told
        assert isinstance(step, Step)
        speaker = listener
        said = end.spoken(session) if step is Step.SPEAK else []
    return told
