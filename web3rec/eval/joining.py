"""An attack joins a graph: the snapshot that reading all its records again would give, sooner."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from trust import Digraph
from web3rec.adapters import TrustEdge
from web3rec.eval.attacks.attack import Attack, Said
from web3rec.eval.attacks.worth import worths
from web3rec.graph import Csr, Snapshot, Vocab
from web3rec.records.model import MAX_WEIGHT
from web3rec.types import Indices, ItemId, ItemKey, PeerId, Weights


def joined(
    base: Snapshot,
    attack: Attack,
    people: Mapping[str, PeerId],
    items: Mapping[ItemId, ItemKey],
) -> Snapshot:
    """The base graph after the attack; its ego is the first of its users.

    Args:
        base: the honest graph.
        attack: who joins, and what honest edges and acts are withdrawn.
        people: everyone's key, the Sybils' included.
        items: every item's key, the spam's included.

    Cost: O(edges log edges).
    """
    authors = [people[name] for name in attack.authors]
    entered = (*attack.bridges, *attack.fooled)
    ends = [people[name] for edge in entered for name in (edge.source, edge.target)]
    users = Vocab.of([*base.users.terms, *authors, *ends])
    spoken = np.unique(attack.said.what)
    keys = [items[attack.goods[place]] for place in spoken.tolist()]
    silent = users.numbers([people[name] for name in attack.turned])
    kept = _still_said(base, users, silent)
    terms = base.items.terms
    held = np.unique(base.rows.cols[kept]).tolist()
    goods = Vocab.of([*(terms[place] for place in held), *keys])
    number = np.zeros(len(attack.goods), np.int32)
    number[spoken] = goods.numbers(keys)
    rows = _rows(base, kept, attack.said, users, goods, users.numbers(authors), number)
    trust = _trust(base, attack, users, users.numbers(authors), people, entered)
    return Snapshot(users, goods, 0, rows, rows.transpose(), trust, np.zeros(len(goods)))


def _still_said(base: Snapshot, users: Vocab, silent: Indices) -> npt.NDArray[np.bool_]:
    """bool[nnz]: the acts that are not withdrawn."""
    row = np.repeat(users.numbers(base.users.terms), np.diff(base.rows.starts))
    kept: npt.NDArray[np.bool_] = ~np.isin(row, silent)
    return kept


def _rows(
    base: Snapshot,
    kept: npt.NDArray[np.bool_],
    said: Said,
    users: Vocab,
    items: Vocab,
    author: Indices,
    number: Indices,
) -> Csr:
    """What the honest still hold, and what the attack says."""
    row = np.repeat(users.numbers(base.users.terms), np.diff(base.rows.starts))[kept]
    terms, spoken = base.items.terms, np.unique(base.rows.cols[kept])
    place = np.zeros(len(terms), np.int32)
    place[spoken] = items.numbers([terms[n] for n in spoken.tolist()])
    col = place[base.rows.cols[kept]]
    order = np.lexsort((number[said.what], author[said.who]))
    who, what = author[said.who][order], number[said.what][order]
    weight: Weights = worths(said.kind, said.weight)[order]
    total = np.bincount(who, weights=weight, minlength=len(users))
    row = np.concatenate((row, who))
    col = np.concatenate((col, what))
    weight = np.concatenate((base.rows.weights[kept], weight / total[who]))
    order = np.lexsort((col, row))
    return Csr.from_sorted(len(users), len(items), row[order], col[order], weight[order])


def _trust(
    base: Snapshot,
    attack: Attack,
    users: Vocab,
    author: Indices,
    people: Mapping[str, PeerId],
    entered: tuple[TrustEdge, ...],
) -> Digraph:
    """Whom the honest trust, without the withdrawn edges, the ways in, and the Sybils' own."""
    number = users.numbers(base.users.terms)
    source, target, weight = base.trust.edges()
    source, target = number[source], number[target]
    gone = users.numbers(sorted({people[edge.source] for edge in attack.bridges}))
    kept = ~np.isin(source, gone)
    eighths = [max(1, round(edge.weight * MAX_WEIGHT)) / MAX_WEIGHT for edge in entered]
    return Digraph.from_edges(
        len(users),
        np.concatenate(
            (
                source[kept],
                users.numbers([people[edge.source] for edge in entered]),
                author[attack.trusts.source],
            )
        ),
        np.concatenate(
            (
                target[kept],
                users.numbers([people[edge.target] for edge in entered]),
                author[attack.trusts.target],
            )
        ),
        np.concatenate((weight[kept], eighths, np.ones(len(attack.trusts.source)))),
    )
