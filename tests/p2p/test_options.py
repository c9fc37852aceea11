"""A node's options refuse what cannot work, and say what would."""

import math

import pytest

from p2p.errors import NodeError
from p2p.options import NodeOptions

NAN = math.nan


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("flush_interval", 0),
        ("flush_interval", NAN),
        ("sync_interval", -1),
        ("publish_gap", -0.1),
        ("publish_gap", NAN),
        ("batch_records", 0),
        ("batch_records", 33),
        ("inbox", 0),
        ("records_per_second", 0),
        ("records_per_second", NAN),
        ("records_burst", 31),
        ("records_burst", NAN),
        ("author_records_per_second", 0),
        ("author_burst", 0),
        ("bytes_per_minute", math.inf),
        ("sync_gap", -1),
        ("outbound", -1),
    ],
)
def test_what_cannot_work_is_refused_by_name(name: str, value: float) -> None:
    with pytest.raises(NodeError, match=f"{name} must be") as refused:
        NodeOptions(**{name: value})  # type: ignore[arg-type]
    assert repr(value) in str(refused.value)


@pytest.mark.parametrize("text", ["abc", "zz" * 32, "ab" * 31, " " + "ab" * 32])
def test_a_network_key_that_is_none_is_refused_and_not_shown(text: str) -> None:
    with pytest.raises(NodeError, match="64 hex digits") as refused:
        NodeOptions(network_key=text)
    assert text not in str(refused.value)
    assert NodeOptions(network_key="AB" * 32).network_key
