"""The product with its reranker: the graph proposes 200, a hybrid orders them, budgets choose.

    who has what ─► item vectors ─► a table of int8 ─┐
    everybody's past, a part hidden ─► lists ────────┴─► the last layer ─► gate ─► `Reordering`

What is hidden of everybody (the newest where times are known, else drawn) is what lists ask for.
The vectors that the last layer learns with were fitted without any of it; those that order what is
shown are fitted on all. Everything is learnt from the arena alone, by numbers that were chosen on
validation data (docs/decisions/0029).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from trust import TrustParams
from web3rec.embeddings.fitting import FittingParams, fitted
from web3rec.embeddings.head import HeadParams, Vectored, learnt
from web3rec.embeddings.replays import held_back, lists, without
from web3rec.embeddings.tables import Table
from web3rec.eval.arena import Arena
from web3rec.eval.methods.engine import Grouped, ours
from web3rec.eval.methods.method import Ranker, Settings
from web3rec.pipeline import Request, listing
from web3rec.rank.admission import Mode
from web3rec.rerank.features import Seen
from web3rec.rerank.following import Paces
from web3rec.rerank.gate import judged
from web3rec.rerank.linear import Example
from web3rec.rerank.model import KeepOrder, Reranker
from web3rec.rerank.reordering import Reordering
from web3rec.types import Indices, ItemKey

SHARE: Final = 0.125
"""Part of everybody's items that the lists ask for."""
LISTS: Final = 2_000
"""People who are learnt from at most, drawn."""
CANDIDATES: Final = 200
ABOUT_TRUST: Final = ("trust", "sponsors", "error")
"""Columns that mean something else to every ego: a head for all does not read them."""
ABOUT_ADMISSION: Final = ("popular", "support")
"""The same, where trust admits."""


@dataclass(frozen=True, slots=True)
class Reranked:
    """Lists of the product, reordered."""

    graph: Grouped
    reranker: Reranker
    paces: Paces | None

    def ranked(self, ego: str, limit: int) -> Indices:
        view = self.graph.engine.view(ego)
        reorder = Reordering(Seen.of(view, self.paces), self.reranker, CANDIDATES)
        wish = Request(limit, frozenset())
        found = listing(view, wish, {}, self.graph.numbers(view), reorder=reorder)
        return self.graph.engine.arena.graph.items.numbers(entry.key for entry in found.entries)


def reranked(arena: Arena, settings: Settings) -> Ranker:
    """Learn everything.

    Cost: two fits of vectors, some 20 s each on 1,900 people and 14,000 items, and 10 ms for each
    of LISTS.
    """
    graph = ours(arena, settings)
    paces = Paces.of(arena.graph, arena.times)
    rows = arena.graph.rows
    hidden = held_back(rows, SHARE, settings.rng(1), paces.rows if paces else None)
    keys = [ItemKey(key) for key in arena.graph.items.terms]
    params = FittingParams()
    before = Table.of(keys, fitted(without(rows, hidden), params, settings.rng(2)).vectors)
    closed = graph.engine.mode is Mode.CLOSED
    head = HeadParams(unread=ABOUT_TRUST + (ABOUT_ADMISSION if closed else ()))
    view = arena.view(graph.typical[0], Mode.OPEN, trust=TrustParams(max_sponsors=1))
    people = settings.rng(3).permutation(rows.n_rows)[:LISTS]
    learning = lists(Seen.of(view, paces), hidden, people, graph.numbers_for, CANDIDATES)
    if not passed(learning, before, head):
        return Reranked(graph, KeepOrder(), paces)
    after = Table.of(keys, fitted(rows, params, settings.rng(2)).vectors)
    return Reranked(graph, Vectored(learnt(learning, before, head), after), paces)


def passed(examples: Sequence[Example], table: Table, params: HeadParams) -> bool:
    """Whether heads learnt from either half of the lists serve the other half better than the
    graph: see `rerank.gate`.
    """
    halves = [examples[0::2], examples[1::2]]
    if not all(halves):
        return False
    heads = [Vectored(learnt(half, table, params), table) for half in halves]
    found = [judged(heads[1 - n], half) for n, half in enumerate(halves)]
    return all(each.reason is None for each in found)
