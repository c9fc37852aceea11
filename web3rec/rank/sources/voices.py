"""What a source says of every item, and through whom: the one form that all sources have.

    s_i = f_i sum_u X_u a(u,i)          or, where only who holds an item counts,
    s_i = f_i sum_u X_u [a(u,i) > 0]

X is how loudly each person speaks, f what the ego itself knows of an item (how well it matches
words, how popular it is). All of a score comes through people, so all of it is paid for by their
sponsors: part b of s_i is the same sum over X_u Phi_ub / tau(u).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from web3rec.graph import Snapshot
from web3rec.rank.steps import pulled_at, step
from web3rec.rank.vouching import Vouching
from web3rec.types import Indices, Weights

STRETCH: Final = 1 << 13
"""Listeners times sponsors from which an item's rows of Phi are added up alone, as one product;
below it, those of eight such stretches at a time. Both stay in cache. Measured."""


@dataclass(frozen=True, slots=True, eq=False)
class Voices:
    """Some people's word on every item."""

    name: str
    """Which source it is, for the reason's wording"""
    speakers: Weights
    """float64[users]: X, >= 0; the ego's is 0 or heard by none of the items in question"""
    scores: Weights
    """float64[items]: s_i, >= 0"""
    factor: Weights
    """float64[items]: f_i, >= 0"""
    held: bool = False
    """True if how much somebody holds does not count"""

    def scaled(self, by: float) -> "Voices":
        """The same, louder or softer."""
        return Voices(self.name, self.speakers, self.scores * by, self.factor * by, self.held)

    def parts(
        self, snapshot: Snapshot, items: Indices, vouching: Vouching
    ) -> npt.NDArray[np.float64]:
        """float64[c, sponsors]: s_ib; a row sums to its score where trust reaches all speakers.

        Cost: O(listeners of those items * sponsors), and O(users) once.
        """
        return alone(self).parts(snapshot, items, vouching)

    def part(self, snapshot: Snapshot, items: Indices, vouching: Vouching, sponsor: int) -> Weights:
        """float64[c]: what one sponsor pays of each score. Cost: O(listeners of those items)."""
        mass = vouching.per_trust(self.speakers) * vouching.phi[:, sponsor]
        said = pulled_at(snapshot.cols, items, mass, held=self.held)
        paid: Weights = self.factor[items] * said
        return paid


@dataclass(frozen=True, slots=True, eq=False)
class Chorus:
    """Voices whose scores add up: what a source says, and what all sources together say."""

    voices: tuple[Voices, ...]
    scores: Weights
    """float64[items]: the sum"""

    def scaled(self, by: float) -> "Chorus":
        """The same, louder or softer."""
        return Chorus(tuple(voice.scaled(by) for voice in self.voices), self.scores * by)

    def parts(
        self, snapshot: Snapshot, items: Indices, vouching: Vouching
    ) -> npt.NDArray[np.float64]:
        """float64[c, sponsors]: s_ib.

        Cost: O(listeners of those items * sponsors), and O(users) once.
        """
        total = np.zeros((len(items), vouching.n_sponsors))
        if not vouching.n_sponsors:
            return total
        heard = [(voice, vouching.per_trust(voice.speakers)) for voice in self.voices]
        cols, phi = snapshot.cols, vouching.phi
        lengths = cols.starts[items + 1] - cols.starts[items]
        many = lengths * vouching.n_sponsors > STRETCH
        for k in np.flatnonzero(many).tolist():
            users, weights = cols.row(int(items[k]))
            total[k] = _paid(heard, int(items[k]), users, weights) @ phi.take(users, axis=0)
        few = np.flatnonzero(~many & (lengths > 0))
        ends = np.cumsum(lengths[few]) * vouching.n_sponsors
        for at in np.split(few, np.flatnonzero(np.diff(ends // (8 * STRETCH))) + 1):
            if not at.size:
                continue
            edges = cols.gather(items[at])
            rows = phi.take(edges.cols, axis=0)
            rows *= _paid(heard, items[at][edges.owner], edges.cols, edges.weights)[:, None]
            total[at] = np.add.reduceat(rows, np.cumsum(lengths[at]) - lengths[at])
        return total

    def affordable(
        self, snapshot: Snapshot, items: Indices, vouching: Vouching, left: Weights
    ) -> Indices:
        """Those items of which every sponsor can still pay its share.

        Args:
            snapshot: the graph.
            items: int32[c], the items asked about.
            vouching: through whom the speakers' trust arrives.
            left: float64[sponsors], positions that each may still pay for.

        Returns:
            int32[<= c], in the order given; those as well for whom nobody speaks.

        Cost: O(listeners of the items) for the poorest sponsor, then of those that are left; far
            less than `parts` where most items are turned away at once.
        """
        for sponsor in np.argsort(left, kind="stable").tolist():
            if not items.size:
                break
            paid = np.zeros(len(items))
            for voice in self.voices:
                paid += voice.part(snapshot, items, vouching, sponsor)
            items = items[paid <= max(left[sponsor], 0.0) * self.scores[items]]
        return items

    def names(self, items: Indices) -> tuple[str, ...]:
        """For each item the source that says most of it; of equals the first."""
        if not self.voices:
            return ("",) * len(items)
        said = np.array([voice.scores[items] for voice in self.voices])
        return tuple(self.voices[k].name for k in np.argmax(said, axis=0).tolist())


def alone(voice: Voices) -> Chorus:
    """A source with one voice."""
    return Chorus((voice,), voice.scores)


def spoken(
    name: str, snapshot: Snapshot, speakers: Weights, factor: Weights, *, held: bool = False
) -> Voices:
    """Let them speak of all items.

    Args:
        name: the source.
        snapshot: the graph.
        speakers: float64[users], X.
        factor: float64[items], f.
        held: see `Voices`.

    Cost: O(what the speakers hold), at most O(nnz).
    """
    said = step(snapshot.rows, snapshot.cols, speakers, held=held)
    return Voices(name, speakers, said * factor, factor, held)


def _paid(
    heard: Sequence[tuple[Voices, Weights]], items: int | Indices, users: Indices, weights: Weights
) -> Weights:
    """float64[entries]: what is said in each entry, by trust of who says it."""
    total: Weights = np.zeros(len(users))
    for voice, per_trust in heard:
        mass = per_trust.take(users)
        if not voice.held:
            mass *= weights
        mass *= voice.factor[items]
        total += mass
    return total
