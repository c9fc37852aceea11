"""Phrases, troubles and the network in words."""

import doctest
from dataclasses import replace

import pytest

from mobile.presenting import library, lists, phrases, why
from mobile.presenting.network import address_flaw, exchanged, short_peer, shown, traffic
from mobile.presenting.privacy import receipt_words
from mobile.presenting.settings import learnt, model_of
from mobile.presenting.troubles import words_for
from p2p.errors import NodeError
from p2p.options import Neighbour, NodeStatus
from web3rec import (
    AlreadyOpen,
    Batch,
    Closed,
    DataError,
    Learnt,
    Model,
    ParamError,
    PassphraseError,
    Receipt,
)
from web3rec.store.receipt import LATELY
from web3rec.types import Millis, PeerId

RUNNING = NodeStatus("running")
PEER = Neighbour("12D3KooWSomebody", connected=True, outbound=True, synced=900.0)


@pytest.mark.parametrize("module", [phrases, lists, why, library])
def test_the_examples_in_the_docstrings_hold(module: object) -> None:
    found = doctest.testmod(module)  # type: ignore[arg-type]
    assert found.attempted > 0
    assert found.failed == 0


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (AlreadyOpen("x"), "in use by another process"),
        (DataError("no export"), "That cannot be used: no export."),
        (ParamError("weight", 2, "in (0, 1]"), "weight must be in (0, 1], got 2."),
        (PassphraseError("secret"), "passphrase is missing"),
        (Closed("x"), "closed"),
        (NodeError("no libp2p"), "no libp2p."),
        (FileNotFoundError(2, "x"), "no such file"),
        (PermissionError(13, "x"), "may not be read"),
        (OSError(28, "No space left on device"), "No space left on device."),
        (KeyError("secret"), "Something went wrong (KeyError)"),
    ],
)
def test_every_trouble_has_words(error: Exception, words: str) -> None:
    assert words in words_for(error)
    assert "secret" not in words_for(error)
    assert ".." not in words_for(error)


@pytest.mark.parametrize(
    ("status", "why_not", "starting", "chip", "headline"),
    [
        (None, "", False, "offline · from this phone", "Offline"),
        (RUNNING, "airplane mode", False, "offline · from this phone", "Offline"),
        (None, "", True, "starting the network", "Starting the network"),
        (NodeStatus("paused"), "", False, "offline · from this phone", "Offline"),
        (NodeStatus("failed: port taken"), "", False, "offline · from this phone", "No network"),
        (RUNNING, "", False, "no peers yet · from this phone", "Looking for peers"),
        (replace(RUNNING, neighbours=(PEER,)), "", False, "1 peer · synced",
         "1 peer · synced 1 min ago"),
        (replace(RUNNING, neighbours=(replace(PEER, synced=0.0),)), "", False, "1 peer · syncing",
         "1 peer · not synced yet"),
        (replace(RUNNING, neighbours=(replace(PEER, connected=False),)), "", False,
         "no peers yet · from this phone", "Looking for peers"),
    ],
)  # fmt: skip
def test_the_chip_and_the_headline_of_every_state(
    status: NodeStatus | None, why_not: str, starting: bool, chip: str, headline: str
) -> None:
    said = shown(status, why_not, 1_000.0, starting=starting)
    assert (said.chip.text, said.headline) == (chip, headline)


def test_the_network_s_details_say_why() -> None:
    assert shown(RUNNING, "airplane mode", 0, starting=False).detail == "airplane mode"
    assert shown(NodeStatus("failed: x"), "", 0, starting=False).detail == "x"
    lost = replace(RUNNING, unreachable={"/ip4/x": "refused"})
    assert shown(lost, "", 0, starting=False).detail == "Not reached: refused"
    relayed = replace(PEER, address="/ip4/1.2.3.4/tcp/1/p2p/x/p2p-circuit/p2p/y")
    said = shown(replace(RUNNING, neighbours=(relayed,)), "", 1_000, starting=False)
    assert said.connections[0].detail.startswith("by a relay")


def test_traffic_in_words() -> None:
    assert traffic(0, 50_000_000) == ("nothing today, of 50 MB", 0.0)
    assert traffic(60_000_000, 50_000_000) == ("60 MB today, of 50 MB", 1.0)
    assert exchanged(replace(RUNNING, bytes_synced=5, model_bytes=7, records_sent=2)) == 512


def test_addresses_and_names() -> None:
    assert address_flaw("/ip4/127.0.0.1/tcp/1/p2p/x") == ""
    assert "slash" in address_flaw("127.0.0.1")
    assert "peer's id" in address_flaw("/ip4/127.0.0.1/tcp/1")
    assert short_peer("12D3KooWSomebody") == "12D3Ko…body"
    assert short_peer("short") == "short"


def test_a_receipt_in_words() -> None:
    made = Receipt(LATELY, Millis(0), {"records": 1, "items": 0}, retractions=2)
    assert receipt_words(made) == (
        "Forgotten: what you did last with one item, 1 entry. Some of it had left: 2 retractions "
        "ask everybody who has it to forget it too."
    )
    wrong = replace(made, retractions=0, audit={"files": False})
    assert "still found here" in receipt_words(wrong)


def test_what_was_learnt_and_what_orders_lists() -> None:
    own, other = Model("own", 0, None), Model("demo", 3, PeerId(bytes(32)))
    assert learnt(Learnt(None, "too few lists")) == "The graph's own order stays: too few lists."
    assert learnt(Learnt(own, lists=40)) == (
        "Lists are ordered by what this device learnt now, judged on 40 lists."
    )
    batch = Batch("b", Millis(0), (), protected=True, overruns=0)
    assert model_of(batch) == ("the graph's own order", "No model is installed.")
    assert model_of(replace(batch, model_note="it is refused")) == (
        "the graph's own order", "It is refused.",
    )  # fmt: skip
    name, detail = model_of(replace(batch, model=other))
    assert (name, detail[:12]) == ("the model demo 3", "Published by")
    assert model_of(replace(batch, model=own)) == ("what this device learnt", "")
