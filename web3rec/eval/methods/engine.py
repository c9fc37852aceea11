"""The product's own pipeline under its modes, and what it would be if trust were a weight.

Every list here comes from `pipeline.listing`; only who is admitted differs.
"""

from bisect import bisect_left
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from web3rec.errors import DataError
from web3rec.eval.arena import Arena
from web3rec.eval.methods.method import Ranker, Settings
from web3rec.params import Params, TuneParams
from web3rec.rank.admission import Admission, Mode
from web3rec.types import Indices
from web3rec.view import View

GROUPS: Final = 4
"""Into how many groups by length of history `ours` divides people; as many devices choose."""


@dataclass(frozen=True, slots=True)
class Engine:
    """The pipeline in one mode."""

    arena: Arena
    settings: Settings
    mode: Mode

    def view(self, ego: str) -> View:
        """What the person's device makes of the arena.

        Where nobody pays, through whom trust arrives does not matter: then friends are told apart
        no further than one column, a tenth of the work, and tau is the same.
        """
        trust = self.settings.trust
        if self.mode is not Mode.CLOSED:
            trust = replace(trust, max_sponsors=1)
        return self.arena.view(ego, self.mode, self.settings.params, trust)

    def ranked(self, ego: str, limit: int) -> Indices:
        return self.listed(self.view(ego), limit)

    def listed(self, view: View, limit: int, params: Params | None = None) -> Indices:
        """The product's list for a view, as item numbers; by the settings' numbers, or others."""
        found = self.arena.listing(view, limit, params or self.settings.params)
        return self.arena.graph.items.numbers(entry.key for entry in found.entries)


@dataclass(frozen=True, slots=True)
class TrustWeighted:
    """Trust as a weight: everyone speaks, as loudly as the ego trusts them; no budgets.

    Weights are tau over the largest of them, the ego's own is 1. Popularity is counted as in the
    open graph, for tau is far too small for a discount by admitted degree to do anything.
    """

    open: Engine

    def ranked(self, ego: str, limit: int) -> Indices:
        view = self.open.view(ego)
        tau = view.trust.tau.copy()
        tau[view.snapshot.ego] = 0
        loud = tau / tau.max() if tau.any() else tau
        loud[view.silenced] = 0
        loud[view.snapshot.ego] = 1
        heard = Admission(loud, view.admission.tau0, view.admission.degree)
        return self.open.listed(replace(view, admission=heard), limit)


def open_salsa(arena: Arena, settings: Settings) -> Ranker:
    """Everyone is admitted, nobody is bounded: the accuracy to be kept, the attack to be feared."""
    return Engine(arena, settings, Mode.OPEN)


def friends_only(arena: Arena, settings: Settings) -> Ranker:
    """Only direct friends speak. Raises DataError where nobody trusts anybody."""
    need_trust(arena, "friends")
    return Engine(arena, settings, Mode.FRIENDS)


def trust_weighted(arena: Arena, settings: Settings) -> Ranker:
    """See `TrustWeighted`. Raises DataError where nobody trusts anybody."""
    need_trust(arena, "trust-weighted")
    return TrustWeighted(Engine(arena, settings, Mode.OPEN))


def fixed(arena: Arena, settings: Settings) -> Ranker:
    """The product with the numbers as given, none of them chosen on the window. Everyone is
    admitted where the data set has no trust at all (see `unprotected`).
    """
    return Engine(arena, settings, Mode.OPEN if unprotected(arena) else Mode.CLOSED)


def tuned(arena: Arena, settings: Settings) -> Ranker:
    """The product as it comes: every device chooses its numbers itself, on what it sees.

    Cost: a device's own, tenths of a second for each person.
    """
    params = replace(settings.params, tune=settings.params.tune or TuneParams())
    return fixed(arena, replace(settings, params=params))


@dataclass(frozen=True, slots=True)
class Grouped:
    """The product, where people with histories of like length share what one of them chose.

    What a device chooses hangs on the window, which all have in common here, and on the length of
    its user's history. So one device of each group chooses, that of the middle history, and the
    others list by its numbers.
    """

    engine: Engine
    tune: TuneParams
    ends: tuple[int, ...]
    """Longest history of each group but the last, rising"""
    typical: tuple[str, ...]
    """Who chooses for each group"""
    chosen: dict[int, Params]
    """Group -> its numbers, once somebody of the group was asked for"""

    def ranked(self, ego: str, limit: int) -> Indices:
        view = self.engine.view(ego)
        return self.engine.listed(view, limit, self.numbers(view))

    def numbers(self, view: View) -> Params:
        """What the group of the view's ego lists by."""
        return self.numbers_for(view.snapshot.rows.row(view.snapshot.ego)[0].size)

    def numbers_for(self, items: int) -> Params:
        """What somebody with so many items lists by."""
        group = bisect_left(self.ends, items)
        if group not in self.chosen:
            params = replace(self.engine.settings.params, tune=self.tune)
            seen = self.engine.view(self.typical[group])
            self.chosen[group] = replace(seen.tuned(params), tune=None)
        return self.chosen[group]


def ours(arena: Arena, settings: Settings) -> Grouped:
    """The product: trust admits, taste ranks, sponsors budget; numbers chosen on the window, by
    `GROUPS` devices for all (`tuned` lets every device choose, which takes far longer).
    """
    given = replace(settings, params=replace(settings.params, tune=None))
    engine = Engine(arena, given, Mode.OPEN if unprotected(arena) else Mode.CLOSED)
    lengths = np.diff(arena.graph.rows.starts)
    names = {arena.graph.users.number(key): name for name, key in arena.people.items()}
    active = [user for user in np.argsort(lengths, kind="stable").tolist() if lengths[user] > 0]
    parts = [part.tolist() for part in np.array_split(active, GROUPS) if part.size]
    typical = tuple(names[part[len(part) // 2]] for part in parts)
    ends = tuple(int(lengths[part[-1]]) for part in parts[:-1])
    return Grouped(engine, settings.params.tune or TuneParams(), ends, typical, {})


def unprotected(arena: Arena) -> bool:
    """True if nobody trusts anybody here, so that no bound can hold."""
    return not arena.graph.trust.targets.size


def need_trust(arena: Arena, method: str) -> None:
    """Raise the DataError of a method that has nothing to go by."""
    if unprotected(arena):
        raise DataError(
            f"{method} goes by trust, and nobody trusts anybody here: give a trust file"
        )
