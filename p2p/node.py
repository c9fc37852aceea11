"""A device on the network: start it, look at it, pause it, close it, from any thread.

    caller's thread                      network thread: trio.run
    start, pause, resume, close ──────►  supervisor ▸ daemon.run ▸ transport
    status ◄── counts, read as they are

Who has a trio loop already runs `Node.run` in it instead of `start`.
"""

import logging
import math
import threading
from collections import Counter
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

import numpy as np
import trio

from p2p import daemon
from p2p.acquaintances import Acquaintances
from p2p.errors import NodeError
from p2p.model_shelf import ThreadedShelf
from p2p.options import KnownAddress, NodeOptions, NodeStatus
from p2p.remembering import Remembering
from p2p.stats import Stats, Wishes
from p2p.supervisor import STOP_SECONDS, Supervisor
from p2p.tending import Owner, apportion, discover, learn
from p2p.threaded_ledger import ThreadedLedger
from p2p.transport import Transport
from p2p.transport_key import transport_seed
from web3rec.clock import system_clock
from web3rec.recommender import SHELF
from web3rec.rerank.bundle import Shelf

if TYPE_CHECKING:
    from trio_typing import TaskStatus  # libp2p brings these stubs; they hide trio.TaskStatus


logger = logging.getLogger(__name__)

START_SECONDS: Final = 60.0
"""`start` gives up after this; loading libp2p takes two, or twenty on a slow phone."""


