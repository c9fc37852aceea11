"""The embedding API: one object, synchronous, any thread, nothing touches the network.

The pipeline behind `recommend` stands on one page in `web3rec.pipeline`; this file opens the
log, keeps the present view of it, and turns keys into items and reasons.

    record, trust, forget ─► Log ─► look ─► View (swapped when the log changes)
    recommend             ─► View ─► listing ─► Batch
"""

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from trust import TrustParams
from web3rec.adapters.jsonl import read_jsonl, write_jsonl
from web3rec.batch import Batch, Recommendation
from web3rec.clock import Clock, system_clock
from web3rec.errors import DataError, ParamError
from web3rec.graph import Act, Endorsement
from web3rec.identity import author_key
from web3rec.interchange import entries_of, own_acts
from web3rec.params import Params
from web3rec.pipeline import Request, View, listing, look
from web3rec.presenting import batch_of
from web3rec.rank.admission import Mode
from web3rec.records import SigningKey, item_key, parse_peer
from web3rec.records.model import MAX_WEIGHT
from web3rec.store import Log, OwnAct, Receipt
from web3rec.types import Event, Item, ItemId, ItemKey, Millis, PeerId

_REMEMBERED: Final = 32
"""Batches that `explain` still knows; they are derived, and gone with the process."""
_HOUR: Final = 3_600_000


