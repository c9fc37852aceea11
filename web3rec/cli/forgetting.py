"""`forget`: erased here, retracted everywhere, with a receipt."""

import os
from pathlib import Path

import click

from web3rec.adapters.jsonl import write_whole
from web3rec.cli import arguments
from web3rec.cli.hands import acting
from web3rec.cli.output import moment, news, result, say, table
from web3rec.cli.session import Session
from web3rec.errors import DataError, ReadOnly
from web3rec.store import Receipt
from web3rec.types import Millis


@click.command()
@click.option("--item", type=arguments.text, help="Forget all you did with this item.")
@click.option(
    "--since", type=arguments.moment, help="Forget all you did from a moment on: ISO 8601, 2h, 7d."
)
@click.option("--peer", type=arguments.text, help="Forget all you hold of this peer.")
@click.option("--all", "everything", is_flag=True, help="Forget all you ever did, said or named.")
@click.option("--dry-run", is_flag=True, help="Show what would be forgotten; change nothing.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask before --since and --all.")
@click.option(
    "--receipt",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a signed receipt to a new file, for `web3rec verify`.",
)
@click.option("--audit", is_flag=True, help="Rebuild every stage and search every file afterwards.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
@click.pass_context
def forget(
    ctx: click.Context,
    item: str | None,
    since: Millis | None,
    peer: str | None,
    file: Path | None,
    *,
    everything: bool,
    dry_run: bool,
    yes: bool,
    audit: bool,
    as_json: bool,
) -> None:
    """Forget here, and ask every peer to forget too.

    Give one of --item, --since, --peer and --all. What never left this device is erased; what
    had left is also retracted: a signed record that travels like any other. It cannot be undone.
    Key, privacy level and what others told stay; with --peer, what that peer told goes. Exit code
    1 if something that was looked at afterwards is not as it must be.

    \b
    For instance:
      web3rec forget --item trk:42
      web3rec forget --since 2h --dry-run
      web3rec forget --peer Ann --receipt ann.json
      web3rec forget --all --yes --audit
    """
    if [item is None, since is None, peer is None, not everything].count(False) != 1:
        raise click.UsageError("give exactly one of --item, --since, --peer and --all")
    if dry_run and (file is not None or audit):
        raise click.UsageError(
            "--dry-run changes nothing: there is no receipt and nothing to audit"
        )
    session: Session = ctx.obj
    if file is not None:
        _check_place(file)
    with acting(session) as hand:
        who = None if peer is None else arguments.peer_called(peer, hand.log)
        if (since is not None or everything) and not (yes or dry_run):
            _ask(hand.forget(item, since, who, rehearse=True), since)
        receipt = hand.forget(item, since, who, rehearse=dry_run, audit=audit)
    _show(receipt, dry_run=dry_run, as_json=as_json)
    if file is not None:
        try:
            write_whole(file, receipt.to_json().encode())
        except ReadOnly as error:
            raise ReadOnly(f"it is forgotten, but there is no receipt: {error}") from error
    if not receipt.is_clean:
        wrong = ", ".join(stage for stage, equal in receipt.audit.items() if not equal)
        news(f"not as it must be: {wrong}; `web3rec doctor` and `web3rec audit` say more")
        ctx.exit(1)


def _check_place(file: Path) -> None:
    """Before anything is forgotten. Raises DataError."""
    if os.path.lexists(file):
        raise DataError(f"{file} is there already: a receipt is written to a new file")
    if not os.access(file.parent, os.W_OK | os.X_OK):
        raise DataError(f"{file} cannot be written; nothing was forgotten")


def _ask(planned: Receipt, since: Millis | None) -> None:
    """Ask before much is forgotten. Raises ClickException unless the answer is yes."""
    what = "everything" if since is None else f"all since {moment(since)}"
    count = sum(planned.removed.values())
    if count == 0:
        return
    try:
        if click.confirm(f"Forget {what}, {count} entries? It cannot be undone.", err=True):
            return
    except click.Abort:
        click.echo(err=True)
    raise click.ClickException("nothing was forgotten (--yes does not ask)")


def _show(receipt: Receipt, *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        shown = {"wish": receipt.wish, "at": receipt.at, "removed": dict(receipt.removed)}
        shown |= {"retractions": receipt.retractions, "dry_run": dry_run}
        shown |= {"took_ms": receipt.took_ms, "derived": dict(receipt.derived)}
        result(shown | {"audit": dict(receipt.audit)})
    else:
        verb = "would be forgotten" if dry_run else "forgotten"
        say(f"{verb}: {receipt.wish}, {moment(receipt.at)}")
        table(
            ("where", "erased"),
            [(k, str(v)) for k, v in receipt.removed.items()],
            right=("erased",),
        )
        say(f"retractions to travel: {receipt.retractions}")
        if receipt.audit:
            fine = [stage for stage, equal in receipt.audit.items() if equal]
            say(f"as if it had never been: {', '.join(fine)}")
    if not any(receipt.removed.values()):
        news("nothing of that was here")
    if dry_run:
        news("dry run: nothing was changed")
