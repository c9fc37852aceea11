"""The embedding API: one object, synchronous, any thread, nothing touches the network.

The pipeline behind `recommend` stands on one page in `web3rec.pipeline`; this file opens the
log, asks `outlook` for the present view of it, and turns keys into items and reasons.

    record, trust, forget ─► Log ─► Outlook: View (swapped when the log changes)
    recommend             ─► View ─► listing (in a model's order: reranking) ─► Batch
"""

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from web3rec.apportioning import apportion
from web3rec.batch import Batch, Learnt, Recommendation
from web3rec.checking import keys_of, length, name_of, peer_of, share, words_of
from web3rec.errors import DataError, ParamError
from web3rec.identity import author_key
from web3rec.interchange import bring_in, entries_of, read_export, write_export
from web3rec.options import Options
from web3rec.outlook import Outlook
from web3rec.pipeline import Request, listing
from web3rec.presenting import batch_of
from web3rec.privacy import unwithhold, withhold
from web3rec.rank.admission import Mode
from web3rec.records import SigningKey
from web3rec.records.model import MAX_WEIGHT
from web3rec.rerank.bundle import Shelf
from web3rec.reranking import Reranking
from web3rec.rotation import replaced_key
from web3rec.store import Apportioned, Log, OwnAct, Receipt, Withholding, key_of
from web3rec.store.receipt import ITEM, LATELY, SPAN
from web3rec.types import Event, Item, ItemId, Millis, PeerId
from web3rec.unlearn.audit import Audit, audit
from web3rec.unlearn.forgetting import Forget, forgotten, looking, wish_of
from web3rec.view import View

_REMEMBERED: Final = 32
"""Batches that `explain` still knows; they are derived, and gone with the process."""
_HOUR: Final = 3_600_000
SHELF: Final = "models"
"""The folder of the directory that holds the model installed there."""


