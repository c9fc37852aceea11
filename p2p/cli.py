"""`web3rec node` and `web3rec demo`: joined to the command line by entry points."""

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Final

import click

from p2p.config import node_options
from p2p.errors import NodeError
from p2p.options import NodeOptions, NodeStatus
from web3rec.cli.opening import writing
from web3rec.cli.session import Session

DEMO_DATA: Final = Path("examples") / "data" / "ml-latest-small"


@click.group()
def node() -> None:
    """Run this device's peer on the network."""


@node.command()
@click.option(
    "--config",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A TOML file with a table [node].",
)
@click.option("--listen", multiple=True, help="Multiaddress to listen on; may be repeated.")
@click.option("--bootstrap", multiple=True, help="Multiaddress of a peer; may be repeated.")
@click.option("--topic", default=None, help="The gossip topic; peers on others never meet.")
@click.option("--catchup-interval", type=float, default=None, help="Seconds between catch-ups.")
@click.option("--flush-interval", type=float, default=None, help="Seconds between sendings.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.pass_obj
def run(
    session: Session,
    file: Path | None,
    listen: tuple[str, ...],
    bootstrap: tuple[str, ...],
    topic: str | None,
    catchup_interval: float | None,
    flush_interval: float | None,
    *,
    as_json: bool,
) -> None:
    """Join the network until interrupted (SIGINT, SIGTERM).

    Prints the addresses others can dial, then a line whenever peers or records change. While it
    runs, reading commands (recommend, why, outbox, ...) work beside it; what writes must wait.
    At privacy level 0 it listens only: `web3rec share 1` lets likes and trust leave.

    \b
    For instance:
      web3rec --dir ~/a node run --listen /ip4/127.0.0.1/tcp/4001
      web3rec --dir ~/b node run --bootstrap /ip4/127.0.0.1/tcp/4001/p2p/12D3KooW...
    """
    flags = {
        "listen": listen,
        "bootstrap": bootstrap,
        "topic": topic,
        "catchup_interval": catchup_interval,
        "flush_interval": flush_interval,
    }
    options = node_options(file, os.environ, flags)
    asked = threading.Event()
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, lambda _number, _frame: asked.set())
    _serve(session, options, asked, as_json=as_json)


def _serve(
    session: Session, options: NodeOptions, asked: threading.Event, *, as_json: bool
) -> None:
    from p2p.node import Node  # noqa: PLC0415 - loads trio; `web3rec node --help` need not

    with writing(session) as rec, Node(rec, options) as device:
        told: tuple[object, ...] = ()
        if rec.log.level == 0 and not as_json:
            click.echo("privacy level 0: listening only, nothing leaves this device", err=True)
        while not asked.wait(0.2):
            status = device.status()
            if status.state.startswith("failed"):
                raise NodeError(f"the node stopped: {status.state}")
            seen = (status.addresses, status.peers, status.records_sent, status.records_stored)
            if seen != told:
                told = seen
                _tell(status, rec.log.digest()[0], as_json=as_json)


def _tell(status: NodeStatus, shared: int, *, as_json: bool) -> None:
    if as_json:
        line = {
            "state": status.state,
            "peer_id": status.peer_id,
            "addresses": list(status.addresses),
            "peers": list(status.peers),
            "records_sent": status.records_sent,
            "records_stored": status.records_stored,
            "shared": shared,
        }
        click.echo(json.dumps(line))
    else:
        click.echo(
            f"{len(status.peers)} peers · {status.records_sent} sent · "
            f"{status.records_stored} received · {shared} shared · "
            f"reachable at {' '.join(status.addresses) or 'nowhere'}"
        )
    sys.stdout.flush()


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
    path = Path(__file__).resolve().parents[1] / DEMO_DATA
    if not path.exists():
        raise NodeError(
            f"the embedded data set is not at {DEMO_DATA} beside the code; give one with --data"
        )
    return path
