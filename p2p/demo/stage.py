"""The nodes of the demo: real recommenders, keys, directories and libp2p hosts on loopback."""

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import trio

from p2p.demo.cast import Cast, Person
from p2p.demo.speech import speech
from p2p.node import Node
from p2p.options import NodeOptions
from web3rec.errors import DataError
from web3rec.identity import KEY_FILE
from web3rec.options import Options
from web3rec.recommender import Recommender
from web3rec.records import Signed, SigningKey
from web3rec.records.envelope import record_id, unwrap
from web3rec.rerank.bundle import container
from web3rec.rerank.bundle.refusal import Unfit
from web3rec.rerank.params import RerankParams
from web3rec.store import OwnAct, Source
from web3rec.store.known import ID_BYTES
from web3rec.types import Event, Millis, PeerId

LEVEL: Final = 2
"""The privacy level of every node here: acts leave the device, hashed and without time of day.
A device's own default is 0; the demo raises it, and takes the random delay out, to be watched."""
NEIGHBOURS: Final = 3
"""Nodes each newcomer dials; gossip and catch-up carry records over the others."""
MOST: Final = 1_000_000
"""Records read at once, more than any demo has."""
LOOK_SECONDS: Final = 0.5
"""Between two looks at the nodes."""


@dataclass(frozen=True, slots=True)
class Tally:
    """All nodes together, at one moment."""

    sent: int
    received: int
    verified: int
    held: tuple[int, ...]
    """Records each node holds"""
    wanted: int
    """How many each node should hold in the end"""
    peers: int
    """Connections seen, both ends counted"""
    seconds: float
    agreed: bool
    """True if every node has seen every record that any of them shows, and those are as many as
    wanted. What it keeps of strangers depends on the room it has for them."""


class Loop:
    """One thread that carries all nodes of the demo.

    Each node alone would have a thread of its own (`Node.start`). Nine of them in one process would
    spend a quarter of their time handing Python's interpreter lock to each other.
    """

    def __init__(self) -> None:
        """Nothing runs until it is entered."""
        self._ready = threading.Event()
        self._thread = threading.Thread(target=trio.run, args=(self._main,), name="demo-network")

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with suppress(trio.RunFinishedError):
            trio.from_thread.run_sync(self._nursery.cancel_scope.cancel, trio_token=self._token)
        self._thread.join()

    def carry(self, node: Node) -> None:
        """Bring a node onto the network; returns once it listens. Raises what `Node.run` raises."""
        trio.from_thread.run(self._nursery.start, node.run, trio_token=self._token)

    async def _main(self) -> None:
        self._token = trio.lowlevel.current_trio_token()
        async with trio.open_nursery() as self._nursery:
            self._ready.set()
            await trio.sleep_forever()


@dataclass(frozen=True, slots=True)
class Actor:
    """One running device."""

    rec: Recommender
    node: Node