class Recommender:
    """One device's recommender. Thread-safe; use it as a context manager or close it."""

    def __init__(self, path: Path, key: SigningKey, log: Log, options: Options) -> None:
        """Made by `open`."""
        self.path, self.key, self.log, self.options = path, key, log, options
        self._lock = threading.RLock()
        self._outlook = Outlook(log, key.peer, options)
        self._models = Reranking(Shelf(path / SHELF), options, self._outlook)
        self._batches: OrderedDict[str, Batch] = OrderedDict()
        self._least = 0  # the log's generation of which a list must be to be remembered
        if options.share_delay_hours:
            log.delays = self._delays

    @staticmethod
    def open(path: str | Path, options: Options | None = None) -> "Recommender":
        """Open the directory `path`, creating it, its key and its log if it is new.

        Raises AlreadyOpen, CorruptStore, Incompatible, KeyFileError, PassphraseError, ReadOnly.
        """
        options = options or Options()
        directory = Path(path)
        passphrase = options.passphrase
        key = author_key(directory, read_only=options.read_only, passphrase=passphrase)
        log = Log(directory, key, options.clock, options.quotas, read_only=options.read_only)
        return Recommender(directory, key, log, options)

    @property
    def me(self) -> PeerId:
        """The ego: the key its records are signed with."""
        return self.key.peer

    # -- what the ego does --------------------------------------------------------------------

    def add_items(self, items: Iterable[Item]) -> int:
        """Describe items the app knows; replaces earlier descriptions. Raises DataError."""
        return self.log.add_items(items)

    def record(
        self,
        event: Event,
        item: ItemId | str,
        *,
        at: Millis | None = None,
        weight: int = 1,
        batch: str = "",
    ) -> None:
        """Record one act; durable when it returns.

        Args:
            event: what was done. SKIP, VIEW and NOT_INTERESTED never leave the device.
            item: the app's id of the item.
            at: when, unix ms; now by default.
            weight: 1..8, a bucket of about 4 ** (weight - 1) repetitions.
            batch: the id of the batch it answers, kept here only.

        Raises DataError, ParamError, Closed, ReadOnly.
        """
        when = self.options.clock() if at is None else at
        self.record_many([OwnAct(event, item, when, weight, batch)])

    def record_many(self, acts: Iterable[OwnAct]) -> int:
        """Record many acts in one transaction: all or none. Returns how many became records.

        Raises DataError, Closed, ReadOnly.
        """
        return self.log.write_acts([self._answered(act) for act in acts])

    def trust(self, peer: str | PeerId, weight: float = 1.0, *, name: str = "") -> None:
        """Trust a peer's taste: whoever it trusts in turn may speak too.

        Args:
            peer: did:key, libp2p peer id, 64 hex digits, or the raw key.
            weight: in (0, 1], kept in eighths; 0 takes the trust back, and the name with it.
            name: what to call the peer in reasons; stays here.

        Raises ParamError (weight, name), DataError (peer), Closed, ReadOnly.
        """
        who, part, called = peer_of(peer), share(weight), name_of(name)
        if who == self.me:
            raise DataError("that is your own key: trust is in others")
        if part == 0:
            self.log.forget_peer(who)
        else:
            self.log.write_trust(who, max(1, round(part * MAX_WEIGHT)), called)

    def block(self, peer: str | PeerId, *, blocked: bool = True) -> None:
        """Never hear this peer (or, with blocked=False, hear it again); nobody learns of it."""
        self.log.block(peer_of(peer), blocked=blocked)

    def apportion(self) -> Apportioned | None:
        """Give the store's room out by the trust there is now; None if that did not change."""
        return apportion(self.log, self.me, self.options)

    def share(self, level: int) -> None:
        """Set the privacy level, 0 (nothing leaves) to 3; see `store.ladder`. Raises ParamError."""
        self.log.level = level

    def withhold(
        self, *, item: ItemId | str | None = None, tag: str | None = None, retract: bool = False
    ) -> Withholding:
        """Never share what is done with an item, or with items of a tag; see docs/privacy.md.

        With `retract` what had left is taken back, too, which names the item to others once more.
        Raises DataError, Closed, ReadOnly.
        """
        return withhold(self.log, item, tag, retract=retract)

    def unwithhold(self, *, item: ItemId | str | None = None, tag: str | None = None) -> bool:
        """Share again what is done from now on; False if it was not withheld."""
        return unwithhold(self.log, item, tag)

    @property
    def private_session(self) -> bool:
        """Whether what is done now stays here for good; may be set, and is remembered."""
        return self.log.private

    @private_session.setter
    def private_session(self, private: bool) -> None:
        self.log.private = private

    def private(self) -> AbstractContextManager[None]:
        """A private session for one block of code; of all threads, as long as it lasts."""
        return self.log.privately()

    # -- what the ego gets ----------------------------------------------------------------------

    def recommend(
        self,
        limit: int = 20,
        *,
        exclude: Iterable[ItemId | str] = (),
        restrict_to: Iterable[ItemId | str] | None = None,
        words: Iterable[str] = (),
        mode: Mode | None = None,
    ) -> Batch:
        """The list: never what the ego already has, never beyond any sponsor's budget.

        Args:
            limit: positions wanted; 1 to 1,000. Fewer come if nothing else is known.
            exclude: items to leave out.
            restrict_to: if given, only these.
            words: what to look for, such as ("jazz", "hard bop"): matched against the titles,
                creators and tags of the app's own catalogue. For whoever has no history yet.
            mode: who may speak, for comparisons; the options' mode by default.

        Raises ParamError, DataError (an item id, words), Closed.

        Cost: some milliseconds; after a change of the log the view is renewed first, and where a
        model bundle is new, it is judged once, for about a second.
        """
        left_out = keys_of(exclude, "exclude")
        only = None if restrict_to is None else keys_of(restrict_to, "restrict_to")
        limit = length(limit)
        now = self._outlook.now(mode)
        replies = tuple(self.log.replies()) if self.options.params.sources.fresh else ()
        wish = Request(limit, now.closed | left_out, only, words_of(words), replies)
        index = self._outlook.index_of(now.catalogue) if wish.words else None
        order = self._models.order(now, words=bool(wish.words))
        params, made = self.options.params, self.options.clock()
        found = listing(now.view, wish, now.catalogue, params, index, order.reorder)
        named = now.view, self.log, now.catalogue, made
        batch = batch_of(found, *named, order.model, order.note)
        with self._lock:
            if now.stamp[0] >= self._least:  # else something was forgotten meanwhile
                self._batches[batch.id] = batch
                self._batches.move_to_end(batch.id)
            while len(self._batches) > _REMEMBERED:
                self._batches.popitem(last=False)
        return batch

    def explain(self, item: ItemId | str, *, batch: str | None = None) -> Recommendation:
        """Why an item stands in a batch (the latest by default): contributions and the path.

        Raises DataError if there is no such batch or the item is not in it, Closed.
        """
        self.log.check_open()
        with self._lock:
            if not self._batches:
                raise DataError("nothing was recommended yet: call recommend() first")
            name = next(reversed(self._batches)) if batch is None else batch
            if name not in self._batches:
                raise DataError(f"no batch {name!r} is remembered; call recommend() again")
            found = self._batches[name]
        key = key_of(item)
        for one in found:
            if one.key == key:
                return one
        raise DataError(f"{item!r} is not in batch {name}; it holds {len(found)} other items")

    # -- models ---------------------------------------------------------------------------------

    @property
    def shelf(self) -> Shelf:
        """The models installed here, and whose are trusted; lists follow what changes there."""
        return self._models.shelf

    def learn(self, *, anew: bool = False) -> Learnt:
        """Find out on this device what orders its lists best: for when it is idle.

        The bundle in use is judged again, and a head of the device's own is learnt, from replays
        of others' pasts; either is used only if it is better than the graph by evidence. Nothing is
        done if it was done and little changed since, unless `anew`. May run beside `recommend`.

        Raises Closed. Cost: about a second.
        """
        return self._models.learn(self._outlook.now(), anew=anew)

    @property
    def may_learn(self) -> bool:
        """Whether lists are asked for here, and `learn` has not been called for hours."""
        return self._models.may_learn()

    # -- forgetting, moving, leaving -----------------------------------------------------------

    def forget(
        self,
        *,
        item: ItemId | str | None = None,
        since: Millis | None = None,
        peer: str | PeerId | None = None,
        audit: bool = False,
    ) -> Receipt:
        """Forget one item, all acts from a moment on, or a peer; a device that forgot never knew.

        An item and a moment together: the acts on that item from then on, and nothing else, which
        is how an app takes one act back. What had left the device is retracted by a signed record
        that travels like any other. Of a peer go your trust, its name and all it said; what it says
        from now on is a stranger's.
        With `audit` every stage is rebuilt and every file searched for what was erased, which
        takes seconds; the receipt says what was found (`Receipt.is_clean`).

        Raises DataError (neither one of these nor item and since, an item id, a peer, your own
        key), ParamError (since), Closed, ReadOnly.
        """
        return self._forget(wish_of(self.log, item, since, peer), audit=audit)

    def forget_all(self, *, audit: bool = False) -> Receipt:
        """Forget everything the ego did or named. The key and others' records stay."""
        return self._forget(lambda gone: self.log.forget_all(trail=gone), audit=audit)

    def audit(self) -> Audit:
        """Rebuild every stage from the log, and compare it with what is there.

        Changes nothing, and works read-only. Raises Closed. Cost: that of the first list, and
        50 µs a record; who writes meanwhile waits for most of it.
        """
        return audit(self.log, self.options, self._outlook, self._models)

    def export(self, path: str | Path, *, passphrase: str | None = None) -> int:
        """Write all the ego did, trusts, blocks and withholds; returns the acts. No key.

        JSON lines, sealed if a passphrase is given. Raises ParamError (passphrase), ReadOnly.
        """
        entries = entries_of(self.log)
        write_export(Path(path), entries, passphrase)
        return len(entries.acts)

    def import_(self, path: str | Path, *, passphrase: str | None = None) -> int:
        """Read what `export` writes, all or nothing; returns the acts it added.

        Acts that are here already (same item, kind, weight and time) are not added again.
        Trust in this device's own key (the file may come from a friend device) is left out.

        Raises DataError (damaged, or a wrong line), PassphraseError, Closed, ReadOnly.
        """
        entries = read_export(Path(path), passphrase)
        return bring_in(self.log, entries, self.me, self.options.clock())

    def rotate(self, *, stolen: bool = False) -> PeerId:
        """Replace the author's key by a new one, and close: open again to go on as that one.

        Others are told that it is the same person; see docs/privacy.md, also for stolen keys.
        Raises KeyFileError, ReadOnly, Closed.
        """
        return replaced_key(self.path, self.log, self.options.passphrase, stolen=stolen)

    def subscribe(self, topic: str, callback: Callable[[], None]) -> Callable[[], None]:
        """Be told when lists may have changed; delivered through Options.dispatcher.

        The only topic is "recommendations_changed". Returns what ends the subscription.
        """
        if topic != "recommendations_changed":
            raise ParamError("topic", topic, '"recommendations_changed"')
        self.log.check_open()
        return self.log.on_change(lambda: self.options.dispatcher(callback))

    def close(self) -> None:
        """Close the log and free the directory; again is nothing."""
        self.log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # -- inside ------------------------------------------------------------------------------------

    def view(self, mode: Mode | None = None) -> View:
        """The present graph, trust and admission; shared, immutable, renewed after changes."""
        return self._outlook.now(mode).view

    def _answered(self, act: OwnAct) -> OwnAct:
        """The act with who had paid for the position it answers, if that list is remembered."""
        with self._lock:
            batch = self._batches.get(act.batch)
        if batch is None:
            return act
        key = key_of(act.item)
        return replace(act, paid=next((one.paid for one in batch if one.key == key), ()))

    def _forget(self, wish: Forget, *, audit: bool) -> Receipt:
        look = looking(self.path, self.log, self.audit) if audit else None
        return forgotten(self.log, self.key, wish, self._dropped, self.options.stopwatch, look)

    def _dropped(self, receipt: Receipt) -> dict[str, int]:
        """Drop what was computed from what is gone; the graph renews itself of the ego's acts."""
        return self._drop_derived(graph=receipt.wish not in (ITEM, SPAN, LATELY))

    def _drop_derived(self, *, graph: bool = True) -> dict[str, int]:
        views = self._outlook.drop(graph=graph)
        models = self._models.drop()
        with self._lock:
            lists = len(self._batches)
            self._batches.clear()
            self._least = self._outlook.generation
        return {"views": views, "models": models, "lists": lists}

    def _delays(self, count: int) -> tuple[Millis, ...]:
        if self.log.level not in (1, 2):
            return ()
        longest = int(self.options.share_delay_hours * _HOUR)
        return tuple(Millis(secrets.randbelow(longest + 1)) for _ in range(count))
