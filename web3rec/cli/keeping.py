"""`withhold` and `private`: what stays here."""

import click

from web3rec.cli import arguments
from web3rec.cli.hands import acting
from web3rec.cli.opening import reading
from web3rec.cli.output import news, result, say
from web3rec.cli.session import Session
from web3rec.store import Withholding

_PRIVATE = "private session: nothing you do now will ever leave this device"
_OPEN = "no private session: the privacy level holds"


@click.command()
@click.argument("item", type=arguments.text, required=False)
@click.option("--tag", type=arguments.text, help="Every item that carries this tag.")
@click.option("--undo", is_flag=True, help="Share again what you do from now on.")
@click.option("--retract", is_flag=True, help="Ask everyone to erase what had left already.")
@click.option("--list", "listed", is_flag=True, help="Show what is withheld.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
@click.pass_obj
def withhold(
    session: Session,
    item: str | None,
    tag: str | None,
    *,
    undo: bool,
    retract: bool,
    listed: bool,
    as_json: bool,
) -> None:
    """Never share what you do with an item or a tag.

    ITEM is any text that names an item; tags are those of your own catalogue. What waits to leave
    stays for good, and what had left nobody gets from here any more. --retract takes that back as
    well; it names the item (by its hash) to everyone once more. The list stays on this device.

    \b
    For instance:
      web3rec withhold trk:42
      web3rec withhold --tag "guilty pleasure"
      web3rec withhold --list
    """
    if [item is not None, tag is not None, listed].count(True) != 1:
        raise click.UsageError("give exactly one of ITEM, --tag and --list")
    if [undo, retract, listed].count(True) > 1:
        raise click.UsageError("--undo, --retract and --list exclude each other")
    if listed:
        _show(session, as_json=as_json)
        return
    with acting(session) as hand:
        if undo:
            was = hand.unwithhold(item, tag)
        else:
            done = hand.withhold(item, tag, retract=retract)
    if undo:
        if as_json:
            result({"withheld": False, "was": was})
        else:
            say("shared again from now on" if was else "it was not withheld")
        return
    _tell(done, "items of that tag" if item is None else "that item", as_json=as_json)


def _tell(done: Withholding, what: str, *, as_json: bool) -> None:
    if as_json:
        counts = {"stopped": done.stopped, "left": done.left, "retractions": done.retractions}
        result({"withheld": True, **counts})
        return
    say(f"what you do with {what} stays here; records stopped on their way: {done.stopped}")
    if done.retractions:
        news(f"records that had left: {done.left}; retractions to travel: {done.retractions}")
    elif done.left:
        news(
            f"{done.left} records had left before; the same with --retract asks everyone to erase "
            "them, which names the item once more"
        )


def _show(session: Session, *, as_json: bool) -> None:
    with reading(session) as rec:
        found = rec.log.withheld()
    if as_json:
        result({"items": list(found.items), "tags": list(found.tags)})
        return
    for name in found.items:
        say(f"item {name}")
    for name in found.tags:
        say(f"tag {name}")
    if not found.items and not found.tags:
        news("nothing is withheld")


@click.command()
@click.argument("switch", type=click.Choice(["on", "off", "status"]), default="status")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
@click.pass_obj
def private(session: Session, switch: str, *, as_json: bool) -> None:
    """Start or end a private session.

    What you do while it is on counts for your own lists and never leaves this device, at any
    privacy level, not even when it is off again. It stays on until you switch it off. What you
    forget is still taken back where it had left.

    \b
    For instance:
      web3rec private on
      web3rec private off
      web3rec private status
    """
    if switch == "status":
        with reading(session) as rec:
            now = rec.log.private
    else:
        with acting(session) as hand:
            now = switch == "on"
            hand.be_private(private=now)
    if as_json:
        result({"private": now})
    else:
        say(_PRIVATE if now else _OPEN)
