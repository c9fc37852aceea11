"""What Sybils say: copies of somebody, dosed against the spam they are to carry."""

import numpy as np
import numpy.typing as npt

from web3rec.eval.attacks.attack import Said
from web3rec.eval.attacks.plan import AttackPlan
from web3rec.eval.attacks.scene import Profile
from web3rec.eval.attacks.worth import DEEPEST, WORTH
from web3rec.records.model import MAX_WEIGHT
from web3rec.types import Indices, Item, ItemId, Weights

AT_ONCE = 2_000_000
"""Numbers in one table of draws at most: 16 MB."""

Buckets = npt.NDArray[np.int8]


def spam_items(plan: AttackPlan) -> tuple[Item, ...]:
    """The items to be pushed; nobody else has them."""
    return tuple(
        Item(ItemId(f"spam:item:{number}"), title=f"Spam {number}") for number in range(plan.spam)
    )


def sampled(
    profile: Profile, authors: int, plan: AttackPlan, rng: np.random.Generator
) -> tuple[Said, Buckets]:
    """A sample of one profile for each author, heavier acts more often.

    Each is as large as it takes for `plan.copied` of the author's weight to lie on it, against
    spam in the heaviest bucket for which the profile can supply that within the record bound. A
    profile too thin for any is taken whole.

    Returns:
        (the copies, the weight bucket of each author's spam).

    Cost: O(authors * acts log acts); 16 MB a time.
    """
    worths = profile.worth
    if not worths.size:
        return nothing(), np.full(authors, MAX_WEIGHT, np.int8)
    parts, buckets = [], []
    step = max(1, AT_ONCE // worths.size)
    for first in range(0, authors, step):
        n = min(step, authors - first)
        # Exponential races: sorting by draw / worth is sampling without replacement by worth.
        order = np.argsort(rng.exponential(size=(n, worths.size)) / worths, axis=1, kind="stable")
        order = order[:, : plan.records - plan.spam_each]
        supply = np.cumsum(worths[order], axis=1)
        bucket, wanted = dose(supply[:, -1], plan)
        # whichever of the two neighbouring counts comes closer to the wanted share
        level = np.hstack((np.zeros((n, 1)), supply))
        count = np.argmin(np.abs(level - wanted[:, None]), axis=1)
        count[supply[:, -1] < wanted] = order.shape[1]
        taken = np.arange(order.shape[1]) < count[:, None]
        who, place = np.nonzero(taken)
        parts.append((who + first, order[who, place]))
        buckets.append(bucket)
    who, place = (np.concatenate(column) for column in zip(*parts, strict=True))
    copies = Said(
        who.astype(np.int32), profile.what[place], profile.kind[place], profile.weight[place]
    )
    return copies, np.concatenate(buckets)


def dose(supply: Weights, plan: AttackPlan) -> tuple[Buckets, Weights]:
    """How heavy an author's spam may be if so much other worth is to make up `plan.copied`.

    Returns:
        (the heaviest bucket that fits, else 1; the worth that balances it), for each author.
    """
    balance = plan.copied / (1 - plan.copied) * plan.spam_each * WORTH[DEEPEST, 1:]
    fits = (balance <= supply[:, None]).sum(axis=1)
    bucket = np.maximum(fits, 1)
    return bucket.astype(np.int8), balance[bucket - 1]


def pushed(authors: int, goods: int, bucket: Buckets, plan: AttackPlan) -> Said:
    """Each author's spam: the next `plan.spam_each` of the items, round and round, at full depth.

    Args:
        authors: how many.
        goods: where the spam begins in the attack's goods.
        bucket: int8[authors], the weight of each one's.
        plan: how many items there are, and how many each pushes.
    """
    who: Indices = np.repeat(np.arange(authors, dtype=np.int32), plan.spam_each)
    number = np.arange(who.size) % plan.spam
    return Said(
        who,
        (goods + number).astype(np.int32),
        np.full(who.size, DEEPEST, np.int8),
        bucket[who],
    )


def together(*parts: Said) -> Said:
    """Everything each author says, in the order of the parts."""
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    order = np.argsort(columns[0], kind="stable")
    return Said(*(column[order] for column in columns))


def nothing() -> Said:
    """Silence."""
    none: Indices = np.zeros(0, np.int32)
    return Said(none, none, np.zeros(0, np.int8), np.zeros(0, np.int8))
