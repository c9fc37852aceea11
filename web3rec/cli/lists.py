"""`recommend` and `why`: the list, and what stands behind a place in it."""

from collections.abc import Callable
from typing import Any, Final

import click

from web3rec.batch import Batch, Recommendation
from web3rec.cli import arguments
from web3rec.cli.config import MODES
from web3rec.cli.opening import reading
from web3rec.cli.output import news, result, table
from web3rec.cli.session import Session

MOST: Final = 1000
"""Places in a list at most."""
ROLES: Final = {
    "pool": "smaller friends together",
    "self": "your own catalogue",
    "everyone": "everyone",
}


def wishes(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options `recommend` and `why` share."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print JSON lines."),
        click.option("--learn", is_flag=True, help=_LEARN),
        click.option("--seed", "seeds", type=arguments.text, multiple=True, help=_SEED),
        click.option("--mode", type=click.Choice(MODES), help=_MODE),
        click.option("-w", "--words", type=arguments.text, default="", help=_WORDS),
        click.option(
            "-x", "--exclude", type=arguments.text, multiple=True, help="Leave this item out."
        ),
        click.option("-n", "--limit", type=click.IntRange(1, MOST), default=20, show_default=True),
    ):
        command = option(command)
    return command


_LEARN: Final = "First learn on this device what orders your lists best; takes a second or so."
_MODE: Final = "Who may speak: closed is whom your trust reaches; open is everyone, unprotected."
_SEED: Final = "A peer who speaks while you trust nobody yet; may be given several times."
_WORDS: Final = "What to look for in your catalogue: words, or phrases with commas between them."


def several(words: str) -> list[str]:
    """The words of one text: what stands between commas if there are any, else between blanks."""
    return [one.strip() for one in words.split("," if "," in words else None) if one.strip()]


@click.command()
@wishes
@click.pass_obj
def recommend(
    session: Session,
    limit: int,
    exclude: tuple[str, ...],
    mode: str | None,
    seeds: tuple[str, ...],
    words: str,
    *,
    learn: bool,
    as_json: bool,
) -> None:
    """Print the list, best first, each with its reason.

    Nothing you have or did not want is in it, and no friend's circle has more places than your
    trust in that friend pays for. Works beside a running node.

    \b
    For instance:
      web3rec recommend -n 10
      web3rec recommend --words "jazz, hard bop"
      web3rec recommend --json --exclude trk:42
    """
    with reading(session, mode=mode, seeds=seeds) as rec:
        if learn:
            rec.learn()
        batch = rec.recommend(limit, exclude=exclude, words=several(words))
        trusting = any(author == rec.me for author, *_ in rec.log.endorsements())
    _remark(batch, trusting=trusting)
    if as_json:
        for rank, one in enumerate(batch, 1):
            result({"batch": batch.id} | placed(rank, one) | ordered(batch))
    elif batch:
        rows = [
            (
                str(rank),
                one.item.title or str(one.item.id),
                str(one.item.id),
                f"{one.score:.4g}",
                one.reason,
            )
            for rank, one in enumerate(batch, 1)
        ]
        table(("#", "title", "item", "score", "why"), rows, right=("#", "score"))


def _remark(batch: Batch, *, trusting: bool) -> None:
    """What is to be known about a list, on stderr."""
    if batch.note:
        news(f"note: {batch.note}")
    if batch.model_note:
        news(f"note: {batch.model_note}")
    if batch.overruns:
        news(f"note: at {batch.overruns} places no other friend's circle had anything to offer")
    if not batch and trusting:
        news("the list is empty: nobody you hear has told of anything new to you yet")
    elif not batch:
        news("the list is empty: trust somebody (`web3rec trust`) and let a node gossip, or import")


def placed(rank: int, one: Recommendation) -> dict[str, object]:
    """A place in a list, as it is printed in JSON."""
    return {
        "rank": rank,
        "id": str(one.item.id),
        "title": one.item.title,
        "creator": one.item.creator,
        "tags": list(one.item.tags),
        "score": one.score,
        "reason": one.reason,
        "source": one.source,
    }


def ordered(batch: Batch) -> dict[str, object]:
    """What ordered a list, as it is printed in JSON."""
    model = None if batch.model is None else str(batch.model)
    return {"model": model, "model_note": batch.model_note}
