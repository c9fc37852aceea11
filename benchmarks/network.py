"""The network's own figures: delivery among hosts on loopback, and what one pair sustains.

    python -m benchmarks.network [--nodes 30] [--rate 2] [--seconds 45] [--pair-seconds 10]

Real libp2p, real sockets, 300-byte messages, a judge that accepts everything: this is what carrying
costs, without records. Prints one JSON object; `delivery` and `pair` are there for others to call.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from typing import Final

import numpy as np
import trio

from benchmarks.row import Reading
from p2p.libp2p_host import Libp2pTransport
from p2p.transport import Channel, Judge, PeerName
from web3rec.types import Verdict

NODES: Final = 30
RATE: Final = 2.0
SECONDS: Final = 45.0
"""Three rounds of the pings that find frozen peers, which all hosts here make at the same time."""
PAIR_SECONDS: Final = 10.0
P99_MS: Final = 400.0
CPU_MS: Final = 5.4
"""The targets of a delivery among so many."""
TOPIC: Final = "benchmark/1"
LOOPBACK: Final = "/ip4/127.0.0.1/tcp/0"
SIZE: Final = 300
LINKS: Final = 4
"""Neighbours each host dials."""
SETTLE_SECONDS: Final = 5.0
"""Until every host knows who is subscribed, and meshes have been grafted."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How messages fared among hosts that share one process, and so one core."""

    nodes: int
    said: int
    delivered: float
    """Share of (message, other host) pairs that arrived; in [0, 1]."""
    p50_ms: float
    p99_ms: float
    cpu_ms: float
    """CPU of the whole process a delivery, whatever else the hosts do meanwhile."""
    idle_cpu_ms: float
    """CPU milliseconds a second of one host with nobody speaking."""


@dataclass(frozen=True, slots=True)
class Pair:
    """What one process says to another as quickly as it may."""

    seconds: float
    said: int
    heard: int
    per_second: float
    """Heard by the other process; messages a second."""
    cpu_ms: float
    """The speaker's CPU a message."""


async def _serve(_opener: PeerName, _channel: Channel) -> None:
    return


