"""What the attacker finds: the victim, whom it could turn, and what everyone has published."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from web3rec.adapters import Act
from web3rec.eval.attacks.worth import KINDS, worth, worths
from web3rec.types import Event, Indices, ItemId, Weights


class Profile(NamedTuple):
    """One person's heaviest act with each item it holds, as columns, by item."""

    what: Indices
    """int32[acts]: places in a table of items"""
    kind: npt.NDArray[np.int8]
    """Places in KINDS"""
    weight: npt.NDArray[np.int8]

    def at(self, places: slice | npt.NDArray[np.intp]) -> "Profile":
        """Some of the acts."""
        return Profile(self.what[places], self.kind[places], self.weight[places])

    @property
    def worth(self) -> Weights:
        """float64[acts]"""
        return worths(self.kind, self.weight)


@dataclass(frozen=True, slots=True, eq=False)
class Public:
    """What all honest people have published, as anyone can count it."""

    items: tuple[ItemId, ...]
    """Everything that somebody holds, by id."""
    people: tuple[str, ...]
    """Everyone who holds something, by name."""
    starts: npt.NDArray[np.int64]
    """int64[people + 1]: where each one's acts begin"""
    acts: Profile
    """All profiles end to end."""
    holders: Indices
    """int32[items]: how many people hold each item"""
    usual: Profile
    """What an item's holders usually say of it, for every item: their commonest kind, and their
    mean weight, rounded"""

    @staticmethod
    def of(acts: Iterable[Act]) -> "Public":
        """Count. Local acts are nobody's business. Cost: O(acts log acts)."""
        heaviest: dict[tuple[str, ItemId], Act] = {}
        for act in acts:
            known = heaviest.get((act.user, act.item))
            if not act.kind.is_local and (known is None or _outweighs(act, known)):
                heaviest[act.user, act.item] = act
        items = tuple(sorted({item for _, item in heaviest}))
        people = tuple(sorted({user for user, _ in heaviest}))
        column = {item: n for n, item in enumerate(items)}
        kept = [heaviest[pair] for pair in sorted(heaviest)]
        profile = profile_of(kept, column)
        counts = np.zeros(len(people) + 1, np.int64)
        number = {user: n for n, user in enumerate(people, 1)}
        np.add.at(counts, [number[act.user] for act in kept], 1)
        holders = np.bincount(profile.what, minlength=len(items))
        said = np.zeros((len(items), len(KINDS)), np.int64)
        np.add.at(said, (profile.what, profile.kind), 1)
        total = np.bincount(profile.what, weights=profile.weight, minlength=len(items))
        usual = Profile(
            np.arange(len(items), dtype=np.int32),
            said.argmax(axis=1).astype(np.int8),
            np.rint(total / np.maximum(holders, 1)).astype(np.int8),
        )
        return Public(items, people, np.cumsum(counts), profile, holders.astype(np.int32), usual)

    def profile(self, number: int) -> Profile:
        """What one of the people has published."""
        here = slice(self.starts[number], self.starts[number + 1])
        return self.acts.at(here)


@dataclass(frozen=True, slots=True)
class Scene:
    """What the attacker finds."""

    victim: Sequence[Act]
    """The victim's public acts (never the hidden ones); may be empty."""
    compromised: Sequence[str]
    """People the victim trusts who now serve the attacker. If there are none, the Sybils shout and
    trust each other, but nobody trusts them."""
    public: Public | None = None
    """What everyone has published; some strategies need nothing of it."""
    onlookers: Sequence[str] = ()
    """Honest people who trust a compromised one, the victim not among them."""
    careless: tuple[str, float] | None = None
    """An honest friend of the victim's, and all the trust it gives: the one whom a further edge of
    the lightest weight changes least."""


def victims_profile(victim: Sequence[Act]) -> tuple[tuple[ItemId, ...], Profile]:
    """-> (the victim's items by id, its heaviest act with each)."""
    heaviest: dict[ItemId, Act] = {}
    for act in victim:
        known = heaviest.get(act.item)
        if not act.kind.is_local and (known is None or _outweighs(act, known)):
            heaviest[act.item] = act
    items = tuple(sorted(heaviest))
    return items, profile_of(
        [heaviest[item] for item in items], {item: n for n, item in enumerate(items)}
    )


def profile_of(acts: Sequence[Act], column: dict[ItemId, int]) -> Profile:
    """Acts as columns. Raises KeyError for an item that has no column."""
    place: dict[Event, int] = {kind: n for n, kind in enumerate(KINDS)}
    return Profile(
        np.array([column[act.item] for act in acts], np.int32),
        np.array([place[act.kind] for act in acts], np.int8),
        np.array([act.weight for act in acts], np.int8),
    )


def _outweighs(act: Act, known: Act) -> bool:
    return worth(act.kind, act.weight) > worth(known.kind, known.weight)
