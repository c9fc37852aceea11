"""What Sybils do to a gossip network: nine behaviours, each a few lines, by name.

The first six are those of the evaluation of gossipsub 1.1 (Vyzovitis et al., PL-TechRep-2020-001
and arXiv 2007.02754), told apart by when the Sybils come, whom they connect to and what they hold
back; the last three are the floods its specification has limits against. When they come and to
whom is the scenario's to say; here is what they do. Definitions for readers: docs/simulation.md.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from p2p.sim.rpc import Message, MessageId, Rpc
from p2p.sim.sybil import Den, Sybil

IDS: Final = 500
"""Ids in one made-up IHAVE and in one greedy IWANT."""
MADE_UP: Final = 2**62


def _while_good(den: Den, _message: Message) -> bool:
    return not den.attacking


def _is_good(den: Den) -> bool:
    return not den.attacking


def _always(_den: Den) -> bool:
    return True


def _nothing(_sybil: Sybil) -> None:
    return


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What a Sybil is asked; until the attack begins, all of them behave.

    By itself: takes places in meshes and passes nothing on, from the attack on. Which attack that
    is depends on when the Sybils come and whom they connect to: eclipse (late, to the victims),
    cold boot (with everybody, to everybody), dawn (before everybody), covert flash (early, and
    good for two minutes).
    """

    passes: Callable[[Den, Message], bool] = _while_good
    """Pass this message on, and give it to who asks for it?"""
    curious: Callable[[Den], bool] = _is_good
    """Ask for messages that are offered?"""
    beats: Callable[[Sybil], None] = _nothing
    """Once a second."""


def censor() -> Behaviour:
    """Passes on everything but what the victims publish."""

    def passes(den: Den, message: Message) -> bool:
        return not (den.attacking and message.source in den.victims)

    return Behaviour(passes, _always)


def degrade(drop: float) -> Behaviour:
    """Drops a share of all messages, at random, so that nobody can be told to be silent."""

    def passes(den: Den, _message: Message) -> bool:
        return not den.attacking or den.rng.random() >= drop

    return Behaviour(passes, _always)


def graft_spam(rate: int) -> Behaviour:
    """Grafts every neighbour `rate` times at each heartbeat, back-off or not; passes nothing on."""

    def beats(sybil: Sybil) -> None:
        if sybil.den.attacking:
            for peer in sybil.peers:
                for _ in range(rate):
                    sybil.send(peer, Rpc(graft=True))

    return Behaviour(beats=beats)


def id_spam(rate: int) -> Behaviour:
    """Offers messages that do not exist and asks again and again for those that do."""

    def beats(sybil: Sybil) -> None:
        den = sybil.den
        if not den.attacking:
            return
        wanted = tuple(den.cache)[-IDS:]
        for peer in sybil.peers:
            for _ in range(rate):
                first = int(den.rng.integers(1, MADE_UP))
                made_up = tuple(MessageId(-i) for i in range(first, first + IDS))
                sybil.send(peer, Rpc(ihave=made_up, iwant=wanted))

    return Behaviour(beats=beats)


def invalid_flood(rate: int, messages: Sequence[bytes]) -> Behaviour:
    """Publishes what no honest peer would, one of `messages` to all neighbours at a time."""

    def beats(sybil: Sybil) -> None:
        den = sybil.den
        if not den.attacking:
            return
        for _ in range(rate):
            data = messages[int(den.rng.integers(len(messages)))]
            id_ = MessageId(-int(den.rng.integers(1, MADE_UP)))
            rpc = Rpc(messages=(Message(id_, sybil.name, data),))
            for peer in list(sybil.peers):
                sybil.send(peer, rpc)

    return Behaviour(beats=beats)


NAMES: Final = (
    "eclipse",
    "cold-boot",
    "covert-flash",
    "dawn",
    "censor",
    "degrade",
    "graft-spam",
    "id-spam",
    "invalid-flood",
)


def behaviour_of(name: str, *, drop: float, rate: int, messages: Sequence[bytes]) -> Behaviour:
    """The behaviour of this name, one of NAMES.

    Args:
        name: which.
        drop: share of messages that `degrade` drops, in [0, 1].
        rate: calls a second to each neighbour, of the floods.
        messages: what `invalid-flood` publishes.
    """
    match name:
        case "censor":
            return censor()
        case "degrade":
            return degrade(drop)
        case "graft-spam":
            return graft_spam(rate)
        case "id-spam":
            return id_spam(rate)
        case "invalid-flood":
            return invalid_flood(rate, messages)
        case _:
            return Behaviour()
