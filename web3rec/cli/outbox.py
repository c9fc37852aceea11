"""`outbox`: what would leave this device, to the byte."""

from collections.abc import Mapping

import click

from web3rec.cli.opening import reading
from web3rec.cli.output import moment, news, result, say, table
from web3rec.cli.session import Session
from web3rec.cli.start import LADDER
from web3rec.recommender import Recommender
from web3rec.records import Record, did_key
from web3rec.store import Pending
from web3rec.store.own import told
from web3rec.types import Millis, PeerId


@click.command()
@click.option("--bytes", "with_bytes", is_flag=True, help="Print each envelope in hex, too.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines, the bytes included.")
@click.pass_obj
def outbox(session: Session, *, with_bytes: bool, as_json: bool) -> None:
    """Show exactly what would leave this device.

    Every record of yours that waits for its delay or for a peer, field by field; what you call
    its item or peer is shown beside it, and stays here. Works beside a running node.

    \b
    For instance:
      web3rec outbox
      web3rec outbox --json
    """
    with reading(session) as rec:
        level, private = rec.log.level, rec.log.private
        waiting = [(one, told(one.envelope)) for one in rec.log.outbox()]
        known = _known(rec, [record for _, record in waiting])
    if private:
        news("a private session is on: what you do now never leaves (`web3rec private off`)")
    if not level:
        news("nothing leaves this device: the privacy level is 0 (`web3rec share` explains)")
    elif not waiting:
        news(f"nothing waits to leave; privacy level {level}: {LADDER[level]}")
    if as_json:
        for one, record in waiting:
            shown = {"known_as": known[record.key], "envelope": one.envelope.hex()}
            result(fields(one, record) | shown)
    elif waiting:
        _show(waiting, known)
        if any(one.crowded for one, _ in waiting):
            news("more listens wait than may be out there at a time: the newest leave first")
        if with_bytes:
            for one, _ in waiting:
                say(one.envelope.hex())


def fields(one: Pending, record: Record) -> dict[str, object]:
    """The record as it stands on the wire, then what is decided here: when, and from what level."""
    item = record.item if isinstance(record.item, str) else record.item.hex()
    if record.kind.names_peer and isinstance(record.item, bytes):
        item = did_key(PeerId(record.item))
    return {
        "author": did_key(record.author),
        "n": record.n,
        "kind": record.kind.value,
        "item": item,
        "weight": record.weight,
        "t": moment(Millis(record.t * 1000)),
        "x": moment(Millis(record.x * 1000)),
        "bytes": len(one.envelope),
        "due": moment(one.due),
        "level": one.level,
        "crowded": one.crowded,
    }


def _known(rec: Recommender, records: list[Record]) -> dict[bytes, str]:
    """Key -> what the ego calls that item or peer, "" if nothing."""
    keys = {record.key for record in records}
    items, names = rec.log.some_items(keys), rec.log.names()
    known: dict[bytes, str] = {key: names.get(PeerId(key), "") for key in keys}
    return known | {key: item.title or str(item.id) for key, item in items.items()}


def _show(waiting: list[tuple[Pending, Record]], known: Mapping[bytes, str]) -> None:
    columns = ("due", "kind", "item", "weight", "t", "x", "bytes")
    rows = []
    for one, record in waiting:
        values = fields(one, record)
        rows.append([*(str(values[name]) for name in columns), known[record.key]])
    head = ("leaves after", "kind", "item", "weight", "says time", "says expiry", "bytes")
    table((*head, "known to you as"), rows, right=("weight", "bytes"))
