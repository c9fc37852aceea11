"""`verify`: is every row of the log what it must be?"""

from contextlib import closing

import click

from web3rec.cli.output import news, progress_bar, result, say, table
from web3rec.cli.session import Session
from web3rec.records import holder_of
from web3rec.rotation import settle_rotation
from web3rec.store import WINDOW
from web3rec.store.database import Database
from web3rec.store.verify import Found, look


@click.command()
@click.option("--deep", is_flag=True, help="Check every signature, id and byte, and the merging.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines: each fault, then counts.")
@click.pass_context
def verify(ctx: click.Context, *, deep: bool, as_json: bool) -> None:
    """Check every row of the log; change nothing.

    Looks at the whole file, and at what its tables promise each other. With --deep each record is
    read from its bytes, its signature checked, and its author's records are merged anew. Works
    beside a running node. Exit code 1 if anything is wrong.

    \b
    For instance:
      web3rec verify
      web3rec verify --deep --json
    """
    session: Session = ctx.obj
    me = holder_of(settle_rotation(session.directory, read_only=True))
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
