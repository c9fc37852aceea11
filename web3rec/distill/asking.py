"""One request to an endpoint: time limits, a size limit, and patience that ends.

Tried again after 408, 429, 5xx, a time-out or a connection that breaks: waits double from
`first_wait`, plus up to half as much again, or follow `Retry-After`; never longer than
`longest_wait`, never more than `tries` times. Anything else is the endpoint's last word. Redirects
are not followed and the environment's proxies are not used: a history goes where its owner said.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Self

import httpx

from web3rec.errors import ParamError, Web3recError

AGAIN: Final = frozenset({408, 425, 429, 500, 502, 503, 504, 529})
LARGEST: Final = 1 << 20
"""Bytes of a response at most."""


class EndpointError(Web3recError):
    """An endpoint that cannot be reached, refuses, or cannot do what is needed."""


class Refused(EndpointError):  # noqa: N818 - says what it did
    """It answered, and no second try would help; `status` is its HTTP status."""

    def __init__(self, status: int) -> None:
        super().__init__(
            f"the endpoint refused with HTTP {status}: check its address, key and model"
        )
        self.status = status


class Unreachable(EndpointError):  # noqa: N818
    """It did not answer in time, or broke off, as often as it was tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long and how often an endpoint is waited for."""

    seconds: float = 120.0
    """For one try, from connecting to the last byte; > 0."""
    tries: int = 5
    """In all; 1 to 20."""
    first_wait: float = 1.0
    """Seconds before the second try; >= 0. Doubles from there."""
    longest_wait: float = 60.0
    """Seconds between two tries at most, whatever the endpoint asks for; >= 0."""

    def __post_init__(self) -> None:
        if not 0 < self.seconds < float("inf"):
            raise ParamError("seconds", self.seconds, "a positive number")
        if type(self.tries) is not int or not 1 <= self.tries <= 20:
            raise ParamError("tries", self.tries, "a whole number from 1 to 20")
        for name in ("first_wait", "longest_wait"):
            if not 0 <= getattr(self, name) < float("inf"):
                raise ParamError(name, getattr(self, name), ">= 0")

    def wait(self, tried: int, fraction: float, asked: float | None) -> float:
        """Seconds before the next try.

        Args:
            tried: tries so far, >= 1.
            fraction: in [0, 1], different for different requests, so that they spread.
            asked: what `Retry-After` said, if it said a number.
        """
        wanted = asked if asked is not None else self.first_wait * 2 ** (tried - 1)
        return min(wanted * (1 + fraction / 2), self.longest_wait)


@dataclass(frozen=True)
class Line:
    """A line to one endpoint; may be used by several threads."""

    url: str
    """Of the API, such as http://127.0.0.1:8080/v1"""
    key: str | None = field(default=None, repr=False)
    """Sent as a bearer token; kept nowhere"""
    patience: Patience = field(default_factory=Patience)
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    client: httpx.Client = field(
        default_factory=lambda: httpx.Client(trust_env=False, follow_redirects=False), repr=False
    )

    def __post_init__(self) -> None:
        if not self.url.startswith(("http://", "https://")):
            raise ParamError("url", self.url, "an address such as http://127.0.0.1:8080/v1")

    def asked(self, body: bytes, fraction: float = 0.0) -> bytes:
        """The body of the answer to `chat/completions`.

        Args:
            body: the request, JSON.
            fraction: spreads waits, see `Patience.wait`.

        Raises:
            Refused: another status than 200, and not one to try again.
            Unreachable: tried as often as patience has it.
        """
        for tried in range(1, self.patience.tries + 1):
            status, answer, later = self._tried(body)
            if status == 200:
                return answer
            if status is not None and status not in AGAIN:
                raise Refused(status)
            if tried < self.patience.tries:
                self.sleep(self.patience.wait(tried, fraction, later))
        last = "no whole answer" if status is None else f"HTTP {status}"
        raise Unreachable(f"{last} after {self.patience.tries} tries: resume when it is back")

    def _tried(self, body: bytes) -> tuple[int | None, bytes, float | None]:
        """Status, body and Retry-After of one try; status None if it broke off."""
        headers = {"content-type": "application/json", "accept-encoding": "identity"}
        if self.key is not None:
            headers["authorization"] = f"Bearer {self.key}"
        ends, parts, size = self.clock() + self.patience.seconds, list[bytes](), 0
        try:
            with self.client.stream(
                "POST",
                self.url.rstrip("/") + "/chat/completions",
                content=body,
                headers=headers,
                timeout=self.patience.seconds,
            ) as response:
                later = _seconds(response.headers.get("retry-after"))
                if response.status_code != 200:
                    return response.status_code, b"", later
                for part in response.iter_bytes():
                    size += len(part)
                    parts.append(part)
                    if size > LARGEST:
                        return 200, b"", None  # no answer of ours is that long: nonsense
                    if self.clock() > ends:
                        return None, b"", None
        except httpx.InvalidURL:
            raise ParamError(
                "url", self.url, "an address such as http://127.0.0.1:8080/v1"
            ) from None
        except (httpx.TransportError, httpx.DecodingError):
            return None, b"", None
        return 200, b"".join(parts), None

    def close(self) -> None:
        """Hang up."""
        self.client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()


def _seconds(header: str | None) -> float | None:
    """A Retry-After in seconds; None for a date, nonsense or none."""
    try:
        asked = float(header or "")
    except ValueError:
        return None
    return asked if 0 <= asked < float("inf") else None
