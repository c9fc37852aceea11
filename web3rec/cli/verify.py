"""`verify`: is every row of the log what it must be? And does what a receipt says still hold?"""

from contextlib import closing
from pathlib import Path

import click

from web3rec.adapters.jsonl import read_whole
from web3rec.cli.output import moment, news, progress_bar, result, say, table
from web3rec.cli.session import Session
from web3rec.clock import system_clock
from web3rec.records import holder_of
from web3rec.rotation import settle_rotation
from web3rec.store import WINDOW, Receipt
from web3rec.store.database import Database
from web3rec.store.standing import Standing, standing
from web3rec.store.verify import Found, look


@click.command()
@click.argument(
    "receipt",
    required=False,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option("--deep", is_flag=True, help="Check every signature, id and byte, and the merging.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines: each fault, then counts.")
@click.pass_context
def verify(ctx: click.Context, receipt: Path | None, *, deep: bool, as_json: bool) -> None:
    """Check every row of the log, or a receipt; change nothing.

    Looks at the whole file, and at what its tables promise each other. With --deep each record is
    read from its bytes, its signature checked, and its author's records are merged anew. Works
    beside a running node. Exit code 1 if anything is wrong.

    With a RECEIPT of `web3rec forget --receipt`: that its author signed it, that nothing that was
    forgotten is back, and that what was asked of others still stands. Exit code 1 if not.

    \b
    For instance:
      web3rec verify
      web3rec verify receipt.json
      web3rec verify --deep --json
    """
    if receipt is not None and deep:
        raise click.UsageError("--deep is for the log: leave it out to check a receipt")
    session: Session = ctx.obj
    me = holder_of(settle_rotation(session.directory, read_only=True))
    if receipt is not None:
        told_of = Receipt.from_json(read_whole(receipt), receipt.name)
        with closing(Database(session.directory, read_only=True)) as db:
            found_of = standing(told_of, db, me, system_clock())
        _show_standing(told_of, found_of, as_json=as_json)
        ctx.exit(0 if found_of.holds else 1)
    with (
        closing(Database(session.directory, read_only=True)) as db,
        progress_bar("checking") as told,
    ):
        found = look(db, me, WINDOW, deep=deep, told=told)
    _show(found, as_json=as_json)
    if found.faults:
        news(
            "the rows are left as they are; `web3rec export` saves what you did, and "
            "`web3rec doctor` says more"
        )
        ctx.exit(1)


def _show_standing(receipt: Receipt, found: Standing, *, as_json: bool) -> None:
    failed = [check.name for check in found.checks if not check.holds]
    if as_json:
        for check in found.checks:
            result({"check": check.name, "holds": check.holds, "what": check.what})
        told = {"wish": receipt.wish, "at": receipt.at, "anew": found.anew, "failed": failed}
        result(told | {"holds": found.holds})
        return
    say(f"{receipt.wish}, forgotten {moment(receipt.at)}")
    table(
        ("check", "holds", "what"),
        [(check.name, "yes" if check.holds else "NO", check.what) for check in found.checks],
    )
    if found.anew:
        say(f"recorded anew since: {found.anew}")
    say("the receipt holds" if found.holds else f"the receipt does not hold: {', '.join(failed)}")


def _show(found: Found, *, as_json: bool) -> None:
    counts = {
        "records": found.records,
        "tombstones": found.tombstones,
        "authors": found.authors,
        "faults": len(found.faults),
    }
    if as_json:
        for fault in found.faults:
            result({"table": fault.table, "row": fault.row, "what": fault.what})
        result(counts)
        return
    if found.faults:
        table(("table", "row", "what"), [(f.table, f.row, f.what) for f in found.faults])
    say(", ".join(f"{count} {name}" for name, count in counts.items()))
