"""An attack joins a graph: the snapshot that reading all its records again would give, sooner."""

from collections.abc import Mapping

import numpy as np

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
    everyone = np.ones(len(base.users), np.bool_)
    users, person = base.users.merged(everyone, Vocab.of([*authors, *ends]))
    author = users.numbers(authors)

    row = np.repeat(person, np.diff(base.rows.starts))
    kept = ~np.isin(row, users.numbers([people[name] for name in attack.turned]))
    held = np.zeros(len(base.items), np.bool_)
    held[base.rows.cols[kept]] = True
    spoken = np.unique(attack.said.what)
    keys = [items[attack.goods[place]] for place in spoken.tolist()]
    goods, item = base.items.merged(held, Vocab.of(keys))
    number = np.zeros(len(attack.goods), np.int32)
    number[spoken] = goods.numbers(keys)

    who, what, weight = _rows(attack.said, author, number, len(users))
    row = np.concatenate((row[kept], who))
    col = np.concatenate((item[base.rows.cols[kept]], what))
    weight = np.concatenate((base.rows.weights[kept], weight))
    order = np.lexsort((col, row))
    rows = Csr.from_sorted(len(users), len(goods), row[order], col[order], weight[order])
    trust = _trust(base, attack, users, person, author, people, entered)
    return Snapshot(users, goods, 0, rows, rows.transpose(), trust, np.zeros(len(goods)))


def _rows(
    said: Said, author: Indices, number: Indices, users: int
) -> tuple[Indices, Indices, Weights]:
    """What the attack says -> (who, what, weight), by who and what; each author's sum to 1."""
    order = np.lexsort((number[said.what], author[said.who]))
    who, what = author[said.who][order], number[said.what][order]
    weight: Weights = worths(said.kind, said.weight)[order]
    total = np.bincount(who, weights=weight, minlength=users)
    return who, what, weight / total[who]


def _trust(
    base: Snapshot,
    attack: Attack,
    users: Vocab,
    person: Indices,
    author: Indices,
    people: Mapping[str, PeerId],
    entered: tuple[TrustEdge, ...],
) -> Digraph:
    """Whom the honest trust, without the withdrawn edges, the ways in, and the Sybils' own."""
    source, target, weight = base.trust.edges()
    source, target = person[source], person[target]
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
