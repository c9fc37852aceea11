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
        ("catchup_interval", -1),
        ("publish_gap", -0.1),
        ("publish_gap", NAN),
        ("batch_records", 0),
        ("batch_records", 33),
        ("inbox", 0),
        ("records_per_second", 0),
        ("records_per_second", NAN),
        ("records_burst", 99),
    ],
)
def test_what_cannot_work_is_refused_by_name(name: str, value: float) -> None:
    with pytest.raises(NodeError, match=f"{name} must be") as refused:
        NodeOptions(**{name: value})  # type: ignore[arg-type]
    assert repr(value) in str(refused.value)
