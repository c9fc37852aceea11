"""The world of one run: devices, strangers, wires, and what befalls them, from one seed.

Every part draws from a generator of its own, so that a change in one does not shift the others.
"""

import gc
import logging
import math
from collections.abc import Awaitable, Callable
from typing import Final, TextIO

import trio

from p2p import daemon
from p2p.sim import deterministic
from p2p.sim.casting import Device, clock, den_of, devices, generator, victims_of
from p2p.sim.clockwork import Action, Clockwork
from p2p.sim.deliveries import Deliveries
from p2p.sim.invariants import Watch
from p2p.sim.naming import short
from p2p.sim.notary import Notary
from p2p.sim.played import Played
from p2p.sim.scenario import Partition, Scenario
from p2p.sim.sybil import Den, Sybil
from p2p.sim.trace import Trace
from p2p.sim.wires import Wires
from p2p.transport import PeerName
from web3rec.records import Signed

logger = logging.getLogger(__name__)

LOOK: Final = 1.0
"""Seconds between two looks at the invariants, and at whether all hold the same."""

COLLECT: Final = 60
"""Looks between two collections of garbage; see `deterministic.run`."""

Daemon = Callable[..., Awaitable[None]]
"""`p2p.daemon.run`, or what a test puts in its place."""


def play(
    scenario: Scenario,
    seed: int,
    *,
    run: Daemon = daemon.run,
    real: bool = False,
    copy: TextIO | None = None,
) -> Played:
    """Play a scenario to its end.

    Args:
        scenario: what.
        seed: decides everything that is left to chance.
        run: the daemon of every device.
        real: check each signature on each device.
        copy: also write the trace there.

    Raises what a daemon raised, if any, only as a violation in `watch`.
    """
    world = World(scenario, seed, run=run, real=real, copy=copy)
    return deterministic.run(world.live, seed)


