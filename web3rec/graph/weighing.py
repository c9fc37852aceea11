"""How much a person's acts on an item say, a(u, i), and how much each friend is trusted.

Everything here is a matter of one author alone: no number of one author's row depends on any other
author's statements. So a row computed among a few authors is, bit for bit, the row computed among
all of them, and that is what lets `window` replace some rows and leave the others.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from trust import faded
from web3rec.graph.columns import KIND_VALUE, KINDS, Acts, Endorsements
from web3rec.graph.csr import Csr, Singles
from web3rec.graph.vocab import Vocab
from web3rec.params import WindowParams
from web3rec.records.model import DAY, MAX_WEIGHT
from web3rec.types import Indices, Weights

OLDEST: Final = 60.0
"""Half-lives after which an act does not fade further. It weighs 1e-18 then, which is nothing; but
products of such weights stay far from the smallest float, so that shares of them remain shares."""

_AT_ONCE: Final = 1 << 18
"""Acts weighed at a time, so that what is in between never takes much memory."""

_VALUE: Final = np.array([KIND_VALUE[kind] for kind in KINDS])


def rows_of(acts: Acts, params: WindowParams) -> tuple[Csr, Vocab]:
    """a(u, i): saturated, decayed sums of what u did with i, each user's summing to 1.

    log1p of the pair's sum, each act decayed towards the pair's newest, then the pair decayed
    towards the user's newest: a factor common to a row cancels, so no landmark time is needed.

    Returns:
        Rows by `acts.authors`, and the items that are their columns: those of `acts.items` that
        any act within the bound of its author is about.

    Cost: O(e log e) for e acts, .15 µs each.
    """
    order = _within_bound(acts, _sorted_once(acts), params.per_author)
    counts = np.bincount(acts.author[order], minlength=len(acts.authors))
    ends = np.cumsum(counts)
    starts = np.zeros(len(acts.authors) + 1, np.int64)
    cols, weights = [np.zeros(0, np.int32)], [np.zeros(0, np.float32)]
    first = 0
    while first < len(acts.authors):  # whole authors at a time
        done = int(ends[first - 1]) if first else 0
        beyond = int(np.searchsorted(ends, done + _AT_ONCE, "right"))
        last = max(first + 1, beyond)
        here = order[done : int(ends[last - 1])]
        some, col, weight = _weighed(acts, here, first, last - first, params.half_life_days)
        starts[first + 1 : last + 1] = some
        cols.append(col)
        weights.append(weight)
        first = last
    np.cumsum(starts, out=starts)
    col = np.concatenate(cols)
    held = np.bincount(col, minlength=len(acts.items)) > 0
    items = acts.items
    if not held.all():
        items = items.chosen(held)
        col = (np.cumsum(held, dtype=np.int32) - 1).astype(np.int32)[col]
    return Csr(starts, col, np.concatenate(weights), len(items)), items


def promises(edges: Endorsements, params: WindowParams) -> tuple[Indices, Indices, Weights]:
    """Trust edges as stated: of several for one pair the one of highest n, faded by its age.

    Eighths of its weight, decayed by `params.trust_half_life_days` towards the newest edge its
    author still states: like a row's weights, only ages among one author's edges count.

    Returns:
        (sources, targets, weights), numbers among `edges.people`, sorted by source, then target.
    """
    pair = edges.author.astype(np.int64) * max(1, len(edges.people)) + edges.peer
    order = np.lexsort((edges.t, edges.weight, edges.n, pair))
    last = order[np.diff(pair[order], append=-1) != 0]
    source, half_life = edges.author[last], params.trust_half_life_days * DAY
    trusted = faded(source, edges.weight[last] / MAX_WEIGHT, edges.t[last], half_life)
    return source, edges.peer[last], trusted


def _sorted_once(acts: Acts) -> npt.NDArray[np.intp]:
    """Acts by author, item, n and the rest, each act once: an order of the set alone.

    Two acts under one n (an author who contradicts itself) are told apart by what they say.
    """
    pair = acts.author.astype(np.uint64) * np.uint64(max(1, len(acts.items)))
    pair += acts.item.astype(np.uint64)
    bits = max(1, len(acts)).bit_length()
    most = len(acts.authors) * len(acts.items)
    if most.bit_length() + bits <= 64:  # a sort of plain numbers, place in the low bits
        keys = pair << np.uint64(bits)
        keys |= np.arange(len(acts), dtype=np.uint64)
        keys.sort()
        order = (keys & np.uint64((1 << bits) - 1)).astype(np.intp)
        keys >>= np.uint64(bits)
        same = keys[1:] == keys[:-1]
    else:
        order = np.argsort(pair, kind="stable")
        same = np.diff(pair[order]) == 0
    if not same.any():
        return order
    tied = np.zeros(len(acts), np.bool_)
    tied[1:] = same
    tied[:-1] |= same
    several = order[tied]
    keys_of = [acts.t, acts.weight, acts.kind, acts.n]
    several = several[np.lexsort([*(key[several] for key in keys_of), pair[several]])]
    order[tied] = several
    again = np.diff(pair[several], prepend=np.uint64(0)) == 0
    again[0] = False
    for key in keys_of:
        again[1:] &= key[several[1:]] == key[several[:-1]]
    once = np.ones(len(acts), np.bool_)
    once[tied] = ~again
    return order[once]


def _within_bound(acts: Acts, order: npt.NDArray[np.intp], bound: int) -> npt.NDArray[np.intp]:
    """Each author's `bound` acts of highest n, in the order given."""
    author = acts.author[order]
    many = np.bincount(author, minlength=len(acts.authors)) > bound
    if not many.any():
        return order
    over = np.flatnonzero(many[author])
    some = order[over]
    by_n = np.lexsort(
        (acts.t[some], acts.weight[some], acts.kind[some], acts.item[some],
         -acts.n[some].astype(np.int64), acts.author[some])
    )  # fmt: skip
    mine = acts.author[some][by_n]
    begins = np.flatnonzero(np.diff(mine, prepend=-1))
    place = np.arange(mine.size) - np.repeat(begins, np.diff(np.append(begins, mine.size)))
    kept = np.ones(order.size, np.bool_)
    kept[over[by_n[place >= bound]]] = False
    return order[kept]


