"""While Kivy's thread is blocked in a pause, the network's thread goes on.

Kivy's SDL2 window does not return from its pause: it polls for events until the app is in front
again (`kivy/core/window/window_sdl2.py`, do_pause), so whoever shares its thread stands still as
long. Here the main thread does the same, in both ways in which SDL answers.

A gap of the network's thread may also be the machine's: on a loaded one any thread waits. So a
control beats beside it, a plain thread that does nothing else; what it missed at the same time is
taken from the gap. The issue asks for .5 s at most.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Self

import pytest
import trio

from p2p import Node, NodeOptions
from web3rec import Event, Options, Recommender
from web3rec.store import OwnAct

logger = logging.getLogger(__name__)

PAUSE = 2.0
"""Seconds; a nursery that shares Kivy's thread stood still for all of them"""
LONGEST = 0.5
BEAT = 0.02
PATIENCE = 60.0
"""Seconds for what takes two to four; only a hang gets near it."""


@dataclass
class Heart:
    """When a thread was last seen to go on."""

    beats: list[float] = field(default_factory=list)

    def beat(self) -> None:
        self.beats.append(time.monotonic())

    def pauses(self, began: float, ended: float) -> list[tuple[float, float]]:
        """Each time between two beats within the span, its ends included."""
        inside = [began, *(at for at in self.beats if began < at < ended), ended]
        return list(pairwise(inside))


def longest_gap(network: Heart, control: Heart, began: float, ended: float) -> float:
    """Seconds of the network's longest gap, without what the machine held up everybody for.

    Of each gap is taken off how much longer than a beat the control's own gaps within it were.
    """

    def overlap(one: tuple[float, float], other: tuple[float, float]) -> float:
        return max(0.0, min(one[1], other[1]) - max(one[0], other[0]))

    missed = control.pauses(began, ended)
    return max(
        gap[1] - gap[0] - sum(max(0.0, overlap(gap, held) - 2 * BEAT) for held in missed)
        for gap in network.pauses(began, ended)
    )


def kivys_pause(seconds: float, poll: Callable[[], None]) -> tuple[float, float]:
    """Block as Kivy's pause does: ask for events again and again, and do nothing else."""
    began = time.monotonic()
    while time.monotonic() < began + seconds:
        poll()
    return began, time.monotonic()


@contextmanager
def control() -> Iterator[Heart]:
    """A thread that only beats."""
    heart, over = Heart(), threading.Event()

    def work() -> None:
        while not over.wait(BEAT):
            heart.beat()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield heart
    finally:
        over.set()
        thread.join()


def test_the_measure_by_hand() -> None:
    network, idle, held = (
        Heart([1.0, 4.0]),
        Heart([at / 50 for at in range(300)]),
        Heart([1.0, 4.0]),
    )
    assert longest_gap(network, idle, 0.5, 4.5) == pytest.approx(3.0)
    assert longest_gap(network, held, 0.5, 4.5) < LONGEST
    assert longest_gap(Heart(), idle, 0.0, 3.5) == pytest.approx(3.5)


class OnItsOwnThread:
    """A node in a trio loop of its own thread, as `Node.start` has it, and a heart in that loop."""

    def __init__(self, node: Node) -> None:
        self.node, self.heart = node, Heart()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=trio.run, args=(self._run,))

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(PATIENCE)
        return self

    def __exit__(self, *_: object) -> None:
        self.node.close()
        self._thread.join()

    async def _run(self) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._beat)
            async with trio.open_nursery() as inner:  # ends when the node is closed
                await inner.start(self.node.run)
                self._ready.set()
            nursery.cancel_scope.cancel()

    async def _beat(self) -> None:
        while True:
            self.heart.beat()
            await trio.sleep(BEAT)


def desktops_poll() -> None:
    """On a desktop SDL says at once that nothing came: a loop that spins, and gives way in C."""
    time.sleep(0)


def androids_poll() -> None:
    """On Android SDL blocks, without the interpreter's lock, until the app is in front again."""
    time.sleep(PAUSE)


@pytest.mark.slow
@pytest.mark.network
def test_the_networks_thread_goes_on_while_kivys_is_paused(tmp_path: Path) -> None:
    """libp2p on loopback, and a peer to sync with meanwhile: the thread is busy, not only awake."""
    with ExitStack() as stack:
        ours, theirs = (
            stack.enter_context(Recommender.open(tmp_path / name, Options(share_delay_hours=0)))
            for name in ("ours", "theirs")
        )
        ours.log.level = theirs.log.level = 2
        theirs.record_many(
            [OwnAct(Event.LIKE, f"item:{n}", ours.options.clock()) for n in range(200)]
        )
        there = stack.enter_context(Node(theirs))
        (address,) = there.status().addresses
        here = stack.enter_context(OnItsOwnThread(Node(ours, NodeOptions(bootstrap=(address,)))))
        beside = stack.enter_context(control())
        pauses = {
            poll.__name__: kivys_pause(PAUSE, poll) for poll in (desktops_poll, androids_poll)
        }
        received = here.node.status().records_received
    assert received > 0
    for name, (began, ended) in pauses.items():
        gap = longest_gap(here.heart, beside, began, ended)
        raw = max(end - begin for begin, end in here.heart.pauses(began, ended))
        logger.info("%s: %.3f s, the machine's share included %.3f s", name, gap, raw)
        assert gap <= LONGEST
