"""Circuit relay v2, both sides, small: for peers that nobody can dial, on nodes that opt in.

Ours instead of libp2p's, which reserves for whatever name a request gives (so a stranger fills the
table with names), and takes circuits of relays it never asked for (docs/decisions/0015). Here a
reservation is for who asks, and ends with the connection; circuits are few, short and small. A
relay sees who talks to whom and how much; the connection inside is Noise, end to end.
"""

import logging
from collections import Counter
from collections.abc import Awaitable, Callable

import trio
from libp2p.abc import INetStream
from libp2p.host.basic_host import BasicHost
from libp2p.peer.id import ID
from libp2p.relay.circuit_v2.pb.circuit_pb2 import (
    HopMessage,
    Limit,
    PeerId,
    Reservation,
    Status,
    StopMessage,
)

from p2p.libp2p_circuit import CHUNK, CIRCUIT, HOP, STOP, WORD_SECONDS, Circuit, hear, say
from p2p.libp2p_guard import TROUBLE, Report
from p2p.libp2p_swarm import GuardedSwarm
from web3rec.clock import system_clock

logger = logging.getLogger(__name__)

MAX_RESERVATIONS = 32
"""Peers that may be reached through us; half of the connections we have."""
MAX_CIRCUITS = 16
"""Circuits we carry at once."""
CIRCUITS_PER_PEER = 4
"""Of these, circuits one peer begins or ends."""
CIRCUIT_SECONDS = 3_600.0
"""How long a circuit lasts; its ends dial again."""
CIRCUIT_BYTES = 64 * 1024 * 1024
"""Bytes a circuit carries, both ways together: an hour of gossip and twenty full syncs."""
SILENCE_SECONDS = 120.0
"""A circuit on which nobody says anything for so long is over; its ends ping more often."""
RESERVED_SECONDS = 3_600
"""How long a reservation lasts; asking again renews it."""


class Relay:
    """Carries streams between neighbours who asked for it, and others who want to reach them."""

    def __init__(self, host: BasicHost, swarm: GuardedSwarm) -> None:
        """Nobody has reserved."""
        self._host = host
        self._swarm = swarm
        self.reserved: dict[ID, float] = {}
        self.circuits: Counter[ID] = Counter()

    def forget(self, peer: ID) -> None:
        """The peer has left."""
        self.reserved.pop(peer, None)

    async def stream_handler(self, stream: INetStream) -> None:
        """Answer one request. Raises ParseError for what is none."""
        peer = stream.muxed_conn.peer_id
        word = await hear(stream, HopMessage)
        if CIRCUIT in str(getattr(stream.muxed_conn, "address", "")):
            await self._status(stream, Status.PERMISSION_DENIED)
        elif word.type == HopMessage.RESERVE:
            await self._reserve(peer, stream)
        elif word.type == HopMessage.CONNECT:
            await self._connect(peer, ID(word.peer.id), stream)
        else:
            await self._status(stream, Status.UNEXPECTED_MESSAGE)

    async def _reserve(self, peer: ID, stream: INetStream) -> None:
        now = trio.current_time()
        self.reserved = {who: until for who, until in self.reserved.items() if until > now}
        if peer not in self.reserved and len(self.reserved) >= MAX_RESERVATIONS:
            await self._status(stream, Status.RESERVATION_REFUSED)
            return
        self.reserved[peer] = now + RESERVED_SECONDS
        expire = system_clock() // 1_000 + RESERVED_SECONDS
        word = HopMessage(type=HopMessage.STATUS, status=Status.OK, limit=_limit())
        word.reservation.CopyFrom(Reservation(expire=expire))
        await say(stream, word)
        await stream.close()

    async def _connect(self, source: ID, target: ID, stream: INetStream) -> None:
        if self.reserved.get(target, 0.0) <= trio.current_time() or source == target:
            await self._status(stream, Status.NO_RESERVATION)
            return
        full = max(self.circuits[source], self.circuits[target]) >= CIRCUITS_PER_PEER
        if full or self.circuits.total() >= 2 * MAX_CIRCUITS:
            self.circuits += Counter()  # looking made entries
            await self._status(stream, Status.RESOURCE_LIMIT_EXCEEDED)
            return
        self.circuits.update((source, target))
        try:
            with trio.move_on_after(CIRCUIT_SECONDS):
                await self._carry(source, target, stream)
        finally:
            self.circuits.subtract((source, target))
            self.circuits += Counter()  # forgets the zeros

    async def _carry(self, source: ID, target: ID, here: INetStream) -> None:
        try:
            with trio.fail_after(WORD_SECONDS):
                there = await self._host.new_stream(target, [STOP])
            asked = StopMessage(type=StopMessage.CONNECT, peer=PeerId(id=source.to_bytes()))
            asked.limit.CopyFrom(_limit())
            await say(there, asked)
            answer = await hear(there, StopMessage)
        except Exception as error:  # noqa: BLE001 - the target's doing, not the source's offence
            logger.debug("a circuit was not begun: %s", type(error).__name__)
            await self._status(here, Status.CONNECTION_FAILED)
            return
        try:
            if answer.status != Status.OK:
                await self._status(here, Status.CONNECTION_FAILED)
                return
            await say(here, HopMessage(type=HopMessage.STATUS, status=Status.OK, limit=_limit()))
            budget = _Budget(CIRCUIT_BYTES)
            async with trio.open_nursery() as nursery:
                nursery.start_soon(budget.carry, here, there, nursery.cancel_scope)
                nursery.start_soon(budget.carry, there, here, nursery.cancel_scope)
        finally:
            with trio.CancelScope(deadline=trio.current_time() + WORD_SECONDS, shield=True):
                await here.reset()
                await there.reset()

    async def _status(self, stream: INetStream, status: int) -> None:
        await say(stream, HopMessage(type=HopMessage.STATUS, status=status))  # type: ignore[arg-type]
        await stream.close()


