"""What Prometheus may read: counts and gauges, never an id, a key, a name or an address.

Labels are words from lists that stand here, so no stranger can make one up.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from p2p.control.device import bans, neighbours
from p2p.control.hub import counts
from p2p.options import NodeStatus

KIND: Final = "text/plain; version=0.0.4; charset=utf-8"
STATES: Final = ("new", "starting", "running", "paused", "closed", "failed")
LOG: Final = ("records", "tombstones", "quarantine", "items", "feedback", "peers")
METHODS: Final = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE")
WAYS: Final = ("sent", "received", "verified", "stored", "rejected")


class Requests:
    """Requests answered by the control API, by method and class of status. Any thread."""

    def __init__(self) -> None:
        self._lock, self._counts = threading.Lock(), Counter[tuple[str, str]]()

    def count(self, method: str, status: int) -> None:
        """One more; a method we do not serve is "other"."""
        with self._lock:
            self._counts[method if method in METHODS else "other", f"{status // 100}xx"] += 1

    def seen(self) -> Mapping[tuple[str, str], int]:
        """(method, class) -> how many."""
        with self._lock:
            return dict(self._counts)


class NodeCollector:
    """Reads the node when Prometheus asks."""

    def __init__(
        self,
        status: Callable[[], NodeStatus],
        log: Callable[[], Mapping[str, int]],
        requests: Requests,
        listeners: Callable[[], int],
    ) -> None:
        """`log` gives how many of what the log holds."""
        self._status, self._log = status, log
        self._requests, self._listeners = requests, listeners

    def collect(self) -> Iterable[Metric]:
        """All families, with every label value there is, zeros too."""
        status = self._status()
        yield from _network(status)
        done = counts(status)
        yield _counter(
            "records",
            "Signed records, by what became of them",
            "way",
            {way: done[f"records_{way}"] for way in WAYS},
        )
        yield _counter(
            "messages",
            "Gossip messages",
            "way",
            {way: done[f"messages_{way}"] for way in ("sent", "received", "dropped")},
        )
        yield _counter(
            "syncs", "Sync sessions (catch-ups) that ended well", "", {"": done["catchups"]}
        )
        yield _counter(
            "restarts",
            "Times the network stack broke and was started again",
            "",
            {"": done["restarts"]},
        )
        held = self._log()
        yield _gauge(
            "log_entries",
            "What the log holds",
            "table",
            {table: held.get(table, 0) for table in LOG},
        )
        requests = CounterMetricFamily(
            "web3rec_control_requests", "Requests to the control API", labels=("method", "status")
        )
        for (method, status_class), count in sorted(self._requests.seen().items()):
            requests.add_metric((method, status_class), count)
        yield requests
        yield _gauge("control_listeners", "Open event streams", "", {"": self._listeners()})


def _network(status: NodeStatus) -> Iterable[Metric]:
    state = status.state.partition(":")[0]
    yield _gauge(
        "state",
        "1 for the state the node is in",
        "state",
        {one: int(one == state) for one in STATES},
    )
    sides = [one.outbound for one in neighbours(status)]
    yield _gauge(
        "peers",
        "Connected peers, by who dialled",
        "direction",
        {
            "out": sides.count(True),
            "in": sides.count(False),
            "unknown": sides.count(None),
        },
    )
    yield _gauge("banned_peers", "Peers refused at present", "", {"": len(bans(status))})
    yield _gauge(
        "unreachable_addresses",
        "Addresses that should be connected and are not",
        "",
        {"": len(status.unreachable)},
    )
    yield _gauge(
        "offences",
        "Malformed or invalid things peers sent, as still remembered",
        "",
        {"": sum(status.offences.values())},
    )


def registry(collector: NodeCollector) -> CollectorRegistry:
    """One of its own: nothing of another library gets in."""
    found = CollectorRegistry(auto_describe=False)
    found.register(collector)
    ProcessCollector(namespace="web3rec", registry=found)
    return found


def text(found: CollectorRegistry) -> bytes:
    """The exposition format."""
    return generate_latest(found)


def _gauge(name: str, what: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(f"web3rec_{name}", what, labels=(label,) if label else ())
    for value, number in values.items():
        family.add_metric((value,) if label else (), number)
    return family


def _counter(name: str, what: str, label: str, values: Mapping[str, float]) -> Metric:
    family = CounterMetricFamily(f"web3rec_{name}", what, labels=(label,) if label else ())
    for value, number in values.items():
        family.add_metric((value,) if label else (), number)
    return family
