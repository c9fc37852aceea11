"""Requests and answers as values, between HTTP and what the node does."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from p2p.control.problems import Problem

JSON: Final = "application/json"
PROBLEM: Final = "application/problem+json"
ALWAYS: Final = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
}
"""Headers of every answer: it is nobody else's, and stays nowhere."""


@dataclass(frozen=True, slots=True)
class Head:
    """A request without its body."""

    method: str
    path: str
    """Still percent-encoded"""
    query: str
    headers: Mapping[str, str]
    """Lower-case name -> value; of repeated ones all, joined with commas"""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer."""

    status: int = 200
    body: bytes = b""
    kind: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    close: bool = False
    """Do not take another request on this connection."""
    events: bool = False
    """The body is the event stream, which the server writes itself."""


Action = Callable[[], Answer]
"""What shall be done, once all of a request was found right; runs in a worker thread."""


def said(value: Mapping[str, object], status: int = 200) -> Answer:
    """A JSON object as an answer."""
    return Answer(status, as_bytes(value))


def as_bytes(value: Mapping[str, object]) -> bytes:
    """JSON in UTF-8."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode()


def refused(problem: Problem, *, close: bool = False) -> Answer:
    """A problem as an answer."""
    return Answer(
        problem.status, as_bytes(problem.as_json()), PROBLEM, problem.headers, close=close
    )
