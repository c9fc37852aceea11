"""A manifest has one spelling; what is not known is refused."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.web3rec.rerank.bundle.bundles import ground, signed, taken, toy
from web3rec.rerank.bundle import Ground
from web3rec.rerank.bundle.manifest import read, written

GOOD = written(taken(toy()).manifest)


def spelled(said: Any, indent: int | None = None, sort_keys: bool = True) -> bytes:
    spaces = (",", ":")
    return json.dumps(said, indent=indent, sort_keys=sort_keys, separators=spaces).encode()


def changed(change: Callable[[dict[str, Any]], object]) -> bytes:
    said = json.loads(GOOD)
    change(said)
    return spelled(said)


def test_a_manifest_is_read_as_it_was_written() -> None:
    assert written(read(GOOD)) == GOOD
    assert spelled(json.loads(GOOD)) == GOOD
    assert ground(signed(GOOD)) is None


@pytest.mark.parametrize(
    "other",
    [
        spelled(json.loads(GOOD), indent=1),
        spelled(dict(reversed(json.loads(GOOD).items())), sort_keys=False),
        GOOD + b"\n",
        GOOD.replace(b'"version":3', b'"version":3,"version":3'),
        GOOD.replace(b'"version":3', b'"version":3.0'),
        GOOD.replace(b"0.1195", b"1.195e-1"),
        GOOD.replace(b"0.1195", b"NaN"),
        GOOD.replace(b"0.1195", b"1e999"),
        GOOD.replace(b'"toy"', b'"\\u0074oy"'),
        GOOD.replace(b'"toy"', '"töy"'.encode()),
        b"[" * 15_000,
        b"7" * 15_000,
        b"null",
    ],
)
def test_X3_every_other_spelling_is_refused(other: bytes) -> None:
    assert other != GOOD
    assert ground(signed(other)) is Ground.MANIFEST


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m.update(more=1),
        lambda m: m.pop("licence"),
        lambda m: m.update(format=2),
        lambda m: m.update(format=True),
        lambda m: m.update(name="Toy"),
        lambda m: m.update(name=""),
        lambda m: m.update(version=0),
        lambda m: m.update(version=True),
        lambda m: m.update(version=2**53),
        lambda m: m.update(licence=""),
        lambda m: m.update(columns=[]),
        lambda m: m["columns"].append(m["columns"][0]),
        lambda m: m.update(columns=[["walk"]]),
        lambda m: m.update(layers=["linear", "pickle"]),
        lambda m: m.update(layers=[]),
        lambda m: m.update(basis=None),
        lambda m: m.update(basis="00"),
        lambda m: m["files"].pop("weights.npz"),
        lambda m: m["files"].update({"run.sh": {"bytes": 1, "sha256": "0" * 64}}),
        lambda m: m["files"]["items.i8"].update(bytes=0),
        lambda m: m["files"]["items.i8"].update(url="x"),
        lambda m: m["ndcg"].update(graph=1.5),
        lambda m: m["ndcg"].update(graph=10**400),
        lambda m: m["ndcg"].update(graph="0.1"),
        lambda m: m["gates"].append(["x", 1, 0.0, 0.0]),
        lambda m: m["training"].update(commitment=None),
        lambda m: m["training"].update(forgotten="zz" * 32),
    ],
)
def test_X3_what_is_unknown_missing_or_out_of_range_is_refused(
    change: Callable[[dict[str, Any]], object],
) -> None:
    assert ground(signed(changed(change))) is Ground.MANIFEST


def test_one_of_the_models_is_enough_and_none_is_not() -> None:
    said = json.loads(GOOD)
    said["files"] = {"items.i8": said["files"]["items.i8"]}
    said["layers"] = []
    assert ground(signed(spelled(said))) is Ground.MANIFEST