def _at_once(deliver: Callable[[], None]) -> None:
    deliver()


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to open a recommender; the defaults are private and protected."""

    mode: Mode = Mode.CLOSED
    """Who may speak. OPEN lifts every bound: only for data without trust edges."""
    seeds: tuple[str | PeerId, ...] = ()
    """Curated peers who speak while the ego trusts nobody yet."""
    params: Params = field(default_factory=Params)
    trust: TrustParams = field(default_factory=TrustParams)
    share_delay_hours: float = 24.0
    """At privacy levels 1 and 2 a record leaves after a random delay up to this; >= 0."""
    read_only: bool = False
    """Take no lock and change nothing: works beside a running node, and on a full disk."""
    clock: Clock = system_clock
    dispatcher: Callable[[Callable[[], None]], None] = _at_once
    """Runs what `subscribe` delivers, for instance on the UI thread."""

    def __post_init__(self) -> None:
        if not 0 <= self.share_delay_hours < float("inf"):
            raise ParamError("share_delay_hours", self.share_delay_hours, ">= 0 hours")


class Recommender:
    """One device's recommender. Thread-safe; use it as a context manager or close it."""

    def __init__(self, path: Path, key: SigningKey, log: Log, options: Options) -> None:
        """Made by `open`."""
        self.path, self.key, self.log, self.options = path, key, log, options
        self._lock = threading.RLock()
        self._views: dict[Mode, tuple[int, View]] = {}
        self._batches: OrderedDict[str, Batch] = OrderedDict()
        if options.share_delay_hours:
            log.delays = self._delays

    @staticmethod
    def open(path: str | Path, options: Options | None = None) -> "Recommender":
        """Open the directory `path`, creating it, its key and its log if it is new.

        Raises AlreadyOpen, CorruptStore, Incompatible, KeyFileError, ReadOnly.
        """
        options = options or Options()
        directory = Path(path)
        key = author_key(directory, read_only=options.read_only)
        log = Log(directory, key, options.clock, read_only=options.read_only)
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
        self.record_many([OwnAct(event, item, at or self.options.clock(), weight, batch)])

    def record_many(self, acts: Iterable[OwnAct]) -> int:
        """Record many acts in one transaction: all or none. Returns how many became records."""
        acts = list(acts)
        for act in acts:
            if not isinstance(act.weight, int) or not 1 <= act.weight <= MAX_WEIGHT:
                raise ParamError("weight", act.weight, f"a whole number from 1 to {MAX_WEIGHT}")
        return self.log.write_acts(acts)

    def trust(self, peer: str | PeerId, weight: float = 1.0, *, name: str = "") -> None:
        """Trust a peer's taste: whoever it trusts in turn may speak too.

        Args:
            peer: did:key, libp2p peer id, 64 hex digits, or the raw key.
            weight: in (0, 1], kept in eighths; 0 takes the trust back.
            name: what to call the peer in reasons; stays here.

        Raises ParamError (weight), DataError (peer).
        """
        who = self._peer(peer)
        if who == self.me:
            raise DataError("that is your own key: trust is in others")
        if not 0 <= weight <= 1:
            raise ParamError("weight", weight, "in [0, 1] (0 takes trust back)")
        if weight == 0:
            self.log.forget_peer(who)
        else:
            self.log.write_trust(who, max(1, round(weight * MAX_WEIGHT)), name)

    def block(self, peer: str | PeerId, *, blocked: bool = True) -> None:
        """Never hear this peer (or, with blocked=False, hear it again); nobody learns of it."""
        self.log.block(self._peer(peer), blocked=blocked)

    def share(self, level: int) -> None:
        """Set the privacy level, 0 (nothing leaves) to 3; see `store.ladder`. Raises ParamError."""
        self.log.level = level

    # -- what the ego gets ----------------------------------------------------------------------

    def recommend(
        self,
        limit: int = 20,
        *,
        exclude: Iterable[ItemId | str] = (),
        restrict_to: Iterable[ItemId | str] | None = None,
        mode: Mode | None = None,
    ) -> Batch:
        """The list: never what the ego already has, never beyond any sponsor's budget.

        Args:
            limit: positions wanted; 1 to 1,000. Fewer come if nothing else is known.
            exclude: items to leave out.
            restrict_to: if given, only these.
            mode: who may speak, for comparisons; the options' mode by default.

        Cost: some milliseconds; after a change of the log the view is renewed first.
        """
        if not 1 <= limit <= 1000:
            raise ParamError("limit", limit, "1 to 1000")
        view = self.view(mode)
        wish = Request(
            limit,
            excluded=self.log.unwanted() | set(self.log.touched()) | _keys(exclude),
            only=None if restrict_to is None else _keys(restrict_to),
        )
        catalogue = self.log.items()
        found = listing(view, wish, catalogue, self.options.params)
        batch = batch_of(found, view, self.log, catalogue, self.options.clock())
        with self._lock:
            self._batches[batch.id] = batch
            while len(self._batches) > _REMEMBERED:
                self._batches.popitem(last=False)
        return batch

    def explain(self, item: ItemId | str, *, batch: str | None = None) -> Recommendation:
        """Why an item stands in a batch (the latest by default): contributions and the path.

        Raises DataError if there is no such batch or the item is not in it.
        """
        with self._lock:
            if not self._batches:
                raise DataError("nothing was recommended yet: call recommend() first")
            name = next(reversed(self._batches)) if batch is None else batch
            if name not in self._batches:
                raise DataError(f"no batch {name!r} is remembered; call recommend() again")
            found = self._batches[name]
        key = _key(item)
        for one in found:
            if one.key == key:
                return one
        raise DataError(f"{item!r} is not in batch {name}; it holds {len(found)} other items")

    # -- forgetting, moving, leaving -----------------------------------------------------------

    def forget(self, *, item: ItemId | str | None = None, since: Millis | None = None) -> Receipt:
        """Forget one item, or all acts from a moment on; a device that forgot never knew.

        What had left the device is retracted by a signed record that travels like any other.
        """
        if (item is None) == (since is None):
            raise DataError("forget wants exactly one of item= and since=")
        receipt = (
            self.log.forget_item(_key(item))
            if item is not None
            else self.log.forget_since(since or Millis(0))
        )
        self._drop_derived()
        return receipt

    def forget_all(self) -> Receipt:
        """Forget everything the ego did or named. The key and others' records stay."""
        receipt = self.log.forget_all()
        self._drop_derived()
        return receipt

    def export(self, path: str | Path) -> int:
        """Write what the ego did, trusts and blocks as JSON lines; returns the acts. No key."""
        entries = entries_of(self.log, self.me)
        write_jsonl(Path(path), entries)
        return len(entries.acts)

    def import_(self, path: str | Path) -> int:
        """Read JSON lines such as `export` writes, all or nothing; returns the acts.

        Raises DataError, naming the line.
        """
        entries = read_jsonl(Path(path))
        with self.log.together():
            self.add_items(entries.items)
            self.record_many(own_acts(entries, self.options.clock()))
            for edge in entries.trust:
                self.trust(edge.target, edge.weight)
            for peer in entries.blocks:
                self.block(peer)
        return len(entries.acts)

    def subscribe(self, topic: str, callback: Callable[[], None]) -> Callable[[], None]:
        """Be told when lists may have changed; delivered through Options.dispatcher.

        The only topic is "recommendations_changed". Returns what ends the subscription.
        """
        if topic != "recommendations_changed":
            raise ParamError("topic", topic, '"recommendations_changed"')
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
        mode = mode or self.options.mode
        self.log.expire()
        with self._lock:
            generation = self.log.generation
            kept = self._views.get(mode)
            if kept is None or kept[0] != generation:
                kept = (generation, self._look(mode))
                self._views[mode] = kept
            return kept[1]

    def _look(self, mode: Mode) -> View:
        edges = [Endorsement(*row) for row in self.log.endorsements()]
        if not any(edge.author == self.me for edge in edges):
            seeds = (self._peer(seed) for seed in self.options.seeds)
            edges += [Endorsement(self.me, 0, seed, MAX_WEIGHT) for seed in seeds]
        return look(
            [Act(*row) for row in self.log.interactions()],
            edges,
            self.log.touched(),
            self.log.blocked(),
            self.me,
            mode,
            self.options.params,
            self.options.trust,
        )

    def _drop_derived(self) -> None:
        with self._lock:
            self._views.clear()
            self._batches.clear()

    def _peer(self, peer: str | PeerId) -> PeerId:
        if isinstance(peer, str):
            return parse_peer(peer)
        if len(peer) != 32:
            raise DataError(f"a peer's raw key is 32 bytes, got {len(peer)}")
        return peer

    def _delays(self, count: int) -> tuple[Millis, ...]:
        if self.log.level not in (1, 2):
            return ()
        longest = int(self.options.share_delay_hours * _HOUR)
        return tuple(Millis(secrets.randbelow(longest + 1)) for _ in range(count))


def _key(item: ItemId | str) -> ItemKey:
    """An app's id, or the `hash:` name of an item nobody described."""
    if item.startswith("hash:"):
        try:
            return ItemKey(bytes.fromhex(item.removeprefix("hash:")))
        except ValueError:
            raise DataError(f"{item!r} is no item hash: want hash: and hex digits") from None
    return item_key(item)


def _keys(items: Iterable[ItemId | str]) -> frozenset[ItemKey]:
    return frozenset(_key(item) for item in items)
