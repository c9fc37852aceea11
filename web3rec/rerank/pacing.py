"""When everybody last touched what they hold, kept author by author, as the graph is.

`following.Paces` wants the order in which each person came to its items. Of thousands of people a
few say something new at a time, so what is known of the others is kept: the result is bit for bit
that of `Paces.of` on all of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from web3rec.graph import Acts, Csr, Snapshot
from web3rec.rerank.following import Paces
from web3rec.types import PeerId

_Key = npt.NDArray[np.uint64]
_FIRST: Final = 0
"""The word of an id that tells items of one person apart; two that share it share a time."""


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """When one person last touched each item."""

    keys: _Key
    """uint64[n], rising: the first eight bytes of each item's id"""
    last: npt.NDArray[np.int64]
    """int64[n]: unix seconds"""

    def of(self, keys: _Key) -> npt.NDArray[np.int64]:
        """int64[len(keys)]: when each was last touched; 0 where that is not known."""
        if not self.keys.size:
            return np.zeros(keys.size, np.int64)
        at = np.minimum(np.searchsorted(self.keys, keys), self.keys.size - 1)
        return np.where(self.keys[at] == keys, self.last[at], 0)


@dataclass(frozen=True, slots=True, eq=False)
class Times:
    """Everybody's moments. A value: what people say next gives the next one. 16 bytes an item."""

    by_author: MappingProxyType[PeerId, Moments] = field(
        default_factory=lambda: MappingProxyType({})
    )

    def after(self, authors: Sequence[PeerId], acts: Acts) -> "Times":
        """With all that some authors say now in the place of what they said before.

        Args:
            authors: about whom all is said here; who has no acts is silent from now on.
            acts: every live act of theirs, and of nobody else.

        Cost: O(acts log acts), and O(people) to copy what stays.
        """
        found = dict(self.by_author)
        for author in authors:
            found.pop(author, None)
        order = np.lexsort((acts.t, acts.item, acts.author))
        who, what = acts.author[order].astype(np.int64), acts.item[order].astype(np.int64)
        ends = np.ones(order.size, np.bool_)  # is it the newest of its pair?
        ends[:-1] = (np.diff(who) != 0) | (np.diff(what) != 0)
        who, what, last = who[ends], what[ends], acts.t[order][ends].astype(np.int64)
        keys = acts.items.ids.words[_FIRST][what]
        bounds = np.searchsorted(who, np.arange(len(acts.authors) + 1))
        for number, name in enumerate(acts.authors.terms):
            one = slice(int(bounds[number]), int(bounds[number + 1]))
            found[PeerId(name)] = Moments(keys[one].copy(), last[one].copy())
        return Times(MappingProxyType(found))

    def changed_since(self, before: "Times") -> float:
        """In [0, 1]: part of all that is held by people of whom something changed. O(people)."""
        same = total = 0
        for who, moments in self.by_author.items():
            total += moments.keys.size
            same += moments.keys.size * (before.by_author.get(who) is moments)
        gone = sum(
            moments.keys.size
            for who, moments in before.by_author.items()
            if who not in self.by_author
        )
        return 1 - same / (total + gone) if total + gone else 0.0


class Pacing:
    """Paces from snapshot to snapshot. Not thread-safe: whoever holds it locks."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._known: dict[PeerId, tuple[Moments, npt.NDArray[np.float32]]] = {}

    def of(self, snapshot: Snapshot, times: Times) -> Paces | None:
        """In which order people came to what they hold; None if nobody's acts differ in time.

        Args:
            snapshot: what people hold.
            times: of the acts that the snapshot was made of.

        Cost: O(people + nnz), and O(n log n) for each person who said something since.
        """
        rows, words = snapshot.rows, snapshot.items.ids.words[_FIRST]
        known: dict[PeerId, tuple[Moments, npt.NDArray[np.float32]]] = {}
        paces = [np.zeros(0, np.float32)]
        for user, name in enumerate(snapshot.users.terms):
            first, last = int(rows.starts[user]), int(rows.starts[user + 1])
            if first == last:
                continue
            who = PeerId(name)
            moments = times.by_author.get(who) or _SILENT
            before = self._known.get(who)
            if before is None or before[0] is not moments or before[1].size != last - first:
                at = moments.of(words[rows.cols[first:last]])
                place = np.unique(at, return_inverse=True)[1]
                before = moments, (place + 1).astype(np.float32)
            known[who] = before
            paces.append(before[1])
        self._known = known
        pace = np.concatenate(paces)
        if not (pace > 1).any():
            return None
        ordered = Csr(rows.starts, rows.cols, pace, rows.n_cols)
        return Paces(ordered, ordered.transpose())

    def drop(self) -> None:
        """Know nothing."""
        self._known = {}


_SILENT: Final = Moments(np.zeros(0, np.uint64), np.zeros(0, np.int64))
