"""`init` and `share`: the identity, and how much of it may leave."""

import click

from web3rec.cli.hands import acting
from web3rec.cli.opening import reading, writing
from web3rec.cli.output import news, result, say
from web3rec.cli.session import Session
from web3rec.identity import KEY_FILE
from web3rec.records import did_key

LADDER = (
    "nothing leaves this device",
    "likes, shares, collects and trust leave, with hashed ids and days instead of times",
    "listens leave too, in coarse counts, at most 50 at a time",
    "exact times and item ids leave",
)
"""What each level means, in a line."""
_LEVEL = click.IntRange(0, len(LADDER) - 1)


@click.command()
@click.option("--level", type=_LEVEL, help="Set the privacy level at once; see `web3rec share`.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
@click.pass_obj
def init(session: Session, level: int | None, *, as_json: bool) -> None:
    """Make the directory, its key and its log.

    Prints your did:key, the name others trust you by. Running it again changes nothing.

    \b
    For instance:
      web3rec init
      web3rec --dir ./alice init --level 1
    """
    fresh = not (session.directory / KEY_FILE).exists()
    with writing(session, new=True) as rec:
        if level is not None:
            rec.share(level)
        now = rec.log.level
        did = did_key(rec.me)
    if as_json:
        made = {"did": did, "directory": str(session.directory), "level": now, "new": fresh}
        result(made)
    else:
        say(did)
    where = "a new identity in" if fresh else "already there:"
    news(f"{where} {session.directory}; privacy level {now}: {LADDER[now]}")
    if fresh:
        news(f"keep {session.directory / KEY_FILE} to yourself, and a copy of it: it is you")


@click.command()
@click.argument("level", type=_LEVEL, required=False)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
@click.pass_obj
def share(session: Session, level: int | None, *, as_json: bool) -> None:
    """Show or set how much leaves this device.

    \b
    0  nothing leaves (the default)
    1  likes, shares, collects and trust, with hashed ids and days instead of times
    2  listens too, in coarse counts, at most 50 at a time
    3  exact times and item ids

    A higher level holds for what you do from then on, not for the past. Skips, views, "not
    interested" and blocks leave at no level.

    \b
    For instance:
      web3rec share
      web3rec share 1
    """
    if level is None:
        with reading(session) as rec:
            now = rec.log.level
    else:
        with acting(session) as hand:
            hand.share(level)
            now = hand.log.level
    if as_json:
        result({"level": now, "meaning": LADDER[now]})
    else:
        say(f"{now}: {LADDER[now]}")
