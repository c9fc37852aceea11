"""What `web3rec doctor` looks at where the network's extra is installed."""

import os
import socket
import time
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from stat import S_IMODE
from typing import Any

from p2p.cli.reaching import answers, client
from p2p.config import Config, config_file, read_config
from p2p.errors import NodeError
from p2p.transport_key import FILE as TRANSPORT_KEY
from web3rec.cli.checks import Check
from web3rec.cli.session import Session

LIBP2P = "0.8.1"
"""The one version our guard mends."""


def checks(session: Session) -> Iterator[Check]:
    """All of them, in order; what makes no sense without an earlier one is left out."""
    yield _libp2p()
    try:
        config = read_config(config_file(None, session.directory), os.environ, {})
    except NodeError as error:
        yield Check("node settings", "wrong", str(error))
        return
    said = sum(one.origin != "default" for one in config.chosen)
    yield Check("node settings", "ok", f"{said} settings are not the defaults")
    if session.directory.is_dir():
        yield from _key(session.directory / TRANSPORT_KEY)
        yield from _node(session, config)


def _libp2p() -> Check:
    try:
        found = version("libp2p")
    except PackageNotFoundError:
        return Check("libp2p", "wrong", "not installed: pip install 'web3rec[p2p]'")
    if found != LIBP2P:
        wanted = f"{found}, want exactly {LIBP2P}: pip install 'libp2p=={LIBP2P}'"
        return Check("libp2p", "wrong", wanted)
    return Check("libp2p", "ok", found)


def _key(path: Path) -> Iterator[Check]:
    """Losing it costs a peer id, but whoever has it can pose as this device."""
    if path.exists():
        mode = S_IMODE(path.stat().st_mode)
        wrong = os.name == "posix" and mode & 0o077
        said = f"{path} has mode {mode:04o}: others can read it; chmod 600"
        yield (
            Check("transport key", "wrong", said)
            if wrong
            else Check("transport key", "ok", f"mode {mode:04o}")
        )


def _node(session: Session, config: Config) -> Iterator[Check]:
    """A node that runs is asked; else whether one could start."""
    name = config.control.socket
    path = session.directory / name
    if name and answers(path):
        yield from _running(session)
        return
    if name and path.is_socket():
        yield Check("control socket", "note", f"{path} is left over; the next node replaces it")
    elif name:
        yield Check("control socket", "ok", "no node runs")
    for address in config.node.listen:
        yield from _port(address)


def _running(session: Session) -> Iterator[Check]:
    try:
        with client(session) as node:
            now: dict[str, Any] = dict(node.status())
    except NodeError as error:
        yield Check("node", "wrong", str(error))
        return
    state = str(now.get("state", ""))
    sound = state in ("running", "paused")
    peers = len(now.get("peers", ()))
    yield Check("node", "ok" if sound else "wrong", f"{state}, {peers} peers")
    if state == "running":
        yield last_sync(now, time.time())


def last_sync(status: Mapping[str, Any], now: float) -> Check:
    """When a node compared logs with anybody; `now` in unix seconds."""
    if synced := float(status.get("synced") or 0):
        return Check("last sync", "ok", f"{max(0.0, now - synced) / 60:.0f} minutes ago")
    return Check("last sync", "note", "none yet; `web3rec node peers` shows who is connected")


def _port(address: str) -> Iterator[Check]:
    """Whether a node could listen at a multiaddress such as /ip4/0.0.0.0/tcp/4001."""
    match address.split("/"):
        case ["", "ip4" | "ip6" as family, host, "tcp", port, *_] if port.isdecimal():
            kind = socket.AF_INET6 if family == "ip6" else socket.AF_INET
        case _:
            yield Check("port", "wrong", f"{address} is no TCP multiaddress")
            return
    with socket.socket(kind, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(port)))
        except (OSError, OverflowError) as error:
            why = getattr(error, "strerror", None) or str(error)
            yield Check("port", "wrong", f"cannot listen at {address}: {why}")
            return
    yield Check("port", "ok", f"{address} is free")