def _host(n: int) -> Libp2pTransport:
    seed = bytes([n // 256, n % 256]) * 16
    return Libp2pTransport(seed, listen=[LOOPBACK], topic=TOPIC)


async def delivery(nodes: int, rate: float, seconds: float, rng: np.random.Generator) -> Delivery:
    """Start hosts, let them settle, speak `rate` messages a second in all, count what arrives."""
    arrivals: list[tuple[int, int, float]] = []

    def judge(who: int) -> Judge:
        def heard(_sender: PeerName, data: bytes) -> Verdict:
            arrivals.append((who, int.from_bytes(data[:4], "big"), trio.current_time()))
            return Verdict.ACCEPT

        return heard

    async with AsyncExitStack() as stack:
        hosts = [_host(n) for n in range(nodes)]
        for n, host in enumerate(hosts):
            await stack.enter_async_context(host.running(judge(n), _serve))
        for n, host in enumerate(hosts):
            others = [(n + 1) % nodes, *rng.choice(nodes, size=LINKS - 1, replace=False).tolist()]
            for other in {*others} - {n}:
                await host.dial(hosts[other].addresses[0])
        await trio.sleep(SETTLE_SECONDS)
        idle = await _idle_ms(nodes)
        began, said = time.process_time(), []
        for k in range(round(rate * seconds)):
            said.append(trio.current_time())
            data = k.to_bytes(4, "big") + rng.bytes(SIZE - 4)
            await hosts[int(rng.integers(nodes))].publish(data)
            await trio.sleep(max(0.0, said[0] + (k + 1) / rate - trio.current_time()))
        await _until(lambda: len(arrivals) >= len(said) * (nodes - 1), 5.0)
        spent = time.process_time() - began
    late = np.array([when - said[k] for _, k, when in arrivals]) * 1000
    return Delivery(
        nodes=nodes,
        said=len(said),
        delivered=len({(who, k) for who, k, _ in arrivals}) / (len(said) * (nodes - 1)),
        p50_ms=round(float(np.percentile(late, 50)), 1),
        p99_ms=round(float(np.percentile(late, 99)), 1),
        cpu_ms=round(spent * 1000 / len(arrivals), 2),
        idle_cpu_ms=round(idle, 2),
    )


async def pair(seconds: float) -> Pair:
    """Speak to a listener in a process of its own until the time is up."""
    command = [sys.executable, "-m", "benchmarks.network", "listen"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe) as listener:  # noqa: ASYNC220
        assert listener.stdin is not None
        assert listener.stdout is not None
        address = (await trio.to_thread.run_sync(listener.stdout.readline)).decode().strip()
        speaker = _host(1)
        async with speaker.running(lambda _sender, _data: Verdict.ACCEPT, _serve):
            await speaker.dial(address)
            await trio.sleep(3)
            said, began, spent = 0, trio.current_time(), time.process_time()
            while trio.current_time() - began < seconds:
                await speaker.publish(said.to_bytes(4, "big") + bytes(SIZE - 4))
                said += 1
            took, spent = trio.current_time() - began, time.process_time() - spent
            await trio.sleep(2)
            listener.stdin.close()
            heard = int(await trio.to_thread.run_sync(listener.stdout.readline))
    return Pair(took, said, heard, round(heard / took, 1), round(spent * 1000 / said, 3))


async def _listen() -> None:
    heard = 0

    def judge(_sender: PeerName, _data: bytes) -> Verdict:
        nonlocal heard
        heard += 1
        return Verdict.ACCEPT

    host = _host(2)
    async with host.running(judge, _serve):
        print(host.addresses[0], flush=True)
        await trio.to_thread.run_sync(sys.stdin.read)
        print(heard, flush=True)


async def _idle_ms(nodes: int) -> float:
    began, spent = trio.current_time(), time.process_time()
    await trio.sleep(4)
    return (time.process_time() - spent) * 1000 / (trio.current_time() - began) / nodes


async def _until(condition: Callable[[], bool], seconds: float) -> None:
    with trio.move_on_after(seconds):
        while not condition():  # noqa: ASYNC110 - arrivals set no event
            await trio.sleep(0.05)


def readings() -> list[Reading]:
    """Both, as docs/benchmarks.md has them; 75 s."""
    many = trio.run(delivery, NODES, RATE, SECONDS, np.random.default_rng(1))
    two = trio.run(pair, PAIR_SECONDS)
    case = f"{NODES} nodes, {RATE:g} messages/s"
    one = "two processes, one says all it can"
    return [
        Reading(case=case, what="delivered", value=100 * many.delivered, unit="%", at_least=100),
        Reading(case=case, what="median", value=many.p50_ms, unit="ms"),
        Reading(case=case, what="99th percentile", value=many.p99_ms, unit="ms", at_most=P99_MS),
        Reading(case=case, what="CPU a delivery", value=many.cpu_ms, unit="ms", at_most=CPU_MS),
        Reading(case=one, what="heard", value=two.per_second, unit="messages/s"),
        Reading(case=one, what="lost", value=two.said - two.heard, unit="messages"),
        Reading(case=one, what="CPU to say one", value=two.cpu_ms, unit="ms"),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--nodes", type=int, default=NODES)
    parser.add_argument("--rate", type=float, default=RATE, help="messages a second in all")
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--pair-seconds", type=float, default=PAIR_SECONDS)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    rng = np.random.default_rng(chosen.seed)
    found = {
        "delivery": asdict(trio.run(delivery, chosen.nodes, chosen.rate, chosen.seconds, rng)),
        "pair": asdict(trio.run(pair, chosen.pair_seconds)),
    }
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    if sys.argv[1:] == ["listen"]:
        trio.run(_listen)
    else:
        main()
