"""The picture of the bench: it is drawn, whatever lines there are, or says why not."""

from pathlib import Path

import pytest

from web3rec.errors import ReadOnly
from web3rec.eval.siege import Line, Outcome

pytest.importorskip("matplotlib")
from web3rec.eval.frontier import plot

pytestmark = pytest.mark.slow


def lines(strategies: int) -> list[Line]:
    peace = (Outcome(0.3), Outcome(0.5))
    return [
        Line("d", rule, f"s{n}", 1, 300, peace, (Outcome(0.1, n, 0.1, 4.0),) * 2, peace)
        for rule in ("open", "ours", "ours, kappa 2")
        for n in range(strategies)
    ]


@pytest.mark.parametrize("strategies", [1, 10])
def test_a_picture_is_drawn(strategies: int, tmp_path: Path) -> None:
    plot(lines(strategies), tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_a_picture_that_cannot_be_written_is_one_error(tmp_path: Path) -> None:
    with pytest.raises(ReadOnly, match="cannot be drawn"):
        plot(lines(1), tmp_path / "nowhere" / "a.png")
    with pytest.raises(ReadOnly, match="cannot be drawn"):
        plot(lines(1), tmp_path / "a.nonsense")
