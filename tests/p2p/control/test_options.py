"""Options that cannot be wrong."""

from typing import Any

import pytest

from p2p.control import ControlOptions
from p2p.errors import NodeError


def test_the_defaults_open_one_socket_and_nothing_else() -> None:
    options = ControlOptions()
    assert (options.socket, options.tcp_port, options.metrics) == ("control.sock", None, False)


@pytest.mark.parametrize(
    "wrong",
    [
        {"tcp_port": -1}, {"tcp_port": 65_536}, {"tcp_port": True}, {"tcp_port": "80"},
        {"connections": 1}, {"connections": 5_000}, {"header_bytes": 10}, {"body_bytes": 0},
        {"request_seconds": 0}, {"request_seconds": float("nan")}, {"idle_seconds": float("inf")},
        {"drain_seconds": 6}, {"drain_seconds": float("nan")}, {"read_token": ""},
        {"read_token": "same", "write_token": "same"},
    ],
)  # fmt: skip
def test_what_is_out_of_range_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(NodeError, match=next(iter(wrong))):
        ControlOptions(**wrong)
