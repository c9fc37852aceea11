"""From keys to what an app shows: items by name, reasons in words, one immutable batch."""

from collections.abc import Collection, Mapping
from hashlib import sha256

from web3rec.batch import Batch, Model, Recommendation
from web3rec.pipeline import Listing
from web3rec.rank.admission import Mode
from web3rec.store import Log
from web3rec.store.catalogue import nameless
from web3rec.types import Item, ItemKey, Millis, PeerId
from web3rec.view import View
from web3rec.wording import reason, short


def batch_of(
    found: Listing,
    view: View,
    log: Log,
    catalogue: Mapping[ItemKey, Item],
    now: Millis,
    model: Model | None = None,
    model_note: str = "",
) -> Batch:
    """Name every item and say why it stands there. Deterministic: the id is a hash of the list."""
    named = item_names(view, log, catalogue, [entry.key for entry in found.entries])
    names = log.names()
    own = log.some_items({entry.path.own for entry in found.entries if entry.path})

    def title(key: ItemKey) -> str:
        item = own.get(key) or nameless(key)
        return item.title or str(item.id)

    def name(peer: PeerId) -> str:
        return names.get(peer) or short(peer)

    made = tuple(
        Recommendation(
            item=named[entry.key],
            key=entry.key,
            score=entry.score,
            reason=reason(entry.source, entry.contributions, entry.path, title, name),
            source=entry.source,
            contributions=entry.contributions,
            path=entry.path,
            paid=entry.paid,
        )
        for entry in found.entries
    )
    identity = repr((now, view.mode, [(r.key, r.score) for r in made])).encode()
    return Batch(
        id=sha256(identity).hexdigest()[:16],
        made=now,
        items=made,
        protected=view.mode is Mode.CLOSED,
        overruns=found.overruns,
        note=_note(view),
        model=model,
        model_note=model_note,
    )


def item_names(
    view: View, log: Log, catalogue: Mapping[ItemKey, Item], keys: Collection[ItemKey]
) -> dict[ItemKey, Item]:
    """The app's own names first, else what the most trusted of those who told call it.

    Only who may speak may tell: a stranger's words do not get onto the screen.
    """
    wanted = set(keys) - set(catalogue)
    told: dict[ItemKey, tuple[float, bytes, Item]] = {}
    for key, author, record_id, item in log.descriptions(wanted) if wanted else ():
        trust = _say(view, author)
        if trust is not None and (key not in told or (-trust, record_id) < told[key][:2]):
            told[key] = (-trust, record_id, item)
    return {
        key: catalogue.get(key) or (told[key][2] if key in told else nameless(key)) for key in keys
    }


def _say(view: View, author: PeerId) -> float | None:
    """The trust in an author who may speak, None for all others."""
    number = view.snapshot.users.number(author)
    if number is None or view.admission.weights[number] == 0:
        return None
    return float(view.trust.tau[number])


def _note(view: View) -> str:
    if view.mode is not Mode.CLOSED:
        return "unprotected: no sponsor budgets bound this list"
    if not len(view.sponsors):
        return "you trust nobody yet, so nobody else has a say in this list"
    return ""
