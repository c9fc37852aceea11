"""`web3rec node status, peers, dial, …`: a running node, asked and told through its socket."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click

from p2p.cli.reaching import asking, client
from web3rec.cli.session import Session

END_SECONDS: Final = 10.0
"""`stop` waits no longer than this; a node drains in five."""


@click.command()
@asking
@click.pass_obj
def status(session: Session, file: Path | None, *, as_json: bool) -> None:
    """Print how the running node fares: state, addresses, peers, what was sent and received.

    Exit code 1 if no node runs.

    \b
    For instance:
      web3rec node status
      web3rec node status --json
    """
    from web3rec.cli.output import result, table  # noqa: PLC0415 - rich

    with client(session, file) as node:
        found: Mapping[str, Any] = dict(node.status())
    if as_json:
        result(found)
    else:
        table(("what", "now"), list(_flat(found)))


def _flat(found: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """A row for each value; lists are counted and shown line by line."""
    rows: list[tuple[str, str]] = []
    for key, value in found.items():
        name = f"{prefix}{key.replace('_', ' ')}"
        if isinstance(value, Mapping):
            rows += _flat(value, f"{name}: ")
        elif isinstance(value, list):
            rows.append((name, str(len(value))))
            rows += [("", str(one)) for one in value]
        else:
            rows.append((name, "" if value is None else str(value)))
    return rows


@click.command()
@asking
@click.pass_obj
def peers(session: Session, file: Path | None, *, as_json: bool) -> None:
    """Print whom the node is connected to, whom it refuses, and whom it cannot reach.

    These are devices by the name of their connection, not people: `web3rec peers` shows those.

    \b
    For instance:
      web3rec node peers
      web3rec node peers --json
    """
    from web3rec.cli.output import news, result, table  # noqa: PLC0415 - rich

    with client(session, file) as node:
        found: Mapping[str, Any] = dict(node.peers())
    if as_json:
        result(found)
        return
    columns = list(dict.fromkeys(key for one in found["peers"] for key in one))
    if columns:
        table(columns, [[_cell(one.get(key)) for key in columns] for one in found["peers"]])
    else:
        news("nobody is connected")
    for one in found["banned"]:
        news(f"refused: {one['peer']}")
    for one in found["unreachable"]:
        news(f"not reached: {one['address']}: {one['why']}")


def _cell(value: object) -> str:
    return "" if value is None else str(value)


@click.command()
@click.argument("address")
@asking
@click.pass_obj
def dial(session: Session, address: str, file: Path | None, *, as_json: bool) -> None:
    """Stay connected to a peer from now on, until the node is restarted.

    ADDRESS is a multiaddress that ends in /p2p/ and the peer's id. Whether it worked is shown by
    `web3rec node peers`; put lasting ones into bootstrap in node.toml.

    \b
    For instance:
      web3rec node dial /ip4/192.0.2.7/tcp/4001/p2p/12D3KooW...
    """
    with client(session, file) as node:
        _told(dict(node.dial(address)), f"dialing {address}", as_json=as_json)


@click.command()
@click.argument("peer")
@click.option("--seconds", type=float, default=3_600.0, show_default=True, help="For how long.")
@asking
@click.pass_obj
def ban(session: Session, peer: str, seconds: float, file: Path | None, *, as_json: bool) -> None:
    """Hang up on a device and refuse it for a while.

    PEER is its libp2p peer id, as `web3rec node peers` shows it. To not hear a person, whatever
    device brings the records, use `web3rec block`.

    \b
    For instance:
      web3rec node ban 12D3KooW... --seconds 86400
    """
    with client(session, file) as node:
        _told(dict(node.ban(peer, seconds)), f"refused for {seconds:g} s", as_json=as_json)


@click.command()
@click.argument("peer")
@asking
@click.pass_obj
def unban(session: Session, peer: str, file: Path | None, *, as_json: bool) -> None:
    """Let a device in again.

    \b
    For instance:
      web3rec node unban 12D3KooW...
    """
    with client(session, file) as node:
        _told(dict(node.unban(peer)), "it may come again", as_json=as_json)


@click.command()
@asking
@click.pass_obj
def sync(session: Session, file: Path | None, *, as_json: bool) -> None:
    """Compare logs with every connected peer now, without waiting for the next time.

    \b
    For instance:
      web3rec node sync
    """
    with client(session, file) as node:
        _told(dict(node.sync()), "syncing with every peer", as_json=as_json)


@click.command()
@asking
@click.pass_obj
def pause(session: Session, file: Path | None, *, as_json: bool) -> None:
    """Leave the network; the node keeps running and its socket keeps answering.

    When this returns, nothing is sent any more.

    \b
    For instance:
      web3rec node pause
    """
    with client(session, file) as node:
        _told(dict(node.pause()), "off the network", as_json=as_json)


@click.command()
@asking
@click.pass_obj
def resume(session: Session, file: Path | None, *, as_json: bool) -> None:
    """Join the network again after `web3rec node pause`.

    \b
    For instance:
      web3rec node resume
    """
    with client(session, file) as node:
        _told(dict(node.resume()), "on the network", as_json=as_json)


@click.command()
@asking
@click.pass_obj
def stop(session: Session, file: Path | None, *, as_json: bool) -> None:
    """End the running node, as SIGTERM does, and wait until it has let go of the directory.

    Under systemd use `systemctl stop`, or it may be started again.

    \b
    For instance:
      web3rec node stop
    """
    from filelock import FileLock, Timeout  # noqa: PLC0415 - only here

    from p2p.errors import NodeError  # noqa: PLC0415
    from web3rec.store.database import LOCK  # noqa: PLC0415 - SQLite

    with client(session, file) as node:
        told = dict(node.shut_down())
    try:
        with FileLock(session.directory / LOCK, timeout=END_SECONDS):
            pass
    except Timeout:
        raise NodeError(
            f"the node was told to end, but still runs after {END_SECONDS:g} s"
        ) from None
    _told(told | {"state": "closed"}, "the node has ended", as_json=as_json)


def _told(answer: Mapping[str, Any], words: str, *, as_json: bool) -> None:
    from web3rec.cli.output import news, result  # noqa: PLC0415 - rich

    if as_json:
        result(answer)
    else:
        state = f" ({answer['state']})" if "state" in answer else ""
        news(words + state)