class Node:
    """One device's presence on the network; made once, started once.

    As a context manager it starts and closes itself. Does not close the recommender; close the
    node first.
    """

    def __init__(
        self, rec: Owner, options: NodeOptions | None = None, transport: Transport | None = None
    ) -> None:
        """Prepare a node; the network is first touched by `start` or `run`.

        Args:
            rec: the opened recommender whose records travel, as far as its privacy level allows.
            options: how to meet the network; None for the defaults.
            transport: what carries the bytes; None for libp2p with the key beside the log.
        """
        self._rec = rec
        self._options = options or NodeOptions()
        self._transport = transport
        self._stats = Stats()
        self._wishes = Wishes()
        self._supervisor = Supervisor(self._stack)
        self._thread: threading.Thread | None = None

    # -- any thread -----------------------------------------------------------------------------

    def start(self) -> None:
        """Join the network from a thread of the node's own; returns once it listens.

        Raises:
            AddressInUse: a listening address is taken.
            VersionMismatch: libp2p is not the version our guard was written for.
            NodeError: started before, closed, or the network cannot be had; says why.
            Closed: the recommender was closed.
        """
        life = self._supervisor
        life.claim()
        self._thread = threading.Thread(target=self._work, name="web3rec-network", daemon=True)
        self._thread.start()
        done = life.wait_started(START_SECONDS)
        if life.failure is not None:
            raise life.failure
        if not done or life.state == "closed":
            self.close()
            why = "it was closed while it started" if done else f"no network in {START_SECONDS:g} s"
            raise NodeError(f"the node is not running: {why}")

    def status(self) -> NodeStatus:
        """A look at the node; never waits. Peers and addresses may be half a second old."""
        stats, transport = self._stats, self._transport
        return NodeStatus(
            state=self._supervisor.state,
            peer_id="" if transport is None else transport.name,
            addresses=stats.addresses,
            peers=stats.peers,
            records_sent=stats.records_sent,
            records_received=stats.records_received,
            records_verified=stats.records_verified,
            records_stored=stats.records_stored,
            records_rejected=stats.records_rejected,
            messages_sent=stats.messages_sent,
            messages_received=stats.messages_received,
            messages_dropped=stats.messages_dropped,
            syncs=stats.syncs,
            synced=stats.synced,
            bytes_synced=stats.bytes_synced,
            looked=stats.looked,
            refused=stats.refused,
            known=stats.known,
            restarts=self._supervisor.restarts,
            offences={**(Counter(stats.wire_offences) + Counter(stats.offences))},
            unreachable=stats.unreachable,
            neighbours=stats.neighbours,
            model_used=stats.model_used,
            model_draft=stats.model_draft,
            models_fetched=stats.models_fetched,
            model_bytes=stats.model_bytes,
        )

    def dial(self, address: str) -> None:
        """Stay connected to this address from now on; returns at once.

        `status().peers` shows when it worked, `status().unreachable` why it did not. Holds
        through pauses and restarts. Raises NodeError on a closed node.
        """
        if self._supervisor.state == "closed":
            raise NodeError("the node is closed: make a new one")
        if address not in self._wishes.addresses:
            self._wishes.addresses.append(address)

    def catch_up(self) -> None:
        """Sync with every connected peer now, without waiting for the next time."""
        self._wishes.catch_up = True

    def ban(self, peer: str, seconds: float) -> None:
        """Hang up on a peer (its transport name) and refuse it for so long; holds over restarts.

        Raises NodeError unless seconds is > 0 and finite.
        """
        if not 0 < seconds < math.inf:
            raise NodeError(f"seconds of a ban must be > 0 and finite, got {seconds!r}")
        self._wishes.bans.append((peer, seconds))

    def unban(self, peer: str) -> None:
        """Let a peer in again and hold nothing against it; nothing if it was not banned."""
        self._wishes.bans.append((peer, 0.0))

    def book(self) -> tuple[KnownAddress, ...]:
        """The addresses it knows; empty before it was on the network."""
        return self._stats.book

    def pause(self) -> None:
        """Leave the network but keep the thread; when this returns, nothing is sent any more.

        Again, or on a node that is not on the network, it does nothing.
        """
        if self._supervisor.alive:
            self._supervisor.want("paused")

    def resume(self) -> None:
        """Join again after `pause`; returns once it listens (or tries again after a fault).

        With port 0 the system may choose another port. Does nothing on a running node. Raises
        NodeError on one that was never started or has ended.
        """
        life = self._supervisor
        if not life.alive:
            what = "start it" if life.state == "new" else "make a new one"
            raise NodeError(f"the node is {life.state}, only a paused one resumes: {what}")
        life.want("running")

    def close(self) -> None:
        """Leave the network for good and end the thread, within 5 seconds; again does nothing."""
        self._supervisor.want("closed")
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(STOP_SECONDS)
            if thread.is_alive():
                logger.warning("the network thread did not end in %g s", STOP_SECONDS)

    def __enter__(self) -> Self:
        """Start it."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()

    # -- the network's thread -------------------------------------------------------------------

    async def run(self, *, task_status: "TaskStatus[None]" = trio.TASK_STATUS_IGNORED) -> None:
        """Be on the network inside the caller's nursery until cancelled or closed.

        `await nursery.start(node.run)` returns once it listens. Raises like `start`; later only
        Closed, when the recommender was closed first.
        """
        self._supervisor.claim()
        await self._supervisor.run(task_status.started)

    def _work(self) -> None:
        """All of the own thread. Nothing may escape it: `start` or `status` report instead."""
        try:
            trio.run(self._supervisor.run, lambda: None)
        except BaseException as error:  # noqa: BLE001 - the outermost frame of a thread
            logger.info("the network thread ended: %s", error)

    async def _stack(self, ready: Callable[[], None]) -> None:
        """One run of the network; returns, to be run anew, when everything was forgotten."""
        if self._transport is None:
            self._transport = await trio.to_thread.run_sync(self._libp2p)
        transport, log, options = self._transport, self._rec.log, self._options
        ledger = ThreadedLedger(log)
        await ledger.holdings()  # a log that cannot be read is found out before we listen
        peers = Acquaintances(ledger.judge, transport.name, options)
        remembering = Remembering(log, ledger.call, peers, system_clock, self._wishes)
        await remembering.load()
        work = partial(
            daemon.run,
            ledger,
            transport,
            options,
            self._stats,
            rng=np.random.default_rng(),
            wishes=self._wishes,
            peers=peers,
            shelf=ThreadedShelf(Shelf(self._rec.path / SHELF), ledger.call),
        )
        async with trio.open_nursery() as nursery:
            await nursery.start(work)
            nursery.start_soon(apportion, self._rec, ledger)
            nursery.start_soon(learn, self._rec)
            if options.mdns:
                nursery.start_soon(discover, self._rec, transport, peers)
            ready()
            await remembering.keep_saving()
            nursery.cancel_scope.cancel()

    def _libp2p(self) -> Transport:
        """Load libp2p, now and not before: it costs a second and 80 MiB."""
        try:
            from p2p.libp2p_host import Libp2pTransport  # noqa: PLC0415
        except ImportError as error:
            raise NodeError(f"no libp2p ({error}): pip install 'web3rec[p2p]'") from error
        options = self._options
        seed = transport_seed(self._rec.path)
        network_key = bytes.fromhex(options.network_key) if options.network_key else None
        try:
            return Libp2pTransport(
                seed,
                listen=options.listen,
                topic=options.topic,
                network_key=network_key,
                relay_serve=options.relay_serve,
                relays=options.relays,
            )
        except ValueError as error:
            raise NodeError(f"listen: {error}") from error
