"""Sync sessions over a channel: moves the frames of `p2p.sync`, asks the ledger, keeps deadlines.

Whoever runs this decides how often and with whom (`p2p.turnstile` counts for the serving end),
and what becomes of an offence.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

import trio

from p2p.reconcile import Holdings
from p2p.sync import Brought, Heard, Offence, Session, Step, Terms
from p2p.sync_wire import MAX_TAKE
from p2p.transport import Channel
from web3rec.records.model import Signed
from web3rec.records.rules import Judgement
from web3rec.types import Verdict

SESSION_SECONDS: Final = 30.0
"""A session takes no longer, whichever end we are."""
JUDGE_AT_ONCE: Final = 32
"""Signatures checked before other tasks get a turn."""

Keep = Callable[[tuple[bytes, ...]], Awaitable[int | None]]
"""Judges the envelopes of one frame and keeps them in one transaction; how many were new, or None
if one is a forgery: then nothing of the frame was kept. `keeper` makes one."""


class Ledger(Protocol):
    """What a session needs of a device's records."""

    @property
    def level(self) -> int:
        """The privacy ladder, 0 to 3; at 0 nothing leaves."""
        ...

    async def holdings(self) -> Holdings:
        """All that is known and lives beyond today: shared, dead, declined; nothing unreleased."""
        ...

    async def envelopes(self, ids: Sequence[bytes], /) -> tuple[bytes, ...]:
        """Those of these 16-byte ids that may leave now, retractions first; none at level 0."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Visited:
    """What became of a session."""

    new: int = 0
    """Records it brought that we did not hold."""
    received: int = 0
    """Records it brought."""
    sent: int = 0
    """Records we sent."""
    unserved: int = 0
    """Ids the other end lacks that the ledger did not give away."""
    more: bool = False
    """True if another session would find more to move, either way."""
    well: bool = False
    """True if it came to its proper end."""
    offence: Offence | None = None
    """What the other end did that no honest peer does."""
    bytes_in: int = 0
    """Of frames, without what carries them."""
    bytes_out: int = 0
    """Of frames, without what carries them."""
    rounds: int = 0
    """Round trips."""
    heard: tuple[str, ...] = ()
    """Addresses for the peer book; a stranger's texts, at most 32."""


def keeper(
    judge: Callable[[bytes], Judgement], ingest: Callable[[Sequence[Signed]], Awaitable[int]]
) -> Keep:
    """Judge each envelope, with a pause for others every JUDGE_AT_ONCE; keep what is accepted.

    What is ignored (known, expired, ahead of our clock) is left out without blame.
    """

    async def keep(envelopes: tuple[bytes, ...]) -> int | None:
        accepted: list[Signed] = []
        for i, envelope in enumerate(envelopes, 1):
            judgement = judge(envelope)
            if judgement.verdict is Verdict.REJECT:
                return None
            if judgement.verdict is Verdict.ACCEPT and judgement.signed is not None:
                accepted.append(judgement.signed)
            if i % JUDGE_AT_ONCE == 0:
                await trio.lowlevel.checkpoint()
        return await ingest(accepted) if accepted else 0

    return keep


async def visit(
    channel: Channel,
    ledger: Ledger,
    keep: Keep,
    *,
    salt: bytes,
    addresses: Sequence[str] = (),
    take: int = MAX_TAKE,
    seconds: float = SESSION_SECONDS,
) -> Visited:
    """One session over a channel we opened.

    Args:
        channel: fresh; nobody else uses it.
        ledger: whose records are compared and sent.
        keep: called with each frame of records, in order; see `Keep`.
        salt: 16 bytes nobody can foresee, new for each session (`secrets.token_bytes(16)`).
        addresses: for the other end's peer book; the first 32 of at most 256 bytes are sent, none
            at level 0.
        take: records we take at most; 0 to 5,000.
        seconds: until the session is given up; what was kept stays kept.

    A channel that breaks off or falls silent is no error and no offence: `well` is False then.
    What `ledger` and `keep` raise escapes.
    """
    talk = _Talk(channel, ledger, keep, addresses)
    with trio.move_on_after(seconds):
        await talk.run(salt, take, opener=True)
    return talk.visited()


async def host(
    channel: Channel,
    ledger: Ledger,
    keep: Keep,
    *,
    salt: bytes,
    addresses: Sequence[str] = (),
    take: int = MAX_TAKE,
    seconds: float = SESSION_SECONDS,
) -> Visited:
    """One session over a channel that a peer opened; arguments and result as for `visit`."""
    talk = _Talk(channel, ledger, keep, addresses)
    with trio.move_on_after(seconds):
        await talk.run(salt, take, opener=False)
    return talk.visited()


@dataclass(slots=True)
class _Talk:
    """One end of a session on a channel, and the account of it."""

    channel: Channel
    ledger: Ledger
    keep: Keep
    addresses: Sequence[str]
    session: Session | None = None
    offence: Offence | None = None
    new: int = 0
    received: int = 0
    sent: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    turns: int = 0
    well: bool = False
    heard: list[str] = field(default_factory=list)

    async def run(self, salt: bytes, take: int, *, opener: bool) -> None:
        terms = Terms(serves=self.ledger.level > 0, take=take)
        holdings = await self.ledger.holdings()
        self.session = session = Session(holdings, terms, salt, opener=opener)
        try:
            if opener:
                await self._send(session.hello())
            while not session.over:
                step = await self._step(session)
                if step is None:
                    return
                if step is Step.SPEAK:
                    await self._speak(session)
            if opener and await self.channel.receive() is not None:
                self.offence = Offence.ORDER  # something behind the end
            self.well = self.offence is None
        except (OSError, trio.TooSlowError):
            return  # gone, or too slow; what came until then is kept

    async def _step(self, session: Session) -> Step | None:
        """Read a frame and do what it brings; None if the session is broken off."""
        data = await self.channel.receive()
        if data is None:
            return None
        self.bytes_in += len(data)
        step = session.take(data)
        match step:
            case Offence():
                self.offence = step
                return None
            case Brought(envelopes):
                self.received += len(envelopes)
                new = await self.keep(envelopes)
                if new is None:
                    self.offence = Offence.FORGED
                    return None
                self.new += new
                return Step.WAIT
            case Heard(addresses):
                self.heard += addresses
                return Step.WAIT
            case Step():
                return None if step is Step.FOREIGN else step

    async def _speak(self, session: Session) -> None:
        """One turn of ours. Each frame is made when the one before it is on its way."""
        self.turns += 1
        for frame in session.turn():
            await self._send(frame)
        if not session.last:
            return
        for ids in session.due():
            envelopes = await self.ledger.envelopes(ids)
            before = session.sent
            for frame in session.records(len(ids), envelopes):
                await self._send(frame)
            self.sent += session.sent - before
        open_ = self.ledger.level > 0
        for frame in session.farewell(self.addresses if open_ else ()):
            await self._send(frame)

    async def _send(self, frame: bytes) -> None:
        await self.channel.send(frame)
        self.bytes_out += len(frame)

    def visited(self) -> Visited:
        session = self.session
        return Visited(
            new=self.new,
            received=self.received,
            sent=self.sent,
            unserved=session.unserved if session else 0,
            more=bool(session and session.more),
            well=self.well,
            offence=self.offence,
            bytes_in=self.bytes_in,
            bytes_out=self.bytes_out,
            rounds=session.turns if session else 0,
            heard=tuple(self.heard),
        )
