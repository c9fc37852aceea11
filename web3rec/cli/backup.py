"""`backup`: a copy of the log that can be opened, taken beside a running node."""

from pathlib import Path

import click

from web3rec.cli.output import news, progress_bar, result, say
from web3rec.cli.session import Session
from web3rec.records import holder_of
from web3rec.rotation import settle_rotation
from web3rec.store import WINDOW
from web3rec.store import backup as store


@click.command()
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--with-key", is_flag=True, help="Copy your key, too: who has it speaks as you.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
@click.pass_obj
def backup(session: Session, target: Path, *, with_key: bool, as_json: bool) -> None:
    """Copy the log to a new directory, and check the copy.

    Works beside a running node. TARGET is readable by you only, and never overwritten. To restore,
    copy TARGET to where it shall live, put author.key beside its log.db, and use it with --dir.

    \b
    For instance:
      web3rec backup /mnt/backup/monday
      web3rec backup ~/backup --with-key
    """
    key = settle_rotation(session.directory, read_only=True)
    with progress_bar("checking the copy") as told:
        made = store.backup(
            session.directory,
            target,
            me=holder_of(key),
            window=WINDOW,
            keys=(key,) if with_key else (),
            told=told,
        )
    if as_json:
        shown = {"path": str(made.path), "records": made.records, "bytes": made.size}
        result(shown | {"keys": list(made.keys)})
    else:
        say(f"{made.records} records, {made.size:,} bytes, written to {made.path} and checked")
    if with_key:
        news(f"your key is in {made.path}: keep it where nobody else can read it")
    else:
        news(f"your key is not in it: keep a copy of {key} in another place")
