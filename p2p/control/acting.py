"""What may be done to the ego's own log: record, trust, block, forget, the privacy level."""

from p2p.control.access import Scope
from p2p.control.fields import Fields
from p2p.control.looking import leveled
from p2p.control.messages import Action, Answer, said
from p2p.control.problems import refuse
from p2p.control.routing import Asked, Route
from web3rec.recommender import Recommender
from web3rec.records import did_key
from web3rec.records.model import MAX_SKEW, MAX_WEIGHT
from web3rec.store import OwnAct, Receipt, key_of
from web3rec.store.catalogue import MAX_TAG_TEXT, MAX_TAGS, MAX_TEXT
from web3rec.store.own import MAX_BATCH_ID
from web3rec.types import Item, ItemId, Millis, PeerId

MOST_AT_ONCE = 1_000
"""Acts or items of one request."""
HIGHEST_LEVEL = 3


def routes(rec: Recommender) -> list[Route]:
    """Everything that writes to the log."""
    do = Acting(rec)
    return [
        Route(
            method=method,
            path=path,
            needs=Scope.WRITE,
            handler=handler,
            takes="" if method == "DELETE" or path.startswith("/v1/blocks") else "application/json",
        )
        for method, path, handler in (
            ("POST", "/v1/acts", do.record),
            ("POST", "/v1/items", do.describe),
            ("PUT", "/v1/trust/{peer}", do.trust),
            ("DELETE", "/v1/trust/{peer}", do.distrust),
            ("PUT", "/v1/blocks/{peer}", do.block),
            ("DELETE", "/v1/blocks/{peer}", do.unblock),
            ("PUT", "/v1/level", do.level),
            ("POST", "/v1/forget", do.forget),
        )
    ]


class Acting:
    """Handlers; see `routing`."""

    def __init__(self, rec: Recommender) -> None:
        self._rec = rec

    def record(self, asked: Asked) -> Action:
        """Acts of the ego, all or none."""
        now = self._rec.options.clock()
        acts, titles = [], {}
        for one in asked.body.objects("acts", least=1, most=MOST_AT_ONCE):
            act = _act(one, now)
            title = one.text("title", most=MAX_TEXT, default="")
            one.done()
            acts.append(act)
            if title:
                titles[act.item] = title

        def act_on() -> Answer:
            with self._rec.log.together():
                if titles:
                    self._rec.add_items(self._titled(titles))
                records = self._rec.record_many(acts)
            return said({"acts": len(acts), "records": records})

        return act_on

    def describe(self, asked: Asked) -> Action:
        """Items of the app's catalogue."""
        items = []
        for one in asked.body.objects("items", least=1, most=MOST_AT_ONCE):
            items.append(
                Item(
                    one.item("id"),
                    title=one.text("title", most=MAX_TEXT, default=""),
                    creator=one.text("creator", most=MAX_TEXT, default=""),
                    tags=one.texts("tags", most=MAX_TAGS, each=MAX_TAG_TEXT),
                )
            )
            one.done()
        return lambda: said({"items": self._rec.add_items(items)})

    def trust(self, asked: Asked) -> Action:
        """An edge to a peer."""
        peer = self._other(asked)
        weight = asked.body.number("weight", 0.0, 1.0)
        name = asked.body.name("name")
        if weight == 0:
            refuse("wrong_value", "weight must be above 0: DELETE takes trust back")

        def act() -> Answer:
            self._rec.trust(peer, weight, name=name)
            kept = max(1, round(weight * MAX_WEIGHT)) / MAX_WEIGHT
            called = self._rec.log.names().get(peer, "")
            return said({"peer": did_key(peer), "trust": kept, "name": called})

        return act

    def distrust(self, asked: Asked) -> Action:
        """Take it back: a receipt."""
        peer = self._other(asked)
        return lambda: said(receipt(self._rec.log.forget_peer(peer), rehearsed=False))

    def block(self, asked: Asked) -> Action:
        """Hear a peer no more."""
        return self._blocking(asked, blocked=True)

    def unblock(self, asked: Asked) -> Action:
        """Hear it again."""
        return self._blocking(asked, blocked=False)

    def level(self, asked: Asked) -> Action:
        """How much may leave."""
        level = asked.body.whole("level", 0, HIGHEST_LEVEL)

        def act() -> Answer:
            self._rec.share(level)
            return said(leveled(self._rec))

        return act

    def forget(self, asked: Asked) -> Action:
        """One of item, since, peer, all; with rehearse only what would be."""
        body = asked.body
        given = [key for key in ("item", "since", "peer", "all") if body.has(key)]
        if len(given) != 1:
            refuse("wrong_value", "give exactly one of item, since, peer and all")
        rehearse = body.flag("rehearse", default=False)
        audit = body.flag("audit", default=False)
        forgetting = Forgetting(self._rec, rehearse=rehearse, audit=audit)
        match given[0]:
            case "item":
                item = body.item("item")
                return lambda: forgetting.item(item)
            case "since":
                since = body.moment("since")
                return lambda: forgetting.since(since)
            case "peer":
                peer = body.peer("peer")
                if peer == self._rec.me:
                    refuse("wrong_value", "peer must be somebody else: this is your own key")
                return lambda: forgetting.peer(peer)
            case _:
                if not body.flag("all"):
                    refuse("wrong_value", "all must be true")
                return forgetting.all

    def _other(self, asked: Asked) -> PeerId:
        peer = asked.path.peer("peer")
        if peer == self._rec.me:
            refuse("wrong_value", "peer must be somebody else: this is your own key")
        return peer

    def _blocking(self, asked: Asked, *, blocked: bool) -> Action:
        peer = self._other(asked)

        def act() -> Answer:
            self._rec.block(peer, blocked=blocked)
            return said({"peer": did_key(peer), "blocked": blocked})

        return act

    def _titled(self, titles: dict[ItemId | str, str]) -> list[Item]:
        known = self._rec.log.some_items({key_of(item) for item in titles})
        found = []
        for item, title in titles.items():
            old = known.get(key_of(item), Item(item))
            found.append(Item(item, title=title, creator=old.creator, tags=old.tags))
        return found


