"""Both transports that a contract is asked of, and the time that each runs in."""

import pytest
from trio.testing import MockClock

from tests.p2p.carriers import MakeHost, libp2p_hosts, memory_hosts

SLOW = [pytest.mark.network, pytest.mark.slow]


@pytest.fixture(params=["memory", pytest.param("libp2p", marks=SLOW)])
def make(request: pytest.FixtureRequest) -> MakeHost:
    return memory_hosts() if request.param == "memory" else libp2p_hosts()


@pytest.fixture
def clock(request: pytest.FixtureRequest) -> MockClock | None:
    """Virtual time for memory, real time for real sockets; tests must ask for it directly."""
    memory = "memory" in request.node.callspec.id
    return MockClock(autojump_threshold=0) if memory else None
