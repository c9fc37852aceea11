"""Everything a control API can refuse, as application/problem+json (RFC 9457).

A code is stable: programs branch on it. A detail is for people and never repeats what was sent:
errors end up in logs, and what was sent may be an item, a key or a name.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NoReturn

from p2p.errors import NodeError
from web3rec.errors import (
    Closed,
    CorruptStore,
    DataError,
    ParamError,
    ReadOnly,
    Web3recError,
)

TITLES: Final[Mapping[str, tuple[int, str]]] = {
    "malformed_request": (400, "This is not an HTTP/1.1 request"),
    "not_json": (400, "The body is not one JSON object"),
    "unexpected_body": (400, "This request takes no body"),
    "unknown_key": (400, "A key or parameter is not known here"),
    "missing_key": (400, "A key or parameter is missing"),
    "wrong_value": (400, "A value is not what it should be"),
    "no_token": (401, "A token is needed"),
    "other_user": (403, "Only the user who runs the node may control it"),
    "foreign_origin": (403, "Web pages of other origins may not control the node"),
    "read_only_token": (403, "This token may look, not change"),
    "not_found": (404, "There is nothing here"),
    "not_in_list": (404, "The item is not in that list"),
    "method_not_allowed": (405, "This cannot be done here"),
    "request_timeout": (408, "The request took too long to arrive"),
    "refused": (409, "That cannot be done now"),
    "body_too_large": (413, "The body is too large"),
    "unsupported_media_type": (415, "The body must be application/json"),
    "foreign_host": (421, "This name is not one the node answers to"),
    "headers_too_large": (431, "The request's head is too large"),
    "internal": (500, "The node made a mistake"),
    "corrupt_store": (500, "The log is damaged"),
    "not_available": (501, "This node does not offer that"),
    "busy": (503, "Too many connections; try again"),
    "closing": (503, "The node is closing"),
    "read_only": (507, "The log cannot be written"),
}
"""Code -> (HTTP status, what it means)."""


class Problem(Exception):  # noqa: N818 - RFC 9457's word
    """A request that is refused; becomes the answer to it."""

    def __init__(self, code: str, detail: str, headers: Mapping[str, str] | None = None) -> None:
        """`code` is one of TITLES; `detail` says what to do, and repeats nothing that was sent."""
        super().__init__(code)
        self.code, self.detail, self.headers = code, detail, dict(headers or {})
        self.status, self.title = TITLES[code]

    def as_json(self) -> dict[str, object]:
        """The members of RFC 9457, and the code."""
        return {
            "type": f"urn:web3rec:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
        }


def refuse(code: str, detail: str) -> NoReturn:
    """Raise a Problem."""
    raise Problem(code, detail)


_OURS: Final[Sequence[tuple[type[Web3recError], str, str]]] = (
    (DataError, "wrong_value", "a value was refused; docs/control-api.md says what is taken"),
    (NodeError, "refused", "the node cannot do that now: see its state in /v1/status"),
    (Closed, "closing", "the recommender is closed"),
    (ReadOnly, "read_only", "the disk is full or read-only; nothing was changed"),
    (CorruptStore, "corrupt_store", "stop the node and run `web3rec doctor`"),
    (Web3recError, "refused", "the recommender cannot do that now"),
)


def problem_of(error: Exception) -> Problem:
    """What to answer when an action raised: our own errors by kind, all others "internal"."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, ParamError):
        return Problem("wrong_value", f"{error.name} is outside its range")
    for kind, code, detail in _OURS:
        if isinstance(error, kind):
            return Problem(code, detail)
    return Problem("internal", "please report it; the node goes on")