class World:
    """Builds everything and lets time pass; `live` is the whole run."""

    def __init__(
        self, scenario: Scenario, seed: int, *, run: Daemon, real: bool, copy: TextIO | None
    ) -> None:
        self.scenario = scenario
        self.seed = seed
        self.trace = Trace(copy)
        self.clockwork = Clockwork()
        self.wires = Wires(scenario.wires, self.clockwork, self.trace, generator(seed, "wires"))
        self.notary = Notary(real=real)
        self.deliveries = Deliveries()
        self.devices = devices(
            scenario, seed, self.notary, self.wires, self.clockwork, self._held, self._said
        )
        self.victims = victims_of(self.devices, scenario.peers.victims, seed)
        self.watch = Watch(self.wires, self.notary, self.devices)
        self.den: Den | None = None
        self._sybils: list[Sybil] = []
        self._ratio = 0.0
        self._run = run
        self._fate = generator(seed, "fate")
        self._owners = generator(seed, "owners")

    async def live(self) -> Played:
        """From the first device's start to the end."""
        s = self.scenario
        converged = math.nan
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self.clockwork.turn)
            self._schedule(nursery)
            await trio.sleep_until(s.seconds)
            if s.goal.converge:
                converged = await self._convergence(max(s.faults.stop, 0.0))
            ended = trio.current_time()
            self.watch.look()
            for device in self.devices:
                self.deliveries.goes(device.name, ended)
            nursery.cancel_scope.cancel()
        return Played(
            s,
            self.seed,
            tuple(self.devices),
            self.victims,
            self.deliveries,
            self.wires,
            self.watch,
            self.trace,
            ended,
            converged,
            self._ratio,
            self.notary.examined,
            self.den.refused if self.den else 0,
        )

    # -- what happens when ------------------------------------------------------------------------

    def _schedule(self, nursery: trio.Nursery) -> None:
        s, at = self.scenario, self.clockwork.at
        step = s.peers.join_over / max(1, len(self.devices))
        for i, device in enumerate(self.devices):
            at(i * step, self._start(device, nursery))
        if s.sybils.count:
            at(s.sybils.join, lambda: self._sybils_come(nursery))
            at(max(s.sybils.attack, s.sybils.join + 15, s.publishing.warm_up), self._count_links)
        at(s.publishing.warm_up, self._speak)
        if s.faults.churn:
            at(s.faults.churn, lambda: self._churn(nursery))
        for partition in s.partitions:
            at(partition.begin, self._division(partition))
            at(min(partition.end, s.faults.stop), lambda: self.wires.divide({}))
        if s.faults.stop < math.inf:
            at(s.faults.stop, self._faults_stop)
        at(LOOK, self._look)

    def _look(self) -> None:
        self.watch.look()
        if self.watch.looks % COLLECT == 0:
            gc.collect()
        self.clockwork.after(LOOK, self._look)

    def _speak(self) -> None:
        """Somebody likes something, or takes it back."""
        publishing = self.scenario.publishing
        if self.clockwork.now > self.scenario.seconds - publishing.tail:
            return
        rng = self._owners
        speakers = [d for d in self.devices if d.up is not None and d.ledger.level > 0]
        if publishing.by == "victims" and rng.random() < 0.5:
            speakers = [d for d in speakers if d.name in self.victims] or speakers
        if speakers:
            device = speakers[int(rng.integers(len(speakers)))]
            author = device.author
            if author.likings and rng.random() < publishing.retract:
                liking = author.likings[int(rng.integers(len(author.likings)))]
                self.deliveries.withdraws(liking.id, self.clockwork.now)
                device.ledger.add([author.retracts(liking)])
            else:
                device.ledger.add([author.likes(rng.bytes(16)) for _ in range(publishing.burst)])
        wait = float(rng.exponential(publishing.burst / publishing.rate))
        self.clockwork.after(wait, self._speak)

    def _held(self, name: PeerName, signed: Signed) -> None:
        now = trio.current_time()
        self.deliveries.holds(signed.id, name, now)
        self.watch.held(name, signed)
        self.trace.note(f"{now:.6f} hold {short(name)} {signed.id.hex()[:16]}")

    def _said(self, name: PeerName, signed: Signed) -> None:
        now = trio.current_time()
        self.deliveries.says(signed.id, name, now)
        self.trace.note(f"{now:.6f} say {short(name)} {signed.id.hex()[:16]}")

    # -- devices ----------------------------------------------------------------------------------

    def _start(self, device: Device, nursery: trio.Nursery) -> Action:
        return lambda: nursery.start_soon(self._be, device)

    async def _be(self, device: Device) -> None:
        """Run a device's daemon until it is told to leave."""
        self.deliveries.comes(device.name, trio.current_time())
        with trio.CancelScope() as device.up:
            try:
                await self._run(
                    device.ledger,
                    device.transport,
                    device.options,
                    device.stats,
                    wishes=device.wishes,
                    rng=device.rng,
                    peers=device.acquaintances(trio.current_time()),
                    clock=clock,
                    salt=lambda: device.rng.bytes(16),
                )
            except Exception as error:  # a daemon must not fail: that is a finding
                logger.debug("a daemon failed", exc_info=True)
                device.failed = True
                self.watch.violated(
                    "Y6", f"{short(device.name)}'s daemon failed: {_innermost(error)}"
                )
        device.up, device.left = None, trio.current_time()
        self.deliveries.goes(device.name, trio.current_time())

    def _churn(self, nursery: trio.Nursery) -> None:
        faults, rng = self.scenario.faults, self._fate
        if self.clockwork.now >= faults.stop:
            return
        up = [d for d in self.devices if d.up is not None]
        if len(up) > 1:
            device = up[int(rng.integers(len(up)))]
            if device.up is not None:
                device.up.cancel()
            away = min(faults.down * float(rng.uniform(0.5, 1.5)), faults.stop - self.clockwork.now)
            self.clockwork.after(away, lambda: self._return(device, nursery))
        self.clockwork.after(float(rng.exponential(faults.churn)), lambda: self._churn(nursery))

    def _return(self, device: Device, nursery: trio.Nursery) -> None:
        if device.up is None and not device.failed:
            nursery.start_soon(self._be, device)

    def _division(self, partition: Partition) -> Action:
        drawn = self._fate.random(len(self.devices)) < partition.share
        sides = {d.name: 1 for d, apart in zip(self.devices, drawn, strict=True) if apart}
        return lambda: self.wires.divide(sides)

    def _faults_stop(self) -> None:
        self.wires.calm()
        self.wires.divide({})
        if self.den is not None:
            self.den.stopped = True
            for sybil in self._sybils:
                sybil.stop()
            self._sybils.clear()

    async def _convergence(self, since: float) -> float:
        """Wait until all hold the same; how long after `since`. inf if it takes too long."""
        while not self._agree():
            if trio.current_time() > since + self.scenario.goal.converge:
                return math.inf
            await trio.sleep(LOOK)
        return trio.current_time() - since

    def _agree(self) -> bool:
        """Y1: every device that is up holds everything that was said and still counts."""
        up = [d for d in self.devices if d.up is not None]
        states = {frozenset(i for i in d.ledger.held if i in self.deliveries.said) for d in up}
        return len(states) <= 1

    # -- strangers --------------------------------------------------------------------------------

    def _sybils_come(self, nursery: trio.Nursery) -> None:
        s = self.scenario.sybils
        self.den = den_of(
            self.scenario,
            self.seed,
            self.devices,
            self.victims,
            self.wires,
            self.clockwork,
            nursery,
        )
        for i in range(s.count):
            sybil = Sybil(self.den, i, i % s.subnets if s.subnets else i)
            self._sybils.append(sybil)
            sybil.start()

    def _count_links(self) -> None:
        """Sybil links per honest link, over the devices Sybils connect to."""
        honest = {d.name for d in self.devices}
        watched = set(self.victims) if self.scenario.sybils.targets == "victims" else honest
        ours = theirs = 0
        for name in sorted(watched):
            for peer in self.wires.linked(name):
                ours += peer in honest
                theirs += peer not in honest
        self._ratio = theirs / max(1, ours)


def _innermost(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}"[:200]
