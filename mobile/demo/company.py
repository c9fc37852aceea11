"""Who is who: one person of the data set has the app, the others are its neighbours."""

from pathlib import Path
from typing import Final

from p2p.demo.cast import Cast, DemoOptions, Person, cast
from web3rec.clock import system_clock
from web3rec.types import Millis

ROOT: Final = Path(__file__).resolve().parents[2]
"""The checkout"""
DATA: Final = ROOT / "examples" / "data" / "ml-latest-small"
NEIGHBOURS: Final = 5
"""Nodes beside the app's"""
PEOPLE: Final = 120


def company(now: Millis | None = None) -> Cast:
    """The same people with the same keys in every process; half a second.

    Args:
        now: unix ms, before which everything was done; None for this moment.

    Raises:
        DataError: the data set is not there.
    """
    options = DemoOptions(data=DATA, peers=NEIGHBOURS + 1, people=PEOPLE)
    moment = Millis(system_clock()) if now is None else now
    return cast(options, moment, lambda _done, _total: None)


def neighbours(of: Cast) -> list[tuple[Person, tuple[Person, ...]]]:
    """For each node beside the app's: its ego, and the others it speaks for.

    The first also speaks for the people that the app's own node would host.
    """
    dealt = list(zip(of.egos[1:], of.hosted[1:], strict=True))
    first, hosted = dealt[0]
    return [(first, hosted + of.hosted[0]), *dealt[1:]]
