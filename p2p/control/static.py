"""The status page and the OpenAPI file: a few files of this package, and nothing else."""

from functools import cache
from importlib.resources import files
from typing import Final

from p2p.control.access import Scope
from p2p.control.messages import Action, Answer
from p2p.control.problems import refuse
from p2p.control.routing import Handler, Route

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""No inline script or style, nothing from elsewhere, not inside a frame."""
KINDS: Final = {
    "index.html": "text/html; charset=utf-8",
    "app.js": "text/javascript; charset=utf-8",
    "api.js": "text/javascript; charset=utf-8",
    "dom.js": "text/javascript; charset=utf-8",
    "lists.js": "text/javascript; charset=utf-8",
    "network.js": "text/javascript; charset=utf-8",
    "privacy.js": "text/javascript; charset=utf-8",
    "style.css": "text/css; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
"""The page's files, all of them."""


def routes(*, page: bool) -> list[Route]:
    """The page, if wanted, needs no token: it holds nothing, and asks for one."""
    found = [_route("/v1/openapi.json", lambda _asked: _file("openapi.json", "application/json"))]
    if page:
        found.append(_route("/", lambda _asked: _page("index.html")))
        found.append(_route("/page/{file}", lambda asked: _page(asked.path.text("file", most=40))))
    return found


def _route(path: str, handler: Handler) -> Route:
    return Route(method="GET", path=path, needs=Scope.OPEN, handler=handler, inline=True)


def _page(name: str) -> Action:
    if name not in KINDS:
        refuse("not_found", "the status page is at /")
    return _file(f"page/{name}", KINDS[name])


def _file(name: str, kind: str) -> Action:
    def act() -> Answer:
        headers = {"Content-Security-Policy": POLICY, "Cross-Origin-Opener-Policy": "same-origin"}
        return Answer(200, _bytes(name), kind, headers)

    return act


@cache
def _bytes(name: str) -> bytes:
    """Of a file of this package."""
    return (files("p2p.control") / name).read_bytes()
