"""Which method of which path is whose, and what it needs. Pure.

A handler reads what was asked and returns what shall be done; between the two the server refuses
what nobody read. So nothing is done on a request that is wrong anywhere.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote

from p2p.control.access import Scope
from p2p.control.fields import Fields
from p2p.control.messages import Action
from p2p.control.problems import Problem, refuse


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request says."""

    path: Fields
    """The {…} of the route's path, percent-decoded"""
    query: Fields
    body: Fields
    raw: bytes = b""
    """The body as it came, for routes that do not take JSON"""

    def done(self) -> None:
        """Refuse what nobody took out. Raises Problem unknown_key."""
        for fields in (self.path, self.query, self.body):
            fields.done()


Handler = Callable[[Asked], Action]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One method of one path."""

    method: str
    path: str
    """Such as /v1/trust/{peer}"""
    needs: Scope
    handler: Handler
    takes: str = ""
    """The media type of its body; "" if it takes none"""
    most: int = 0
    """Bytes of body, if not what the options say"""
    inline: bool = False
    """Answers at once, without a worker thread"""


@dataclass(frozen=True, slots=True)
class Found:
    """A route, and what stands in its path."""

    route: Route
    path: Mapping[str, object] = field(default_factory=dict)


class Router:
    """A table of routes."""

    def __init__(self, routes: Sequence[Route]) -> None:
        """No two may have the same method and path."""
        self.routes: Final = tuple(routes)
        self._by_path: dict[tuple[str, ...], dict[str, Route]] = {}
        for route in routes:
            methods = self._by_path.setdefault(tuple(route.path.split("/")), {})
            if route.method in methods:
                raise ValueError(f"{route.method} {route.path} stands twice in the table")
            methods[route.method] = route

    def find(self, method: str, path: str) -> Found:
        """The route of a request; HEAD goes with GET.

        Raises Problem not_found, or method_not_allowed with what is.
        """
        methods, values = self._methods(path)
        wanted = "GET" if method == "HEAD" else method
        if wanted not in methods:
            allowed = self.allowed(path)
            raise Problem(
                "method_not_allowed", f"allowed here: {allowed}", headers={"Allow": allowed}
            )
        return Found(methods[wanted], values)

    def allowed(self, path: str) -> str:
        """What an Allow header says of a path, or of all for "*". Raises Problem not_found."""
        if path == "*":
            methods = {route.method for route in self.routes}
        else:
            methods = set(self._methods(path)[0])
        also = {"HEAD"} if "GET" in methods else set()
        return ", ".join(sorted(methods | also | {"OPTIONS"}))

    def _methods(self, path: str) -> tuple[dict[str, Route], dict[str, object]]:
        parts = path.split("/")
        if found := self._by_path.get(tuple(parts)):
            return found, {}
        for pattern, methods in self._by_path.items():
            if len(pattern) == len(parts) and all(
                name == part or (name.startswith("{") and part)
                for name, part in zip(pattern, parts, strict=True)
            ):
                pairs = zip(pattern, parts, strict=True)
                return methods, {n[1:-1]: _decoded(p) for n, p in pairs if n.startswith("{")}
        raise Problem("not_found", "GET /v1/openapi.json says what there is")


def _decoded(part: str) -> str:
    try:
        return unquote(part, errors="strict")
    except UnicodeDecodeError:
        refuse("malformed_request", "the path is not percent-encoded UTF-8")
