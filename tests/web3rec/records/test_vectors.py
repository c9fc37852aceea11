"""The published test vectors: what another implementation must reproduce, and so must we."""

import json
from pathlib import Path
from typing import Any

import pytest

from web3rec.records.codec import decode, encode
from web3rec.records.envelope import seal
from web3rec.records.keys import SigningKey, did_key, libp2p_peer_id, parse_peer
from web3rec.records.model import ItemMeta, Kind, Record, canonical_uri, item_key
from web3rec.records.rules import judge

VECTORS: dict[str, Any] = json.loads(
    Path(__file__).parents[2].joinpath("vectors", "records.json").read_text(encoding="utf-8")
)


def record_of(vector: dict[str, Any], key: SigningKey) -> Record:
    item, meta = vector["i"], vector["m"]
    return Record(
        author=key.peer,
        n=vector["n"],
        t=vector["t"],
        x=vector["x"],
        kind=Kind(vector["k"]),
        item=item if isinstance(item, str) else bytes.fromhex(item["bytes"]),
        weight=vector["w"],
        meta=meta and ItemMeta(meta["title"], meta["creator"], tuple(meta["tags"])),
    )


@pytest.mark.parametrize("vector", VECTORS["accept"], ids=lambda v: v["name"])
def test_records_have_these_very_bytes(vector: dict[str, Any]) -> None:
    key = SigningKey.from_seed(bytes.fromhex(vector["seed"]))
    record = record_of(vector, key)
    signed = seal(record, key)
    assert encode(record).hex() == vector["body"]
    assert signed.envelope.hex() == vector["envelope"]
    assert signed.id.hex() == vector["id"]
    assert decode(bytes.fromhex(vector["body"])) == record
    assert judge(signed.envelope, VECTORS["now"], lambda _id: False).signed == signed


@pytest.mark.parametrize("vector", VECTORS["refuse"], ids=lambda v: v["name"])
def test_these_bytes_are_refused_for_this_reason(vector: dict[str, Any]) -> None:
    judgement = judge(bytes.fromhex(vector["envelope"]), VECTORS["now"], lambda _id: False)
    assert judgement.flaw == vector["flaw"]
    assert judgement.verdict.value == vector["verdict"]


@pytest.mark.parametrize("vector", VECTORS["peers"], ids=lambda v: v["raw"][:8])
def test_peers_are_spelled_so(vector: dict[str, str]) -> None:
    peer = parse_peer(vector["raw"])
    assert did_key(peer) == vector["did"]
    assert libp2p_peer_id(peer) == vector["libp2p"]


@pytest.mark.parametrize("vector", VECTORS["items"], ids=lambda v: v["uri"])
def test_items_have_these_keys(vector: dict[str, str]) -> None:
    assert canonical_uri(vector["uri"]) == vector["canonical"]
    assert item_key(vector["uri"]).hex() == vector["key"]


def test_the_example_in_the_document_is_the_first_vector() -> None:
    """docs/protocol.md spells a body out, one field a line, its meaning behind a #."""
    text = Path(__file__).parents[3].joinpath("docs", "protocol.md").read_text(encoding="utf-8")
    block = text.split("the first vector):", 1)[1].split("```", 2)[1]
    body = "".join(line.split("#")[0] for line in block.splitlines())
    assert body.replace(" ", "") == VECTORS["accept"][0]["body"]
    assert VECTORS["accept"][0]["id"] in text