def _weighed(
    acts: Acts, order: npt.NDArray[np.intp], first: int, n_authors: int, half_life_days: float
) -> tuple[npt.NDArray[np.int64], Indices, Singles]:
    """Entries of each of some authors, their columns and weights; acts in canonical order."""
    if not order.size:
        return np.zeros(n_authors, np.int64), np.zeros(0, np.int32), np.zeros(0, np.float32)
    user = acts.author[order].astype(np.int64) - first
    item = acts.item[order].astype(np.int64)
    time = acts.t[order].astype(np.int64)
    repeats = 4.0 ** (np.minimum(acts.weight[order].astype(np.int64), MAX_WEIGHT) - 1)
    value = _VALUE[acts.kind[order]] * repeats
    rate = 1 / (half_life_days * DAY)

    opens = np.ones(order.size, np.bool_)
    opens[1:] = (user[1:] != user[:-1]) | (item[1:] != item[:-1])
    begins = np.flatnonzero(opens)
    newest = np.maximum.reduceat(time, begins)
    age = np.repeat(newest, np.diff(np.append(begins, order.size))) - time
    summed = np.add.reduceat(value * np.exp2(-age * rate), begins)
    row, col = user[begins], item[begins]

    entries = np.bincount(row, minlength=n_authors)
    present = np.flatnonzero(entries)
    latest = np.maximum.reduceat(newest, np.cumsum(entries[present]) - entries[present])
    behind = np.repeat(latest, entries[present]) - newest
    weight = np.log1p(summed) * np.exp2(-np.minimum(behind * rate, OLDEST))
    total = np.bincount(row, weights=weight, minlength=n_authors)
    return entries, col.astype(np.int32), (weight / total[row]).astype(np.float32)
