"""Whom the one who trains trusts, by name: what `calibrated` takes where there is a trust graph."""

from trust import TrustParams, attribution
from web3rec.eval.arena import Arena


def trust_of(arena: Arena, ego: str, params: TrustParams | None = None) -> dict[str, float]:
    """Person -> tau, as this person's device has it; whom trust does not reach is not in it.

    Raises:
        DataError: the ego is nowhere in the arena.

    Cost: one walk of trust over the graph.
    """
    seen = arena.snapshot_for(ego)
    tau = attribution(seen.trust, seen.ego, params or TrustParams()).tau
    numbers = {person: seen.users.number(key) for person, key in arena.people.items()}
    return {p: float(tau[n]) for p, n in numbers.items() if n is not None and tau[n] > 0}
