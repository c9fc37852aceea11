"""What to hide from the recommender, so that its lists can be checked; and when things happened."""

from collections.abc import Collection, Iterable

import numpy as np

from web3rec.adapters import Act, Dataset
from web3rec.errors import ParamError
from web3rec.types import ItemId, Millis

DAY_MS = 86_400_000


def hold_out(
    dataset: Dataset,
    users: Collection[str],
    *,
    share: float = 0.2,
    rng: np.random.Generator,
) -> tuple[tuple[Act, ...], dict[str, frozenset[ItemId]]]:
    """Hide a share of each of these users' items: the latest where times are known, else any.

    Whole items are hidden: no act of that user with a hidden item stays. An item's time is that
    of the user's first act with it, ties by id. Acts that are local (skip, view, not interested)
    are never hidden and hide nothing. Other people's later acts stay: what is measured is the
    list of one device today, not a replay of history.

    Args:
        dataset: the acts of everyone.
        users: whose items to hide; usually the egos.
        share: of the user's distinct items, rounded down, at least 1 of 2; in (0, 1).
        rng: decides for users with an act without a time; drawn from in the order of `users`.

    Returns:
        (all acts that stay, in their order; user -> hidden items, never empty). A user with fewer
        than 2 items has nothing hidden and is not in the dict.

    Raises:
        ParamError: `share` is not in (0, 1).
    """
    if not 0 < share < 1:
        raise ParamError("share", share, "in (0, 1)")
    first: dict[str, dict[ItemId, float]] = {user: {} for user in users}
    for act in dataset.acts:
        if act.user in first and not act.kind.is_local:
            at = np.nan if act.at is None else act.at
            known = first[act.user]
            known[act.item] = np.fmin(known[act.item], at) if act.item in known else at
    hidden: dict[str, frozenset[ItemId]] = {}
    for user, times in first.items():
        if len(times) < 2:
            continue
        items, count = sorted(times), max(1, int(share * len(times)))
        if np.isnan([times[item] for item in items]).any():
            order = list(rng.permutation(len(items)))
        else:
            order = sorted(range(len(items)), key=lambda n: (times[items[n]], items[n]))
        hidden[user] = frozenset(items[n] for n in order[-count:])
    nothing: frozenset[ItemId] = frozenset()
    stay = tuple(act for act in dataset.acts if act.item not in hidden.get(act.user, nothing))
    return stay, hidden


def newest(acts: Iterable[Act], limit: int) -> tuple[Act, ...]:
    """Each person's `limit` newest acts, in the order given; of a tie the later given.

    A device keeps no more than some 200 records of one author, so a person who did more has to be
    thinned before anything is hidden, not after.

    Raises:
        ParamError: `limit` is below 1.
    """
    if limit < 1:
        raise ParamError("limit", limit, "at least 1 act")
    acts = tuple(acts)
    places: dict[str, list[tuple[int, int]]] = {}
    for place, act in enumerate(acts):
        places.setdefault(act.user, []).append((act.at or 0, place))
    kept = sorted(place for own in places.values() for _, place in sorted(own)[-limit:])
    return tuple(acts[place] for place in kept)


def compress_times(acts: Iterable[Act], now: Millis, *, span_days: float = 28.0) -> tuple[Act, ...]:
    """The same acts as if they had happened in the last `span_days`, in the same order.

    Records live 30 days and a data set's times lie decades apart, so times become ranks over the
    whole data set, laid evenly over [now - span, now): who acted before whom stays, gaps do not.
    Equal times stay equal. Acts without a time all get one and the same: a day before `now`.

    Args:
        acts: anyone's, in any order; returned in this order.
        now: unix milliseconds; every time returned is earlier.
        span_days: > 0; below the lifetime of a record (30 days by default).

    Raises:
        ParamError: `span_days` is not a positive number.

    Cost: O(n log n).
    """
    if not 0 < span_days < float("inf"):
        raise ParamError("span_days", span_days, "a positive number of days")
    acts = tuple(acts)
    known = np.array([act.at for act in acts if act.at is not None], np.int64)
    ranks = np.searchsorted(np.sort(known), known, side="left")
    start = now - span_days * DAY_MS
    steps = iter(np.floor(start + ranks * (span_days * DAY_MS / max(len(known), 1))).tolist())
    yesterday = Millis(now - DAY_MS)
    return tuple(
        Act(
            a.user,
            a.item,
            a.kind,
            a.weight,
            yesterday if a.at is None else Millis(int(next(steps))),
        )
        for a in acts
    )
