"""Every stage rebuilt from the log, and compared bit for bit with what is there.

    rows        what tables promise each other; each record from its bytes; the merge, done again
                (signatures, which nothing here depends on, checks `web3rec verify --deep`)
    memory      what the log keeps in memory, read again
    graph       the snapshot that was kept in step, and one built whole
    trust       as it was renewed, and from scratch
    admission   who may speak, who vouches, what friends earned
    list        a list from either
    models      what the device learnt for itself, learnt again

What is unequal is a bug of ours, or damage: a device whose audit is clean is, at every stage, the
function of its log that a device is that never held anything else.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from web3rec.checking import peer_of
from web3rec.graph import Act, Acts, Endorsement, Snapshot, snapshot
from web3rec.heard import SMALL
from web3rec.options import Options
from web3rec.outlook import Outlook, Present
from web3rec.pipeline import Request, listing
from web3rec.rank.earned import Paid, merit
from web3rec.records.model import MAX_WEIGHT
from web3rec.rerank.pacing import Times
from web3rec.reranking import Reranking
from web3rec.store import Log
from web3rec.types import Millis, PeerId
from web3rec.view import View, view_of

PLACES: Final = 50
"""Of the list that is compared."""
CLOSE: Final = 1e-9
"""How far trust may be from that from scratch where it is renewed at all: see `web3rec.heard`."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage, and what became of the comparison."""

    name: str
    equal: bool
    count: int
    """How much was compared: rows, edges, places, lists"""
    what: str
    """In words, that name nothing"""


@dataclass(frozen=True, slots=True)
class Audit:
    """All stages, from the log upwards."""

    at: Millis
    stages: tuple[Stage, ...]

    @property
    def is_clean(self) -> bool:
        """Whether every stage is equal."""
        return all(stage.equal for stage in self.stages)


def audit(log: Log, options: Options, outlook: Outlook, models: Reranking) -> Audit:
    """Compare all stages; changes nothing, but for what expired by now.

    Raises Closed. Cost: 50 µs a record, and that of the first list after a start.
    """
    at, found = options.clock(), log.checked()
    rows = f"{found.tombstones} tombstones, {found.authors} authors"
    if found.faults:
        rows = f"{len(found.faults)} faults, such as: {found.faults[0].what}"
    stages = [Stage("rows", not found.faults, found.records, rows)]
    memory = log.remembered()
    wrong = [name for name, (same, _) in memory.items() if not same]
    held = sum(count for _, count in memory.values())
    stages.append(Stage("memory", not wrong, held, _differing(wrong, "as the file says")))
    live, fresh = _both(log, options, outlook)
    stages += [_graph(live, fresh), _trust(live, fresh), _admission(live, fresh)]
    stages.append(_list(live, fresh, log.replies(), options))
    equal, count, what = models.relearnt(fresh)
    return Audit(at, (*stages, Stage("models", equal, count, what)))


def _both(log: Log, options: Options, outlook: Outlook) -> tuple[Present, Present]:
    """The present as it is kept and as it is built anew, of one moment of the log."""
    while True:
        live = outlook.now()
        with log.steady():
            if (log.generation, log.lapsed()) == live.stamp:
                return live, _rebuilt(log, options, live.stamp)


def _rebuilt(log: Log, options: Options, stamp: tuple[int, int]) -> Present:
    """Act by act, from what is in the file: nothing that was kept has a part in it."""
    me, blocked, touched = log.author, log.silenced(), log.touched()
    acts = [Act(*row) for row in log.interactions() if row[0] not in blocked]
    edges: list[Endorsement] = []
    times = Times() if options.rerank.on else None
    for told in log.told(unheard=blocked):
        edges += [Endorsement(*edge) for edge in zip(*told.endorsements, strict=True)]
        times = None if times is None else times.after(told.authors, Acts.told(*told.acts))
    if not any(edge.author == me for edge in edges):
        who = log.who_is_who()
        edges += [Endorsement(me, 0, who.of(peer_of(seed)), MAX_WEIGHT) for seed in options.seeds]
    params = options.params
    graph = snapshot(acts, edges, me, touched, params.window)
    silenced = graph.users.numbers(sorted(blocked))
    merits = merit(map(Paid._make, log.payments()), params.earned)
    view = view_of(graph, silenced, options.mode, params, options.trust, merits=merits)
    closed = frozenset(touched) | log.unwanted()
    return Present(stamp, view, closed, touched, log.items(), merits, times)


