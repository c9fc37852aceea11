"""What may be asked: the shapes are those of the command line's --json."""

from collections.abc import Mapping
from dataclasses import asdict

from p2p.control.access import Scope
from p2p.control.device import Device
from p2p.control.hub import counts
from p2p.control.messages import Action, Answer, said
from p2p.control.problems import Problem
from p2p.control.routing import Asked, Route
from p2p.options import Neighbour, NodeStatus
from web3rec import __version__
from web3rec.batch import Batch, Recommendation
from web3rec.checking import MAX_LIMIT, MAX_WORD, MAX_WORDS
from web3rec.cli.lists import ordered, placed
from web3rec.cli.outbox import fields
from web3rec.cli.peers import Acquaintance, acquaintances
from web3rec.cli.start import LADDER
from web3rec.cli.why import grounds
from web3rec.errors import DataError
from web3rec.recommender import Recommender
from web3rec.records import did_key
from web3rec.store import key_of
from web3rec.store.own import told
from web3rec.types import ItemKey, PeerId

MOST_EXCLUDED = 1_000
"""Items a list may be asked to leave out."""
EXPLAINED = 100
"""Places looked at when an explanation names no list."""


def routes(rec: Recommender, device: Device) -> list[Route]:
    """Everything that changes nothing."""
    look = Looking(rec, device)
    return [
        Route(method="GET", path=path, needs=Scope.READ, handler=handler)
        for path, handler in (
            ("/v1/status", look.status),
            ("/v1/peers", look.peers),
            ("/v1/book", look.book),
            ("/v1/trust", look.trust),
            ("/v1/blocks", look.blocks),
            ("/v1/recommendations", look.recommendations),
            ("/v1/explanations", look.explanations),
            ("/v1/outbox", look.outbox),
            ("/v1/level", look.level),
        )
    ]


class Looking:
    """Handlers; see `routing`."""

    def __init__(self, rec: Recommender, device: Device) -> None:
        self._rec, self._device = rec, device

    def status(self, _asked: Asked) -> Action:
        """One look at node, log and level."""

        def act() -> Answer:
            status, log = self._device.status(), self._rec.log
            return said(
                {
                    "version": __version__,
                    "did": did_key(self._rec.me),
                    "state": status.state,
                    "peer_id": status.peer_id,
                    "addresses": list(status.addresses),
                    "peers": list(status.peers),
                    **counts(status),
                    "synced": _millis(status.synced),
                    "known": status.known,
                    "level": log.level,
                    "meaning": LADDER[log.level],
                    "models": models(status),
                    "log": dict(log.counts()),
                }
            )

        return act

    def peers(self, _asked: Asked) -> Action:
        """Who is connected, banned, or cannot be reached."""

        def act() -> Answer:
            status = self._device.status()
            return said(
                {
                    "peers": [connected(one) for one in status.neighbours if one.connected],
                    "banned": [
                        {"peer": one.peer, "until": _millis(one.banned_until)}
                        for one in status.neighbours
                        if one.banned_until > 0
                    ],
                    "unreachable": [
                        {"address": a, "why": why} for a, why in status.unreachable.items()
                    ],
                }
            )

        return act

    def book(self, _asked: Asked) -> Action:
        """The addresses the node knows."""

        def act() -> Answer:
            entries = self._device.book()
            return said(
                {
                    "addresses": [
                        {"address": one.address, "source": one.source, "anchor": one.anchor}
                        for one in entries
                    ]
                }
            )

        return act

    def trust(self, asked: Asked) -> Action:
        """Whom the ego trusts, named or blocked; with `others`, whom else it hears."""
        others = asked.query.whole("others", 0, 1_000, default=0)

        def act() -> Answer:
            near: list[Acquaintance] = []
            far: list[Acquaintance] = []
            for one in acquaintances(self._rec):
                said_of = one.trust is not None or one.blocked or bool(one.name)
                (near if said_of else far).append(one)
            shown = [acquainted(one) for one in (*near, *far[:others])]
            return said({"people": shown, "others": len(far)})

        return act

    def blocks(self, _asked: Asked) -> Action:
        """Whom the ego never hears."""

        def act() -> Answer:
            names = self._rec.log.names()
            blocked = sorted(self._rec.log.blocked())
            return said(
                {"blocks": [{"peer": did_key(p), "name": names.get(p, "")} for p in blocked]}
            )

        return act

    def recommendations(self, asked: Asked) -> Action:
        """The list, each place with its reason."""
        limit = asked.query.whole("limit", 1, MAX_LIMIT, default=20)
        words = asked.query.texts("words", most=MAX_WORDS, each=MAX_WORD)
        exclude = asked.query.items("exclude", most=MOST_EXCLUDED)

        def act() -> Answer:
            return said(listed(self._rec.recommend(limit, exclude=exclude, words=words)))

        return act

    def explanations(self, asked: Asked) -> Action:
        """Why an item stands in a list: one just shown, or one made now."""
        item = asked.query.item("item")
        batch = asked.query.text("batch", most=64) if asked.query.has("batch") else None

        def act() -> Answer:
            name = self._rec.recommend(EXPLAINED).id if batch is None else batch
            try:
                one = self._rec.explain(item, batch=name)
            except DataError:
                raise self._absent(key_of(item), batch) from None
            return said({"batch": name} | explained(self._rec, one))

        return act

    def outbox(self, _asked: Asked) -> Action:
        """What would leave, to the byte."""

        def act() -> Answer:
            log = self._rec.log
            level = log.level
            waiting = [(one, told(one.envelope)) for one in log.outbox()]
            keys = {record.key for _, record in waiting}
            known = _known(self._rec, keys)
            shown = [
                fields(one, record)
                | {"known_as": known.get(record.key, ""), "envelope": one.envelope.hex()}
                for one, record in waiting
            ]
            return said({"level": level, "meaning": LADDER[level], "records": shown})

        return act

    def level(self, _asked: Asked) -> Action:
        """The privacy ladder."""
        return lambda: said(leveled(self._rec))

    def _absent(self, key: ItemKey, batch: str | None) -> Problem:
        log = self._rec.log
        if key in log.touched():
            return Problem("not_in_list", "you have it already")
        if key in log.unwanted():
            return Problem("not_in_list", "you are not interested in it")
        if batch is not None:
            return Problem("not_in_list", "that list does not hold it, or is not remembered")
        return Problem("not_in_list", "nobody your trust reaches told of it, or it is far down")