class Forgetting:
    """The four wishes, done or only rehearsed."""

    def __init__(self, rec: Recommender, *, rehearse: bool, audit: bool) -> None:
        self._rec, self._rehearse, self._audit = rec, rehearse, audit

    def item(self, item: ItemId) -> Answer:
        """All acts on one item."""
        if self._rehearse:
            return self._answer(self._rec.log.forget_item(key_of(item), rehearse=True))
        return self._answer(self._rec.forget(item=item, audit=self._audit))

    def since(self, since: Millis) -> Answer:
        """All acts from a moment on."""
        if self._rehearse:
            return self._answer(self._rec.log.forget_since(since, rehearse=True))
        return self._answer(self._rec.forget(since=since, audit=self._audit))

    def peer(self, peer: PeerId) -> Answer:
        """All that is held of one peer."""
        if self._rehearse:
            return self._answer(self._rec.log.forget_peer(peer, heard=True, rehearse=True))
        return self._answer(self._rec.forget(peer=peer, audit=self._audit))

    def all(self) -> Answer:
        """Everything."""
        if self._rehearse:
            return self._answer(self._rec.log.forget_all(rehearse=True))
        return self._answer(self._rec.forget_all(audit=self._audit))

    def _answer(self, made: Receipt) -> Answer:
        return said(receipt(made, rehearsed=self._rehearse))


def receipt(made: Receipt, *, rehearsed: bool) -> dict[str, object]:
    """A receipt, as a file has it, and whether anything was done."""
    return made.told() | {"dry_run": rehearsed}


def _act(one: Fields, now: Millis) -> OwnAct:
    event, item = one.event("event"), one.item("item")
    at = one.moment("at") if one.has("at") else now
    if at > now + MAX_SKEW * 1000:
        refuse("wrong_value", "at must not lie in the future")
    weight = one.whole("weight", 1, MAX_WEIGHT, default=1)
    batch = one.text("batch", most=MAX_BATCH_ID, default="")
    return OwnAct(event, item, at, weight, batch)
