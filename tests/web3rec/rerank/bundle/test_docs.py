"""docs/bundles.md says what the code does."""

import re
from pathlib import Path
from typing import Any, Final, get_args

import numpy as np
import pytest

from tests.web3rec.rerank.bundle.bundles import KEY, STRANGER, features, toy
from web3rec.rerank.bundle import Ground, Refusal, container, items, onnx_shapes, protobuf
from web3rec.rerank.bundle.manifest import MAX_CANDIDATES, Layer
from web3rec.rerank.bundle.numpy_backend import MAX_WIDTH

PAGE: Final = (Path(__file__).parents[4] / "docs" / "bundles.md").read_text(encoding="utf-8")


def test_the_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    Path("model.bundle").write_bytes(toy())
    asked = features(np.random.default_rng(1), 12)
    told: dict[str, Any] = {"publisher": KEY.peer, "features": asked}
    exec(example, told)  # noqa: S102
    assert sorted(told["order"].tolist()) == list(range(12))
    strange: dict[str, Any] = {"publisher": STRANGER.peer, "features": asked}
    exec(example, strange)  # noqa: S102
    assert isinstance(strange["model"], Refusal)
    assert f"{strange['model']}".startswith("publisher: signed by somebody who is not pinned")


def test_operators_layers_grounds_and_limits_are_the_codes() -> None:
    (listed,) = re.findall(r"Operators: (.*?);", PAGE)
    assert set(listed.split(", ")) == onnx_shapes.OPERATORS
    for layer in get_args(Layer):
        assert f"\n| `{layer}` | " in PAGE
    for ground in set(Ground):
        assert f"`{ground}`" in PAGE
    for number in (
        container.MAX_BYTES,
        container.MAX_MANIFEST,
        items.MAX_ROWS,
        items.MAX_WIDTH,
        MAX_WIDTH,
        protobuf.MAX_FIELDS,
        MAX_CANDIDATES,
        onnx_shapes.MAX_WORK // MAX_CANDIDATES,
    ):
        assert f"{number:,}" in PAGE
