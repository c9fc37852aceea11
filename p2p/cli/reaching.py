"""How commands find the node that runs on a directory: by the settings it was started with."""

import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from p2p.config import config_file, read_config
from p2p.control.options import ControlOptions
from p2p.errors import NodeError
from web3rec.cli.session import Session

if TYPE_CHECKING:
    from p2p.control.client import Client


def control_options(session: Session, file: Path | None = None) -> ControlOptions:
    """The [control] settings that hold. Raises NodeError."""
    return read_config(config_file(file, session.directory), os.environ, {}).control


def socket_of(session: Session, file: Path | None = None) -> Path | None:
    """Where the control socket is, if a node runs; None if it is switched off. Raises NodeError."""
    name = control_options(session, file).socket
    return session.directory / name if name else None


def answers(path: Path) -> bool:
    """Whether somebody listens at a Unix socket; a node that was killed leaves a dead one."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as knock:
        knock.settimeout(1)
        try:
            knock.connect(str(path))
        except OSError:
            return False
    return True


def client(session: Session, file: Path | None = None) -> "Client":
    """A client of the node; close it. Raises NodeError: wrong settings, no socket, nobody there."""
    from p2p.control import Client  # noqa: PLC0415 - httpx, a fifth of a second

    path = socket_of(session, file)
    if path is None:
        raise NodeError("the control socket is switched off in [control]: nothing can be asked")
    if not answers(path):  # asked first: httpcore leaves a socket open that could not connect
        raise NodeError(f"no node answers at {path}: is it running?")
    return Client(path)


def asking(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of every command that asks a running node."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print JSON."),
        click.option(
            "--config",
            "file",
            type=click.Path(path_type=Path, dir_okay=False),
            help="The node's settings, if they are not node.toml in the directory.",
        ),
    ):
        command = option(command)
    return command