def _graph(live: Present, fresh: Present) -> Stage:
    ours, theirs = live.view.snapshot, fresh.view.snapshot
    wrong = [name for name, same in _compared(ours, theirs) if not same]
    if (live.touched, live.closed, live.merits) != (fresh.touched, fresh.closed, fresh.merits):
        wrong.append("what the ego did")
    if live.catalogue != fresh.catalogue:
        wrong.append("catalogue")
    if not _is_same_times(live.times, fresh.times):
        wrong.append("times")
    people = f"{len(theirs.users)} people, {len(theirs.items)} items"
    return Stage("graph", not wrong, theirs.rows.nnz, _differing(wrong, people))


def _compared(ours: Snapshot, theirs: Snapshot) -> Iterable[tuple[str, bool]]:
    yield "people", ours.users == theirs.users and ours.ego == theirs.ego
    yield "items", ours.items == theirs.items
    for name in ("rows", "cols"):
        one, other = getattr(ours, name), getattr(theirs, name)
        fields = ("starts", "cols", "weights")
        same = all(_is_same(getattr(one, part), getattr(other, part)) for part in fields)
        yield name, same and one.n_cols == other.n_cols
    yield "trust edges", ours.trust == theirs.trust
    yield "recency", _is_same(ours.recency, theirs.recency)


def _trust(live: Present, fresh: Present) -> Stage:
    ours, theirs = live.view.trust, fresh.view.trust
    columns = theirs.shares.size
    names = ("tau", "friends", "columns", "shares", "phi")
    wrong = [name for name in names if not _is_same(getattr(ours, name), getattr(theirs, name))]
    what = f"{columns} friends"
    if wrong and _is_large(fresh.view) and ours.tau.shape == theirs.tau.shape:
        apart = float(np.abs(ours.tau - theirs.tau).sum())
        if apart <= CLOSE:
            wrong, what = [], f"{what}; renewed, {apart:.1e} from scratch"
    return Stage("trust", not wrong, fresh.view.snapshot.trust.n_edges, _differing(wrong, what))


def _admission(live: Present, fresh: Present) -> Stage:
    ours, theirs = _spoken(live.view), _spoken(fresh.view)
    wrong = [name for name in theirs if not _is_alike(ours[name], theirs[name], fresh.view)]
    speakers = int(np.count_nonzero(fresh.view.admission.weights))
    return Stage("admission", not wrong, speakers, _differing(wrong, "may speak"))


def _spoken(view: View) -> dict[str, Any]:
    admission, vouching = view.admission, view.vouching
    return {
        "weights": admission.weights,
        "degree": admission.degree,
        "blocked": view.silenced,
        "vouching": vouching.phi,
        "merit": view.merit,
        "threshold": np.array(admission.tau0),
    }


def _list(
    live: Present, fresh: Present, replies: Iterable[tuple[Any, bool]], options: Options
) -> Stage:
    answers = tuple(replies) if options.params.sources.fresh else ()
    found = [
        listing(
            one.view,
            Request(PLACES, one.closed, None, (), answers),
            one.catalogue,
            options.params,
        ).entries
        for one in (live, fresh)
    ]
    ours, theirs = found
    apart = [
        place
        for place, (one, other) in enumerate(zip(ours, theirs, strict=False), 1)
        if one != other
    ]
    equal = not apart and len(ours) == len(theirs)
    if not equal and _is_large(fresh.view):
        equal = [one.key for one in ours] == [one.key for one in theirs]
    what = "of the graph's own order" if equal else f"{len(apart)} of {len(theirs)} places differ"
    return Stage("list", equal, len(theirs), what)


def _is_same(one: Any, other: Any) -> bool:
    """Bit for bit."""
    return bool(one.shape == other.shape and one.dtype == other.dtype) and (
        one.tobytes() == other.tobytes()
    )


def _is_alike(one: Any, other: Any, view: View) -> bool:
    """Bit for bit, or within what trust may be apart where it is renewed."""
    if _is_same(one, other):
        return True
    return bool(_is_large(view) and one.shape == other.shape and np.allclose(one, other, 0, CLOSE))


def _is_large(view: View) -> bool:
    """Whether trust may have been renewed and not made from scratch: see `web3rec.heard`."""
    return view.snapshot.trust.n_edges * max(1, view.trust.shares.size) > SMALL


def _is_same_times(one: Times | None, other: Times | None) -> bool:
    if one is None or other is None:
        return one is other
    ours, theirs = _telling(one), _telling(other)
    return ours.keys() == theirs.keys() and all(
        _is_same(ours[who].keys, theirs[who].keys) and _is_same(ours[who].last, theirs[who].last)
        for who in theirs
    )


def _telling(times: Times) -> dict[PeerId, Any]:
    """Who has acts at all: the silent are kept or not, which says nothing."""
    return {who: moments for who, moments in times.by_author.items() if moments.keys.size}


def _differing(wrong: list[str], otherwise: str) -> str:
    return f"differs: {', '.join(wrong)}" if wrong else otherwise
