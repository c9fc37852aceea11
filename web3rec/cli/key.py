"""`key` and `rotate`: the file that is you, its passphrase, and a new key in its place."""

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from web3rec.cli import passphrase
from web3rec.cli.opening import writing
from web3rec.cli.output import news, result, say
from web3rec.cli.session import Session
from web3rec.errors import DataError
from web3rec.records import SigningKey, did_key, holder_of, keyfile
from web3rec.rotation import KEY_FILE, former_keys, held_still, settle_rotation


@click.group()
def key() -> None:
    """Show or protect the file that is you.

    \b
    For instance:
      web3rec key show
      web3rec key protect
      web3rec key unprotect
    """


@key.command()
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
@click.pass_obj
def show(session: Session, *, as_json: bool) -> None:
    """Show whose key this is, and whether it is protected.

    Asks for no passphrase; never prints the secret half.

    \b
    For instance:
      web3rec key show
    """
    path = settle_rotation(_there(session), read_only=True)
    mode = stat.S_IMODE(path.stat().st_mode)
    did, protected = did_key(holder_of(path)), keyfile.is_protected(path)
    former = [did_key(holder_of(old)) for old in former_keys(session.directory)]
    if as_json:
        shown = {"did": did, "file": str(path), "protected": protected, "mode": f"{mode:04o}"}
        result({**shown, "former": former})
        return
    say(did)
    guarded = "under a passphrase" if protected else "without a passphrase"
    say(f"{path}, {guarded}, mode {mode:04o}")
    for old in former:
        say(f"before: {old}")


@key.command()
@click.option(
    "--passphrase-file",
    "file",
    type=click.Path(path_type=Path),
    help="Take the new passphrase from a file that only you can read.",
)
@click.pass_obj
def protect(session: Session, file: Path | None) -> None:
    """Put the key under a passphrase, or change it.

    Without it the key cannot be used, by nobody: there is no way back to a lost passphrase. A
    node reads it from the file that WEB3REC_PASSPHRASE_FILE names.

    \b
    For instance:
      web3rec key protect
      web3rec key protect --passphrase-file ./passphrase
    """
    with _mine(session) as (path, mine):
        new = (
            passphrase.typed("New passphrase", "--passphrase-file", twice=True)
            if file is None
            else passphrase.in_file(file)
        )
        mine.save_over(path, new)
    news(f"{path} is under a passphrase now; copies of the file made before are not")


@key.command()
@click.pass_obj
def unprotect(session: Session) -> None:
    """Take the passphrase off the key.

    \b
    For instance:
      web3rec key unprotect
    """
    with _mine(session) as (path, mine):
        mine.save_over(path)
    news(f"{path} needs no passphrase now: whoever can read it is you")


@click.command()
@click.option("--stolen", is_flag=True, help="Somebody else may have the old key.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
@click.pass_obj
def rotate(session: Session, *, stolen: bool, yes: bool, as_json: bool) -> None:
    """Replace your key by a new one.

    Others learn that both are yours, and trust in the old one counts for the new. What had left
    is taken back in the name of the old key, and said again by the new. --stolen takes back all
    that was ever said with the old key, by whomever. The old file is kept beside the new one.

    \b
    For instance:
      web3rec rotate
      web3rec rotate --stolen --yes
    """
    if not yes:
        click.confirm("Replace your key? It cannot be undone.", abort=True, err=True)
    with writing(session) as rec:
        old = rec.me
        new = rec.rotate(stolen=stolen)
    kept = former_keys(session.directory)[-1]
    if as_json:
        result({"old": did_key(old), "did": did_key(new), "kept": str(kept)})
    else:
        say(did_key(new))
    news(f"you have a new key; the old one is kept in {kept}")
    if stolen:
        news("tell those who trust you: only they can tell you from a thief who did the same")


@contextmanager
def _mine(session: Session) -> Iterator[tuple[Path, SigningKey]]:
    """The key file and what is in it, while nobody else works with the directory."""
    directory = _there(session)
    settle_rotation(directory, read_only=False)
    with held_still(directory):
        path = directory / KEY_FILE
        yield path, SigningKey.load(path, passphrase.of_key())


def _there(session: Session) -> Path:
    if not (session.directory / KEY_FILE).exists():
        raise DataError(f"there is no key in {session.directory}; `web3rec init` makes one")
    return session.directory
