"""What stays here: withheld items and tags, the private session; and history, in and out."""

from collections.abc import Callable
from typing import Final

from p2p.control.access import Scope
from p2p.control.fields import Fields
from p2p.control.messages import Action, Answer, said
from p2p.control.problems import Problem, refuse
from p2p.control.routing import Asked, Handler, Route
from web3rec.adapters.jsonl import parsed_lines, written_lines
from web3rec.errors import DataError
from web3rec.interchange import bring_in, entries_of
from web3rec.recommender import Recommender
from web3rec.store.withheld import MAX_TAG

LINES: Final = "application/jsonl"
MOST: Final = 16_777_216
"""Bytes of one import: some 100,000 acts."""


def routes(rec: Recommender) -> list[Route]:
    """Withheld, private, export, import."""
    do = Keeping(rec)
    look, change = Scope.READ, Scope.WRITE
    json = "application/json"
    rows: tuple[tuple[str, str, Scope, Handler, str], ...] = (
        ("GET", "/v1/withheld", look, do.withheld, ""),
        ("POST", "/v1/withheld", change, do.withhold, json),
        ("DELETE", "/v1/withheld", change, do.unwithhold, ""),
        ("GET", "/v1/private", look, do.private, ""),
        ("PUT", "/v1/private", change, do.be_private, json),
        ("GET", "/v1/export", look, do.export, ""),
        ("POST", "/v1/import", change, do.bring_in, LINES),
    )
    return [
        Route(method=m, path=p, needs=n, handler=h, takes=t, most=MOST if t == LINES else 0)
        for m, p, n, h, t in rows
    ]


class Keeping:
    """Handlers; see `routing`."""

    def __init__(self, rec: Recommender) -> None:
        self._rec = rec

    def withheld(self, _asked: Asked) -> Action:
        """What is never shared."""

        def act() -> Answer:
            found = self._rec.log.withheld()
            return said({"items": list(found.items), "tags": list(found.tags)})

        return act

    def withhold(self, asked: Asked) -> Action:
        """Never share what is done with an item, or with items of a tag."""
        which = _which(asked.body)
        retract = asked.body.flag("retract", default=False)

        def act() -> Answer:
            done = self._rec.withhold(**which, retract=retract)
            told = {"stopped": done.stopped, "left": done.left, "retractions": done.retractions}
            return said(told)

        return act

    def unwithhold(self, asked: Asked) -> Action:
        """Share again what is done from now on."""
        which = _which(asked.query)
        return lambda: said({"was": self._rec.unwithhold(**which)})

    def private(self, _asked: Asked) -> Action:
        """Whether what is done now stays here."""
        return lambda: said({"private": self._rec.private_session})

    def be_private(self, asked: Asked) -> Action:
        """Begin or end a private session."""
        private = asked.body.flag("private")

        def act() -> Answer:
            self._rec.private_session = private
            return said({"private": self._rec.private_session})

        return act

    def export(self, _asked: Asked) -> Action:
        """All the ego did, trusts, blocks and withholds, as JSON lines."""
        return lambda: Answer(200, written_lines(entries_of(self._rec.log)), LINES)

    def bring_in(self, asked: Asked) -> Action:
        """The same lines back, all or nothing."""
        lines, rec = asked.raw, self._rec

        def act() -> Answer:
            try:
                entries = parsed_lines(lines, "body")
            except DataError as error:
                where = error.where or "the body"
                raise Problem("wrong_value", f"{where} is not as `web3rec export` writes") from None
            return said({"acts": bring_in(rec.log, entries, rec.me, rec.options.clock())})

        return act


def _which(fields: Fields) -> dict[str, str]:
    """Exactly one of item and tag."""
    given = [key for key in ("item", "tag") if fields.has(key)]
    if len(given) != 1:
        refuse("wrong_value", "give exactly one of item and tag")
    take: dict[str, Callable[[str], str]] = {
        "item": fields.item,
        "tag": lambda key: fields.text(key, most=MAX_TAG),
    }
    return {given[0]: take[given[0]](given[0])}
