"""Who plays whom: a data set becomes people with keys, dealt to nodes.

Whole items of every ego are hidden, so that its list can be checked; nothing hidden is published.
"""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from p2p.errors import NodeError
from web3rec.adapters import Act, Dataset, Progress, TrustEdge, read_any
from web3rec.eval.neighbourhood import neighbourhood, within
from web3rec.eval.splits import compress_times, hold_out, newest
from web3rec.eval.synthetic_trust import synthetic_trust
from web3rec.records import SigningKey
from web3rec.types import Item, ItemId, Millis, PeerId

SPAN_DAYS: Final = 14.0
"""All acts of the data set are laid into so many days before now, order kept: younger than half a
record's life, so that they are stated at their own time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOptions:
    """The size of the play."""

    data: Path
    peers: int = 8
    """Nodes, each with one ego; 2 to 32."""
    people: int | None = 300
    """People in all; None for everyone in the data set."""
    acts: int = 30
    """Newest acts that one person publishes at most; 5 to 150."""
    sybils: int = 200
    """Fake identities against each ego; 1 to 200 (one friend's window holds no more edges)."""
    listed: int = 10
    """Positions printed for each ego."""
    bundle: Path | None = None
    """A model bundle that every node is to order its lists by; whoever signed it is pinned."""
    seed: int = 1
    """Chooses egos, hidden items and keys."""
    patience: float = 160.0
    """Seconds for the nodes to agree; half of it before the attack, what is left after; > 0."""

    def __post_init__(self) -> None:
        for name, low, high in (
            ("peers", 2, 32),
            ("acts", 5, 150),
            ("sybils", 1, 200),
            ("listed", 1, 20),
        ):
            if not low <= getattr(self, name) <= high:
                raise NodeError(f"{name} must be {low} to {high}, got {getattr(self, name)}")
        if not 0 < self.patience < float("inf"):
            raise NodeError(f"patience must be a positive number of seconds, got {self.patience}")
        if self.people is not None and self.people < 2 * self.peers:
            raise NodeError(
                f"people must be at least twice the peers ({2 * self.peers}), got {self.people}"
            )


@dataclass(frozen=True, slots=True)
class Person:
    """One person of the data set, with a key of its own."""

    name: str
    key: SigningKey
    acts: tuple[Act, ...]
    trusts: tuple[tuple[PeerId, float], ...]

    @property
    def peer(self) -> PeerId:
        return self.key.peer


@dataclass(frozen=True, slots=True)
class Cast:
    """Everything that will be published, and what was hidden."""

    source: str
    synthetic_trust: bool
    egos: tuple[Person, ...]
    hosted: tuple[tuple[Person, ...], ...]
    """For each node, the people besides its ego that it speaks for"""
    items: tuple[Item, ...]
    hidden: dict[str, frozenset[ItemId]]
    """Ego -> items held out of everything"""
    notes: tuple[str, ...]

    @property
    def people(self) -> tuple[Person, ...]:
        return self.egos + tuple(p for group in self.hosted for p in group)

    @property
    def records(self) -> int:
        """How many records all people publish together."""
        return sum(len(p.acts) + len(p.trusts) for p in self.people)


def key_of(seed: int, name: str) -> SigningKey:
    """A person's key, the same in every run with one seed."""
    return SigningKey.from_seed(hashlib.sha256(f"web3rec demo {seed} {name}".encode()).digest())


def cast(options: DemoOptions, now: Millis, progress: Progress) -> Cast:
    """Read the data set and choose who takes part.

    Raises DataError (not a data set we read), NodeError (too small for the peers asked for).
    """
    found = read_any(options.data, progress)
    if not isinstance(found, Dataset):
        raise NodeError(
            f"{options.data} holds one person's own history; the demo needs a HetRec or MovieLens "
            "folder or zip"
        )
    rng = np.random.default_rng(options.seed)
    invented = not found.trust
    if invented:
        thinned = replace(found, acts=newest(found.acts, 4 * options.acts))
        found = replace(found, trust=synthetic_trust(thinned.acts))
    chosen = neighbourhood(found, options.peers, options.people, rng)
    part = within(found, chosen.people)
    part = replace(part, acts=newest(part.acts, options.acts))
    stay, hidden = hold_out(part, chosen.egos, rng=rng)
    if missing := [ego for ego in chosen.egos if ego not in hidden]:
        raise NodeError(f"{len(missing)} egos have too few acts to hide any; use fewer peers")
    people = _people(
        chosen.people, compress_times(stay, now, span_days=SPAN_DAYS), part.trust, options
    )
    rest = [people[name] for name in chosen.people if name not in set(chosen.egos)]
    return Cast(
        source=part.name,
        synthetic_trust=invented,
        egos=tuple(people[name] for name in chosen.egos),
        hosted=tuple(tuple(rest[node :: options.peers]) for node in range(options.peers)),
        items=part.items,
        hidden=hidden,
        notes=part.notes,
    )


def _people(
    names: tuple[str, ...],
    acts: tuple[Act, ...],
    trust: tuple[TrustEdge, ...],
    options: DemoOptions,
) -> dict[str, Person]:
    keys = {name: key_of(options.seed, name) for name in names}
    own: dict[str, list[Act]] = {name: [] for name in names}
    edges: dict[str, list[tuple[PeerId, float]]] = {name: [] for name in names}
    for act in acts:
        if not act.kind.is_local:
            own[act.user].append(act)
    for edge in trust:
        edges[edge.source].append((keys[edge.target].peer, edge.weight))
    return {
        name: Person(name, keys[name], tuple(own[name]), tuple(edges[name][: 190 - options.acts]))
        for name in names
    }
