"""A run that is over: what the report reads."""

from dataclasses import dataclass

from p2p.sim.casting import Device
from p2p.sim.deliveries import Deliveries
from p2p.sim.invariants import Watch
from p2p.sim.scenario import Scenario
from p2p.sim.trace import Trace
from p2p.sim.wires import Wires
from p2p.transport import PeerName


@dataclass(frozen=True, slots=True)
class Played:
    """Everybody and everything as they were at the end."""

    scenario: Scenario
    seed: int
    devices: tuple[Device, ...]
    victims: tuple[PeerName, ...]
    deliveries: Deliveries
    wires: Wires
    watch: Watch
    trace: Trace
    ended: float
    """Virtual seconds."""
    converged: float
    """Seconds after the faults stopped until all held the same; inf if never, nan if not asked."""
    ratio: float
    """Sybils' links to devices per link between devices, when the attack was on; 0 without."""
    examined: int
    """Envelopes whose signature was looked at."""
    refused: int
    """Connections of Sybils that were turned away."""
