"""What Prometheus may read: counts and gauges, never an id, a key, a name or an address.

Labels are words from lists that stand here, so no stranger can make one up.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from p2p.control.device import sides
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
        yield from _presence(status)
        yield from _traffic(status)
        held = self._log()
        entries = {table: held.get(table, 0) for table in LOG}
        yield _gauge("log_entries", "What the log holds", entries, "table")
        requests = CounterMetricFamily(
            "web3rec_control_requests", "Requests to the control API", labels=("method", "status")
        )
        for labels, count in sorted(self._requests.seen().items()):
            requests.add_metric(labels, count)
        yield requests
        yield _gauge("control_listeners", "Open event streams", self._listeners())


def _presence(status: NodeStatus) -> Iterable[Metric]:
    state = status.state.partition(":")[0]
    present = {one: int(one == state) for one in STATES}
    yield _gauge("state", "1 for the state the node is in", present, "state")
    outbound, inbound = sides(status)
    both = {"out": outbound, "in": inbound}
    yield _gauge("peers", "Connected peers, by who dialled", both, "direction")
    banned = sum(one.banned_until > 0 for one in status.neighbours)
    yield _gauge("banned_peers", "Peers refused at present", banned)
    missing = len(status.unreachable)
    yield _gauge("unreachable_addresses", "That should be connected and are not", missing)
    yield _gauge("known_addresses", "In the peer book", status.known)
    offences = sum(status.offences.values())
    yield _gauge("offences", "Malformed or invalid things peers sent, while known", offences)
    yield _gauge("last_sync_timestamp_seconds", "Unix time; 0 if there was none", status.synced)


def _traffic(status: NodeStatus) -> Iterable[Metric]:
    done = counts(status)
    records = {way: done[f"records_{way}"] for way in WAYS}
    yield _counter("records", "Signed records, by what became of them", records, "way")
    messages = {way: done[f"messages_{way}"] for way in ("sent", "received", "dropped")}
    yield _counter("messages", "Gossip messages", messages, "way")
    yield _counter("syncs", "Syncs that ended well", done["syncs"])
    yield _counter("sync_bytes", "Sent and received in syncs", done["bytes_synced"])
    yield _counter("refused_connections", "Of banned peers, turned away", done["refused"])
    yield _counter("restarts", "Times the network stack broke and began anew", done["restarts"])


def registry(collector: NodeCollector) -> CollectorRegistry:
    """One of its own: nothing of another library gets in."""
    found = CollectorRegistry(auto_describe=False)
    found.register(collector)
    ProcessCollector(namespace="web3rec", registry=found)
    return found


def text(found: CollectorRegistry) -> bytes:
    """The exposition format."""
    return generate_latest(found)


Values = float | Mapping[str, float]


def _gauge(name: str, what: str, values: Values, label: str = "") -> Metric:
    return _filled(GaugeMetricFamily(f"web3rec_{name}", what, labels=_labels(label)), values)


def _counter(name: str, what: str, values: Values, label: str = "") -> Metric:
    return _filled(CounterMetricFamily(f"web3rec_{name}", what, labels=_labels(label)), values)


def _labels(label: str) -> tuple[str, ...]:
    return (label,) if label else ()


def _filled(family: CounterMetricFamily | GaugeMetricFamily, values: Values) -> Metric:
    if isinstance(values, Mapping):
        for value, number in values.items():
            family.add_metric((value,), number)
    else:
        family.add_metric((), values)
    return family
