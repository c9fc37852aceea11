"""What must hold at every step of every run, whatever goes wrong: safety.

Y3  no device keeps, or passes on, what its author did not sign
Y4  a device dials no more peers than its owner's and its quota, however many it is told of
Y5  bytes sent to a peer in syncs stay within the budget a minute
Y6  no daemon fails, whatever it hears
R7  records of strangers stay within their pool
R8  what a device remembers of names that strangers choose is bounded
D1  a device at level 0 sends no record
"""

from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from p2p import wire
from p2p.intake import MAX_OFFENDERS
from p2p.sim.naming import short
from p2p.sim.notary import Notary
from p2p.sim.rpc import Rpc
from p2p.sim.wires import Wires
from p2p.stats import MAX_NAMES
from p2p.transport import PeerName
from web3rec.records import Signed

if TYPE_CHECKING:
    from p2p.sim.casting import Device

FEELERS: Final = 1
"""Links dialled only to see whether somebody is there, and hung up on at once."""
MAX_KEPT: Final = 20
"""Violations told in full; the rest are counted."""
MAX_ROUTER: Final = 65_536
"""Entries a router may keep by peers' names: it forgets back-offs after a minute."""


class Watch:
    """Looks on; the world tells it what happens, and asks it to look around now and then."""

    def __init__(self, wires: Wires, notary: Notary, devices: Sequence["Device"]) -> None:
        self.violations: list[str] = []
        self.count = 0
        self.looks = 0
        self._wires = wires
        self._notary = notary
        self._devices = {d.name: d for d in devices}
        self._clean: dict[bytes, bool] = {}
        self._sent: dict[tuple[PeerName, PeerName], deque[tuple[float, int]]] = {}
        wires.on_sync = self._synced
        wires.on_rpc = self._said

    def violated(self, what: str, how: str) -> None:
        """One more."""
        self.count += 1
        if len(self.violations) < MAX_KEPT:
            self.violations.append(f"{self._wires.now:.3f} s: {what}: {how}")

    def held(self, name: PeerName, signed: Signed) -> None:
        """A device keeps a record it heard."""
        if not self._notary.genuine(signed.envelope):
            self.violated("Y3", f"{short(name)} holds a forged record")

    def look(self) -> None:
        """Check what is not told step by step."""
        self.looks += 1
        for name, device in self._devices.items():
            options, transport = device.options, device.transport
            links = transport.links()
            outbound = sum(link.outbound for link in links)
            if outbound > len(options.bootstrap) + options.outbound + FEELERS:
                self.violated("Y4", f"{short(name)} dialled {outbound} peers")
            if device.ledger.strangers > device.ledger.pool:
                self.violated(
                    "R7", f"{short(name)} keeps {device.ledger.strangers} strangers' records"
                )
            if len(transport.offences) > MAX_OFFENDERS or len(device.stats.offences) > MAX_NAMES:
                self.violated("R8", f"{short(name)} counts the offences of too many")
            while transport.failures:
                self.violated("Y6", f"{short(name)} failed to serve: {transport.failures.pop()}")
            router = transport.router
            if router is not None and router.entries > MAX_ROUTER:
                self.violated("R8", f"{short(name)}'s router remembers {router.entries} names")

    def _said(self, sender: PeerName, rpc: Rpc) -> None:
        """A device sends an RPC: everything in it must be genuine."""
        device = self._devices.get(sender)
        if device is None:
            return
        for message in rpc.messages:
            if device.ledger.level == 0:
                self.violated("D1", f"{short(sender)} sent a record at level 0")
            clean = self._clean.get(message.data)
            if clean is None:
                envelopes = wire.unpack(message.data)
                clean = envelopes is not None and all(map(self._notary.genuine, envelopes))
                self._clean[message.data] = clean
            if not clean:
                self.violated("Y3", f"{short(sender)} passed on an invalid record")

    def _synced(self, sender: PeerName, receiver: PeerName, size: int) -> None:
        """A device sends a frame: at most so many bytes in any minute to one peer."""
        device = self._devices.get(sender)
        if device is None:
            return
        now = self._wires.now
        sent = self._sent.setdefault((sender, receiver), deque())
        sent.append((now, size))
        while sent[0][0] <= now - 60:
            sent.popleft()
        total = sum(n for _, n in sent)
        if total > device.options.bytes_per_minute:
            self.violated("Y5", f"{short(sender)} sent {short(receiver)} {total} bytes in a minute")
