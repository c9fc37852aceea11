"""`record`, `trust` and `block`: what you say."""

import re

import click

from web3rec.cli import arguments
from web3rec.cli.hands import acting
from web3rec.cli.output import news
from web3rec.cli.session import Session
from web3rec.errors import ParamError
from web3rec.records.model import MAX_WEIGHT
from web3rec.types import Event, Millis
from web3rec.wording import short


class Weighing(click.Command):
    """A command one of whose arguments is a number: -0.5 is a wrong number, not an option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        for arg in args:
            if re.fullmatch(r"-(\.?[0-9].*|inf|nan)", arg, re.IGNORECASE):
                raise ParamError("weight", arg, "in [0, 1] (0 takes trust back)")
        return super().parse_args(ctx, args)


@click.command()
@click.argument("event", type=click.Choice([*(e.value for e in Event), "play"]), metavar="EVENT")
@click.argument("item", type=arguments.text)
@click.option(
    "--weight",
    type=int,
    default=1,
    show_default=True,
    help=f"1 to {MAX_WEIGHT}: about 4^(weight - 1) repetitions.",
)
@click.option(
    "--at", type=arguments.moment, help="When: ISO 8601, unix milliseconds, or 2h for so long ago."
)
@click.option("--title", type=arguments.text, help="What the item is called; stays on this device.")
@click.pass_obj
def record(
    session: Session, event: str, item: str, weight: int, at: Millis | None, title: str | None
) -> None:
    """Record what you did with an item.

    EVENT is listen (or play), like, share, collect, skip, view or not_interested; ITEM is any
    text that names the item, such as trk:42. The last three events never leave this device.

    \b
    For instance:
      web3rec record like trk:42 --title "Blue Train"
      web3rec record listen trk:42 --weight 3 --at 2026-01-31T18:30
    """
    what = Event.LISTEN if event == "play" else Event(event)
    with acting(session) as hand:
        hand.record(what, item, at, weight, title)
    news(f"recorded: {what.value} {item}")


@click.command(cls=Weighing)
@click.argument("peer", type=arguments.text)
@click.argument("weight", type=float)
@click.option("--name", type=arguments.text, default="", help="What you call the peer; stays here.")
@click.pass_obj
def trust(session: Session, peer: str, weight: float, name: str) -> None:
    """Trust a peer's taste.

    PEER is a did:key, a libp2p peer id, 64 hex digits, or a name you gave; WEIGHT lies in [0, 1]
    and is kept in eighths. Whomever the peer trusts in turn may speak too. 0 takes trust back.

    \b
    For instance:
      web3rec trust did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK 0.8 --name Ann
      web3rec trust Ann 0
    """
    with acting(session) as hand:
        who = arguments.peer_called(peer, hand.log)
        hand.trust(who, weight, name)
        called = hand.log.names().get(who, short(who))
        kept = max(1, round(weight * MAX_WEIGHT)) / MAX_WEIGHT
    news(f"you trust {called}: {kept:g}" if weight else f"you no longer trust {called}")


@click.command()
@click.argument("peer", type=arguments.text)
@click.option("--undo", is_flag=True, help="Hear the peer again.")
@click.pass_obj
def block(session: Session, peer: str, *, undo: bool) -> None:
    """Never hear a peer; nobody learns of it.

    PEER is a did:key, a libp2p peer id, 64 hex digits, or a name you gave.

    \b
    For instance:
      web3rec block did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK
      web3rec block did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK --undo
    """
    with acting(session) as hand:
        who = arguments.peer_called(peer, hand.log)
        hand.block(who, blocked=not undo)
        called = hand.log.names().get(who, short(who))
    news(f"{called} may be heard again" if undo else f"{called} is heard no more")
