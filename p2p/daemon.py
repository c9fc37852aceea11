"""One nursery between a log and a network: hear, keep, speak, sync, stay connected.

    network ─► judge (sync) ─► inbox (bounded) ─► keep ─► ledger.ingest      p2p.hearing
    ledger.release ─► speak ─► transport.publish                             p2p.speaking
    neighbours ◄─► sync in both directions, on connecting and when quiet     p2p.syncing
    neighbours ◄─► the model in use, newer ones of pinned publishers         p2p.model_giving, …
    whom to dial, whom to hang up on                                         p2p.contacts

Gossip is the fast path and may lose anything; what makes two logs agree is sync. Crash-only: no
task catches what it does not understand, so a fault of ours (a full disk, a closed log) cancels
the siblings and surfaces in `run`, and `p2p.node` restarts it. A stranger's bytes and a
neighbour's silence are not faults: they are counted and survived.
"""

import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import trio

from p2p.acquaintances import Acquaintances
from p2p.contacts import Contacts
from p2p.hearing import Hearing
from p2p.holdings import SALT_BYTES
from p2p.ledger import Ledger
from p2p.metering import Metering
from p2p.model_getting import ModelGetting
from p2p.model_giving import ModelGiving
from p2p.model_shelf import ThreadedShelf
from p2p.options import NodeOptions
from p2p.quiet import Quiet
from p2p.speaking import Speaking
from p2p.stats import Stats, Wishes
from p2p.syncing import Syncing
from p2p.transport import Transport
from p2p.visits import Visits, go_round
from web3rec.clock import Clock, system_clock

if TYPE_CHECKING:
    from trio_typing import TaskStatus  # libp2p brings these stubs; they hide trio.TaskStatus


def random_salt() -> bytes:
    """Of the system's own randomness."""
    return secrets.token_bytes(SALT_BYTES)


async def run(
    ledger: Ledger,
    transport: Transport,
    options: NodeOptions,
    stats: Stats,
    *,
    rng: np.random.Generator,
    wishes: Wishes | None = None,
    peers: Acquaintances | None = None,
    shelf: ThreadedShelf | None = None,
    clock: Clock = system_clock,
    salt: Callable[[], bytes] = random_salt,
    task_status: "TaskStatus[None]" = trio.TASK_STATUS_IGNORED,
) -> None:
    """Be a peer until cancelled; `task_status` fires once others can reach us.

    Args:
        ledger: the device's records.
        transport: what carries the bytes.
        options: how to meet the network.
        stats: filled while it runs.
        rng: chooses whom to dial and which addresses to tell.
        wishes: what the owner wants meanwhile.
        peers: what is known of peers already; the caller may keep it over several runs.
        shelf: the device's models; None: it neither passes models on nor fetches any.
        clock: for times shown to people.
        salt: 16 bytes for each sync that nobody can foresee; a simulation gives its own.
        task_status: trio's, for `nursery.start`.

    Raises what the transport raises when it cannot listen (AddressInUse, VersionMismatch), and
    whatever the ledger raises (in an ExceptionGroup): those are for the caller to judge.
    """
    wishes = wishes or Wishes()
    peers = peers or Acquaintances(ledger.judge, transport.name, options)
    quiet, visits = Quiet(), Visits(options.sync_interval)
    contacts = Contacts(transport, peers, visits, stats, wishes, clock, rng)
    hearing = Hearing(ledger, peers.door, options.inbox, stats, quiet, contacts.shun)
    speaking = Speaking(ledger, transport, options, stats, quiet, visits.wish)
    budget = options.bytes_per_minute
    metering, share = Metering(contacts, budget, 4 * budget), Metering(contacts, budget, budget)
    syncing = Syncing(
        ledger, transport, options, stats, peers, contacts, speaking, metering, clock, rng, salt
    )
    giving = getting = None
    if shelf is not None and options.fetch_models:
        giving = ModelGiving(shelf, ledger, stats, peers, contacts, metering, share)
        getting = ModelGetting(shelf, ledger, transport, stats, peers, contacts, metering)
    models = None if giving is None else giving.serve
    try:
        async with transport.running(hearing.judge, syncing.serve, contacts.admit, models):
            stats.addresses = transport.addresses
            task_status.started()
            async with trio.open_nursery() as nursery:
                nursery.start_soon(hearing.keep)
                nursery.start_soon(speaking.speak)
                nursery.start_soon(go_round, visits, syncing.visit, quiet.now)
                if getting is not None:
                    nursery.start_soon(getting.go_round)
                await contacts.keep_in_touch(options.bootstrap)
    finally:
        peers.outbound.cut_off(trio.current_time())
        stats.peers, stats.addresses, stats.neighbours = (), (), ()
