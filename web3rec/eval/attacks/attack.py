"""An attack as it is published: ten thousand Sybils fit into a few arrays."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from web3rec.adapters import Act, Dataset, TrustEdge
from web3rec.eval.attacks.worth import KINDS
from web3rec.types import Indices, Item, ItemId, Millis


class Said(NamedTuple):
    """Acts in columns, all of one author together, authors in order."""

    who: Indices
    """int32[acts]: places in the attack's `authors`, never falling"""
    what: Indices
    """int32[acts]: places in the attack's `goods`; no author says two things of one item"""
    kind: npt.NDArray[np.int8]
    """Places in KINDS"""
    weight: npt.NDArray[np.int8]
    """1..8"""


class Trusts(NamedTuple):
    """Edges among Sybils in columns, each of weight 1."""

    source: Indices
    """int32[edges]: places in the attack's `authors`, all of them Sybils"""
    target: Indices


@dataclass(frozen=True, slots=True)
class Sybil:
    """One fake identity."""

    name: str
    acts: tuple[Act, ...]
    trust: tuple[TrustEdge, ...]
    """Its own edges: among Sybils only."""


@dataclass(frozen=True, slots=True, eq=False)
class Attack:
    """What the attacker publishes."""

    names: tuple[str, ...]
    """The Sybils"""
    turned: tuple[str, ...]
    """Compromised people who say what a Sybil says; their own acts are withdrawn. Often nobody."""
    goods: tuple[ItemId, ...]
    """Everything the attack speaks of: honest items, then the spam"""
    said: Said
    when: Millis | None
    """The time of all acts"""
    trusts: Trusts
    bridges: tuple[TrustEdge, ...]
    """Edges from the compromised people to Sybils; these people's other edges are withdrawn."""
    fooled: tuple[TrustEdge, ...]
    """Edges from honest people to Sybils, beside all their others."""
    spam: tuple[Item, ...]

    @property
    def authors(self) -> tuple[str, ...]:
        """Whoever speaks for the attacker: the Sybils, then the turned."""
        return self.names + self.turned

    @property
    def sybils(self) -> tuple[Sybil, ...]:
        """The Sybils one by one. Cost: an object an act; the arrays are made for thousands."""
        acts = self._acts()
        trust: list[list[TrustEdge]] = [[] for _ in self.names]
        for source, target in zip(*(column.tolist() for column in self.trusts), strict=True):
            trust[source].append(TrustEdge(self.names[source], self.names[target]))
        return tuple(
            Sybil(name, tuple(acts[n]), tuple(trust[n])) for n, name in enumerate(self.names)
        )

    def on(self, dataset: Dataset) -> Dataset:
        """The data set after the attack; honest people's acts and edges are untouched."""
        compromised = {edge.source for edge in self.bridges}
        sybils = self.sybils
        return replace(
            dataset,
            people=dataset.people + self.names,
            items=dataset.items + self.spam,
            acts=tuple(act for act in dataset.acts if act.user not in self.turned)
            + tuple(act for acts in self._acts() for act in acts),
            trust=tuple(edge for edge in dataset.trust if edge.source not in compromised)
            + self.bridges
            + self.fooled
            + tuple(edge for sybil in sybils for edge in sybil.trust),
        )

    def _acts(self) -> list[list[Act]]:
        """Each author's."""
        authors = self.authors
        acts: list[list[Act]] = [[] for _ in authors]
        columns: Sequence[list[int]] = [column.tolist() for column in self.said]
        for who, what, kind, weight in zip(*columns, strict=True):
            acts[who].append(Act(authors[who], self.goods[what], KINDS[kind], weight, self.when))
        return acts