class Stage:
    """Directories, recommenders and nodes; leaves nothing behind when it closes."""

    def __init__(self, root: Path, now: Millis, bundle: Path | None = None) -> None:
        """`root` is an empty directory that the caller removes; `bundle`, a model for all nodes.

        Raises DataError: the bundle cannot be read, or is none.
        """
        self._model: dict[str, Any] = (
            {} if bundle is None else {"bundle": bundle, "publishers": (_signer(bundle),)}
        )
        self.actors: list[Actor] = []
        self._root, self._now = root, now
        self._open = ExitStack()
        self._loop = Loop()
        self._began = time.monotonic()

    def __enter__(self) -> Self:
        self._loop.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._loop.__exit__(kind, error, trace)  # nodes leave before their logs close
        finally:
            self._open.__exit__(kind, error, trace)

    def enter(self, key: SigningKey) -> Actor:
        """Start a device with this author key; it dials the NEIGHBOURS that came last."""
        home = self._root / f"node-{len(self.actors) + 1}"
        home.mkdir(mode=0o700)
        key.save(home / KEY_FILE)
        # Nobody learns for itself meanwhile: lists would hang on who was first.
        rerank = RerankParams(on=bool(self._model), own=False)
        options = Options(
            share_delay_hours=0, clock=lambda: self._now, rerank=rerank, **self._model
        )
        rec = self._open.enter_context(Recommender.open(home, options))
        rec.share(LEVEL)
        known = [
            address
            for actor in self.actors[-NEIGHBOURS:]
            for address in actor.node.status().addresses
        ]
        node = Node(
            rec,
            NodeOptions(
                listen=["/ip4/127.0.0.1/tcp/0"],
                bootstrap=known,
                flush_interval=0.5,
                sync_interval=5.0,
                sync_gap=1.0,
            ),
        )
        self._loop.carry(node)
        actor = Actor(rec, node)
        self.actors.append(actor)
        return actor

    def watch(self, wanted: int, until: float, show: Callable[[Tally], None]) -> Tally:
        """Wait until all have seen the same `wanted` records, or the stage is `until` s old."""
        deadline = self._began + until
        while True:
            tally = self.tally(wanted)
            show(tally)
            if tally.agreed or time.monotonic() >= deadline:
                return tally
            time.sleep(LOOK_SECONDS)

    def tally(self, wanted: int) -> Tally:
        seen = [actor.node.status() for actor in self.actors]
        agreed = False
        # Ids are compared only once it may matter.
        if min((len(actor.rec.log.known()) for actor in self.actors), default=0) >= wanted:
            shown = set().union(*map(_shown, self.actors))
            agreed = len(shown) >= wanted and all(shown <= _ids(actor) for actor in self.actors)
        return Tally(
            sent=sum(s.records_sent for s in seen),
            received=sum(s.records_received for s in seen),
            verified=sum(s.records_verified for s in seen),
            held=tuple(actor.rec.log.counts()["records"] for actor in self.actors),
            wanted=wanted,
            peers=sum(len(s.peers) for s in seen),
            seconds=time.monotonic() - self._began,
            agreed=agreed,
        )


def _signer(bundle: Path) -> PeerId:
    """Who signed a bundle: playing it here says that we mean them."""
    try:
        with bundle.open("rb") as file:
            return container.head(file.read(container.HEAD_BYTES)).publisher
    except OSError as error:
        raise DataError(f"cannot be read ({error.strerror})", where=str(bundle)) from None
    except Unfit as error:
        raise DataError(str(error.refusal), where=str(bundle)) from None


def _ids(actor: Actor) -> set[bytes]:
    """All that a node has seen, kept or not."""
    ids = actor.rec.log.known().ids
    return {ids[at : at + ID_BYTES] for at in range(0, len(ids), ID_BYTES)}


def _shown(actor: Actor) -> set[bytes]:
    """What a node would give to anybody."""
    page = actor.rec.log.since(0, MOST)
    bodies = [parts[0] for parts in map(unwrap, page.envelopes) if parts]
    return {record_id(body)[:ID_BYTES] for body in bodies}


def perform(actor: Actor, ego: Person, hosted: Sequence[Person], cast: Cast, now: Millis) -> None:
    """Let a device's ego act through the public API, and the people it hosts through their keys."""
    names = {person.peer: f"user {person.name}" for person in cast.people}
    actor.rec.add_items(cast.items)
    for peer, weight in ego.trusts:
        actor.rec.trust(peer, weight, name=names.get(peer, ""))
    actor.rec.record_many(
        OwnAct(Event(act.kind), act.item, act.at or now, act.weight) for act in ego.acts
    )
    publish(actor, list(speech(hosted, now)))


def publish(actor: Actor, signed: Sequence[Signed]) -> None:
    """Put records of hosted people into a device's log; its node sends them."""
    actor.rec.log.ingest(signed, source=Source.HOSTED)
