"""`import` and `export`: histories in and out."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Final

import click

from web3rec.adapters import Dataset, Entries, Progress, read_any, read_hetrec, read_movielens
from web3rec.cli import arguments
from web3rec.cli.opening import reading, writing
from web3rec.cli.output import news, progress_bar, result, say
from web3rec.cli.passphrase import in_file, typed
from web3rec.cli.session import Session
from web3rec.errors import DataError, ReadOnly
from web3rec.interchange import is_sealed, own_acts
from web3rec.recommender import Recommender

READERS: Final[dict[str, Callable[[Path, Progress], Dataset | Entries]]] = {
    "auto": read_any,
    "hetrec": read_hetrec,
    "movielens": read_movielens,
}
"""Format -> its reader; JSON lines are read by `Recommender.import_`."""


_FILE: Final = click.Path(path_type=Path)


@click.command("import")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--user", type=arguments.text, help="Whose acts of a data set become yours.")
@click.option(
    "--format",
    "form",
    type=click.Choice([*READERS, "jsonl"]),
    default="auto",
    show_default=True,
    help="What PATH holds; auto looks into it.",
)
@click.option(
    "--passphrase-file", "file", type=_FILE, help="Holds the passphrase of a sealed PATH."
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
@click.pass_obj
def import_(
    session: Session, path: Path, user: str | None, form: str, file: Path | None, *, as_json: bool
) -> None:
    """Read your own history, or a person's of a data set.

    PATH is a file of JSON lines such as `web3rec export` writes, or a folder or zip of HetRec
    Last.fm or MovieLens: then --user says whose acts become yours, and all items get their titles.
    A sealed file asks for its passphrase.
    All of it is read and checked first; it comes in whole or not at all. Acts
    with a time that are here already are not added again.

    \b
    For instance:
      web3rec import me.jsonl
      web3rec import ml-latest-small.zip --user 42
    """
    with writing(session) as rec:
        counts = {"acts": 0, "items": 0}
        found: Dataset | Entries | None = None
        sealed = is_sealed(path)
        if form != "jsonl" and not sealed:
            with progress_bar(f"reading {path.name}") as told:
                found = READERS[form](path, told)
        if isinstance(found, Dataset):
            counts = _take(rec, found, user)
        elif user is not None:
            raise DataError(f"{path} holds one person's history: leave out --user")
        else:
            before = len(rec.log.items())
            said = None
            if sealed:
                said = in_file(file) if file else typed("Passphrase", "--passphrase-file")
            acts = rec.import_(path, passphrase=said)
            counts = {"acts": acts, "items": len(rec.log.items()) - before}
    if as_json:
        result(counts)
    else:
        say(f"{counts['acts']} acts were added; {counts['items']} items joined the catalogue")


def _take(rec: Recommender, data: Dataset, user: str | None) -> dict[str, int]:
    """Make one person's acts the ego's own, in one transaction."""
    if user not in data.people:
        raise DataError(_choose(data, user))
    before = len(rec.log.items())
    with rec.log.together():
        theirs = (act for act in data.acts if act.user == user)
        acts = own_acts(theirs, rec.log, rec.options.clock())
        rec.add_items(data.items)
        rec.record_many(acts)
    for note in data.notes:
        news(f"{data.name}: {note}")
    return {"acts": len(acts), "items": len(rec.log.items()) - before}


def _choose(data: Dataset, user: str | None) -> str:
    """Why this person cannot be taken, and some who can: the middling ones show most."""
    acts = Counter(act.user for act in data.acts)
    middling = sorted(acts, key=lambda one: (-acts[one], one))
    start = len(middling) // 2
    some = ", ".join(f"{one} ({acts[one]} acts)" for one in middling[start : start + 3])
    wanted = (
        "say whose acts become yours with --user NAME"
        if user is None
        else f"nobody in it is called {user!r:.60}"
    )
    return f"{data.name} holds {len(data.people)} people: {wanted}, for instance {some}"


@click.command()
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Replace PATH if it is there.")
@click.option("--encrypt", is_flag=True, help="Seal it under a passphrase, which is asked for.")
@click.option(
    "--passphrase-file", "file", type=_FILE, help="Seal it under the passphrase in this file."
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
@click.pass_obj
def export(
    session: Session, path: Path, *, force: bool, encrypt: bool, file: Path | None, as_json: bool
) -> None:
    """Write what you did, trust and block as JSON lines.

    The file is readable by you only. It holds all of your history, in plain text unless it is
    sealed, but not your key; `web3rec import` reads it on any device.

    \b
    For instance:
      web3rec export me.jsonl
      web3rec export me.sealed --encrypt
    """
    if path.resolve().parent == session.directory.resolve():
        raise ReadOnly(f"{session.directory} holds key and log; write {path.name} somewhere else")
    with reading(session) as rec:
        if path.exists() and not force:
            raise ReadOnly(f"{path} is there already; choose another name, or add --force")
        said = in_file(file) if file else None
        if encrypt and said is None:
            said = typed("Passphrase of the file", "--passphrase-file", twice=True)
        acts = rec.export(path, passphrase=said)
    if as_json:
        result({"acts": acts, "path": str(path)})
    else:
        say(f"{acts} acts written to {path}")
