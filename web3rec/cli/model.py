"""`model`: whose models order your lists, which one does, and on what evidence."""

from pathlib import Path

import click

from web3rec.batch import Learnt
from web3rec.cli import arguments
from web3rec.cli.opening import reading
from web3rec.cli.output import news, result, say
from web3rec.cli.session import Session
from web3rec.errors import DataError
from web3rec.identity import KEY_FILE
from web3rec.recommender import SHELF
from web3rec.records import did_key, parse_peer
from web3rec.rerank.bundle import Bundle, Ground, Refusal, Shelf, container
from web3rec.types import PeerId


def _publisher(value: str) -> PeerId:
    """A click type: the key of a publisher, in any spelling."""
    try:
        return parse_peer(arguments.text(value))
    except DataError as error:
        raise click.BadParameter(str(error)) from None


@click.group()
def model() -> None:
    """Install a model that orders your lists, or show it.

    A model is one signed file, a bundle. It is used only if you pinned whoever signed it, and only
    if it serves you better than the graph's own order, by evidence, on this device. Whatever it
    says, no friend's circle gets more places than your trust pays for.

    \b
    For instance:
      web3rec model install examples/model.bundle --publisher did:key:z6Mk...
      web3rec model show --judge
    """


@model.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--publisher", type=_publisher, help="Pin whoever this is first; ask them for their key."
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
@click.pass_obj
def install(session: Session, file: Path, publisher: PeerId | None, *, as_json: bool) -> None:
    """Use this bundle from the next list on.

    Every check of docs/bundles.md must hold, else what is in use stays. Works beside a running
    node, which follows.

    \b
    For instance:
      web3rec model install model.bundle --publisher did:key:z6Mk...
    """
    shelf = _shelf(session)
    try:
        with file.open("rb") as opened:
            data = opened.read(container.MAX_BYTES + 1)
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}", where=str(file)) from error
    if publisher is not None:
        shelf.pin(publisher)
    found = shelf.install(data)
    if isinstance(found, Refusal):
        raise DataError(f"refused: {found}{_advice(data, found)}", where=str(file))
    if as_json:
        result(fields(found))
    else:
        say(line(found))
        news("it orders your lists if it serves you better: `web3rec model show --judge` tells")


@model.command()
@click.option("--judge", is_flag=True, help="Find out on this device what it is worth; a second.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
@click.pass_obj
def show(session: Session, *, judge: bool, as_json: bool) -> None:
    """Show the model in use, and whose you trust.

    \b
    For instance:
      web3rec model show
      web3rec model show --judge --json
    """
    shelf = _shelf(session)
    used, pinned = shelf.used(), sorted(map(did_key, shelf.pinned()))
    learnt: Learnt | None = None
    if judge:
        with reading(session) as rec:
            learnt = rec.learn()
    if as_json:
        shown: dict[str, object] = {"model": fields(used) if isinstance(used, Bundle) else None}
        shown["refused"] = str(used) if isinstance(used, Refusal) else ""
        shown["pinned"] = pinned
        result(shown if learnt is None else shown | {"judged": evidence(learnt)})
        return
    if isinstance(used, Bundle):
        say(line(used))
    elif used is None:
        say("no model is installed")
    else:
        say(f"the model is not used: {used}")
    for did in pinned:
        say(f"pinned: {did}")
    if learnt is not None:
        say(verdict(learnt))


@model.command()
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
@click.pass_obj
def remove(session: Session, *, as_json: bool) -> None:
    """Use no model from the next list on.

    Its version is remembered: an older one of that name is refused for good.

    \b
    For instance:
      web3rec model remove
    """
    was = _shelf(session).remove()
    if as_json:
        result({"removed": was})
    else:
        say("no model is used now" if was else "there was none")


@model.command()
@click.argument("publisher", type=_publisher)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
@click.pass_obj
def pin(session: Session, publisher: PeerId, *, as_json: bool) -> None:
    """Trust the models of a publisher.

    Ask them for their key, by a way that nobody else can meddle with. From then on a node also
    takes newer versions of theirs from peers.

    \b
    For instance:
      web3rec model pin did:key:z6Mk...
    """
    _shelf(session).pin(publisher)
    _told(publisher, pinned=True, as_json=as_json)


@model.command()
@click.argument("publisher", type=_publisher)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
@click.pass_obj
def unpin(session: Session, publisher: PeerId, *, as_json: bool) -> None:
    """Trust them no longer; a model of theirs in use is refused from then on.

    \b
    For instance:
      web3rec model unpin did:key:z6Mk...
    """
    _shelf(session).unpin(publisher)
    _told(publisher, pinned=False, as_json=as_json)


def fields(bundle: Bundle) -> dict[str, object]:
    """A bundle, as it is printed in JSON."""
    manifest = bundle.manifest
    return {
        "name": manifest.name,
        "version": manifest.version,
        "publisher": did_key(bundle.publisher),
        "sha256": bundle.digest.hex(),
        "licence": manifest.licence,
        "columns": [column.name for column in manifest.columns],
        "vectors": 0 if bundle.vectors is None else len(bundle.vectors.rows),
        "bytes": sum(file.size for file in manifest.files.values()),
        "ndcg": {
            "graph": manifest.ndcg.graph,
            "full": manifest.ndcg.full,
            "quantised": manifest.ndcg.quantised,
        },
        "gates": [[gate.name, gate.held, gate.low, gate.high] for gate in manifest.gates],
    }


def line(bundle: Bundle) -> str:
    """A bundle in a line."""
    manifest = bundle.manifest
    claimed = f"{manifest.ndcg.graph:.4f} → {manifest.ndcg.quantised:.4f}"
    return (
        f"{manifest.name} {manifest.version}, {manifest.licence}, by {did_key(bundle.publisher)}; "
        f"NDCG@10 {claimed} by its publisher's own account"
    )


def evidence(learnt: Learnt) -> dict[str, object]:
    """What came of judging, as it is printed in JSON."""
    used = None if learnt.model is None else str(learnt.model)
    measured = {"lists": learnt.lists, "gain": learnt.gain, "error": learnt.error}
    return {"orders": used, "note": learnt.note, **measured}


def verdict(learnt: Learnt) -> str:
    """What came of judging, in a line."""
    if learnt.model is None:
        return f"the graph's own order stands: {learnt.note}"
    who = "what this device learnt" if learnt.model.publisher is None else str(learnt.model)
    worth = f"{learnt.gain:+.4f} (±{learnt.error:.4f}) NDCG@20 over the graph's order"
    said = f"{who} orders your lists: {worth}, on {learnt.lists} replays"
    return f"{said}; {learnt.note}" if learnt.note else said


def _advice(data: bytes, refusal: Refusal) -> str:
    """Who signed it, for whoever can ask them."""
    if refusal.ground is not Ground.PUBLISHER:
        return ""
    signer = did_key(container.head(data).publisher)
    return f"; if you know that {signer} is whom you mean, name them with --publisher"


def _told(publisher: PeerId, *, pinned: bool, as_json: bool) -> None:
    if as_json:
        result({"publisher": did_key(publisher), "pinned": pinned})
    else:
        say(f"{did_key(publisher)} is {'pinned' if pinned else 'not pinned any more'}")


def _shelf(session: Session) -> Shelf:
    if not (session.directory / KEY_FILE).exists():
        raise DataError(f"there is no web3rec in {session.directory}; `web3rec init` makes one")
    return Shelf(session.directory / SHELF)
