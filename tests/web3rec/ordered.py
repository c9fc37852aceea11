"""Bundles that serve or harm, and what of a list is compared."""

from pathlib import Path
from typing import Any

import numpy as np

from tests.web3rec.walkers import ITEMS, PUBLISHER, STRETCH, walker
from web3rec import Batch, Model
from web3rec.rerank.linear import Linear

GOOD = {"graph": 0.2, "next": 8.0}
"""Whatever people turned to next comes first."""
HARMFUL = {"graph": 1.0, "next": -3.0}
TOY = Model("toy", 1, PUBLISHER.peer)
MINE = tuple(enumerate(range(20, 20 + STRETCH)))


def places(batch: Batch) -> list[tuple[str, float]]:
    return [(str(one.item.id), one.score) for one in batch]


def order(batch: Batch) -> list[str]:
    return [str(one.item.id) for one in batch]


def given_bundle(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "model.bundle"
    path.write_bytes(data)
    return path


def with_bundle(tmp_path: Path, data: bytes, **options: Any) -> Batch:
    """The first list of a device whose app gives it a bundle and names the publisher."""
    path = given_bundle(tmp_path, data)
    chosen = {"publishers": (PUBLISHER.peer,), **options}
    with walker(tmp_path / "device", bundle=path, **chosen) as rec:
        return rec.recommend()


def head(rec: Any) -> Linear:
    """What a device learnt for itself."""
    found = rec._models._own.gated.reranker
    assert isinstance(found, Linear)
    return found


def alike(one: Any, other: Any) -> bool:
    return (
        np.array_equal(head(one).weights, head(other).weights)
        and np.array_equal(head(one).mean, head(other).mean)
        and np.array_equal(head(one).scale, head(other).scale)
        and places(one.recommend(ITEMS)) == places(other.recommend(ITEMS))
    )