class _Budget:
    """Bytes left to carry; when they are gone, or one side is, both directions end."""

    def __init__(self, left: int) -> None:
        self._left = left

    async def carry(self, here: INetStream, there: INetStream, both: trio.CancelScope) -> None:
        try:
            while self._left > 0:
                with trio.fail_after(SILENCE_SECONDS):
                    data = await here.read(CHUNK)
                if not data:
                    break
                self._left -= len(data)
                with trio.fail_after(SILENCE_SECONDS):
                    await there.write(data)
        except TROUBLE as error:
            logger.debug("a circuit ended: %s", type(error).__name__)
        both.cancel()


class Reached:
    """The other side: we ask relays to be reachable through them, and take what they bring."""

    def __init__(self, host: BasicHost, swarm: GuardedSwarm, report: Report) -> None:
        """We have reserved nowhere."""
        self._host = host
        self._swarm = swarm
        self._report = report
        self.relays: dict[ID, str] = {}
        """Relays that keep a reservation for us, with their address."""

    async def reserve(self, relay: ID, address: str) -> float:
        """Ask a connected relay; how many seconds until to ask again.

        Raises:
            ConnectionError: it does not relay, or has no room.
        """
        try:
            with trio.fail_after(WORD_SECONDS):
                stream = await self._host.new_stream(relay, [HOP])
            await say(stream, HopMessage(type=HopMessage.RESERVE))
            answer = await hear(stream, HopMessage)
            await stream.close()
        except Exception as error:
            raise ConnectionError(f"{address} does not relay: {type(error).__name__}") from error
        if answer.status != Status.OK:
            raise ConnectionError(f"{address} keeps no place for us: status {answer.status}")
        self.relays[relay] = address
        left = answer.reservation.expire - system_clock() / 1_000
        return min(max(left, 60.0), float(RESERVED_SECONDS)) / 2

    def forget(self, relay: ID) -> None:
        """The relay has left, our place with it."""
        self.relays.pop(relay, None)

    async def stream_handler(self, stream: INetStream) -> None:
        """Take one circuit, if it comes from a relay we asked; stays until it ends."""
        relay = stream.muxed_conn.peer_id
        word = await hear(stream, StopMessage)
        if relay not in self.relays or word.type != StopMessage.CONNECT:
            self._report(relay, "relay: a circuit nobody asked for")
            await say(stream, StopMessage(type=StopMessage.STATUS, status=Status.PERMISSION_DENIED))
            await stream.close()
            return
        await say(stream, StopMessage(type=StopMessage.STATUS, status=Status.OK))
        await self._swarm.take_in(Circuit(stream, f"/p2p/{relay}/{CIRCUIT}", f"relay {relay}"))


async def connect(host: BasicHost, relay: ID, peer: ID, address: str) -> Circuit:
    """Ask a connected relay for a circuit to a peer.

    Raises:
        ConnectionError: it does not relay, or does not reach the peer.
    """
    try:
        with trio.fail_after(WORD_SECONDS):
            stream = await host.new_stream(relay, [HOP])
        await say(stream, HopMessage(type=HopMessage.CONNECT, peer=PeerId(id=peer.to_bytes())))
        answer = await hear(stream, HopMessage)
    except Exception as error:
        raise ConnectionError(f"no answer from {address}: {type(error).__name__}") from error
    if answer.status != Status.OK:
        await stream.reset()
        raise ConnectionError(f"no answer from {address}: the relay says {answer.status}")
    return Circuit(stream, address, f"relay {relay}")


async def keep_reserved(
    reached: Reached, dial: Callable[[str], Awaitable[ID]], address: str
) -> None:
    """Stay reachable through one relay as long as this runs."""
    wait = RETRY_SECONDS
    while True:
        try:
            relay = await dial(address)
            again = await reached.reserve(relay, address)
            wait = RETRY_SECONDS
            with trio.move_on_after(again):
                while relay in reached.relays:  # noqa: ASYNC110 - libp2p's notices are elsewhere
                    await trio.sleep(RETRY_SECONDS)
        except ConnectionError as error:
            logger.debug("no place at a relay: %s", type(error).__name__)
            await trio.sleep(wait)
            wait = min(2 * wait, MAX_RETRY_SECONDS)


RETRY_SECONDS, MAX_RETRY_SECONDS = 1.0, 60.0
"""How soon to ask a relay again that is gone or full."""


def _limit() -> Limit:
    return Limit(duration=int(CIRCUIT_SECONDS), data=CIRCUIT_BYTES)
