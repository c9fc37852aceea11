"""Who gets how much of the store, by the trust that people state in each other.

What a device above level 0 keeps of others it also shows to others. So there the quotas are made
of published trust alone: what others stated and what the ego let leave; not of what it keeps to
itself, whom it blocked, or whom it heard with profit. At level 0 nothing is shown, and the ego's
friends must be kept all the same: there its own trust counts as it is, and what comes of it is
hidden until the quotas are made anew (`Log.apportion`).
"""

import hashlib
from collections.abc import Sequence
from typing import Final

from trust import Digraph, TrustParams, stop_mass
from web3rec.checking import peer_of
from web3rec.graph import Endorsements
from web3rec.graph.weighing import promises
from web3rec.options import Options
from web3rec.params import WindowParams
from web3rec.rank.quotas import quotas
from web3rec.records.model import MAX_WEIGHT
from web3rec.store import Apportioned, Log
from web3rec.store.vouched import Edge
from web3rec.types import PeerId, Weights

_FORMER: Final = 1
"""Places of a key that handed over to one that has a quota."""
_FORM: Final = b"2"
"""To be changed with what quotas are made of: then they are made anew."""


def apportion(log: Log, me: PeerId, options: Options) -> Apportioned | None:
    """Give the store's room out anew if trust changed; None if it did not.

    Args:
        log: the store.
        me: the ego.
        options: how much room there is, how trust is computed, how fast it fades, and whom the ego
            trusts as long as it states no trust itself.

    Raises ReadOnly, Closed.

    Cost: O(trust edges) to see that nothing changed, some 3 µs each; else that of
    `trust.stop_mass` and `Log.apportion`.
    """
    with log.steady():
        private = log.level == 0
        edges, last = log.vouched(private=private), log.apportioned_by
        lines = log.who_is_who().lines
    seeds, window = sorted(map(peer_of, options.seeds)), options.params.window
    numbers = (options.quotas, options.trust, window)
    basis = hashlib.sha256(repr((_FORM, me, private, edges, seeds, numbers)).encode()).digest()
    if basis == last:
        return None
    found: dict[PeerId, int] = {}
    if not any(author == me for author, *_ in edges):
        edges = [*edges, *((me, 0, seed, MAX_WEIGHT, 0) for seed in seeds)]
    if any(author == me for author, *_ in edges):
        people, tau = _tau(edges, me, window, options.trust)
        found = quotas(people, tau, people.index(me), options.quotas)
        for head, line in lines.items():
            if head in found:  # former keys have said all they had to: that much has room
                found |= dict.fromkeys(line[:-1], _FORMER)
    return log.apportion(found, options.quotas.pool, private=private, basis=basis)


def _tau(
    edges: Sequence[Edge], me: PeerId, window: WindowParams, params: TrustParams
) -> tuple[list[PeerId], Weights]:
    """Everybody who trusts or is trusted, and the ego's trust in each: blocks do not count."""
    authors, n, peers, weights, times = zip(*edges, strict=True)
    told = Endorsements.told(authors, n, peers, weights, times)
    source, target, trusted = promises(told, window)
    graph = Digraph.from_edges(len(told.people), source, target, trusted)
    people = [PeerId(key) for key in told.people.terms]
    ego = people.index(me)
    return people, stop_mass(graph.capped(ego, params.friend_cap), ego, params).tau
