"""The simulated transport keeps the contract of all transports (tests/p2p/test_transport_contract,
test_transport_channels).

The tests are those of the others, taken over by name; only the hosts differ.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest
import trio
import trio.testing
from trio.testing import MockClock

from p2p.sim.clockwork import Clockwork
from p2p.sim.device import DeviceTransport
from p2p.sim.naming import device_address, device_name
from p2p.sim.router import OURS
from p2p.sim.trace import Trace
from p2p.sim.wires import WireParams, Wires
from p2p.transport import Admit, Judge, Serve, everybody
from tests.p2p import test_transport_channels as channels
from tests.p2p import test_transport_contract as contract
from tests.p2p.carriers import MakeHost, echo
from web3rec.types import Verdict

SPECIAL = {
    "test_dialling_where_nobody_is_raises",  # knows the shape of the others' addresses
}
for _part in (contract, channels):
    for _name in dir(_part):
        if _name.startswith("test_") and _name not in SPECIAL:
            globals()[_name] = getattr(_part, _name)


class Winding(DeviceTransport):
    """Keeps the clockwork of its world going while it runs; the first one does so for all."""

    @asynccontextmanager
    async def running(
        self, judge: Judge, serve: Serve, admit: Admit = everybody, models: Serve | None = None
    ) -> AsyncIterator[None]:
        if self._clockwork._nap is None:
            trio.lowlevel.spawn_system_task(self._clockwork.turn)
            await trio.testing.wait_all_tasks_blocked()
        async with super().running(judge, serve, admit, models):
            yield


@pytest.fixture
def make() -> MakeHost:
    clockwork = Clockwork()
    wires = Wires(WireParams(), clockwork, Trace(), np.random.default_rng(20260101))
    return lambda n: Winding(
        wires,
        clockwork,
        device_name(n),
        device_address(n),
        OURS,
        number=n + 1,
        rng=np.random.default_rng(n),
    )


@pytest.fixture
def clock() -> MockClock:
    return MockClock(autojump_threshold=0)


async def test_dialling_where_nobody_is_raises(make: MakeHost, clock: MockClock) -> None:
    one = make(0)
    async with one.running(lambda _peer, _data: Verdict.ACCEPT, echo):
        with pytest.raises(ConnectionError):
            await one.dial(device_address(7))
        for text in ("", "nonsense", "/memory/x", device_address(0)):
            with pytest.raises(ValueError, match="address"):
                await one.dial(text)
