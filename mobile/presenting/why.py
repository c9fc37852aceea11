"""The sheet "Why" of a recommendation: whole percents that sum to 100, and the path in names."""

from collections.abc import Callable, Sequence
from typing import Final

from mobile.viewmodel import Part, Step, StepKind, Why, cover
from web3rec.batch import Batch, Recommendation
from web3rec.rank.reasons import Contribution
from web3rec.records import did_key
from web3rec.types import Item, PeerId

PARTS: Final = 3
"""Shown at most"""
_ROLES: Final = {
    "pool": "smaller friends together",
    "self": "your own library",
    "everyone": "everyone",
}


def why_of(
    one: Recommendation, batch: Batch, own: Item | None, name: Callable[[PeerId], str]
) -> Why:
    """All of the sheet.

    Args:
        one: the recommendation.
        batch: the list it stands in.
        own: the item of the ego's that its path begins with; None if it has no path.
        name: what a peer is called.
    """
    item, path = one.item, one.path
    title, own_title = item.title or str(item.id), own and (own.title or str(own.id))
    steps: list[Step] = []
    if path is not None and own_title:
        steps = [Step(StepKind.YOU, "you"), Step(StepKind.OWN_ITEM, own_title)]
        if path.via is not None:
            steps.append(Step(StepKind.FRIEND, name(path.via)))
        if path.via is None:
            steps.append(Step(StepKind.PERSON, "somebody your other friends vouch for"))
        elif path.via != path.user:
            steps.append(Step(StepKind.PERSON, f"somebody {name(path.via)} vouches for"))
        steps.append(Step(StepKind.ITEM, title))
    friends = [part.sponsor for part in one.contributions if part.sponsor is not None]
    via = path.via if path is not None else None
    peer = via if via in friends else next(iter(friends), None)
    return Why(
        item=str(item.id),
        title=title,
        creator=item.creator,
        cover=cover(str(item.id), item.title, item.creator),
        reason=one.reason,
        parts=parts_of(one.contributions, name),
        path=tuple(steps),
        own_item="" if own is None or not steps else str(own.id),
        own_title=own_title or "",
        peer="" if peer is None else did_key(peer),
        peer_label="" if peer is None else name(peer),
        model=ordered_by(batch),
    )


def ordered_by(batch: Batch) -> str:
    """What ordered a list, in a line."""
    if batch.model is None:
        return "Ordered by the graph itself."
    if batch.model.publisher is None:
        return "Ordered by what this device learnt for itself."
    return f"Ordered by the model {batch.model}."


def parts_of(
    contributions: Sequence[Contribution], name: Callable[[PeerId], str]
) -> tuple[Part, ...]:
    """At most three parts; the third stands for all the rest, if there are more."""
    labels = [
        _ROLES.get(one.role, one.role) if one.sponsor is None else name(one.sponsor)
        for one in contributions
    ]
    amounts = [one.amount for one in contributions]
    if len(amounts) > PARTS:
        rest = len(amounts) - PARTS + 1
        labels = [*labels[: PARTS - 1], f"{rest} others together"]
        amounts = [*amounts[: PARTS - 1], sum(amounts[PARTS - 1 :])]
    return tuple(map(Part, labels, percents(amounts)))


def percents(amounts: Sequence[float]) -> list[int]:
    """Whole percents, each at least 1, that sum to 100: the largest remainders get what is left.

    Args:
        amounts: 1 to 100 of them, each > 0.

    >>> percents([2, 1]), percents([1000, 1, 1])
    ([67, 33], [98, 1, 1])
    """
    whole = sum(amounts)
    spare = 100 - len(amounts)  # each has one already
    exact = [max(0.0, 100 * amount / whole - 1) for amount in amounts]
    scale = spare / sum(exact) if sum(exact) else 0.0
    shares = [share * scale for share in exact]
    found = [int(share) for share in shares]
    behind = sorted(range(len(shares)), key=lambda at: (found[at] - shares[at], at))
    for at in behind[: spare - sum(found)]:
        found[at] += 1
    return [1 + share for share in found]
