"""`why`: what stands behind an item's place in the list."""

from typing import Final

import click

from web3rec.batch import Batch, Recommendation
from web3rec.cli import arguments
from web3rec.cli.lists import MOST, ordered, placed, several, wishes
from web3rec.cli.opening import reading
from web3rec.cli.output import result, say, table
from web3rec.cli.session import Session
from web3rec.errors import DataError
from web3rec.rank.reasons import Contribution
from web3rec.recommender import Recommender
from web3rec.records import did_key
from web3rec.store import key_of
from web3rec.store.catalogue import nameless
from web3rec.types import Item, ItemKey, PeerId
from web3rec.wording import short

ROLES: Final = {
    "pool": "your other friends",
    "self": "your own catalogue",
    "everyone": "everyone",
}
"""Who a contribution without a sponsor came through."""


@click.command()
@click.argument("item", type=arguments.text)
@wishes
@click.pass_obj
def why(
    session: Session,
    item: str,
    limit: int,
    exclude: tuple[str, ...],
    mode: str | None,
    seeds: tuple[str, ...],
    words: str,
    *,
    learn: bool,
    as_json: bool,
) -> None:
    """Explain why an item is in the list.

    Makes the list anew, with the same options as `web3rec recommend`, and prints through whom
    the item's score came, and the strongest single line of reasoning.

    \b
    For instance:
      web3rec why trk:42
      web3rec why trk:42 -n 100 --json
    """
    with reading(session, mode=mode, seeds=seeds) as rec:
        asked = several(words)
        if learn:
            rec.learn()
        batch = rec.recommend(limit, exclude=exclude, words=asked)
        try:
            one = rec.explain(item, batch=batch.id)
        except DataError:
            raise DataError(absence(rec, item, limit, exclude, asked)) from None
        rank = 1 + batch.items.index(one)
        if as_json:
            result(placed(rank, one) | grounds(rec, one) | ordered(batch))
        else:
            _show(rec, f"place {rank} of {len(batch)}", one)
            if who := _ordered(batch):
                say(who)


def absence(
    rec: Recommender, item: str, limit: int, exclude: tuple[str, ...], words: list[str]
) -> str:
    """Why an item is not in the list, and what to try."""
    key = key_of(item)
    if key in rec.log.touched():
        return f"{item} is not in the list because you have it already"
    if key in rec.log.unwanted():
        return f"{item} is not in the list because you are not interested in it"
    if item in exclude:
        return f"{item} is not in the list because you excluded it"
    longer = rec.recommend(MOST, exclude=exclude, words=words)
    place = next((rank for rank, one in enumerate(longer, 1) if one.key == key), None)
    if place is not None and limit < place:
        more = min(MOST, -(-place // 10) * 10)
        return f"{item} is not among the first {limit}, but further down: try -n {more}"
    return (
        f"{item} is not in the list: nobody your trust reaches told of it; check its spelling "
        "(`web3rec recommend` shows items), or trust somebody who knows it"
    )


def grounds(rec: Recommender, one: Recommendation) -> dict[str, object]:
    """Contributions and the strongest line, as they are printed in JSON."""
    names = rec.log.names()
    parts = [
        {
            "peer": None if part.sponsor is None else did_key(part.sponsor),
            "name": "" if part.sponsor is None else names.get(part.sponsor, ""),
            "role": part.role,
            "amount": part.amount,
        }
        for part in one.contributions
    ]
    if one.path is None:
        return {"contributions": parts, "path": None}
    own = _own(rec, one.path.own)
    path = {
        "own": str(own.id),
        "own_title": own.title,
        "peer": did_key(one.path.user),
        "via": None if one.path.via is None else did_key(one.path.via),
    }
    return {"contributions": parts, "path": path}


def _show(rec: Recommender, place: str, one: Recommendation) -> None:
    names = rec.log.names()

    def name(peer: PeerId) -> str:
        return names.get(peer) or short(peer)

    def through(part: Contribution) -> str:
        return ROLES[part.role] if part.sponsor is None else name(part.sponsor)

    say(f"{one.item.title or one.item.id} ({one.item.id}): {place}")
    say(f"because: {one.reason}")
    if one.path is not None:
        own, user, via = _own(rec, one.path.own), one.path.user, one.path.via
        vouched = "" if via in (None, user) else f" ({name(via)} vouches)"
        say(f"strongest line: you → “{own.title or own.id}” → {name(user)}{vouched} → this item")
    rows = [
        (through(part), f"{part.amount:.4g}", f"{part.amount / one.score:.0%}")
        for part in one.contributions
    ]
    table(("through", "score", "part"), rows, right=("score", "part"))


def _ordered(batch: Batch) -> str:
    """What ordered the list, or why not a model; nothing where there is none."""
    if batch.model is None:
        return f"ordered by the graph alone: {batch.model_note}" if batch.model_note else ""
    if batch.model.publisher is None:
        return "ordered by what this device learnt for itself, within your friends' budgets"
    signed = short(batch.model.publisher)
    return f"ordered by {batch.model}, signed by {signed}, within your friends' budgets"


def _own(rec: Recommender, key: ItemKey) -> Item:
    """One of the ego's own items, by the name it has here."""
    return rec.log.some_items({key}).get(key) or nameless(key)
