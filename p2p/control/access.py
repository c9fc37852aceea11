"""Who may ask what: by user on the Unix socket; by token, Host and Origin over TCP.

Pure but for the token files' digests it is given. Threats: another user of the device, a web page
in its browser (DNS rebinding, CSRF), a program with too small a token.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from p2p.control.problems import Problem


class Scope(IntEnum):
    """What a route needs, and what a caller has; each includes those before it."""

    OPEN = 0
    """Nothing: is it alive, and the page's own files"""
    READ = 1
    """Look: lists, peers, trust, outbox, export"""
    WRITE = 2
    """Change: record, forget, trust, dial, ban, pause, shut down"""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is at the other end of a connection."""

    uid: int | None = None
    """Of a Unix socket's peer; None over TCP"""


def digest(token: str) -> bytes:
    """What is kept of a token: comparing digests takes the same time wherever they differ."""
    return hashlib.sha256(token.encode()).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class UnixGate:
    """Lets in the node's own user, for everything. Root is somebody else, too: a root that must
    can become the user, and one that was tricked into calling us cannot do harm.
    """

    uid: int
    """Ours"""

    def scope(self, caller: Caller, _headers: Mapping[str, str], _method: str) -> Scope:
        """Raises Problem other_user."""
        if caller.uid is None or caller.uid != self.uid:
            raise Problem(
                "other_user", "call as the user who runs the node; root: `sudo -u USER …`"
            )
        return Scope.WRITE


_BEARER: Final = {"WWW-Authenticate": 'Bearer realm="web3rec"'}


@dataclass(frozen=True, slots=True, kw_only=True)
class TcpGate:
    """Lets in whoever holds a token, unless a foreign web page sent it.

    Any program of any user can connect to loopback; a web page can, too, and with DNS rebinding
    under its own host name. No answer carries CORS headers.
    """

    port: int
    read: bytes
    write: bytes
    """Digests of the tokens"""
    address: str = "127.0.0.1"
    """Where it listens"""

    @property
    def hosts(self) -> frozenset[str]:
        """The only values of Host that are answered."""
        own = f"[{self.address}]" if ":" in self.address else self.address
        return frozenset(f"{name}:{self.port}" for name in (own, "localhost"))

    def scope(self, _caller: Caller, headers: Mapping[str, str], method: str) -> Scope:
        """What this request may do. Raises Problem foreign_host, foreign_origin, no_token."""
        host = headers.get("host", "").lower()
        if host not in self.hosts:
            raise Problem("foreign_host", f"ask for localhost:{self.port} by that very name")
        origin = headers.get("origin")
        if origin is not None and origin.lower() != f"http://{host}":
            raise Problem("foreign_origin", "only the node's own page may call from a browser")
        site = headers.get("sec-fetch-site", "none")
        navigates = method == "GET" and headers.get("sec-fetch-mode") == "navigate"
        if site not in ("none", "same-origin") and not navigates:
            raise Problem("foreign_origin", "only the node's own page may call from a browser")
        return self._by_token(headers.get("authorization"))

    def _by_token(self, given: str | None) -> Scope:
        """Both comparisons are always made, so time tells neither which token nor how near."""
        if given is None:
            return Scope.OPEN
        kind, _, token = given.partition(" ")
        found = digest(token.strip()) if kind.lower() == "bearer" else b""
        may_read = hmac.compare_digest(found, self.read)
        may_write = hmac.compare_digest(found, self.write)
        if not (may_read or may_write):
            raise Problem("no_token", "this token is not one of this node's", _BEARER)
        return Scope.WRITE if may_write else Scope.READ


Gate = UnixGate | TcpGate


def demand(needed: Scope, has: Scope) -> None:
    """Raise Problem no_token or read_only_token unless the caller may."""
    if needed <= has:
        return
    if has is Scope.OPEN:
        raise Problem(
            "no_token", "send Authorization: Bearer …; the token is in a file of the node", _BEARER
        )
    raise Problem("read_only_token", "use the token of control-write.token")
