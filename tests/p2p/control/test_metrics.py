"""What Prometheus reads, and D6: it, the logs and the errors hold no id, key, name or address."""

import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from p2p.control import Client, ControlError
from p2p.control.metrics import METHODS, STATES, NodeCollector, Requests, registry, text
from tests.p2p.control.devices import ADDRESS, ANN_DID, PEERS, FakeDevice, lively, serving
from tests.p2p.control.raw import Desk, request
from web3rec.recommender import Recommender

LABELS: Final = {
    "state": set(STATES),
    "direction": {"out", "in"},
    "way": {"sent", "received", "verified", "stored", "rejected", "dropped"},
    "table": {"records", "tombstones", "quarantine", "items", "feedback", "peers"},
    "method": {*METHODS, "other"},
    "status": {"2xx", "4xx", "5xx"},
}


@pytest.fixture(scope="module")
def rec(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recommender]:
    with lively(tmp_path_factory.mktemp("store")) as opened:
        yield opened


def exposition(device: FakeDevice, requests: Requests, log: dict[str, int]) -> str:
    collector = NodeCollector(device.status, lambda: log, requests, lambda: 2)
    return text(registry(collector)).decode()


def test_the_counts_are_the_nodes() -> None:
    requests = Requests()
    for method, status in (("GET", 200), ("GET", 204), ("BREW", 418), ("PUT", 507)):
        requests.count(method, status)
    shown = exposition(FakeDevice(), requests, {"records": 12})
    samples = {
        (one.name, *one.labels.values()): one.value
        for family in text_string_to_metric_families(shown)
        for one in family.samples
    }
    assert samples["web3rec_peers", "out"] == 1
    assert samples["web3rec_peers", "in"] == 1
    assert samples["web3rec_banned_peers",] == 1
    assert samples["web3rec_last_sync_timestamp_seconds",] == 0
    assert samples["web3rec_records_total", "stored"] == 7
    assert samples["web3rec_state", "running"] == 1
    assert samples["web3rec_state", "failed"] == 0
    assert samples["web3rec_offences",] == 2
    assert samples["web3rec_log_entries", "records"] == 12
    assert samples["web3rec_control_requests_total", "GET", "2xx"] == 2
    assert samples["web3rec_control_requests_total", "other", "4xx"] == 1
    assert samples["web3rec_control_listeners",] == 2
    assert samples["web3rec_process_resident_memory_bytes",] > 0


names = st.text(min_size=5, max_size=60)


@given(peers=st.lists(names, max_size=5), state=names, method=names, address=names)
def test_D6_whatever_strangers_are_called_labels_are_words_of_ours(
    peers: list[str], state: str, method: str, address: str
) -> None:
    device, requests = FakeDevice(), Requests()
    offences = dict.fromkeys(peers, 1)
    device.now = replace(
        device.now, state=state, peers=tuple(peers), offences=offences,
        unreachable={address: state}, peer_id=method,
    )  # fmt: skip
    requests.count(method, 404)
    for family in text_string_to_metric_families(exposition(device, requests, {state: 1})):
        for sample in family.samples:
            for label, value in sample.labels.items():
                assert value in LABELS[label], (sample.name, label)


@pytest.mark.network
def test_D6_no_id_key_name_or_address_in_metrics_or_logs(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with serving(tmp_path / "s", metrics=True) as (_server, _rec), Client(tmp_path / "s") as node:
        me = node.status()["did"]
        node.record("like", "trk:secret-item", title="Secret Title")
        node.recommend()
        for wrong in (
            lambda: node.explain("trk:secret-item"),
            lambda: node.trust("did:key:zSecret"),
            lambda: node.ban("x" * 500),
            lambda: node.dial("/secret/address"),
        ):
            with pytest.raises(ControlError):
                wrong()
        told = node.metrics() + "".join(
            one.getMessage() for one in caplog.records if one.name.startswith(("p2p", "web3rec"))
        )
    for secret in ("secret", "Secret", "trk:", "did:key", ANN_DID, me, "Ann", ADDRESS, *PEERS):
        assert secret not in told


canary = st.just("canary0123456789")
values = st.one_of(canary, st.lists(canary, max_size=2), st.integers(), st.none())
keys = st.sampled_from(
    ["event", "item", "acts", "items", "id", "title", "peer", "weight", "name", "level", "since",
     "all", "address", "seconds", "tags", "canary0123456789-key"]
)  # fmt: skip
objects = st.dictionaries(keys, values, max_size=4)
bodies = st.dictionaries(keys, st.one_of(values, st.lists(objects, max_size=2)), max_size=4)
places = st.sampled_from(
    [("/v1/acts", "POST"), ("/v1/items", "POST"), ("/v1/level", "PUT"), ("/v1/forget", "POST"),
     ("/v1/trust/canary0123456789", "PUT"), ("/v1/blocks/canary0123456789", "DELETE"),
     ("/v1/peers/dial", "POST"), ("/v1/peers/ban", "POST"), ("/canary0123456789", "GET"),
     ("/v1/recommendations?limit=canary0123456789", "GET"),
     ("/v1/status?canary0123456789%20=1", "GET"),
     ("/v1/explanations?item=canary0123456789&batch=canary0123456789", "GET")]
)  # fmt: skip


@given(place=places, body=bodies)
def test_D6_an_error_repeats_nothing_that_was_sent(
    rec: Recommender, place: tuple[str, str], body: dict[str, object]
) -> None:
    target, method = place
    sent = json.dumps(body).encode() if method in ("POST", "PUT") else b""
    answer = trio.run(Desk(rec).ask, request(target, method, sent))
    if answer.status >= 400:
        assert answer.json["code"] != "internal"
        assert b"canary" not in answer.body
    else:
        assert answer.status in (200, 202)
