"""`web3rec demo`: the main job, played on loopback."""

import json
import sys
import time
from pathlib import Path
from typing import Final

import click

from p2p.errors import NodeError

DEMO_DATA: Final = Path("examples") / "data" / "ml-latest-small"


@click.command()
@click.option(
    "--data",
    type=click.Path(path_type=Path, exists=True),
    default=None,
    help="A HetRec Last.fm or MovieLens folder or zip; default: the MovieLens beside the code.",
)
@click.option("--peers", type=int, default=8, show_default=True, help="Nodes, an ego on each.")
@click.option("--people", default="300", show_default=True, help="People in all, or `all`.")
@click.option("--acts", type=int, default=30, show_default=True, help="Newest acts of a person.")
@click.option("--sybils", type=int, default=200, show_default=True, help="Against each ego.")
@click.option("--listed", type=int, default=10, show_default=True, help="Positions printed.")
@click.option("--seed", type=int, default=1, show_default=True, help="Who plays, what is hidden.")
@click.option(
    "--patience", type=float, default=160.0, show_default=True, help="Seconds to converge."
)
@click.option(
    "--bundle",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A model bundle that every node orders its lists by, if it serves it better.",
)
@click.option("--plot", type=click.Path(path_type=Path, dir_okay=False), help="Draw it as a PNG.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as one JSON object.")
def demo(
    data: Path | None,
    peers: int,
    people: str,
    acts: int,
    sybils: int,
    listed: int,
    seed: int,
    patience: float,
    bundle: Path | None,
    plot: Path | None,
    *,
    as_json: bool,
) -> None:
    """Play the main job on loopback: nodes, lists with reasons, an attack.

    Deals the people of a data set to some nodes, lets them gossip signed records over libp2p,
    prints each ego's list and its accuracy; then one friend of each ego is compromised and Sybils
    push spam. Leaves nothing behind. Exit code 0 only if every node converged and the bound held.

    \b
    For instance:
      web3rec demo
      web3rec demo --data hetrec2011-lastfm-2k.zip --peers 8 --json
    """
    from p2p.demo.cast import DemoOptions  # noqa: PLC0415 - NumPy, SQLite and trio: only here
    from p2p.demo.plot import plot as draw  # noqa: PLC0415
    from p2p.demo.plot import require  # noqa: PLC0415
    from p2p.demo.run import run as play  # noqa: PLC0415

    if plot is not None:
        require()
    options = DemoOptions(
        data=data or _embedded(),
        peers=peers,
        people=None if people == "all" else _whole(people),
        acts=acts,
        sybils=sybils,
        listed=listed,
        seed=seed,
        patience=patience,
        bundle=bundle,
    )
    began = time.monotonic()
    outcome = play(options, quiet=as_json)
    if as_json:
        seconds = round(time.monotonic() - began, 1)
        click.echo(json.dumps(outcome.as_dict() | {"seconds": seconds}))
    if plot is not None:
        draw(outcome.egos, plot)
        click.echo(f"drawn: {plot}", err=True)
    if not outcome.passed:
        sys.exit(1)


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise NodeError(f"--people wants a whole number or `all`, got {text!r}") from None


def _embedded() -> Path:
    """The data set that comes with the source; an installed wheel does not carry it."""
    path = Path(__file__).resolve().parents[2] / DEMO_DATA
    if not path.exists():
        raise NodeError(
            f"the embedded data set is not at {DEMO_DATA} beside the code; give one with --data"
        )
    return path
