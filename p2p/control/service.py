"""From a request to its answer: route, right, body, handler, worker thread. Total.

One `Service` for all doors; knows no socket.
"""

import logging
from collections.abc import Awaitable, Callable
from typing import Final

from p2p.control.access import Caller, Gate, demand
from p2p.control.fields import Fields, fields_of_body, fields_of_query
from p2p.control.messages import Action, Answer, Head, refused
from p2p.control.problems import Problem, problem_of
from p2p.control.routing import Asked, Route, Router

logger = logging.getLogger(__name__)

Run = Callable[[Action], Awaitable[Answer]]
"""Runs an action in a worker thread."""
ReadBody = Callable[[int], Awaitable[bytes]]
JSON: Final = "application/json"


class Service:
    """Answers requests."""

    def __init__(self, router: Router, run: Run, body_bytes: int) -> None:
        """`run` is how actions get into a worker thread; bodies are read up to `body_bytes`."""
        self._router, self._run, self._most = router, run, body_bytes

    async def answer(self, head: Head, body: ReadBody, caller: Caller, gate: Gate) -> Answer:
        """The answer to one request, whatever it is. Never raises but to be cancelled."""
        try:
            return await self._answer(head, body, caller, gate)
        except Exception as error:  # noqa: BLE001 - the outermost frame of a request
            problem = problem_of(error)
            if problem.code == "internal":
                logger.error("a request failed: %s", type(error).__name__)  # noqa: TRY400 - D6
            return refused(problem)

    async def _answer(self, head: Head, body: ReadBody, caller: Caller, gate: Gate) -> Answer:
        has = gate.scope(caller, head.headers, head.method)
        if head.method == "OPTIONS":
            allowed = self._router.allowed(head.path)
            _check_none(head)
            await body(0)
            return Answer(204, headers={"Allow": allowed})
        found = self._router.find(head.method, head.path)
        route = found.route
        demand(route.needs, has)
        if not route.takes:
            _check_none(head)
        elif has_body(head):
            _check_kind(head, route)
        raw = await body((route.most or self._most) if route.takes else 0)
        asked = Asked(
            path=Fields(found.path),
            query=fields_of_query(head.query),
            body=fields_of_body(raw) if route.takes == JSON else Fields({}),
            raw=raw,
        )
        action = route.handler(asked)
        asked.done()
        return action() if route.inline else await self._run(action)


def has_body(head: Head) -> bool:
    """Whether the head announces a body that is not empty."""
    return "transfer-encoding" in head.headers or head.headers.get("content-length", "0") != "0"


def _check_none(head: Head) -> None:
    if has_body(head):
        raise Problem("unexpected_body", "send it without one")


def _check_kind(head: Head, route: Route) -> None:
    kind = head.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != route.takes:
        raise Problem("unsupported_media_type", f"send Content-Type: {route.takes}")
