"""`web3rec node run`: the node as a process, until somebody ends it."""

import gc
import json
import logging
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from p2p.cli.pulse import Pulse
from p2p.config import Config, config_file, read_config
from p2p.errors import NodeError
from p2p.logs import FORMATS, LEVELS, log_to
from p2p.options import NodeStatus
from p2p.service import Service
from web3rec.cli.opening import writing
from web3rec.cli.session import Session

if TYPE_CHECKING:
    from p2p.node import Node
    from web3rec.recommender import Recommender

logger = logging.getLogger(__name__)

LOOK_SECONDS: Final = 0.25
"""Between two looks at the node; each costs microseconds."""


@click.command()
@click.option(
    "--config",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A TOML file; by default node.toml in the directory, if it is there.",
)
@click.option("--listen", multiple=True, help="Multiaddress to listen on; may be repeated.")
@click.option("--bootstrap", multiple=True, help="Multiaddress of a peer; may be repeated.")
@click.option("--topic", default=None, help="The gossip topic; peers on others never meet.")
@click.option("--sync-interval", type=float, default=None, help="Seconds between syncs.")
@click.option("--flush-interval", type=float, default=None, help="Seconds between sendings.")
@click.option("--no-control", is_flag=True, help="Open no control socket.")
@click.option("--tcp-port", type=int, default=None, help="Control over loopback TCP, too; 0: any.")
@click.option("--metrics", is_flag=True, help="Serve /metrics for Prometheus.")
@click.option("--log-level", type=click.Choice(LEVELS), help="The least level written to stderr.")
@click.option("--log-format", type=click.Choice(FORMATS), help="How logs are written.")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing on stdout: for services.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.pass_obj
def run(
    session: Session,
    /,
    file: Path | None,
    log_level: str | None,
    log_format: str | None,
    *,
    no_control: bool,
    quiet: bool,
    metrics: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Join the network until interrupted (SIGINT, SIGTERM).

    Prints the addresses others can dial, then a line whenever peers or records change; logs go to
    stderr. While it runs, every other command works beside it: what writes goes through the node.
    At privacy level 0 it listens only: `web3rec share 1` lets likes and trust leave.

    \b
    For instance:
      web3rec --dir ~/a node run --listen /ip4/127.0.0.1/tcp/4001
      web3rec --dir ~/b node run --bootstrap /ip4/127.0.0.1/tcp/4001/p2p/12D3KooW...
    """
    control = {"tcp_port": options.pop("tcp_port"), "metrics": metrics or None}
    flags = {
        "node": options,
        "control": control,
        "log": {"level": log_level, "format": log_format},
    }
    config = read_config(config_file(file, session.directory), os.environ, flags)
    handler = log_to(sys.stderr, config.log, os.environ)
    try:
        show = _Shown(quiet=quiet, as_json=as_json)
        _serve(session, config, show, controlled=not no_control)
    finally:
        logging.getLogger().removeHandler(handler)


def _serve(session: Session, config: Config, shown: "_Shown", *, controlled: bool) -> None:
    from p2p.node import Node  # noqa: PLC0415 - loads trio; `web3rec node --help` need not

    with (
        Service() as service,
        writing(session) as rec,
        Node(rec, config.node) as device,
        _doors(rec, device, config, service) if controlled else nullcontext(),
    ):
        _settle_down()
        service.ready()
        logger.info("the node runs at privacy level %d", rec.log.level)
        if rec.log.level == 0 and not shown.as_json and not shown.quiet:
            click.echo("privacy level 0: listening only, nothing leaves this device", err=True)
        pulse = Pulse()
        for _ in service.rounds(LOOK_SECONDS):
            rec.log.check_open()  # waits for its lock: a log that hangs starves the watchdog
            status = device.status()
            if pulse.stopped(status.looked, time.monotonic(), runs=status.state == "running"):
                raise NodeError("the network thread hangs: end this process and start it again")
            if status.state == "closed" or _gave_up(status.state):
                raise NodeError(f"the node stopped: {status.state}")
            if shown.news(status, rec):
                service.say(_words(status))
        logger.info("the node ends")


@contextmanager
def _doors(
    rec: "Recommender", device: "Node", config: Config, service: Service
) -> "Iterator[None]":
    """The control API, as long as the node runs."""
    from p2p.control import ControlServer  # noqa: PLC0415 - loads trio and h11

    with ControlServer(rec, device, config.control, stop=service.stop) as server:
        if server.url:
            logger.info("control over TCP at %s", server.url)
        yield


def _settle_down() -> None:
    """What is loaded by now stays: it need not be searched for garbage again and again.

    A full search of it would stop the network for .1 s every few seconds (measured).
    """
    gc.collect()
    gc.freeze()


def _gave_up(state: str) -> bool:
    """Whether the node will not try again by itself."""
    return state.startswith("failed") and "trying again" not in state


def _words(status: NodeStatus) -> str:
    return (
        f"{status.state}: {len(status.peers)} peers, {status.records_sent} records sent, "
        f"{status.records_stored} received"
    )


@dataclass(slots=True)
class _Shown:
    """What was printed last, so that a line comes when there is something new."""

    quiet: bool
    as_json: bool
    last: tuple[object, ...] = ()

    def news(self, status: NodeStatus, rec: "Recommender") -> bool:
        """Print a line if something changed; whether it did."""
        seen = (
            status.state,
            status.addresses,
            status.peers,
            status.records_sent,
            status.records_stored,
        )
        if seen == self.last:
            return False
        self.last = seen
        if not self.quiet:
            self._print(status, rec.log.digest()[0])
        return True

    def _print(self, status: NodeStatus, shared: int) -> None:
        if self.as_json:
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