def models(status: NodeStatus) -> dict[str, object]:
    """What is passed on, and what is on its way."""
    used, draft = status.model_used, status.model_draft
    return {
        "used": None if used is None else asdict(used),
        "fetching": None if draft is None else asdict(draft),
        "fetched": status.models_fetched,
        "bytes": status.model_bytes,
    }


def connected(one: Neighbour) -> dict[str, object]:
    """A peer on the network."""
    return {
        "peer": one.peer,
        "direction": "out" if one.outbound else "in",
        "address": one.address,
        "since": _millis(one.since),
        "synced": _millis(one.synced),
        "reputation": -one.score if one.score else 0.0,
        "offences": one.offences,
    }


def _millis(seconds: float) -> int | None:
    """Unix ms of unix seconds; None of 0, which stands for never."""
    return round(seconds * 1000) or None


def acquainted(one: Acquaintance) -> dict[str, object]:
    """A person, as `web3rec peers --json` has it."""
    return {
        "peer": did_key(one.peer),
        "reach": one.reach,
        "records": one.records,
        "name": one.name,
        "trust": one.trust,
        "blocked": one.blocked,
    }


def listed(batch: Batch) -> dict[str, object]:
    """A list; its places as `web3rec recommend --json` has them."""
    return {
        "batch": batch.id,
        "made": batch.made,
        "protected": batch.protected,
        "overruns": batch.overruns,
        "note": batch.note,
        **ordered(batch),
        "items": [placed(rank, one) for rank, one in enumerate(batch, 1)],
    }


def explained(rec: Recommender, one: Recommendation) -> dict[str, object]:
    """An explanation, as `web3rec why --json` has it, but for the rank, which lists have."""
    place = placed(0, one)
    del place["rank"]
    return place | grounds(rec, one)


def leveled(rec: Recommender) -> dict[str, object]:
    """The level, as `web3rec share --json` has it."""
    level = rec.log.level
    return {"level": level, "meaning": LADDER[level]}


def _known(rec: Recommender, keys: set[ItemKey]) -> Mapping[ItemKey, str]:
    """What the ego calls those items and peers."""
    names = rec.log.names()
    found = {key: names[PeerId(key)] for key in keys if PeerId(key) in names}
    items = rec.log.some_items(keys)
    return found | {key: item.title or str(item.id) for key, item in items.items()}
