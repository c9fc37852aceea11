"""The product's own pipeline under its modes, and what it would be if trust were a weight.

Every list here comes from `pipeline.listing`; only who is admitted differs.
"""

from dataclasses import dataclass, replace

from web3rec.errors import DataError
from web3rec.eval.arena import Arena
from web3rec.eval.methods.method import Ranker, Settings
from web3rec.params import TuneParams
from web3rec.rank.admission import Admission, Mode
from web3rec.types import Indices
from web3rec.view import View


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

    def listed(self, view: View, limit: int) -> Indices:
        """The product's list for a view, as item numbers."""
        found = self.arena.listing(view, limit, self.settings.params)
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


def ours(arena: Arena, settings: Settings) -> Ranker:
    """The product: trust admits, taste ranks, sponsors budget. Everyone is admitted where the
    data set has no trust at all (see `unprotected`).
    """
    return Engine(arena, settings, Mode.OPEN if unprotected(arena) else Mode.CLOSED)


def tuned(arena: Arena, settings: Settings) -> Ranker:
    """Ours where every device also chooses its numbers itself, on what it sees.

    Cost: a device's own, up to a second for each person.
    """
    params = replace(settings.params, tune=settings.params.tune or TuneParams())
    return ours(arena, replace(settings, params=params))


def unprotected(arena: Arena) -> bool:
    """True if nobody trusts anybody here, so that no bound can hold."""
    return not arena.graph.trust.targets.size


def need_trust(arena: Arena, method: str) -> None:
    """Raise the DataError of a method that has nothing to go by."""
    if unprotected(arena):
        raise DataError(
            f"{method} goes by trust, and nobody trusts anybody here: give a trust file"
        )
