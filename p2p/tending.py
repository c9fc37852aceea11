"""What a node does beside carrying records: give the store's room out anew, look who is nearby."""

import logging
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

import trio

from p2p.acquaintances import Acquaintances
from p2p.book_entry import Source
from p2p.errors import NodeError
from p2p.mdns import Mdns, Responder
from p2p.threaded_ledger import ThreadedLedger
from p2p.transport import PeerName, Transport
from web3rec.errors import Closed, ReadOnly, Web3recError

if TYPE_CHECKING:
    from web3rec.store import Log

logger = logging.getLogger(__name__)

APPORTION_SECONDS: Final = 60.0
"""Least time between two looks whether trust changed; looking costs some 3 µs an edge."""
LOOK_SECONDS: Final = 600.0
"""A look without any news; statements of trust that left meanwhile count from then on."""
LEARN_SECONDS: Final = 60.0
"""How often we look whether there is something to learn."""
HIDE_SECONDS: Final = 5.0
"""How often we look whether the owner wants to be found at all."""


class Owner(Protocol):
    """What a node needs of a `Recommender`: its log, where that is, and who gets how much of it."""

    @property
    def log(self) -> "Log": ...
    @property
    def path(self) -> Path: ...

    def apportion(self) -> object | None:
        """Give the store's room out anew; None if there was no reason to."""
        ...

    @property
    def may_learn(self) -> bool:
        """Whether it is time to learn what orders lists best; tells at once."""
        ...

    def learn(self) -> object:
        """Learn it; takes seconds."""
        ...


async def apportion(rec: Owner, ledger: ThreadedLedger) -> None:
    """Give the store's room out by trust: now, and a while after trust may have changed.

    At once when the privacy level changes: what was given out by private trust is shown to nobody
    before it was given out anew. Runs until cancelled. A disk that is full or read-only is no
    reason to stop: quotas stay as they are.
    """
    news = trio.Event()
    unsubscribe = ledger.on_change(lambda: news.set())  # noqa: PLW0108 - `news` is replaced below
    try:
        while True:
            news, level = trio.Event(), ledger.level
            again = trio.current_time() + APPORTION_SECONDS
            try:
                if await ledger.call(rec.apportion) is not None:
                    logger.info("the store's room was given out anew")
            except ReadOnly as error:
                logger.warning("the store's room was not given out anew: %s", type(error).__name__)
            with trio.move_on_after(LOOK_SECONDS):  # what is released makes no news
                await news.wait()
            while ledger.level == level and trio.current_time() < again:
                news = trio.Event()
                with trio.move_on_at(again):
                    await news.wait()
    finally:
        unsubscribe()


async def learn(rec: Owner) -> None:
    """Let the recommender learn, off the loop and beside its ledger. Runs until cancelled.

    Nothing is learnt where nobody asks for lists.
    """
    while True:
        await trio.sleep(LEARN_SECONDS)
        if not rec.may_learn:
            continue
        try:
            await trio.to_thread.run_sync(
                rec.learn,
                abandon_on_cancel=True,  # type: ignore[call-arg]
            )
        except Closed:
            return
        except Web3recError as error:
            logger.warning("nothing was learnt: %s", type(error).__name__)


async def discover(rec: Owner, transport: Transport, peers: Acquaintances) -> None:
    """Find peers in the local network, and be found there unless the owner is in private.

    Announces nothing at privacy level 0. Runs until cancelled; returns where there is no multicast.
    """
    token = trio.lowlevel.current_trio_token()

    def found(addresses: tuple[str, ...]) -> None:
        token.run_sync_soon(heard, addresses)

    def heard(addresses: tuple[str, ...]) -> None:
        peers.book.heard(addresses, PeerName("mdns"), "", trio.current_time(), Source.MDNS)

    mdns = Mdns(transport.name, found, _responder)
    try:
        await trio.to_thread.run_sync(mdns.open)
        announced: tuple[str, ...] = ()
        while True:
            wanted = transport.addresses if _shows_itself(rec) else ()
            if wanted != announced:
                act = partial(mdns.announce, wanted) if wanted else mdns.hush
                try:
                    await trio.to_thread.run_sync(act)
                except NodeError as error:  # somebody there may say so of any name we take
                    logger.warning("not announced in the local network: %s", error)
                else:
                    announced = wanted
            await trio.sleep(HIDE_SECONDS)
    except NodeError as error:
        logger.warning("no peers are looked for in the local network: %s", error)
    finally:
        with trio.CancelScope(deadline=trio.current_time() + 1, shield=True):
            await trio.to_thread.run_sync(mdns.close)


def _shows_itself(rec: Owner) -> bool:
    return rec.log.level > 0 and not rec.log.private


def _responder() -> Responder:
    try:
        from p2p.mdns_zeroconf import ZeroconfResponder  # noqa: PLC0415 - a thread and 10 MiB
    except ImportError:
        raise NodeError("this device has no zeroconf") from None
    return ZeroconfResponder()
